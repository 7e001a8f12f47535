"""Each planted fault is found where it was planted, and a clean text has none."""

import json
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn.corpus import language, open_works
from charrnn.corpus.decoding import Encoding
from charrnn.corpus.doctor import EXAMINED, Finding, Report, examine, examine_work
from charrnn.corpus.repairs import REPAIRS, repair

CLEAN = STORIES.read_text(encoding="utf-8")
CORPORA = os.environ.get("CHARRNN_CORPORA")
LINE = 101  # where most faults are planted: a line of CLEAN that begins with «café. Quando»


def planted(new: str, line: int = LINE, column: int = 1) -> str:
    """CLEAN with `new` at a place."""
    lines = CLEAN.split("\n")
    lines[line - 1] = lines[line - 1][: column - 1] + new + lines[line - 1][column - 1 :]
    return "\n".join(lines)


def found(text: str, **about: object) -> dict[str, Finding]:
    report = examine(text, **about)  # type: ignore[arg-type]
    return {finding.name: finding for finding in report.findings}


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


@pytest.mark.parametrize("path", [STORIES, QUATRAINS], ids=lambda path: path.stem)
def test_clean_text_has_no_faults(path: Path) -> None:
    report = examine(path.read_text(encoding="utf-8"))
    assert names(report) <= ({"quotes"} if path == QUATRAINS else set())
    assert report.not_portuguese == 0


# What is planted, how it is found, and what it is called. The line is LINE, the column 1, unless said otherwise.
PLANTED = {
    "crlf": ("CAFÉ\r\n", 1, 5),
    "cr": ("CAFÉ\r", 1, 5),
    "nfd": ("Cafe\u0301\n", 1, 4),
    "nul": ("\0", 1, 1),
    "controls": ("Um\x1b sinal.\n", 1, 3),
    "form-feeds": ("\f", 1, 1),
    "soft-hyphens": ("Uma pala\xadvra.\n", 1, 9),
    "odd-spaces": ("São 10\xa0000.\n", 1, 7),
    "zero-width": ("Um\u200b dia.\n", 1, 3),
    "lost-characters": ("Cora\ufffd\ufffdo.\n", 2, 5),
    "mojibake": ("Ela nÃ£o veio.\n", 1, 5),
    "hyphens": ("Foi preciso fazê-\nlo logo.\n", 1, 17),
    "lost-hyphens": ("Então disselhe. Disse-lhe, disse-lhe, disse-lhe.\n", 1, 12),
    "contents": (
        "ÍNDICE\nO prólogo .. 3\nA casa 12\nO jardim\nO PRÓLOGO\nUm.\nA CASA\nEra.\nO JARDIM\nFlores.\n",
        1,
        1,
    ),
    "dashes": ("Foi -- disse ele -- assim.\n", 2, 5),
    "quotes": ('Era um "caso".\n', 2, 8),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_in_its_place(name: str) -> None:
    new, count, column = PLANTED[name]
    findings = found(planted(new))
    assert set(findings) == {name}
    finding = findings[name]
    assert finding.count == count
    assert (finding.examples[0].line, finding.examples[0].column) == (LINE, column)
    assert finding.sentence.render("en").endswith(".")
    assert finding.sentence.render("pt").endswith(".")
    if finding.repair:  # and the repair that is named mends it
        assert name not in found(repair(planted(new), [finding.repair])[0])


def test_the_repaired_reading_is_shown() -> None:
    assert found(planted("Ela nÃ£o veio.\n"))["mojibake"].examples[0].becomes == "não"
    assert found(planted("Foi preciso fazê-\nlo logo.\n"))["hyphens"].examples[0].text == "fazê-↵lo logo."
    assert found(planted("Foi preciso fazê-\nlo logo.\n"))["hyphens"].examples[0].becomes == "fazê-lo↵logo."
    assert found(planted("Uma pala\xadvra.\n"))["soft-hyphens"].examples[0].text == "Uma pala⟨U+00AD⟩vra."


def test_byte_order_mark_and_encoding() -> None:
    assert found("\ufeff" + CLEAN)["bom"].repair == "bom"
    assert set(found(CLEAN, encoding=Encoding("utf-8", bom=True))) == {"bom"}
    read = Encoding("windows-1252", bits=3.1, example="não é")
    assert "windows-1252. Check its accents: «não é»" in str(found(CLEAN, encoding=read)["encoding"].sentence)


def test_binary() -> None:
    assert names(examine("\x7fELF\x01\x02\0\0\0" * 1000)) == {"binary"}
    assert names(examine("Não\0 sei.")) == {"nul"}
    dialogue = "\x97 Não, disse ela. \x93Sim\x94, disse ele.\n" * 10  # Windows-1252 that was read as Latin-1
    assert names(examine(dialogue)) >= {"controls"} > names(examine(repair(dialogue, ["controls"])[0]))


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
def test_a_text_without_text_is_a_fault(text: str) -> None:
    assert {finding.name for finding in found(text).values() if finding.severity == "fault"} == {"empty"}


def test_hard_wrapped_lines() -> None:
    wrapped = re.sub(r"(.{40,60}) ", r"\1\n", CLEAN)
    finding = found(wrapped)["wrapped"]
    assert finding.repair == "unwrap"
    assert (finding.examples[0].line, finding.examples[0].text) == (3, "João↵del-Rei,")
    assert "wrapped" not in found(repair(wrapped, ["unwrap"])[0])
    chat = "[01/03/2024, 21:01:05] João: mensagem\n[01/03/2024, 21:02:05] João: bom dia\ncontinua na linha\n" * 20
    assert "wrapped" not in found(chat)  # its stamps, all of one width, look like full lines' next words


def test_page_numbers_and_running_heads() -> None:
    lines = re.sub(r"(.{40,60}) ", r"\1\n", CLEAN).split("\n")
    for number in range(1, 30):
        lines[32 * number : 32 * number] = ["", f"{number + 10}", "OS CONTOS DE AGOSTO", ""]
    findings = found("\n".join(lines))
    assert findings["page-numbers"].count == findings["running-heads"].count == 29
    assert [findings[name].examples[0].line for name in ("page-numbers", "running-heads")] == [34, 35]
    repaired = found(repair("\n".join(lines), ["pages"])[0])
    assert {"page-numbers", "running-heads"}.isdisjoint(repaired)


def test_gutenberg() -> None:
    header = "The Project Gutenberg EBook of Contos\n\n*** START OF THIS PROJECT GUTENBERG EBOOK CONTOS ***\n\n"
    findings = found(header + CLEAN + "\n\n*** END OF THIS PROJECT GUTENBERG EBOOK CONTOS ***\n")
    assert findings["gutenberg"].count == 2
    assert [example.line for example in findings["gutenberg"].examples] == [1, CLEAN.count("\n") + 7]


def test_duplicated_passages() -> None:
    passage = next(line for line in CLEAN.split("\n") if len(line) > 250)
    finding = found(planted(passage + "\n\n"))["duplicates"]
    assert finding.count == 1
    assert finding.severity == "note"
    example = finding.examples[0]
    places = [(3, 1), (LINE, 1)]
    assert (example.line, example.column) == places[1]
    assert f"first at 3:1, {len(passage):,} characters" in example.text or finding.examples[0].text
    assert found(CLEAN + CLEAN)["duplicates"].severity == "fault"


OLD = "Elle foi à pharmacia com aquella philosophia de theatro; ella ficou na capella, afflicta. "
SPELLINGS = {
    "spelling-1911": OLD * 40,
    "spelling-1971": "Êle falou sôbre tôda a gente; êste, porém, nada disse dêle. " * 10,
    "spelling-2009": "A idéia era tranqüila, e com freqüência lhe dava vôo. " * 10,
    "spelling-portugal": "O facto é que António gostava do género, e nós falámos com o director num acto húmido. " * 10,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings(name: str) -> None:
    assert set(found(SPELLINGS[name] * 2)) & set(SPELLINGS) == {name}


def test_spelling_of_the_two_countries() -> None:
    both = SPELLINGS["spelling-portugal"] + "O fenômeno do gênero acadêmico é econômico. " * 10
    assert "as in Portugal, others as in Brazil: " in str(found(both)["spelling-both"].sentence)


MODERN = """
ônibus dezenove dezesseis dezessete caminhão registro conosco úmido bebê gênero econômico fenômeno acadêmico voo voos
enjoo enjoos leem veem creem deem ideia heroico jiboia plateia tranquilo frequência linguiça pinguim sequestro
cinquenta pôr pôde fôrma herói papéis anéis estômago fêmea cômodo byte bytes megabyte nylon hippie offline copyright
script scripts prompt design software show shopping office coffee waffle cappuccino pizza bullying ballet buffet hobby
hum mui comboio happy rock jazz blog site e-commerce marketing feedback podcast streaming selfie drone smartphone
indescriptível rapper skate surfe playlist notebook apartheid impeachment lobby ketchup yakisoba sushi paella gamma
fracasso passear assado carro serra nosso pressa corrente guerra quilo ginástica ato ótimo batizar fato ação objeto
projeto exato coleção proteção correção contato dezenas úmidos telefone celular trem metrô esporte time goleiro
"""


def test_words_of_today_prove_no_spelling() -> None:
    assert list(language.spellings(Counter(dict.fromkeys(MODERN.split(), 50)))) == []
    for word in MODERN.split():
        told = [name for name, _ in language.spellings(Counter({word: 50}))]
        assert told == [], word


def test_names_prove_no_spelling() -> None:
    text = "Thereza, Raphael e o Philippe foram ter com o Müller e a Annunciação Mello no Theatro. " * 50
    assert not set(found(text)) & set(SPELLINGS)


def test_what_is_not_portuguese() -> None:
    english = (
        "It was the first thing that he had seen of the town, and he did not know what to make of it. There was "
        "nobody in the street but a dog that looked at him as if they had met before.\n"
    )
    report = examine(planted(english))
    finding = {finding.name: finding for finding in report.findings}["language"]
    assert finding.examples[0].line == LINE
    assert "English (1)" in str(finding.sentence)
    assert "inglês (1)" in finding.sentence.render("pt")
    assert report.not_portuguese == pytest.approx(len(english) / len(CLEAN), rel=0.2)


ENGLISH = (
    "She was going to the office with all her letters, and the attention of those people did not matter to her. "
    "“Will you call him?” said the happy professor, who had written of the common attitude in a small hall. He passed "
    "through the door, and nothing that he offered was accepted; still the difference was not apparent to anyone.\n"
)
SWEDISH = "Morgonen var kall och barnen i byn sprang genom gatan utan att se på någon, för det var redan sent.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENGLISH, ("is English;", "está em inglês;")), (ENGLISH * 9, ("is English;", "está em inglês;")),
        (SWEDISH, ("is not Portuguese;", "não está em português;")),
        ("Утро было холодным. " * 9, ("not Portuguese", "não")),
    ],
)  # fmt: skip
def test_a_text_that_is_not_portuguese_is_told_as_such_first(text: str, said: tuple[str, str]) -> None:
    report = examine(text)
    first, *rest = report.findings
    assert (first.name, first.severity) == ("other-language", "note")
    assert said[0] in str(first.sentence)
    assert said[1] in first.sentence.render("pt")
    assert "from scratch" in str(first.sentence)
    assert {finding.name for finding in rest} <= {"duplicates"}
    assert report.language != "Portuguese"


def test_size_and_alphabet() -> None:
    report = examine("ação\nação\n\nñ", name="x.txt")
    assert (report.name, report.characters, report.bytes, report.lines, report.words) == ("x.txt", 12, 17, 4, 3)
    assert {item.character: item.count for item in report.alphabet} == {
        "a": 2, "ç": 2, "ã": 2, "o": 2, "\n": 3, "ñ": 1,
    }  # fmt: skip
    rare = {item.character: item for item in report.rare}["ñ"]
    assert (rare.name, rare.line, rare.column) == ("LATIN SMALL LETTER N WITH TILDE", 4, 1)
    assert [item.count for item in report.alphabet] == sorted((item.count for item in report.alphabet), reverse=True)


def test_baselines_stand_beside() -> None:
    base = examine(CLEAN).baselines
    assert base is not None
    assert 1.5 < base.ngram < base.xz < base.unigram < 5
    assert examine("Pouco texto.").baselines is None


def test_a_report_is_json() -> None:
    report = examine(planted("Ela nÃ£o veio.\n"), name="contos")
    again = json.loads(json.dumps(report.to_json()))
    assert again["name"] == "contos"
    assert [finding["name"] for finding in again["findings"]] == [finding.name for finding in report.findings]


@given(st.text(max_size=200))
def test_any_text_can_be_examined(text: str) -> None:
    report = examine(text)
    assert report.characters == len(text)
    assert {finding.repair for finding in report.findings} <= {None, *REPAIRS}
    examined = unicodedata.normalize("NFC", text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    assert sum(item.count for item in report.alphabet) == len(examined)


def test_of_a_very_long_text_the_beginning_is_examined(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert EXAMINED >= 5_000_000
    monkeypatch.setattr("charrnn.corpus.doctor.EXAMINED", 5000)
    path = tmp_path / "long.txt"
    path.write_text(CLEAN, encoding="utf-8")
    report = examine_work(next(iter(open_works([path]))))
    assert (report.characters, report.examined) == (len(CLEAN), 5000)
    assert sum(item.count for item in report.alphabet) == 5000


@pytest.mark.skipif(CORPORA is None, reason="CHARRNN_CORPORA is not set")
@pytest.mark.slow
def test_no_false_alarms_over_the_shared_corpora() -> None:
    """Nothing is mojibake, binary, or in another encoding there; Machado is hard-wrapped, ELTeC is not."""
    from charrnn.corpus.doctor.faults import Subject, left, lost_accents, odd_characters, registered, wrapped

    works = 0
    for work in open_works([CORPORA or ""]):
        if work.name.endswith((".tsv", ".md")):
            continue
        works += 1
        subject = Subject("".join(work.raw()))
        assert work.encoding.name == "utf-8"
        alarms = {
            finding.name for check in (registered, odd_characters, lost_accents, left) for finding in check(subject)
        }
        assert alarms <= {"contents", "hyphens", "lost-hyphens", "controls", "odd-spaces", "soft-hyphens"}, work.name
        if "machado-other" not in work.name:  # of which some are verse
            assert bool(list(wrapped(subject))) == ("eltec" not in work.name.lower()), work.name
    assert works >= 90
