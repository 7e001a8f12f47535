"""The tab on memory, without a browser: what is sent is what the library says, limits, both languages, escaping."""

import base64
import json
import re
import threading
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from page_support import Parts
from support import QUATRAINS, ROOT, tiny

import charrnn
from charrnn import UserError
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.html import coloured, number_tables, plots
from charrnn.lens import PROPERTIES, connectivity, effects, findings, memory_map, reach, trace
from charrnn.lens.interventions import usual
from charrnn.lens.tiny_elman import learn
from charrnn.ui import memory, texts
from charrnn.ui.memory import network_view, tiny_network, views
from charrnn.ui.memory.network_view import NetworkView
from charrnn.ui.model_cache import sampler, version
from charrnn.ui.texts.memory_tab import EXAMPLE
from charrnn.ui.texts.memory_tab import PROPERTIES as NAMED
from charrnn.ui.visitors import EVERYTHING

LANGUAGES = get_args(texts.Language)
NASTY = 'Batatinha "quando" <b>nasce</b>\nse {bits} ${value} & 🎈\n'
TEXT = QUATRAINS.read_text(encoding="utf-8")[:400]


@pytest.fixture(scope="module")
def read(saved: Path) -> NetworkView:
    return network_view.asked(version(saved), TEXT)


@pytest.fixture(scope="module")
def nasty(saved: Path) -> NetworkView:
    return network_view.asked(version(saved), NASTY)


def unpacked(sent: dict[str, Any], kind: str) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(sent[kind]["data"]), dtype=np.int8).astype(np.float32)
    values: np.ndarray = whole.reshape(-1, sent["units"]) * sent[kind]["scale"] / 127
    return values


# The small network


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_instant_of_the_small_network_is_there(language: texts.Language) -> None:
    instants = learn("ovo").follow("ovo")
    page = Parts(tiny_network.shown("ovo", language))
    frames = [a for a in page.all("div") if a.get("class") == "frame"]
    assert len(frames) == len(instants) == int(str(page.all("section")[0]["data-instants"]))
    assert [("hidden" in frame) for frame in frames] == [False, True, True, True]
    for frame, now in zip(frames, instants, strict=True):
        assert texts.number(language, now.surprisal, 2) in str(frame["data-told"])


def test_the_memory_shown_is_the_hidden_layer_before() -> None:
    """Row M of an instant holds the numbers of row H of the one before."""
    rows = re.findall(
        r"<th scope='row'><var>([MH])<sub>\d+</sub></var>.*?</th>(.*?)</tr>", tiny_network.shown("ana", "en")
    )
    numbers = [(name, re.findall(r"<td>([^<]*)</td>", cells)) for name, cells in rows]
    memories, hidden = ([n for name, n in numbers if name == which] for which in "MH")
    assert memories[1:] == hidden[:-1]
    assert memories[0] == ["0.00"] * 3


def test_a_word_has_its_limits_and_is_escaped() -> None:
    for word in ("", "a" * (tiny_network.LONGEST + 1)):
        with pytest.raises(UserError, match=r"^Type a word of 1 to 12 letters"):
            tiny_network.taught(word)
    page = tiny_network.shown("<i>&\"'", "pt")
    assert "«&lt;i&gt;&amp;&quot;&#x27;»" in page
    assert "<i>&" not in page


# The real one


