"""A text that programs damaged: the doctor names the fault and its repair, and the repair brings the text back."""

import json
import quopri
import re
import time
import unicodedata
from collections.abc import Callable
from email.header import Header
from html.entities import codepoint2name
from pathlib import Path
from urllib.parse import quote

import pytest
from support import QUATRAINS, STORIES

from charrnn.corpus import read_file
from charrnn.corpus.doctor import examine
from charrnn.corpus.repairs import REPAIRS, repair

TEXT = STORIES.read_text(encoding="utf-8")[:7000].rpartition("\n")[0].strip() + "\n"
SPACING = {"\u0301": "´", "\u0300": "`", "\u0302": "ˆ", "\u0303": "˜", "\u0327": "¸", "\u0308": "¨"}
TEX = {"\u0301": r"\'", "\u0300": r"\`", "\u0302": r"\^", "\u0303": r"\~", "\u0327": r"\c", "\u0308": r"\""}


def split(write: Callable[[str, str], str]) -> str:
    """TEXT with each accented letter as `write` puts its base and its combining accent."""
    pieces = (unicodedata.normalize("NFD", character) for character in TEXT)
    return "".join(write(*piece) if len(piece) == 2 and piece[1] in SPACING else piece for piece in pieces)


def replaced(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def lower(text: str, sign: str) -> str:
    """A text with its codes in lower case."""
    return re.sub(f"{sign}[0-9A-F]{{2}}", lambda match: match[0].lower(), text)


PERCENT = "".join(quote(c) if c > "\x7f" else c for c in TEXT)
RTF = "".join(f"\\'{c.encode('cp1252').hex()}" if c > "\x7f" else c for c in TEXT)
DAMAGED = {
    "entities": ("entities", TEXT.encode("ascii", "xmlcharrefreplace").decode()),
    "named entities": ("entities", "".join(f"&{codepoint2name[ord(c)]};" if c > "\x7f" else c for c in TEXT)),
    "entities twice": ("entities", replaced(("ã", "&amp;atilde;"), ("é", "&amp;eacute;"))),
    "entities without ;": ("entities", replaced(("é ", "&eacute "), ("á ", "&aacute "), ("à ", "&agrave "))),
    "named entities without ;": ("entities", "".join(f"&{codepoint2name[ord(c)]}" if c > "\x7f" else c for c in TEXT)),
    "numeric entities without ;": ("entities", "".join(f"&#{ord(c)}" if c > "\x7f" else c for c in TEXT)),
    "json": ("escapes", json.dumps(TEXT)[1:-1]),
    "quoted-printable": ("escapes", quopri.encodestring(TEXT.encode()).decode()),
    "quoted-printable, lower": ("escapes", lower(quopri.encodestring(TEXT.encode()).decode(), "=")),
    "quoted-printable of Latin-1, lower": ("escapes", lower(quopri.encodestring(TEXT.encode("cp1252")).decode(), "=")),
    "percent, lower": ("escapes", lower(PERCENT, "%")),
    "json of UTF-8's bytes": ("escapes", json.dumps(TEXT.encode().decode("latin-1"))[1:-1]),
    "json twice": ("escapes", TEXT.encode("ascii", "backslashreplace").decode().replace("\\", "\\\\")),
    "quoted-printable of Latin-1": ("escapes", quopri.encodestring(TEXT.encode("cp1252")).decode("ascii")),
    "percent": ("escapes", PERCENT),
    "python": ("escapes", "".join(f"\\x{ord(c):02x}" if "\x7f" < c < "\u0100" else c for c in TEXT)),
    "rtf": ("escapes", RTF),
    "utf-7": ("escapes", TEXT.encode("utf-7").decode("ascii")),
    "tex": ("tex", split(lambda base, mark: f"{TEX[mark]}{{{base}}}")),
    "tex with groups": ("tex", split(lambda base, mark: f"{{{TEX[mark]}{' ' * (mark == chr(0x327))}{base}}}")),
    "accent before": ("accents", split(lambda base, mark: SPACING[mark] + base)),
    "accent at a line end": ("accents", split(lambda base, mark: SPACING[mark] + "\n" + base)),
    "accent and dotless i": ("accents", split(lambda base, mark: SPACING[mark] + base.replace("i", "ı"))),
    "cedilla after": ("accents", split(lambda base, mark: "c¸ " if base == "c" else SPACING[mark] + base)),
    "ligatures": ("ligatures", replaced(("ffi", "ﬃ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"))),
    "private ligatures": ("ligatures", replaced(("fi", "\uf001"), ("fl", "\uf002"))),
    "ligatures of the T1 font": ("ligatures", replaced(("ff", "\x1b"), ("fi", "\x1c"), ("fl", "\x1d"))),
    **{f"ligatures as {ord(c):#x}": ("ligatures", replaced(("fi", c))) for c in "\0\2\v\f\x14\x7f\x85\ue000"},
    "html": ("markup", "<p>" + TEXT.replace("\n\n", "</p>\n\n<p>").replace("não", "<i>não</i>").strip() + "</p>\n"),
    "wiki": ("markup", replaced(("não", "''não''"), ("São João", "[[São João|São João]]"), ("Lídia", "[[Lídia]]"))),
    "vertical tab": ("line-ends", replaced(("\n", "\v"))),
    "NEL": ("line-ends", replaced(("\n", "\x85"))),
    "line separator": ("line-ends", replaced(("\n", "\u2028"))),
    "paragraph separator": ("line-ends", replaced(("\n", "\u2029"))),
    "controls for spaces": ("controls", replaced(("; ", ";\x7f"), (": ", ":\x1e"))),
    "controls between words": ("controls", re.sub(r"(?<=[a-z]{9}) (?=[a-z])", "\x1f", TEXT)),
    "direction marks": ("spaces", replaced((" a ", " \u200ea\u200f "), ("—", "\u202a—\u202c"), ("não", "\u2066não"))),
    "joiners, selectors, objects": ("spaces", replaced(("ão", "ã\u200do"), (". ", ".\ufe0f "), ("; ", ";\ufffc "))),
    "soft hyphens for hyphens": ("soft-hyphens", replaced(("-", "\xad"))),
    "hyphens": ("odd-hyphens", replaced(("-", "\u2011"))),
    "minus": ("odd-hyphens", replaced(("-", "\u2212"))),
    "long s": ("long-s", re.sub(r"s(?=\w)", "ſ", TEXT)),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named_and_undone(name: str) -> None:
    fix, text = DAMAGED[name]
    findings = examine(text).findings
    named = {finding.name: finding for finding in findings if finding.repair == fix}
    assert named, [finding.name for finding in findings]
    finding = next(iter(named.values()))
    assert finding.examples
    assert {one.repair for one in findings if one.severity == "fault"} <= {fix}
    assert repair(text, [fix])[0] == TEXT


@pytest.mark.parametrize("name", DAMAGED)
def test_the_doctors_advice_keeps_every_letter(name: str) -> None:
    """All the repairs that it names, together; and controls, as the commonest of them."""
    _, text = DAMAGED[name]
    advised = [finding.repair for finding in examine(text).findings if finding.repair]
    for repairs in (advised, [*advised, "controls"]):
        again = repair(text, repairs)[0]
        assert re.sub(r"\W", "", again) == re.sub(r"\W", "", TEXT)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_text_is_repaired_alike_whatever_its_line_ends_and_normal_form(name: str, tmp_path: Path) -> None:
    fix, text = DAMAGED[name]
    path = tmp_path / "text.txt"
    for written in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), unicodedata.normalize("NFD", text)):
        path.write_bytes(written.encode("utf-8"))
        assert read_file(path, fixes=[fix]) == TEXT


