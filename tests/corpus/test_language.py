"""What is not Portuguese is found and named; what is Portuguese, of whatever century, is left in peace."""

import itertools
import os
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn.corpus import language
from charrnn.corpus.language import SHORTEST, SWITCH, UNKNOWN, ForeignPassage, foreign

STORY = STORIES.read_text(encoding="utf-8")

PARAGRAPHS = {
    "Spanish": "La mañana estaba fría y los niños del pueblo corrían por la calle sin mirar a nadie, porque ya era "
    "tarde y la escuela no espera a los que se levantan después del sol.",
    "French": "Le matin était froid et les enfants du village couraient dans la rue sans regarder personne, parce "
    "qu’il était déjà tard et que l’école n’attend pas ceux qui se lèvent après le soleil.",
    "English": "This text is given to you as it is: you may copy it, lend it or print it again, but no promise of "
    "any kind is made by those who typed it, and they are not to be blamed for its errors.",
    "Italian": "La mattina era fredda e i bambini del paese correvano per la strada senza guardare nessuno, perché "
    "era già tardi e la scuola non aspetta quelli che si alzano dopo il sole.",
    "German": "Der Morgen war kalt, und die Kinder des Dorfes liefen durch die Straße, ohne jemanden anzusehen, "
    "denn es war schon spät, und die Schule wartet nicht auf die, die nach der Sonne aufstehen.",
    "Latin": "Mane frigidum erat et pueri per viam currebant neque quemquam aspiciebant, quia iam tarda hora erat "
    "et magister non exspectat eos qui post solem surgunt, sed cum ira in ludo sedet.",
    UNKNOWN: "Утро было холодным, и дети бежали по улице, ни на кого не глядя, потому что было уже поздно, "
    "а школа не ждёт тех, кто встаёт после солнца.",
}

OLD = {
    "letter of 1500": "Senhor, posto que o capitam moor desta frota e asy os outros capitaães screpuam a vosa alteza, "
    "nom leixarey tambem de dar disso minha conta, asy como eu milhor poder, ajmda que pera o bem contar e falar o "
    "saiba pior que todos fazer.",
    "before 1911": "Ella veyo hontem á pharmacia, e elle, que he hum homem de poucas lettras, não lhe disse nada; mas "
    "a physionomia d'elle e o signal que lhe fez com os olhos eram bastantes para que ella comprehendesse tudo.",
    "chat": "vc viu o q ele postou ontem?? kkkkk mto bom, tb ri d+. blz, a gnt se fala dps, bjs!!! nao sei pq mas "
    "acho q ele ta afim dela hein, vdd ou nao? manda um zap qd chegar em casa",
    "law": "Art. 1.º Fica revogado o Decreto-Lei n.º 1.234, de 5 de maio de 1999. § 2.º Revogam-se as disposições em "
    "contrário. Brasília, 3 de março de 2004; 183.º da Independência e 116.º da República.",
    "names": "António Manuel Gonçalves, João Pedro Carneiro, Maria Albertina Vasconcelos, José Torres Vaz Freire, Luís "
    "Duarte Sequeira, Tomás Villaret, Inês Castelbranco, Rui Montalvão, Del Rio, La Salle, Von Holst.",
    "shared words": "A arte de amar é bela; a gente, a noite, a lua e a estrela em uma poesia. Se te vi, se me viste, "
    "era uma rosa; se te deixar, me deixe, e se eu te amar, era amor e era uma flor.",
    "capitals": "O RATO ROEU A ROUPA DO REI DE ROMA E A RAINHA, COM RAIVA, RASGOU O RESTO E FOI À JANELA VER PASSAR A "
    "PROCISSÃO DO SENHOR MORTO.",
    "a title": "Os discos The Wall, Abbey Road, Sticky Fingers e The Dark Side of the Moon foram ouvidos por quem "
    "tinha vinte anos naquela época, e ainda hoje se vendem nas lojas do centro.",
    "rules": "-" * 300 + "\n" + "* " * 100 + "\n" + "1 234,50 17,20 9/10\n" * 20,
}


@pytest.mark.parametrize("separator", ["\n\n", "\n"])
@pytest.mark.parametrize("width", [None, 70, 45])
@pytest.mark.parametrize("name", PARAGRAPHS)
def test_a_planted_paragraph_is_found(name: str, width: int | None, separator: str) -> None:
    before, after = STORY[:3000].rsplit("\n", 1)[0], STORY[-3000:].split("\n", 1)[1]
    if width:
        before, planted, after = (textwrap.fill(text, width) for text in (before, PARAGRAPHS[name], after))
    else:
        planted = PARAGRAPHS[name]
    (passage,) = foreign(before + separator + planted + separator + after)
    start = len(before + separator)
    assert passage.language == name
    line = (width or 0) + 1  # a last short line may be anyone's
    assert abs(passage.start - start) < line
    assert abs(passage.stop - start - len(planted)) < line


def test_the_whole_of_a_foreign_text_is_found() -> None:
    text = "\n\n".join([PARAGRAPHS["English"]] * 5)
    assert foreign(text) == (ForeignPassage(0, len(text), "English"),)
    assert len(foreign(text)[0]) == len(text)


def test_two_languages_in_a_row_are_two_passages() -> None:
    text = PARAGRAPHS["French"] + "\n" + PARAGRAPHS["German"] + "\n"
    assert [passage.language for passage in foreign(text)] == ["French", "German"]


def test_within_a_long_paragraph() -> None:
    """Lines are cut into pieces, so a long quotation is found in a longer paragraph; its ends are less exact."""
    before, after = (" ".join(text.split()) for text in (STORY[:3000], STORY[3000:6000]))
    quoted = " ".join([PARAGRAPHS["French"]] * 6)
    (passage,) = foreign(f"{before} {quoted} {after}")
    assert passage.language == "French"
    assert abs(passage.start - len(before)) < 2 * language.PIECE
    assert len(passage) == pytest.approx(len(quoted), abs=2 * language.PIECE)


@pytest.mark.parametrize("path", [STORIES, QUATRAINS], ids=lambda path: path.stem)
def test_our_own_texts_are_portuguese(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert foreign(text) == ()
    assert foreign(textwrap.fill(text, 60)) == ()
    assert foreign(text.upper()) == ()


@pytest.mark.parametrize("kind", OLD)
def test_portuguese_of_all_kinds_is_no_foreign_language(kind: str) -> None:
    assert foreign(OLD[kind]) == ()
    assert foreign(STORY[:1000] + "\n" + OLD[kind] + "\n" + STORY[1000:2000]) == ()


def test_a_short_quotation_is_no_passage() -> None:
    text = f"Ele disse: — {PARAGRAPHS['French'][:60]}\nE saiu sem olhar para trás.\n"
    assert foreign(STORY[:1000] + "\n" + text + STORY[1000:2000]) == ()
    assert foreign("Is it so? It is.") == foreign("") == ()


@given(st.text() | st.text("thea ono \n", max_size=300))
def test_passages_lie_in_the_text_in_order(text: str) -> None:
    passages = foreign(text)
    ends = [place for passage in passages for place in (passage.start, passage.stop)]
    assert ends == sorted(ends)
    assert all(0 <= passage.start < passage.stop <= len(text) and len(passage) >= SHORTEST for passage in passages)


@given(st.text(st.sampled_from("a \nb"), max_size=60))
def test_pieces_cover_the_text(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "PIECE", 4)
        cuts = [0, *language._cuts(text)]
    assert cuts == sorted(set(cuts))
    assert cuts[-1] == len(text)
    assert all(len(text[start:stop]) <= 8 for start, stop in itertools.pairwise(cuts))


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=6))
def test_runs_are_those_of_the_best_path(rows: list[list[int]]) -> None:
    """Against all paths: the runs found make a path that no other surpasses. It starts and need not end in state 0."""
    scores = np.array(rows, dtype=np.float64) * 1.5
    path = [0] * len(rows)
    for first, last, state in language._runs(scores):
        path[first:last] = [state] * (last - first)

    def value(states: list[int]) -> float:
        changes = sum(one != other for one, other in zip([0, *states], states, strict=False))
        return sum(scores[place, state] for place, state in enumerate(states)) - SWITCH * changes

    paths = [[]]
    for _ in rows:
        paths = [[*states, state] for states in paths for state in range(3)]
    assert value(path) == pytest.approx(max(map(value, paths)))


def test_every_word_list_is_of_whole_lower_case_words() -> None:
    for words in language.WORDS.values():
        assert all(language._WORD.fullmatch(word) and word == word.lower() for word in words.split())
        assert len(set(words.split())) == len(words.split()) > 90


@pytest.mark.slow
@pytest.mark.timed
def test_five_megabytes_in_two_seconds() -> None:
    text = STORY * (5_000_000 // len(STORY))
    began = time.process_time()
    foreign(text)
    assert time.process_time() - began < 2


@pytest.mark.slow
@pytest.mark.skipif("CHARRNN_CORPORA" not in os.environ, reason="CHARRNN_CORPORA is not set")
def test_old_novels_hold_only_quotations() -> None:
    """Ninety novels of 1840 to 1920: what is found is little, and reads unlike Portuguese."""
    from charrnn.corpus import open_works, portuguese

    folder = Path(os.environ["CHARRNN_CORPORA"])
    archives = sorted(folder.glob("eltec-por*.tar.*"))
    if not archives:
        pytest.skip("no archive of ELTeC-por in CHARRNN_CORPORA")
    characters = strange = 0
    for work in open_works(archives):
        text = "".join(work.text())
        characters += len(text)
        for passage in foreign(text):
            strange += len(passage)
            assert passage.language != UNKNOWN
            assert portuguese.surprisals(text[passage.start : passage.stop]).mean() > 3.2  # a Portuguese novel has 3.0
    assert 0 < strange < characters / 1000
