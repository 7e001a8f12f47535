"""The tab that explains, without a browser: the drawing, the cards, the licences."""

import shutil
from pathlib import Path
from typing import get_args

import pytest
from page_support import Parts

from charrnn.html import figure
from charrnn.storage import registry, saved_model
from charrnn.storage.registry import SHIPPED
from charrnn.ui import about, texts
from charrnn.ui.model_cache import choices

LANGUAGES = get_args(texts.Language)


def drawn(language: texts.Language) -> str:
    return figure.schema(*(texts.say(language, f"about_{part}") for part in ("drawing", "alt", "clock")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_drawing_is_of_three_instants_and_can_be_read_aloud(language: texts.Language) -> None:
    page = Parts(drawn(language))
    (image,) = page.all("svg")
    assert (image["role"], image["aria-label"]) == ("img", texts.say(language, "about_alt"))
    for letter in "XHMS":
        for instant in figure.INSTANTS:
            assert f"{letter}{instant}" in page.text
    assert len(page.all("rect")) == 12


def test_every_hidden_layer_becomes_the_next_memory() -> None:
    """Arrows that end at a memory begin at the hidden layer of the instant before, or come from before the drawing."""
    back = [a for a in Parts(drawn("pt")).all("line") if a["class"] == "back"]
    ends = {float(str(a["x2"])): float(str(a["x1"])) for a in back}
    edge = figure.ROOM / 2
    for before, after in zip(figure.COLUMN, figure.COLUMN[1:], strict=False):
        assert ends[after - figure.BESIDE - edge] == before + edge
    assert ends[figure.COLUMN[0] - figure.BESIDE - edge] < edge
    for column in figure.COLUMN:  # no part covers another
        assert column - figure.BESIDE + edge < column - edge


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lesson_says_what_the_memory_is(language: texts.Language) -> None:
    text = Parts(about.lesson(language)).text
    assert "Mt = Ht−1" in text
    assert "Ht = f(Xt, Ht−1)" in text
    assert "= f(Xt, f(Xt−1, Ht−2))" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_tells_the_truth_about_the_model(language: texts.Language) -> None:
    entry = choices(Path("none"))["machado"]
    text = Parts(about.card(entry, language)).text
    config, tokenizer = saved_model.read_config(entry.path)
    assert f"{config.cell}, {config.layers} × {config.hidden}" in text
    assert texts.number(language, len(tokenizer.characters)) in text
    assert entry.bits_per_character is not None
    assert texts.number(language, entry.bits_per_character, 3) in text
    assert registry.shape(entry.path) == config


def test_a_card_without_what_it_tells_of_is_still_a_card(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "tiny")
    (tmp_path / "tiny" / "README.md").write_text("---\na: 1\n---\n# <script>x</script>\n---\nend\n", encoding="utf-8")
    entry = choices(tmp_path)["tiny"]
    page = Parts(about.card(entry, "pt"))
    assert registry.card(entry.path) == "# <script>x</script>\n---\nend"
    assert "<script>x</script>" in page.text
    assert not page.all("script")
    assert texts.say("pt", "card_unscored") in page.text
    (tmp_path / "tiny" / "config.json").write_text("[]", encoding="utf-8")
    assert registry.shape(entry.path) is None
    about.card(entry, "en")
    assert texts.say("en", "card_none") in about.card(None, "en")
    assert registry.card(tmp_path) == ""


def test_cards_of_shipped_models_lack_their_head() -> None:
    for path in SHIPPED.iterdir():
        assert registry.card(path).startswith(f"# {path.name}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_library_has_its_licence(language: texts.Language) -> None:
    page = Parts(about.licences(language))
    assert "MIT" in page.text
    for library in about.LIBRARIES:
        assert about._licence(library), library
    assert about._licence("no-such-library") == ""