@torch.no_grad()
@pytest.mark.parametrize("given", ["read", "nasty"])
def test_what_is_sent_is_the_trace(given: str, request: pytest.FixtureRequest, saved: Path) -> None:
    asked = request.getfixturevalue(given)
    model, tokenizer = charrnn.load(saved)
    found, sent = trace(model, tokenizer, asked.text), network_view.frames(asked)
    assert len(sent["letters"]) == len(sent["bits"]) == len(sent["guesses"]) == len(asked.text) + 1
    assert sent["bits"][0] is None
    assert np.allclose(sent["bits"][1:], found.surprisal, atol=1e-3)
    hidden, cell = unpacked(sent, "hidden"), unpacked(sent, "cell")
    assert np.allclose(hidden[1:], found.hidden[:, -1], atol=0.005)
    assert np.allclose(hidden[:-1], found.memory[:, -1], atol=0.005)  # M_t is H of the instant before
    newline = trace(model, tokenizer, "\n", model.initial_state())  # which every text is read after
    assert np.allclose(cell[0], newline.cell[0, -1], atol=0.005 * sent["cell"]["scale"])
    assert np.allclose(cell[1:], found.cell[:, -1], atol=0.005 * sent["cell"]["scale"])
    for now, pairs in enumerate(sent["guesses"][:-1]):  # S_t is what predicted the next one
        assert np.allclose([chance for _, chance in pairs], found.candidates.chances[now, : len(pairs)], atol=1e-4)
    after = AllowedTokens(tokenizer).constrain(model.predict(found.state).float(), found.state.recent).softmax(dim=-1)
    assert sent["guesses"][-1][0][1] == pytest.approx(float(after.max()), abs=1e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stage_can_be_parsed_and_nothing_in_it_is_of_the_text(nasty: NetworkView, language: texts.Language) -> None:
    page = Parts(network_view.stage(nasty, language))
    (section,) = page.all("section")
    assert json.loads(str(section["data-sent"])) == network_view.frames(nasty)
    assert json.loads(str(section["data-words"]))["told"] == texts.TEXTS["reading_told"][0 if language == "pt" else 1]
    assert not page.all("b")
    letters = [a for a in page.all("span") if "data-at" in a]
    assert [int(str(a["data-at"])) for a in letters] == list(range(len(NASTY)))
    assert len(page.all("canvas")) == 4  # H, C, and both before
    assert all(a["aria-label"] for a in page.all("canvas"))


def test_a_text_has_its_limits(saved: Path) -> None:
    for text in (" \n", "a" * (network_view.LONGEST + 1)):
        with pytest.raises(UserError) as caught:
            network_view.asked(version(saved), text)
        assert caught.value.code in ("no-text-given", "text-too-long-to-draw")
    assert len(EXAMPLE) <= network_view.LONGEST
    network_view.check(EXAMPLE)
    assert len(EXAMPLE) >= max(views.LEAST.values())


# What is measured


def test_properties_are_those_of_the_library() -> None:
    assert tuple(PROPERTIES) == NAMED


def test_the_map_is_ordered_as_asked(read: NetworkView) -> None:
    rows = memory_map.units(read.trace)
    vowels = memory_map.by_correlation(rows, PROPERTIES["vowel"].of(read.text))
    for order, placed in (("variance", memory_map.by_variance(rows)), ("vowel", vowels)):
        page = Parts(views.heatmap(read, order, "pt"))
        assert page.all("img")[0]["src"] == plots.png(rows[placed])
        assert page.all("div")[0]["data-characters"] == str(len(read.text))
    with pytest.raises(UserError, match=r"^order: expected one of variance"):
        views.heatmap(read, "weight", "pt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_those_of_the_halves(read: NetworkView, language: texts.Language) -> None:
    rows, half = memory_map.units(read.trace), len(read.text) // 2
    found = findings(rows[:, :half], read.text[:half], (rows[:, half:], read.text[half:]))
    page = views.findings(read, language)
    assert number_tables.followed(found, language) in page
    there = [finding for finding in found if finding.here]
    assert [a["src"] for a in Parts(page).all("img")] == [plots.png(rows[[one.unit]]) for one in there]


@pytest.mark.parametrize("language", LANGUAGES)
def test_reach_is_shown_for_one_or_two_models(read: NetworkView, saved: Path, language: texts.Language) -> None:
    model, tokenizer = charrnn.load(saved)
    bits = reach(model, tokenizer, read.text).bits
    one = views.reach(read, None, 50, language)
    two = views.reach(read, version(saved), 50, language)
    assert texts.number(language, bits[0], 2) in one
    assert (one.count("<polyline"), two.count("<polyline")) == (2, 4)
    lengths = connectivity(model, tokenizer, read.text[:51])
    assert coloured.activity(read.text[:51], np.append(lengths / lengths.max(), 0), mark=50) in one
    assert texts.say(language, "mattered_first") in views.reach(read, None, 0, language)


@pytest.mark.parametrize("at", [None, 60])
def test_effects_are_those_of_the_library(read: NetworkView, at: int | None) -> None:
    model = sampler(read.model)
    page = views.effects(read, at, 3, 5, 0.25, "Outro <b>texto</b>", "pt")
    changes = usual(model.read("Outro <b>texto</b>"), 3, 5, 0.25)
    found = effects(model.network, model.tokenizer, read.text, changes, ahead=views.AHEAD, at=at)
    for effect in found:
        assert texts.number("pt", effect.bits, 2) in page
    assert ("±" in page) == (at is None)
    assert "neurônio 5 fixo em 0,25" in page
    for keep, unit in ((0, None), (17, None), (3, 16)):
        with pytest.raises(UserError, match="expected a whole number of at least"):
            views.effects(read, None, keep, unit, 0.0, "", "pt")


@pytest.mark.parametrize("threshold", [0.02, 0.1])
def test_similar_places_are_those_of_the_lens(read: NetworkView, threshold: float) -> None:
    rows = memory_map.units(read.trace)
    selected = memory_map.on(rows, 40, 42, threshold)
    assert selected
    expected = memory_map.places_like(rows, selected, threshold, 12, 2, (40, 42))
    page = Parts(views.similar(read, 40, 42, "active", threshold, "pt"))
    assert [a["data-at"] for a in page.all("button")] == [str(place.start) for place in expected]


@pytest.mark.parametrize("length", [1, 3, 8])
def test_there_are_similar_places_by_default(read: NetworkView, length: int) -> None:
    for start in range(0, len(TEXT) - length, 37):
        found = memory_map.alike(memory_map.units(read.trace), start, start + length, 12)
        page = Parts(views.similar(read, start, start + length, "all", memory.THRESHOLD, "pt"))
        assert [a["data-at"] for a in page.all("button")] == [str(place.start) for place in found.places] != []
    assert "button" not in views.similar(read, 0, len(TEXT), "all", memory.THRESHOLD, "en")


def test_similar_places_are_escaped(nasty: NetworkView) -> None:
    for by in views.ALIKE_BY:
        assert "<b>nasce" not in views.similar(nasty, 20, 22, by, 0.01, "en")
    assert texts.say("en", "similar_none", span=NASTY[20:22], threshold="0.95")[:10] in views.similar(
        nasty, 20, 22, "active", 0.95, "en"
    )


@pytest.mark.parametrize(
    ("first", "last"), [(0, 3), (5, 4), (1, len(TEXT) + 1), (None, 3), (True, 3), (float("nan"), 3)]
)
def test_a_span_outside_of_the_text_is_told(read: NetworkView, first: Any, last: Any) -> None:
    with pytest.raises(UserError, match=r"^span: expected"):
        memory.span(read, first, last)
    assert memory.span(read, 1, len(TEXT)) == (0, len(TEXT))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_intervention_needs_text_after_it(read: NetworkView, saved: Path, language: texts.Language) -> None:
    values = ("marked", 16, None, 0.0, "")
    with pytest.raises(UserError) as caught:
        memory.view("effects", read, 0, len(TEXT) - 1, values, saved.parent, EVERYTHING, language)
    assert caught.value.code == "marked-too-late"


def test_every_text_of_the_tab_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charrnn" / "ui").rglob("*.py"))
    named = set(re.findall(r'["\'](\w+)["\']', code))
    patterns = [re.sub(r"\{[^}]*\}", r"\\w+", text) for text in re.findall(r'f["\'](\w*\{[^}]*\}\w*)["\']', code)]
    for key in texts.memory_tab.TEXTS:
        assert key in named or any(re.fullmatch(pattern, key) for pattern in patterns if pattern != r"\w+"), key


def test_another_reader_does_not_disturb_gradients(tokenizer: CharTokenizer) -> None:
    """Visitors share a model: one reads while the other's gradients are taken."""
    model = tiny(tokenizer)
    alone = connectivity(model, tokenizer, TEXT[:60])
    ended = threading.Event()

    def keep_reading() -> None:
        while not ended.is_set():
            trace(model, tokenizer, TEXT[:5])

    thread = threading.Thread(target=keep_reading)
    thread.start()
    try:
        for _ in range(10):
            assert np.allclose(connectivity(model, tokenizer, TEXT[:60]), alone, rtol=1e-3)
    finally:
        ended.set()
        thread.join()
