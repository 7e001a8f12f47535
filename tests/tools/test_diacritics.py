"""Accents put back: nothing else ever changes, what is right stays, and words that nobody trained on are right."""

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrnn.corpus.accent_model import bare, enclitic, shipped
from charrnn.errors import UserError
from charrnn.tools import diacritics

MODERN = Path(__file__).with_name("modern.txt").read_text(encoding="utf-8")
PIECES = st.sampled_from([
    *"aeoàéêç .,-\n@/", "voce", "VOCE", "Nao", "está", "e-mail", "ana@nao.com", "https://nao.com/e", "#voce", "`nao`",
    "faze-lo", "ǅ", "İ", "ß", "e\u0301", "12a", "Ção", "😀",
])  # fmt: skip
JOINED = [st.lists(PIECES, max_size=30).map(sign.join) for sign in ("", " ")]
TEXTS = st.one_of(st.text(max_size=80), *JOINED)


def plain(text: str) -> str:
    """A text without accents, character by character."""
    return "".join(map(bare, text))


def restored(text: str) -> str:
    return diacritics.applied(text, diacritics.restored(text))


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_nothing_but_accents_changes_and_twice_is_once(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    once = restored(text)
    assert len(once) == len(text)
    assert plain(once) == plain(text)
    assert unicodedata.is_normalized("NFC", once)
    assert all(new == old for new, old in zip(once, text, strict=True) if not old.isascii())  # what it has is kept
    assert restored(once) == once


def test_probabilities_and_places_are_true() -> None:
    text = plain(MODERN)[:3000]
    for one in diacritics.restored(text):
        assert text[one.start :].startswith(one.word)
        assert plain(one.form) == one.word != one.form
        assert 0 < one.probability <= 1


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("voce nao esta so, e dificil ate amanha", "você não está só, é difícil até amanhã"),
        ("VOCE NAO SABE O QUE E ISSO?", "VOCÊ NÃO SABE O QUE É ISSO?"),
        ("Quero faze-lo, compra-las, distribui-los.", "Quero fazê-lo, comprá-las, distribuí-los."),
        ("Brincavamos, corriamos e tinhamos nocoes.", "Brincávamos, corríamos e tínhamos noções."),
        ("escreva a voce@nao.com ou @nao, http://nao.com?x=voce, /ate/nao, nao2 e `nao` 😀", None),
        ("o quilometro, o oxigenio e o tenis eletronico", "o quilômetro, o oxigênio e o tênis eletrônico"),
        ("Jessica mora em maio a um metro da praca.", "Jéssica mora em maio a um metro da praça."),
        ("", None),
    ],
)
def test_a_text_is_restored(typed: str, right: str | None) -> None:
    assert restored(typed) == (right or typed)


def test_a_text_that_has_its_accents_stays_as_it_is() -> None:
    """A careful writer's *esta* is hardly ever a forgotten *está*."""
    assert len(diacritics.restored(MODERN)) <= 3
    assert len(diacritics.suspicious(MODERN)) <= len(MODERN) / 1000


def test_wrong_accents_are_found() -> None:
    found = diacritics.suspicious("Você não está so. Ontem ele já tinha ido até lá com a irmá dela.")
    assert [(one.word, one.form) for one in found] == [("so", "só"), ("irmá", "irmã")]


def test_modern_words_are_right() -> None:
    """The text is ours, and nobody trained on it."""
    words = [(right, got) for right, got in zip(MODERN.split(), restored(plain(MODERN)).split(), strict=True)]
    assert sum(right == got for right, got in words) >= 0.98 * len(words)


def test_pieces_are_read_as_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diacritics, "PIECE", 100)
    text = "A irma de Joao nao esta la.\n" * 20
    assert {one.form for one in diacritics.restored(text)} == {"irmã", "João", "não", "está", "lá"}
    assert restored(text).count("irmã") == text.count("irma")


def test_the_lexicon_is_in_order() -> None:
    model = shipped()
    for word, forms in itertools.islice(model.lexicon.items(), 5000):
        assert word == bare(word)
        assert len({*forms}) == len(forms) <= 3
        assert {bare(form) for form in forms} == {word}


@pytest.mark.parametrize(
    ("verb", "form"),
    [("ama", "amá"), ("po", "pô"), ("faze", "fazê"), ("possui", "possuí"), ("segui", "segui"), ("pu", "pu")],
)
def test_verbs_before_pronouns_follow_the_rule(verb: str, form: str) -> None:
    assert enclitic(verb) == form


def test_what_is_no_portuguese_is_told_or_refused() -> None:
    assert diacritics.other_language(plain(MODERN)) == ""
    assert (
        diacritics.other_language("The quick brown fox jumps over the lazy dog, and then it sleeps. " * 20) == "English"
    )
    with pytest.raises(UserError, match="letter"):
        diacritics.other_language("123 !?")
    with pytest.raises(UserError, match="characters"):
        diacritics.other_language("a" * (diacritics.LONGEST + 1))
