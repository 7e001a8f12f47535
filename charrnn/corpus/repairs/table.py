"""The repairs by name, in the order they are applied in."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from charrnn.errors import UserError


@dataclass(frozen=True)
class Repair:
    """A pure function `text -> (text, count of changes)`. Repairing twice changes no more than once."""

    name: str
    help: str
    module: str  # of charrnn.corpus.repairs, loaded when first needed; its function has the repair's name

    def __call__(self, text: str) -> tuple[str, int]:
        function = getattr(import_module(f"charrnn.corpus.repairs.{self.module}"), self.name.replace("-", "_"))
        repaired, count = function(text)
        return repaired, count


# The order matters: what spoils single characters goes first, then what stands between the text's lines, then the
# broken words, and paragraphs only when all that is gone. Form feeds tell `pages` where a page ends, so `controls`
# comes after it. Quotes and dashes last: `unwrap` does not depend on their form.
REPAIRS = {
    repair.name: repair
    for repair in (
        Repair("bom", "a byte-order mark at the beginning goes", "characters"),
        Repair("newlines", "CRLF and CR become LF", "characters"),
        Repair("nfc", "a letter and its accent become one character", "characters"),
        Repair("mojibake", "UTF-8 that was read as Windows-1252: nÃ£o becomes não", "mojibake"),
        Repair("gutenberg", "Project Gutenberg's header, footer and credit go", "gutenberg"),
        Repair("pages", "page numbers and running heads go", "pages"),
        Repair("controls", "control characters go; a form feed becomes a newline", "characters"),
        Repair("soft-hyphens", "soft hyphens go", "hyphens"),
        Repair("spaces", "odd spaces become a space; those without width go", "characters"),
        Repair("hyphens", "words broken at line ends stand whole: pala-/vra, fazê-/lo", "hyphens"),
        Repair(
            "lost-hyphens", "pronouns are set off again where a hyphen was dropped: disselhe becomes disse-lhe", "lost"
        ),
        Repair("unwrap", "hard-wrapped lines become paragraphs; includes hyphens", "unwrap"),
        Repair("duplicates", "later copies of long passages go", "duplicates"),
        Repair("quotes", "quotes become “ ”, ‘ ’ and the apostrophe ’", "typography"),
        Repair("dashes", "-- – ― and the like become —", "typography"),
    )
}
DEFAULT = ("bom", "newlines", "nfc")  # what reading does unasked


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The repairs that `names` ask for, each once, in the order they are applied in.

    `default` stands for DEFAULT, `all` for all. Raises UserError for a name that is none of these.
    """
    wanted: set[str] = set()
    for name in names:
        if name not in REPAIRS and name not in ("default", "all"):
            raise UserError(
                "unknown-repair", setting="repairs", known=", ".join([*REPAIRS, "default", "all"]), found=name
            )
        wanted |= {"default": set(DEFAULT), "all": set(REPAIRS), "unwrap": {"hyphens", "unwrap"}}.get(name, {name})
    return tuple(name for name in REPAIRS if name in wanted)


def repair(text: str, names: Iterable[str]) -> tuple[str, dict[str, int]]:
    """`text` after the repairs that `names` ask for, and how often each changed something, 0 included.

    They are applied in the order of REPAIRS, whatever the order of `names`. Raises UserError as `chosen` does.
    """
    counts = {}
    for name in chosen(names):
        text, counts[name] = REPAIRS[name](text)
    return text, counts
