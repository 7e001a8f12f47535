"""Changes to a text as values: where, and what stands there afterwards. The doctor reports what a repair makes."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """`text[start:stop]` becomes `new`; `faults` is how many that mends."""

    start: int
    stop: int
    new: str
    faults: int = 1


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`, which are in order and do not overlap."""
    pieces, last = [], 0
    for edit in edits:
        assert edit.start >= last
        pieces += [text[last : edit.start], edit.new]
        last = edit.stop
    return "".join([*pieces, text[last:]])


def disjoint(edits: Iterable[Edit]) -> list[Edit]:
    """`edits` in order, without those that reach into the one before them."""
    kept: list[Edit] = []
    for edit in sorted(edits):
        if not kept or edit.start >= kept[-1].stop:
            kept.append(edit)
    return kept


def settle(find: Callable[[str], list[Edit]], text: str) -> tuple[str, int]:
    """Make the edits that `find` sees until it sees none, so that repairing twice changes no more than once.

    Each edit must bring the text nearer to an end, or this does not return: `find` says in its docstring how.
    """
    count = 0
    while edits := find(text):
        count += sum(edit.faults for edit in edits)
        text = apply(text, edits)
    return text, count
