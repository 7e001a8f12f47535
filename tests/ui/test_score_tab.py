"""The tab that scores, without a browser: tables, colours, and the endpoint."""

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from page_support import Parts
from safetensors import numpy
from support import QUATRAINS, ROOT

import charrnn
from charrnn import paths
from charrnn.corpus.baselines import SHORTEST, of_text
from charrnn.corpus.fingerprints import of, sketch
from charrnn.errors import UserError
from charrnn.html import coloured
from charrnn.lens import apart, mark
from charrnn.storage import card, checkpoint, registry
from charrnn.ui import build, score, start, texts
from charrnn.ui.model_cache import choices, listed
from charrnn.ui.score import Scored, marks

TEXT = 'Batatinha "quando" <b>nasce</b>\nse esparrama & some 🎈\n'
LANGUAGES = get_args(texts.Language)


@pytest.fixture(scope="module")
def entries(saved: Path) -> list[Any]:
    found = choices(saved.parent)
    return [found["tiny"], found["machado"]]


@pytest.fixture(scope="module")
def found(entries: list[Any]) -> Scored:
    *_, (count, scored) = score.read(TEXT, entries, adapt=True)
    assert count == 4
    return scored


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_holds_the_scores_of_the_library(found: Scored, entries: list[Any], language: texts.Language) -> None:
    page = Parts(score.table(found, language))
    for entry in entries:
        model, tokenizer = charrnn.load(entry.path)
        for adapt in (False, True):
            bits = charrnn.score(model, tokenizer, TEXT, adapt=adapt).bits_per_character
            assert texts.number(language, bits, 3) in page.text
    assert found.opponents is not None
    assert texts.number(language, found.opponents.xz, 3) in page.text
    assert texts.number(language, SHORTEST) in page.text  # too short for the others


def test_a_text_that_a_model_has_read_is_told(entries: list[Any], saved: Path, tmp_path: Path) -> None:
    known = shutil.copytree(saved, tmp_path / "lido")
    text = QUATRAINS.read_text(encoding="utf-8")
    paths.write(known / checkpoint.PASSAGES, numpy.save({"read": sketch([of(text)])}))
    (entry,) = registry.models(tmp_path)[-1:]
    *_, (_, scored) = score.read(text, [entries[0], entry], adapt=False)
    assert scored.read == (None, 1.0)  # of the first it is not known
    assert "lido já leu 100% deste texto" in Parts(score.table(scored, "pt")).text
    assert Parts(score.table(scored, "pt")).text.count("já leu") == 1


def test_a_long_text_stands_beside_what_counting_achieves(entries: list[Any]) -> None:
    text = QUATRAINS.read_text(encoding="utf-8")[:3000]
    *_, (_, scored) = score.read(text, entries[:1], adapt=False)
    base = of_text(text)
    assert base is not None
    shown = Parts(score.table(scored, "pt")).text
    for bits in (base.unigram, base.ngram, base.xz):
        assert texts.number("pt", bits, 3) in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_character_is_marked_once_in_its_colour(found: Scored, language: texts.Language) -> None:
    view = found.static[0]
    page = Parts(marks.surprise(view, language))
    spans = [a for a in page.all("span") if "title" in a]
    assert len(spans) == len(TEXT)
    assert "".join(str(a["title"])[0] for a in spans) == TEXT.replace(" ", "␣").replace("\n", "↵")
    for attributes, bits in zip(spans, view.surprisal.tolist(), strict=True):
        level = int(str(attributes["class"])[1:])
        assert level == len([step for step in coloured.STEPS if bits > step])
        assert texts.number(language, bits, 1) in str(attributes["title"])
    assert not page.all("b") or all("class" not in a for a in page.all("b"))  # those of the table, none of the text
    assert TEXT.replace("\n", "↵\n") in page.text


def test_differences_are_coloured_by_who_predicted_better(found: Scored) -> None:
    one, other = found.static
    page = Parts(marks.difference(one, other, "pt"))
    levels = [int(str(a["class"])[1:]) for a in page.all("span") if "title" in a]
    for level, a, b in zip(levels, one.surprisal.tolist(), other.surprisal.tolist(), strict=True):
        assert (level < 2) == (a - b <= -1)  # blue: the first
        assert (level > 2) == (a - b > 1)
    for place in apart(one, other, 3):
        assert f"{float(one.surprisal[place]):.1f}".replace(".", ",") in page.text


def test_views_are_named_by_their_models(found: Scored) -> None:
    views = found.views("pt")
    assert list(views) == [
        "tiny", "machado", "tiny, aprendendo ao ler", "machado, aprendendo ao ler", "tiny × machado",
    ]  # fmt: skip
    for name in views:
        assert "marks" in score.coloured(found, name, "en" if name == "tiny" else "pt")
    assert score.coloured(found, None, "pt") == score.coloured(found, "tiny", "pt")
    assert "tip" not in score.coloured(found, "tiny, aprendendo ao ler", "pt")