ESCAPED = {
    "octal": lambda c: "".join(f"\\{byte:03o}" for byte in c.encode()),
    "octal of Latin-1": lambda c: f"\\{c.encode('cp1252')[0]:03o}",
    "CSS of six digits": lambda c: f"\\{ord(c):06x}",
    "braces": lambda c: f"\\u{{{ord(c):x}}}",
    "R": lambda c: f"<U+{ord(c):04X}>",
    "code points": lambda c: f"U+{ord(c):04X}",
    "a pager": lambda c: "".join(f"<{byte:02X}>" for byte in c.encode()),
    "a pager of Latin-1": lambda c: f"<{c.encode('cp1252')[0]:02x}>",
    "names": lambda c: f"\\N{{{unicodedata.name(c)}}}",
    "old JavaScript": lambda c: f"%u{ord(c):04X}",
}


@pytest.mark.parametrize("name", ESCAPED)
def test_escapes_of_other_programs_are_decoded(name: str) -> None:
    right = TEXT[:1500].encode("latin-1", "ignore").decode("latin-1")
    assert REPAIRS["escapes"]("".join(ESCAPED[name](c) if c > "\x7f" else c for c in right))[0] == right


def test_letters_in_codes_are_no_other_language() -> None:
    def misread(line: str) -> str:
        return line.encode().decode("latin-1")

    lines = [{"sender_name": misread("João"), "content": misread(line)} for line in TEXT[:2500].splitlines()]
    assert examine(json.dumps({"messages": lines})).language == "Portuguese"


@pytest.mark.parametrize("line", [20, 60])
def test_words_of_a_header_are_decoded(line: int) -> None:
    subject = Header(TEXT[:300].replace("\n", " "), "utf-8", maxlinelen=line + 20).encode(maxlinelen=line + 20)
    head = f"Subject: {subject}\nTo: =?x-none?Q?a=?=\nX: =?utf-8?B?T2zDoQ==?=\n\n"
    read = f"Subject: {TEXT[:300]}".replace("\n", " ") + "\nTo: =?x-none?Q?a=?=\nX: Olá\n\n"
    for body in ("", quopri.encodestring(TEXT.encode()).decode()):
        assert REPAIRS["escapes"](head + body)[0] == read + (TEXT if body else "")


def test_css_ends_an_escape_with_a_space() -> None:
    written = re.sub(
        "[à-ÿÀ-Þ](?=(.))", lambda m: f"\\{ord(m[0]):x}" + " " * (m[1] in " 0123456789abcdefABCDEF"), TEXT[:1500]
    )
    assert REPAIRS["escapes"](written)[0] == TEXT[:1500]


@pytest.mark.parametrize("text", ["A avó dele \2cou doente.", "Era o pala\2cio da cidade.", "o \x14lho mais velho"])
def test_a_control_that_may_stand_for_letters_is_told_and_stays(text: str) -> None:
    (finding,) = (finding for finding in examine(text).findings if finding.severity == "fault")
    assert (finding.name, finding.repair) == ("controls", None)


@pytest.mark.parametrize("space", ["\xa0", "\u2003", "\u2009", "\t"])
def test_verse_keeps_its_lines_whatever_its_spaces(space: str) -> None:
    verse = QUATRAINS.read_text(encoding="utf-8").replace(" ", space)
    assert REPAIRS["unwrap"](verse) == (verse, 0)
    assert "wrapped" not in {finding.name for finding in examine(verse).findings}


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("accents-replaced", TEXT.encode("ascii", "replace").decode()),
        ("accents-replaced", re.sub("[ãçéõ]", "¿", TEXT)),
        ("accents-dropped", unicodedata.normalize("NFD", TEXT).encode("ascii", "ignore").decode()),
        ("accents-dropped", TEXT.encode("ascii", "ignore").decode()),
        ("odd-signs", TEXT.translate({ord(a): b for a, b in zip("ãçéõáí", "┤◊§☺¤♦", strict=True)})),
    ],
)
def test_what_no_repair_restores_is_told(fault: str, text: str) -> None:
    (finding,) = (finding for finding in examine(text).findings if finding.name == fault)
    assert finding.severity == "fault"
    assert finding.repair is None
    assert len(finding.examples) == 3


@pytest.mark.parametrize("name", [name for name, one in REPAIRS.items() if one.fault])
@pytest.mark.parametrize(
    "text",
    [
        QUATRAINS.read_text(encoding="utf-8"),
        "R&D, AT&T; a < b, c > d; x=3D; 5 % de 10%; C:\\temp\\novo; [1] [[2]\n" * 9,
        "Veja https://pt.wikipedia.org/wiki/S%C3%A3o_Jo%C3%A3o e http://x.pt/?q=%C3%A9&amp=%C3%A9.\n" * 5,
        "Use \\u00e3 para ã, \\u00e7 para ç; &eacute; para é e &atilde; para ã: assim se escrevem.\n" * 9,
        "Desconto de 20%AB e 30%CD; veja 50%EF.\n" * 9, "De a=B0 e c=D4, x=E9 e y=F3a; a=ba, b=ca, c=da.\n" * 9,
        "lang=de&pais=fa&x=ca&cor=azul&y=ba&dia=ce\n" * 9, "C:\\'arquivo e \\^ ou \\~; \\'e para é, \\~a para ã.\n" * 9,
        "Ele disse: ''olá'', e ela: ''até logo''. Não é ''isso''.\n" * 9,
        "Ele viu {{isso}} e {{aquilo|ou isto}}.\n" * 9,
        "C:\\fa\\bd\\ea\\e9 e \\date \\def \\edef \\201 \\303; %uso %u9\n" * 9,
        "Se a<b e c>d então p<q. <i> é o índice, <b> a base, <s> a soma e <p> o peso.\n" * 9,
        "[b] é o vetor e [i] é o índice; [u] também, não é? Já [s] é outra coisa.\n" * 9,
        "d´água, copo d'água, `assim´, 700^m, ~ 5 km, so^bre 41''.\n" * 9, "❤️ 👩‍🚀 1️⃣ שלום\u200f, mulher\n",
        TEXT + "— O quê?disse ela. — Eu?Nunca.\n" * 3, "It is not so, he said at last to the man at the door.\n" * 9,
    ],
)  # fmt: skip
def test_text_that_only_resembles_damage_stays(name: str, text: str) -> None:
    if name not in ("hyphens", "lost-hyphens"):
        assert REPAIRS[name].find(text) == []
    assert not {finding.name for finding in examine(text).findings} & {
        "accents-replaced",
        "accents-dropped",
        "odd-signs",
    }


def test_emoji_and_other_scripts_keep_their_marks() -> None:
    kept = "❤️ 👩‍🚀 1️⃣ שלום\u200f می‌خواهم"
    assert repair(kept, ["spaces"])[0] == kept


@pytest.mark.parametrize(
    "text",
    [
        "Tudo bem com você? Não vi a mãe.\nveja https://x.pt/w?v=d e http://x.org/?id=3&s=ola, www.x.com/?s=j\n" * 9,
        "Não?sim, oi?tudo bem? E você?bem, e ela?foi embora.\n" * 9, "Escreva para ana@s.pt: é de lá?e de quem?\n" * 9,
        "A assembleia é às 14h; às 8h e às 22 h, o que não é bom. Foi um atraso de 1h para as 10h30.\n" * 9,
        "Gostei da festa, avó. ❤️\u200d🔥 Não demore. 🏳️\u200d🌈 É 👩🏼\u200d❤️\u200d💋\u200d👨🏽 e ⛹️\u200d♀️.\n" * 9,
        "A avó foi a Santa Bárbara d´Oeste com O´Neill, viu Sant´Anna, pau d´alho, a estrela d´alva n´um copo.\n" * 9,
        "A função soma_total lê valor_max, min_dia e_mail e nome_do_arquivo; use_case, x_y, n_s e C#maior não.\n" * 9,
        "O caminho `C:\\temp\\e3\\novo` não é `<e3>`, mas 2x√3 é.\n" * 9,
        "A água é H₂O, e a glicose, C₆H₁₂O₆; não é “coração” [koɾaˈsɐ̃w̃]?\n" * 9,
    ],
)  # fmt: skip
def test_sound_text_is_not_accused(text: str) -> None:
    assert {finding.name for finding in examine(text).findings if finding.severity == "fault"} <= {"duplicates"}
    assert repair(text, ["spaces", "accents"])[0] == text


def test_many_accents_that_stand_alone_take_no_time() -> None:
    began = time.perf_counter()
    REPAIRS["accents"]("A avó " + "a´" * 10_000)
    assert time.perf_counter() - began < 2  # before: 7 seconds
