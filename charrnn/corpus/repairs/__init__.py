"""In: a text and names of repairs. Out: the repaired text, and how often each repair changed something.

To add a repair, write its function in a module here and one line of REPAIRS; `charrnn corpus clean`, its list of
repairs, `--clean` of the other commands, the page and the doctor take it from there. The function is named after the
repair (`lost-hyphens`: `lost_hyphens`): `find_lost_hyphens(text)` returns the edits to make, or `lost_hyphens(text)`
returns the repaired text and a count. With `fault=`, the doctor reports those edits. Read `mojibake.py` next.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from charrnn.errors import Phrase, UserError
from charrnn.errors.quantities import Language


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


class Sentence(Phrase):
    """A phrase that brings its texts, (Portuguese, English), in place of those of the catalogue."""

    def __init__(self, code: str, texts: tuple[str, str]) -> None:
        super().__init__(code)
        self.texts = texts

    def render(self, language: Language, settings: Mapping[str, str] | None = None) -> str:
        return self.texts[language == "en"]


@dataclass(frozen=True)
class Repair:
    """A pure function from a text to the repaired text and a count of changes; a second call changes nothing."""

    name: str
    help: tuple[str, str]  # what it does: Portuguese, English
    module: str  # in charrnn.corpus.repairs, imported at the first use
    fault: tuple[str, str] | None = None  # what the doctor says of its edits; None if the doctor has its own check

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
        Repair("bom", ("tirar a marca de ordem de bytes", "remove a byte-order mark at the beginning"), "characters"),
        Repair("newlines", ("igualar os fins de linha", "turn CRLF and CR into LF"), "characters"),
        Repair("nfc", ("juntar letra e acento", "join a letter and its accent to one character"), "characters"),
        Repair("tex", (r"trocar comandos do TeX por letras: n\~ao vira não",
                       r"turn TeX's commands into letters: n\~ao becomes não"), "letters",
               fault=("Letras estão escritas como comandos do TeX.", "Letters are written as TeX's commands.")),
        Repair("escapes", (r"decodificar \u00e3, =C3=A3, %C3%A3", r"decode \u00e3, =C3=A3, %C3%A3 and the like"),
               "escapes",
               fault=("Letras estão escritas em códigos de programas (JSON, e-mail, URL).",
                      "Letters are written in programs' codes (JSON, quoted-printable, URLs).")),
        Repair("entities", ("decodificar entidades do HTML: n&atilde;o vira não",
                            "decode HTML's entities: n&atilde;o becomes não"), "escapes",
               fault=("Letras estão escritas como entidades do HTML.", "Letters are written as HTML's entities.")),
        Repair("mojibake", ("desfazer a codificação trocada: nÃ£o, n├úo, n„o viram não",
                            "undo a wrong encoding: nÃ£o, n├úo and n„o become não"), "mojibake",
               fault=("Letras foram lidas na codificação errada.",
                      "Letters were read in the wrong encoding (mojibake).")),
        Repair("markup", ("tirar marcas de HTML e de wiki: <i>, [[ ]]", "remove tags of HTML and wikis: <i>, [[ ]]"),
               "escapes",
               fault=("Há marcas de HTML ou de wiki no texto.", "Tags of HTML or a wiki interrupt the text.")),
        Repair("ligatures", ("desfazer ligaturas: aﬁnal vira afinal", "undo ligatures: aﬁnal becomes afinal"),
               "letters",
               fault=("Duas letras viraram um sinal só (ligaturas de PDF).",
                      "Two letters became one sign (ligatures of PDF files).")),
        Repair("accents", ("juntar acentos soltos às letras: n˜ao vira não",
                           "join accents that stand alone to their letters: n˜ao becomes não"), "letters",
               fault=("Acentos estão soltos, ao lado das letras.", "Accents stand alone, beside their letters.")),
        Repair("line-ends", ("trocar VT, NEL, U+2028 e U+2029 por fim de linha",
                             "turn VT, NEL, U+2028 and U+2029 into line ends"), "characters",
               fault=("Linhas terminam em sinais que poucos programas leem (VT, NEL, U+2028).",
                      "Lines end in signs that few programs read (VT, NEL, U+2028).")),
        Repair("gutenberg", ("tirar cabeçalho, rodapé e créditos do Project Gutenberg",
                             "remove Project Gutenberg's header, footer and credit"), "wrappers"),
        Repair("stamps", ("tirar as horas de conversas e legendas", "remove the times of chats and subtitles"),
               "wrappers", fault=("Há horas de mensagens ou de legendas no texto.",
                                  "Times of messages or of subtitles interrupt the text.")),
        Repair("contents", ("tirar índices e sumários", "remove tables of contents"), "contents",
               fault=("Há um índice no texto.", "A table of contents stands in the text.")),
        Repair("pages", ("tirar números de página e cabeçalhos", "remove page numbers and running heads"), "pages"),
        Repair("controls", ("tirar caracteres de controle; inclui ligatures e line-ends",
                            "remove control characters; includes ligatures and line-ends"), "characters"),
        Repair("soft-hyphens", ("tirar hífens opcionais", "remove soft hyphens"), "hyphens"),
        Repair("spaces", ("igualar os espaços; tirar sinais invisíveis",
                          "turn odd spaces into spaces; remove invisible marks"), "characters"),
        Repair("odd-hyphens", ("trocar ‐ ‑ − por -", "turn ‐ ‑ − into -"), "characters"),
        Repair("long-s", ("trocar ſ por s", "turn ſ into s"), "characters"),
        Repair("hyphens", ("juntar palavras partidas no fim da linha: pala-/vra, fazê-/lo",
                           "join words broken at line ends: pala-/vra, fazê-/lo"), "hyphens",
               fault=("Palavras estão partidas no fim da linha.", "Words are broken at line ends.")),
        Repair("lost-hyphens", ("repor hífens perdidos antes de pronomes: disselhe vira disse-lhe",
                                "put back hyphens lost before pronouns: disselhe becomes disse-lhe"), "hyphens",
               fault=("Pronomes perderam o hífen, que o texto usa em outros lugares.",
                      "Pronouns have lost the hyphen before them; elsewhere the text writes it.")),
        Repair("unwrap", ("juntar as linhas quebradas em parágrafos; inclui hyphens",
                          "join hard-wrapped lines to paragraphs; includes hyphens"), "unwrap"),
        Repair("duplicates", ("tirar cópias de trechos longos", "remove later copies of long passages"), "duplicates"),
        Repair("spelling", ("trazer a ortografia de 1840 a 1911 à de hoje: pharmacia vira farmácia",
                            "bring the spelling of 1840 to 1911 into today's: pharmacia becomes farmácia"),
               "spelling"),
        Repair("quotes", ("igualar as aspas: “ ”, ‘ ’ e o apóstrofo ’",
                          "turn quotes into “ ”, ‘ ’ and the apostrophe ’"), "characters"),
        Repair("dashes", ("trocar -- – ― e outros por —", "turn -- – ― and the like into —"), "characters"),
    )
}  # fmt: skip
INCLUDING = {  # repairs that would do harm without others
    "unwrap": {"hyphens", "unwrap"},
    "controls": {"ligatures", "line-ends", "controls"},
}
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
        wanted |= {"default": set(DEFAULT), "all": set(REPAIRS), **INCLUDING}.get(name, {name})
    return tuple(name for name in REPAIRS if name in wanted)


def repair(text: str, names: Iterable[str]) -> tuple[str, dict[str, int]]:
    """Return the repaired text and the number of changes by each repair, 0 included. Raises UserError as `chosen`."""
    counts = {}
    for name in chosen(names):
        text, counts[name] = REPAIRS[name](text)
    return text, counts
