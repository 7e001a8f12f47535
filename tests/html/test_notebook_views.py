"""Values in a notebook: each has a view, in two languages, with all texts escaped, and a short line without HTML."""

from xml.etree import ElementTree

import numpy as np
import pytest
from lxml import html
from support import tiny

import charrnn
from charrnn.config import in_notebook
from charrnn.data.tokenizer import CharTokenizer
from charrnn.html import figure, plots
from charrnn.html.notebook_views import LONGEST, VIEWS, Picture
from charrnn.html.writing import number
from charrnn.lens import trace
from charrnn.lens.tiny_elman import learn
from charrnn.sampling.sampler import Sample

NASTY = "<script>alert('1')</script>\n\"&amp;\" {x} 日 \x07\u202e</title><img src=x>\n"


@pytest.fixture(scope="module")
def values(tokenizer: CharTokenizer) -> dict[str, in_notebook.Displayed]:
    model = tiny(tokenizer)
    model.name = "<i>m</i>"
    config = charrnn.SampleConfig(length=20, seed=1, stop=("<b>",))
    found = (
        charrnn.score(model, tokenizer, NASTY),
        trace(model, tokenizer, NASTY),
        Sample(NASTY, NASTY, config),
        learn("<&a>"),
    )
    return {type(value).__name__: value for value in found}


def test_every_displayed_value_has_a_view(values: dict[str, in_notebook.Displayed]) -> None:
    assert {kind.__name__ for kind in in_notebook.Displayed.__subclasses__()} == set(VIEWS) == set(values)


@pytest.mark.parametrize("language", ["pt", "en"])
def test_a_view_is_whole_and_nothing_in_a_text_becomes_markup(
    values: dict[str, in_notebook.Displayed], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_notebook, "language", language)
    for name, value in values.items():
        style, shown = html.fragments_fromstring(value._repr_html_())
        assert style.tag == "style"
        assert "url(" not in style.text_content()
        tags = {element.tag for element in shown.iter()}
        assert not tags & {"script", "img", "i", "b"} - ({"b"} if name in ("Score", "Trace") else set())
        links = [value for element in shown.iter() for key, value in element.items() if key in ("src", "href")]
        assert all(link.startswith("data:") for link in links)
    score = values["Score"]
    said = html.fragments_fromstring(score._repr_html_())[1].text_content()
    assert number(language, score.bits_per_character, 4) in said  # type: ignore[attr-defined]
    assert "<i>m</i>" in said


def test_a_sample_is_a_string_that_knows_how_it_was_drawn(tokenizer: CharTokenizer) -> None:
    sampler = charrnn.Sampler(tiny(tokenizer), tokenizer)
    drawn = sampler.generate("Quem", charrnn.SampleConfig(length=30))
    assert drawn.config.seed is not None
    assert sampler.generate("Quem", drawn.config) == drawn == str(drawn)
    sample = Sample(" <b>\ncanta", "Quem", drawn.config)
    shown = html.fragments_fromstring(sample._repr_html_())[1]
    assert shown.find(".//div").text_content() == "Quem <b>\ncanta"
    assert eval(shown.find(".//code").text_content(), vars(charrnn), {"SampleConfig": charrnn.SampleConfig}) == (
        drawn.config
    )


def test_a_long_text_is_cut_and_told(tokenizer: CharTokenizer) -> None:
    text = "ab" * LONGEST
    for value in (trace(tiny(tokenizer), tokenizer, text), Sample(text)):
        shown = html.fragments_fromstring(value._repr_html_())[1]
        assert len(shown.find(".//div[@class='lens-text']").text_content()) == LONGEST
        assert "2.000 de 4.000" in shown.text_content()


def test_a_picture_is_a_file_of_its_own() -> None:
    network = learn("ab")
    drawings = (
        figure.unrolled(network, network.follow("ab"), "pt"),
        figure.instant(network, network.follow("ab")[1], 2, "pt"),
        plots.curves([plots.Curve("<a>", (1, 2), (3, 4))], "x", "y", "said", "pt"),
        plots.strip("ab", np.zeros((1, 2)), ["n"], "said"),
    )
    for drawing in drawings:
        root = ElementTree.fromstring(Picture(drawing)._repr_svg_())
        assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
        assert "background" in str(root.get("style"))


def test_a_value_is_told_in_a_short_line(tokenizer: CharTokenizer, values: dict[str, in_notebook.Displayed]) -> None:
    model = tiny(tokenizer)
    shown = (
        tokenizer,
        model.initial_state(batch=2),
        charrnn.Sampler(model, tokenizer),
        values["Score"],
        values["Trace"],
    )
    for value in shown:
        assert repr(value).startswith(type(value).__name__)
        assert len(repr(value)) < 200
        assert "object at" not in repr(value)
