"""In: a text and names of repairs. Out: the repaired text, and how often each repair changed something.

To add a repair, write its module here and one line of REPAIRS; `charrnn corpus clean`, its list of repairs, `--clean`
of the other commands and the doctor take it from there. The module holds one of two functions, named after the repair
(`lost-hyphens`: `lost_hyphens`): `find_lost_hyphens(text)` returns the edits to make, or `lost_hyphens(text)` returns
the repaired text and a count. With `fault=`, a sentence, the doctor reports those edits. Read `mojibake.py` next.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from charrnn.errors import UserError


class Edit(NamedTuple):
    """The replacement of `text[start:stop]` by `new`, which removes `faults` faults."""

    start: int
    stop: int
    new: str
    faults: int = 1


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text after edits that are in order and do not overlap."""
    pieces, last = [], 0
    for edit in edits:
        assert edit.start >= last
        pieces += [text[last : edit.start], edit.new]
        last = edit.stop
    return "".join([*pieces, text[last:]])


def disjoint(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits in order, without those that overlap the one before them."""
    kept: list[Edit] = []
    for edit in sorted(edits):
        if not kept or edit.start >= kept[-1].stop:
            kept.append(edit)
    return kept


def settle(find: Callable[[str], list[Edit]], text: str) -> tuple[str, int]:
    """Make the edits that `find` returns until it returns none, so that repairing twice equals repairing once.

    This ends only if each edit makes progress: the docstring of each `find_…` says which count decreases.
    """
    count = 0
    while edits := find(text):
        count += sum(edit.faults for edit in edits)
        text = apply(text, edits)
    return text, count


@dataclass(frozen=True)
class Repair:
    """A pure function from a text to the repaired text and a count of changes; a second call changes nothing."""

    name: str
    help: str
    module: str  # in charrnn.corpus.repairs, imported at the first use
    fault: str = ""  # the doctor's sentence about texts that need this repair; "" if the doctor has its own check

    def __call__(self, text: str) -> tuple[str, int]:
        module, function = self._module(), self.name.replace("-", "_")
        if hasattr(module, f"find_{function}"):
            return settle(self.find, text)
        repaired, count = getattr(module, function)(text)
        return repaired, count

    def find(self, text: str) -> list[Edit]:
        """Return the edits to make first; only for repairs that are defined by a `find_…`."""
        edits: list[Edit] = getattr(self._module(), f"find_{self.name.replace('-', '_')}")(text)
        return edits

    def _module(self) -> ModuleType:
        return import_module(f"charrnn.corpus.repairs.{self.module}")


# Repairs run in this order: single characters first, then what stands between lines, then broken words, and paragraphs
# when all that is done. `controls` follows `pages`, which reads form feeds. Quotes and dashes are last, as no other
# repair depends on their form.
REPAIRS = {
    repair.name: repair
    for repair in (
        Repair("bom", "remove a byte-order mark at the beginning", "characters"),
        Repair("newlines", "turn CRLF and CR into LF", "characters"),
        Repair("nfc", "join a letter and its accent to one character", "characters"),
        Repair("mojibake", "undo UTF-8 that was read as Windows-1252: nÃ£o becomes não", "mojibake",
               fault="Letters were read in the wrong encoding (mojibake)."),
        Repair("gutenberg", "remove Project Gutenberg's header, footer and credit", "gutenberg"),
        Repair("pages", "remove page numbers and running heads", "pages"),
        Repair("controls", "remove control characters; turn form feeds into newlines", "characters"),
        Repair("soft-hyphens", "remove soft hyphens", "hyphens"),
        Repair("spaces", "turn odd spaces into spaces; remove those without width", "characters"),
        Repair("hyphens", "join words broken at line ends: pala-/vra, fazê-/lo", "hyphens",
               fault="Words are broken at line ends."),
        Repair("lost-hyphens", "put back hyphens lost before pronouns: disselhe becomes disse-lhe", "hyphens",
               fault="Pronouns have lost the hyphen before them; elsewhere the text writes it."),
        Repair("unwrap", "join hard-wrapped lines to paragraphs; includes hyphens", "unwrap"),
        Repair("duplicates", "remove later copies of long passages", "duplicates"),
        Repair("quotes", "turn quotes into “ ”, ‘ ’ and the apostrophe ’", "characters"),
        Repair("dashes", "turn -- – ― and the like into —", "characters"),
    )
}  # fmt: skip
DEFAULT = ("bom", "newlines", "nfc")  # made by every reading


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """Return the repairs of these names, each once, in the order in which they run.

    `default` stands for DEFAULT, `all` for all. Raises UserError for an unknown name.
    """
    wanted: set[str] = set()
    for name in names:
        if name not in REPAIRS and name not in ("default", "all"):
            known = ", ".join([*REPAIRS, "default", "all"])
            raise UserError("unknown-repair", setting="repairs", known=known, found=name)
        wanted |= {"default": set(DEFAULT), "all": set(REPAIRS), "unwrap": {"hyphens", "unwrap"}}.get(name, {name})
    return tuple(name for name in REPAIRS if name in wanted)


def repair(text: str, names: Iterable[str]) -> tuple[str, dict[str, int]]:
    """Return the repaired text and the number of changes by each repair, 0 included. Raises UserError as `chosen`."""
    counts = {}
    for name in chosen(names):
        text, counts[name] = REPAIRS[name](text)
    return text, counts