@pytest.mark.parametrize(
    ("text", "models", "code"),
    [
        (" \n", 1, "no-text-given"), ("a", 0, "no-model-chosen"), ("a", 4, "too-many-models"),
        ("a" * (score.LIMIT + 1), 1, "text-too-long-to-score"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_told(text: str, models: int, code: str) -> None:
    with pytest.raises(UserError) as caught:
        score.check(text, models)
    assert caught.value.code == code


def test_what_is_just_short_enough_can_be_scored() -> None:
    score.check("a" * score.LIMIT, score.MODELS)


def colours(dark: bool) -> dict[str, tuple[float, float, float]]:
    """The colours of the page and of the scale, by their names in the style sheets: red, green, blue from 0 to 1."""
    found = {}
    for sheet in ("style.css", "score/score.css"):
        css = (ROOT / "charrnn" / "ui" / sheet).read_text(encoding="utf-8")
        for block in re.findall(
            r"^(?:body)?\.dark \{(.*?)\}" if dark else r"^(?::root|body) \{(.*?)\}", css, re.DOTALL | re.MULTILINE
        ):
            for name, value in re.findall(r"--(\w+): #(\w{6})", block):
                found[name] = tuple(int(value[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return found  # type: ignore[return-value]


def luminance(colour: tuple[float, float, float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("dark", [False, True])
def test_the_scale_needs_no_colour_vision_and_letters_stay_legible(dark: bool) -> None:
    """Each step is darker than the last (by night: brighter), and WCAG's AA holds for the letters on all of them."""
    known = colours(dark)
    bright = {name: luminance(colour) for name, colour in known.items()}
    steps = [bright["paper"], *(bright[f"s{level}"] for level in range(1, len(coloured.STEPS) + 1))]
    ratios = [(max(pair) + 0.05) / (min(pair) + 0.05) for pair in itertools.pairwise(steps)]
    assert steps == sorted(steps, reverse=not dark)
    assert min(ratios[1:]) > 1.1
    night = luminance((0x1D / 255, 0x14 / 255, 0x06 / 255))
    letters = {
        "s1": bright["ink"], "s2": bright["ink"] if dark else night, "s3": night, "s4": bright["on4"],
        "d1": bright["ink"], "d3": bright["ink"], "d4": night,
        "d0": 1.0 if dark else luminance((0x0B / 255, 0x1A / 255, 0x25 / 255)),
    }  # fmt: skip
    for name, ink in letters.items():
        low, high = sorted((ink, bright[name]))
        assert (high + 0.05) / (low + 0.05) >= 4.5, name


def test_an_adaptive_view_has_no_predictions(entries: list[Any]) -> None:
    model, tokenizer = charrnn.load(entries[0].path)
    page = Parts(marks.surprise(mark(model, tokenizer, TEXT, adapt=True), "en"))
    assert texts.say("en", "column_expected") not in page.text


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    blocks = build(saved.parent)
    yield start(blocks)
    blocks.close(verbose=False)


def test_the_endpoint_scores_as_the_library_does(url: str, entries: list[Any]) -> None:
    from gradio_client import Client

    client = Client(url, verbose=False)
    try:
        found = client.predict(TEXT, ["tiny", "machado"], True, api_name="/score")
        scores = found["scores"]
        assert [(one["model"], one["adaptive"]) for one in scores] == [
            ("tiny", False), ("machado", False), ("tiny", True), ("machado", True),
        ]  # fmt: skip
        for one in scores:
            model, tokenizer = charrnn.load(next(entry.path for entry in entries if entry.name == one["model"]))
            expected = charrnn.score(model, tokenizer, TEXT, adapt=one["adaptive"])
            assert one["bits_per_character"] == pytest.approx(expected.bits_per_character, rel=1e-4)
        assert found["opponents"]["last"] is None
        for arguments, message in (
            ((TEXT, ["nobody"]), "expected some of"), (("", ["tiny"]), "paste a text first"),
            ((TEXT, ["../tiny"]), "found"),
        ):  # fmt: skip
            with pytest.raises(Exception, match=message):
                client.predict(*arguments, api_name="/score")
    finally:
        client.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_score_in_a_menu_stands_with_its_text(tmp_path: Path, language: texts.Language) -> None:
    found = {name: title for title, name in listed(tmp_path, language)}
    assert all("esau-e-jaco.txt" in found[name] for name in ("machado", "machado-lstm"))
    assert texts.number(language, 1.58, 2) in found["machado"]
    (tmp_path / "README.md").write_text(
        "| trained on | 9 characters of `a.txt`, `b.txt` (2 works) |\n"
        "| held-out score | **2.0** (static; 9 of 9 characters: the end of the same text) |\n",
        encoding="utf-8",
    )
    assert (card.facts(tmp_path).scored, card.facts(tmp_path).same) == ("a.txt + 1", True)
