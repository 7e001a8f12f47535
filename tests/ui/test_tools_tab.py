"""The tab of tools, without a browser."""

from typing import get_args

import pytest
from page_support import Parts

from charrnn.errors import UserError
from charrnn.ui import texts
from charrnn.ui.texts.tools_tab import BARE
from charrnn.ui.tools import accents_panel


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
