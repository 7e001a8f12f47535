"""The tab of tools, without a browser."""

from pathlib import Path
from typing import get_args

import pytest
from page_support import Parts

from charrnn.errors import UserError
from charrnn.scoring import grammar
from charrnn.ui import texts
from charrnn.ui.model_cache import version
from charrnn.ui.texts.tools_tab import BARE, SLIPS
from charrnn.ui.tools import accents_panel, exam_panel, proof_panel, whose_panel


@pytest.mark.parametrize("language", get_args(texts.Language))
def test_accents_are_marked_in_the_text(language: texts.Language) -> None:
    page = accents_panel.found("<b>Voce</b> nao esta so & amanha\n", language, changed=True)
    assert "<b>" not in page
    assert "<b>Você</b> não está só & amanhã" in Parts(page).text
    assert texts.say(language, "accents_made", count="5") in Parts(page).text
    checked = accents_panel.found("Você não está so.", language, changed=False)
    assert texts.say(language, "accents_due", count="1") in Parts(checked).text


def test_the_example_becomes_right() -> None:
    page = Parts(accents_panel.found(BARE, "pt", changed=True)).text
    for words in ("ajuda@correio.com.br", "um e-mail", "às oito", "porque o ônibus das duas não para na praça"):
        assert words in page


@pytest.mark.parametrize("text", ["", "  \n", "12", "a" * (accents_panel.LIMIT + 1)])
def test_what_cannot_be_accented_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        accents_panel.found(text, "pt", changed=True)


def test_another_language_is_told() -> None:
    page = accents_panel.found(
        "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 5, "en", changed=True
    )
    assert texts.say("en", "accents_foreign") in Parts(page).text


@pytest.mark.slow
def test_slips_are_marked_and_corrected(tmp_path: Path) -> None:
    proofread = proof_panel.corrections("<b>" + SLIPS, tmp_path)
    assert proof_panel.applied("<b>" + SLIPS, proofread).startswith(
        "<b>O governo anunciou ontem que vai construir três"
    )
    page = Parts(proof_panel.found(*proofread, "pt"))
    assert [mark["title"].partition(" (")[0] for mark in page.all("span") if mark["title"]][:2] == [
        "que que → que", "escoals → escolas",
    ]  # fmt: skip
    assert "<b>O governo" in page.text
    for text, kept in (("outro texto", proofread), (SLIPS, None)):
        with pytest.raises(UserError) as refused:
            proof_panel.applied(text, kept)
        assert refused.value.code == "text-changed-since"


@pytest.mark.parametrize("text", ["", " \n", "a" * (proof_panel.LIMIT + 1), "The dog did not see it. " * 9])
def test_what_cannot_be_proofread_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        proof_panel.corrections(text, tmp_path)


def test_models_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARRNN_ENGINE", "f32")
    page = Parts(whose_panel.found("A <casa> da minha avó. " * 9, ["machado", "machado-lstm"], tmp_path, "en"))
    assert len(page.all("tr")) == 3
    assert "<casa>" in page.text
    for names, text in ((["machado"], "a" * 200), (["machado", "machado-lstm"], "a" * (whose_panel.LIMIT + 1))):
        with pytest.raises(UserError):
            whose_panel.found(text, names, tmp_path, "en")


@pytest.mark.parametrize("language", get_args(texts.Language))
def test_an_exam_shows_its_marks_and_pairs(
    saved: Path, monkeypatch: pytest.MonkeyPatch, language: texts.Language
) -> None:
    monkeypatch.setenv("CHARRNN_ENGINE", "f32")
    pairs = [*grammar.minimal_pairs()[::20], grammar.MinimalPair("crase", "a", "<à>", "<b>", "?")]
    monkeypatch.setattr(grammar, "minimal_pairs", lambda: pairs)
    exam_panel._answers.cache_clear()
    page = Parts(exam_panel.found("tiny", saved.parent, language))
    answers, _ = exam_panel._answers(version(saved))
    exam_panel._answers.cache_clear()
    right = grammar.marks(answers)
    assert [row["class"] for row in page.all("tr")[1:]] == [*right]
    for category, share in right.items():
        title = texts.say(language, f"grammar_{category}")
        assert f"{title}{texts.percent(language, share)}" in page.text
    assert "a<à> / <b>?" in page.text
    assert texts.say(language, "exam_counts") not in page.text  # it has none
    assert page.text.count("✓") + page.text.count("✗") == len(page.all("li")) == 2 * (len(right) - 1)
    with pytest.raises(UserError):
        exam_panel.found("nobody", saved.parent, language)
