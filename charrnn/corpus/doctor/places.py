"""Offsets in a text → lines and columns, and what stands there, for reports."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from charrnn.corpus.doctor.report import Example
from charrnn.corpus.repairs.edits import Edit

SHOWN = 3  # examples of a finding
_AROUND = 24  # characters shown on either side
_LINE_END = re.compile(r"\r\n|\r|\n")


class Places:
    """Where things are in `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def __len__(self) -> int:
        """The lines: those that end, and a last one that does not."""
        return len(self._starts) - (self._starts[-1] == len(self.text))

    def of(self, place: int) -> tuple[int, int]:
        """Line and column, from 1."""
        line = bisect_right(self._starts, place)
        return line, place - self._starts[line - 1] + 1

    def around(self, start: int, stop: int) -> Example:
        """`text[start:stop]` with what stands around it."""
        stop = min(stop, start + 4 * _AROUND)
        before = self.text[max(0, start - _AROUND) : start].rpartition("\n")[2]
        after = self.text[stop : stop + _AROUND].partition("\n")[0]
        return Example(*self.of(start), shown(before + self.text[start:stop] + after))

    def first(self, spans: Iterable[tuple[int, int]]) -> tuple[Example, ...]:
        """The first places of several, SHOWN at most."""
        return tuple(self.around(start, stop) for start, (start, stop) in zip(range(SHOWN), spans, strict=False))

    def edited(self, edits: Iterable[Edit]) -> tuple[Example, ...]:
        """The first of several edits, with the words they touch before and after them."""
        return tuple(self._edited(edit) for _, edit in zip(range(SHOWN), edits, strict=False))

    def _edited(self, edit: Edit) -> Example:
        left = re.search(r"\S*\Z", self.text[max(0, edit.start - _AROUND) : edit.start])
        right = re.match(r"\S*", self.text[edit.stop : edit.stop + _AROUND])
        assert left is not None
        assert right is not None
        before = left[0] + self.text[edit.start : edit.stop] + right[0]
        return Example(*self.of(edit.start), shown(before.strip()), shown((left[0] + edit.new + right[0]).strip()))


def shown(text: str) -> str:
    """`text` on one line; ↵ is a line end, and what cannot be seen has its number."""
    return "".join(
        character if character.isprintable() else "↵" if character == "\n" else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )
