"""Letters read in a wrong encoding come back, all of them, whatever page they were read in; correct ones stay."""

import re
import unicodedata

import pytest
from support import STORIES

from charrnn.corpus.doctor import examine
from charrnn.corpus.repairs import REPAIRS, repair
from charrnn.corpus.repairs.code_pages import OTHER_SCRIPTS, PAGES, RARE, REAL

TEXT = STORIES.read_text(encoding="utf-8")[:6000]


def check(before: str, after: str, count: int | None = None) -> None:
    repaired, found = REPAIRS["mojibake"](before)
    assert repaired == after
    assert count is None or found == count


def misread(data: bytes, page: str) -> str:
    """The bytes read in a page; those that it lacks are read as Latin-1."""
    return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in data)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("nÃ£o", "não"), ("coraÃ§Ã£o", "coração"), ("CORAÃ‡ÃƒO", "CORAÇÃO"), ("â€œSim,â€\x9d", "“Sim,”"),
        ("â€” Sim", "— Sim"), ("nÃƒÂ£o", "não"), ("idÃ©ia", "idéia"), ("aÃ\xad", "aí"), ("nÂº 3", "nº 3"),
        ("Â«Sim.Â»", "«Sim.»"), ("dÃºvida", "dúvida"),
    ],
)  # fmt: skip
def test_mojibake(wrong: str, right: str) -> None:
    check(wrong, right)
    line = "A manhã não é tão fria: coração, mãos, pés, três irmãos.\n"
    check(line + wrong + "\n" + line, line + right + "\n" + line)  # the correct lines stay


def test_all_of_a_text_in_mojibake() -> None:
    text = STORIES.read_text(encoding="utf-8")
    for encoding in ("windows-1252", "latin-1"):
        wrong = text.encode("utf-8").decode(encoding, errors="replace")
        if "\ufffd" not in wrong:
            check(wrong, text)
    check(
        "Ã  noite, Ã s dez, atÃ© Ã quela hora nÃ£o hÃ¡ pÃ£o.",
        "à noite, às dez, até àquela hora não há pão.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "NÃO", "“MANHÔ", "«AMANHû", "IRMÔ", "MANHÃ… E MANHÃ— —", "A MANHÃ\xa0DE", "MA\xadNHÃ\xadZINHA", "Â!", "ÂNGELA",
        "l’âme, le pâtre, château", "maçã», avó”, fé—, ré…", "Ã", "√2", "ÊLE, PÕE, SÃO", "ã £ 5", "£ 5 § 3 nº 1 1ª",
    ],
)  # fmt: skip
def test_correct_text_is_no_mojibake(text: str) -> None:
    check(text, text, 0)


@pytest.mark.parametrize("page", [*PAGES, *RARE[:3], "latin-1"])
def test_utf8_comes_back_from_every_page(page: str) -> None:
    wrong = misread(TEXT.encode("utf-8"), page)
    check(wrong, TEXT)
    check(TEXT + wrong[:2000], TEXT + TEXT[: len(REPAIRS["mojibake"](wrong[:2000])[0])])  # half of a text


@pytest.mark.parametrize(
    "pages", [*([page] for page in RARE), *(pages for one in PAGES for pages in ([one] * 3, ["cp1252", one, "cp850"]))]
)
def test_what_was_misread_several_times_or_in_a_rare_page_comes_back(pages: list[str]) -> None:
    wrong = TEXT[:1500]
    for page in pages:
        wrong = misread(wrong.encode("utf-8"), page)
    assert repair(wrong, ["mojibake"])[0] == TEXT[:1500]
    advised = [finding.repair for finding in examine(wrong).findings if finding.repair and finding.severity == "fault"]
    assert "mojibake" in advised
    assert repair(wrong, advised)[0] == TEXT[:1500]


def test_a_mixture_of_pages_is_told_and_no_wrong_letter_is_made() -> None:
    """A text that no page explains keeps its letters."""
    halves = TEXT[:2000].encode("cp1252").decode("cp1256"), TEXT[2000:4000].encode("cp1252").decode("cp1255")
    wrong = "".join(halves)
    assert repair(wrong, ["mojibake"])[0] == wrong
    assert "odd-signs" in {finding.name for finding in examine(wrong).findings}


def test_utf8_comes_back_without_the_bytes_that_windows_lacks() -> None:
    lacking = re.sub("[\x81\x8d\x8f\x90\x9d\xad]", "", misread(TEXT.encode("utf-8"), "cp1252"))
    check(lacking.replace("\xa0", " "), TEXT)
    check(misread(TEXT.encode("utf-8"), "cp1250").replace("\xa0", " "), TEXT)


@pytest.mark.parametrize("page", ["cp1252", "cp850", "mac-roman", "cp1250", "cp1251"])
def test_utf8_comes_back_after_nfkc(page: str) -> None:
    """NFKC makes Ãμ of õ and Ã3 of ó, and plain spaces of the others."""
    wrong = unicodedata.normalize("NFKC", misread(TEXT[:3000].encode("utf-8"), page))
    check(wrong, TEXT[:3000])
    check(TEXT[:500] + wrong, TEXT[:500] + TEXT[:3000])


def test_what_is_not_explained_as_a_whole_is_not_mended_by_halves() -> None:
    lost = unicodedata.normalize("NFKC", misread(TEXT.encode("utf-8"), "cp1252")).replace("Ãμ", "Ã9")
    check(lost, lost, 0)
    assert "odd-signs" in {finding.name for finding in examine(lost).findings}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("real", REAL)
def test_one_page_read_as_another_comes_back(real: str, page: str) -> None:
    """To the letter, but for a sign or two that either page explains; C1 controls are left to another repair."""
    right = TEXT.encode(real, "ignore").decode(real)
    wrong = re.sub("[\x80-\x9f]", "", misread(right.encode(real), page))
    shown = misread(right.encode(real), page)
    right = "".join(character for character, sign in zip(right, shown, strict=True) if not "\x80" <= sign <= "\x9f")
    found = REPAIRS["mojibake"](wrong)[0]
    assert sum(a != b for a, b in zip(found, right, strict=True)) <= 0.003 * len(re.findall("[^\x00-\x7f]", right)) + 1


@pytest.mark.parametrize("page", OTHER_SCRIPTS)
def test_pages_of_other_scripts_come_back(page: str) -> None:
    right = TEXT[:400].encode("cp1252").decode("cp1252")
    wrong = re.sub("[\x80-\x9f]", "", misread(right.encode("cp1252"), page))
    found = REPAIRS["mojibake"](wrong)[0]
    assert [word for word in re.findall(r"\w+", found) if word not in right] == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Ele nדo veio.", "Ele não veio."), ("Ele nمo veio.", "Ele não veio."), ("Ele nใo veio.", "Ele não veio."),
        ("Ele năo veio.", "Ele não veio."), ("As opiniőes săo tręs.", "As opiniões são três."),
        ("Fui ŕ escola.", "Fui à escola."), ("Vocę năo vem?", "Você não vem?"),
    ],
)  # fmt: skip
def test_one_word_of_another_page_suffices(wrong: str, right: str) -> None:
    check(wrong, right)
    assert "mojibake" in {finding.name for finding in examine(wrong).findings}


@pytest.mark.parametrize(
    "text",
    [
        "O poeta Ceauşescu e Erdős falam com Wałęsa, de Łódź e Gdańsk; Škoda ouve Dvořák.",
        "Утро было холодным, и дети бежали по улице, ни на кого не глядя.",
        "A luz tem 5000 ångström, disse Ångström. A avó não é da Suécia.\n" * 5, "Em Şişli, o Kalûnga é só.\n" * 9,
        "Håkan, de Växjö e de Göteborg, é de lá.\n" * 5, "Veja a ‹casa› — a ‹rua› e a ‹lua› — não é?\n" * 5,
        "┌────┐\n│ não │\n├────┤\n│ é à │\n└────┘\n" * 9, "┌─┐\n│é│\n├─┤\n│ó│\n└─┘\n" * 9,
        "Ele disse: «dziękuję» e foi.", "As palavras שלום e سلام são belas; o tailandês escreve ไทย.",
    ],
)  # fmt: skip
def test_names_and_words_of_other_alphabets_stay(text: str) -> None:
    check(text, text, 0)
    assert "odd-signs" not in {finding.name for finding in examine(text).findings}


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("שלום עולם זה ספר טוב", "cp1255"), ("مرحبا بالعالم هذا كتاب", "cp1256"), ("สวัสดีชาวโลก", "cp874"),
        ("Утро было холодным", "cp1251"),
    ],
)  # fmt: skip
def test_another_script_in_a_page_of_ours_is_told(text: str, page: str) -> None:
    assert "odd-signs" in {finding.name for finding in examine(misread(text.encode(page), "cp1252")).findings}
