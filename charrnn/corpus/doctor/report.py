"""The doctor's report on a text, as plain values, and the places in the text that it names."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from charrnn.corpus.baselines import Baselines
from charrnn.corpus.cleaning import RETURNS
from charrnn.corpus.repairs import Edit
from charrnn.errors import Phrase

RARE = 5  # occurrences of a character that is reported with its name and place, at most
SHOWN = 3  # examples per finding
_AROUND = 24  # characters shown on either side
_LINE_END = re.compile(rf"{RETURNS}|\n")

Severity = Literal["fault", "note"]  # a fault spoils what a model learns; a note is information


@dataclass(frozen=True)
class Example:
    """One place: line and column from 1, the text there (↵ for a line end), and the repaired text, if any."""

    line: int
    column: int
    text: str
    becomes: str | None = None


@dataclass(frozen=True)
class Finding:
    """A fault or a note: a sentence, its count, its first places, and the name of the repair for it, if any."""

    sentence: Phrase  # its code names the finding
    severity: Severity
    count: int
    examples: tuple[Example, ...] = ()
    repair: str | None = None

    @property
    def name(self) -> str:
        return self.sentence.code

    def to_json(self) -> dict[str, object]:
        examples = [asdict(example) for example in self.examples]
        known = {"name": self.name, "severity": self.severity, "count": self.count, "sentence": str(self.sentence)}
        return known | {"examples": examples, "repair": self.repair}


@dataclass(frozen=True)
class Character:
    """A character of the alphabet; line and column of its first place, if it is rare."""

    character: str
    count: int
    name: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Report:
    """The report on one text. Places are those in the text after NFC."""

    name: str
    format: str
    encoding: str
    bytes: int
    characters: int  # as they were read
    lines: int
    words: int
    examined: int  # number of characters: all, or the first EXAMINED
    alphabet: tuple[Character, ...]  # the most frequent first
    findings: tuple[Finding, ...]  # the language, if it is not Portuguese; then faults; then notes
    language: str  # of most of the text, in English; or "unknown"
    not_portuguese: float  # share of the characters in passages that are found not to be
    baselines: Baselines | None  # for the last tenth of the text, after the rest; None if the text is too short

    @property
    def rare(self) -> tuple[Character, ...]:
        return tuple(character for character in self.alphabet if character.line is not None)

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "fault")

    def to_json(self) -> dict[str, object]:
        findings = [finding.to_json() for finding in self.findings]
        alphabet = [asdict(character) for character in self.alphabet]
        baselines = self.baselines and asdict(self.baselines)
        return vars(self) | {"findings": findings, "alphabet": alphabet, "baselines": baselines}


class Places:
    """Offsets in a text → lines and columns, and excerpts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def __len__(self) -> int:
        """Return the number of lines, including a last one without an end."""
        return len(self._starts) - (self._starts[-1] == len(self.text))

    def of(self, place: int) -> tuple[int, int]:
        """Return line and column, from 1."""
        line = bisect_right(self._starts, place)
        return line, place - self._starts[line - 1] + 1

    def around(self, start: int, stop: int) -> Example:
        """Return `text[start:stop]` with the characters around it."""
        stop = min(stop, start + 4 * _AROUND)
        before = self.text[max(0, start - _AROUND) : start].rpartition("\n")[2]
        after = self.text[stop : stop + _AROUND].partition("\n")[0]
        return Example(*self.of(start), shown(before + self.text[start:stop] + after))

    def first(self, spans: Iterable[tuple[int, int]]) -> tuple[Example, ...]:
        """Return the first SHOWN of several places."""
        return tuple(self.around(start, stop) for start, (start, stop) in zip(range(SHOWN), spans, strict=False))

    def edited(self, edits: Iterable[Edit]) -> tuple[Example, ...]:
        """Return the first SHOWN of several edits, with the words they touch before and after them."""
        return tuple(self._edited(edit) for _, edit in zip(range(SHOWN), edits, strict=False))

    def _edited(self, edit: Edit) -> Example:
        left = re.search(r"\S*\Z", self.text[max(0, edit.start - _AROUND) : edit.start])
        right = re.match(r"\S*", self.text[edit.stop : edit.stop + _AROUND])
        assert left is not None
        assert right is not None
        before = left[0] + self.text[edit.start : edit.stop] + right[0]
        return Example(*self.of(edit.start), shown(before.strip()), shown((left[0] + edit.new + right[0]).strip()))


def shown(text: str) -> str:
    """Return the text on one line; ↵ is a line end, and unprintable characters are shown by their code points."""
    return "".join(
        character if character.isprintable() else "↵" if character == "\n" else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )
