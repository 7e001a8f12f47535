"""Old spelling becomes today's; today's spelling, other languages, case and punctuation stay."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from charrnn.corpus.repairs import REPAIRS, repair
from charrnn.corpus.repairs.spelling import TOKEN

CORPORA = os.environ.get("CHARRNN_CORPORA")
TOOLS = Path(__file__).parent.parent / "tools"
LINES = (TOOLS / "old_spelling.tsv").read_text(encoding="utf-8").splitlines()
PAIRS = [line.split("\t")[:2] for line in LINES if "\t" in line]
OLD, NEW = ("\n".join(side) for side in zip(*PAIRS, strict=True))
AROUND = "Elle foi á pharmacia com aquella philosophia de theatro; ella ficou na capella, afflicta.\n" * 20


def repaired(text: str) -> str:
    return REPAIRS["spelling"](AROUND + text)[0].splitlines()[-1]


def test_ninety_nine_of_a_hundred_words_become_right_and_stay_so() -> None:
    found, _ = REPAIRS["spelling"](OLD)
    words = [pair for lines in zip(found.split("\n"), NEW.split("\n"), strict=True) for pair in _words(*lines)]
    assert sum(one == right for one, right in words) >= 0.99 * len(words)
    assert REPAIRS["spelling"](found) == (found, 0)


def _words(found: str, right: str) -> Iterator[tuple[str, str]]:
    return zip(found.split(), right.split(), strict=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Vel-a era bom; fal-o-hei.", "Vê-la era bom; fá-lo-ei."), ("Dir-se-hia d'elle.", "Dir-se-ia dele."),
        ("Deram-n'o a um rapaz.", "Deram-no a um rapaz."), ("O céo, o páo e os paes.", "O céu, o pau e os pais."),
        ("Forão e virão tudo.", "Foram e viram tudo."), ("Amárão-se.", "Amaram-se."), ("Hade vir.", "Há de vir."),
        ("E' tarde, e si elle vier", "É tarde, e se ele vier"), ("Por traz da casa", "Por trás da casa"),
        ("Trata de si. Si elle vier", "Trata de si. Se ele vier"), ("Qual é o genero?", "Qual é o gênero?"),
        ("Pobre de si, que não sahiu!", "Pobre de si, que não saiu!"), ("Porque não vens?", "Por que não vens?"),
        ("O Thomé, na Bahia.", "O Tomé, na Bahia."), ("A cousa, os dous, a noute.", "A cousa, os dous, a noute."),
        ("O Ritinha, o York e o Goethe.", "O Ritinha, o York e o Goethe."),
    ],
)  # fmt: skip
def test_words(old: str, new: str) -> None:
    assert repaired(old) == new


def test_case_and_punctuation_stay() -> None:
    assert repaired("A PHARMACIA, «Pharmacia»… (pharmacia) — PAE!") == "A FARMÁCIA, «Farmácia»… (farmácia) — PAI!"
    found, _ = REPAIRS["spelling"](AROUND)
    assert TOKEN.split(found) == TOKEN.split(AROUND)
    for old, new in zip(TOKEN.findall(AROUND), TOKEN.findall(found), strict=True):
        assert old[0].isupper() == new[0].isupper()


@pytest.mark.parametrize("path", sorted(TOOLS.glob("modern*.txt")), ids=lambda path: path.stem)
def test_a_text_of_today_stays(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert repair(text, ["spelling"]) == (text, {"spelling": 0})


def test_other_languages_stay() -> None:
    english = "He sent the letter to the pharmacy, and all the theatre applauded the attention of the committee. " * 20
    assert repair(english, ["spelling"])[0] == english
    assert english in repair(AROUND + "\n" + english + "\n\n" + AROUND, ["spelling"])[0]


@pytest.mark.skipif(CORPORA is None, reason="CHARRNN_CORPORA is not set")
def test_a_novel_in_modern_spelling_stays() -> None:
    text = (Path(CORPORA) / "machado" / "valid" / "esau-e-jaco.txt").read_text(encoding="utf-8")
    assert repair(text, ["spelling"])[1] == {"spelling": 0}
