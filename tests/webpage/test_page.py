"""The exported page in a browser, from file://: it writes what `charrnn sample --engine int8` writes, and shows how."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from support import CELLS

from charrnn.config import ModelConfig, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.weights import NetworkWeights
from charrnn.sampling import filters
from charrnn.sampling.sampler import Sampler
from charrnn.storage import saved_model
from charrnn.webpage import ModelFacts, page

pytestmark = pytest.mark.slow
NEAR = 1e-3  # a number this near to the border between two characters may fall on either side
PLAIN = "delete window.Worker; delete window.WebAssembly;"  # a browser without either
PROMPT = "Quem canta "
END = "#text[aria-busy=false]"


def shaped(tokenizer: CharTokenizer, cell: str, members: int = 1, rare: float = 3.0) -> NetworkWeights:
    """An untrained network whose sizes are no multiples of what any loop takes at once, and which writes any byte.

    rare: the escape's bias.
    """
    torch.manual_seed(1)
    config = ModelConfig(
        vocab_size=tokenizer.vocab_size, cell=cell, embed=7, hidden=13 * members, layers=1 + members, members=members,
        counts="none",
    )  # fmt: skip
    model = CharRNN(config, name=f"{cell} {members}").eval()
    torch.nn.init.normal_(model.spelling)
    torch.nn.init.normal_(model.output.weight)
    model.output.bias.data[-1] = rare
    return NetworkWeights.of(model)


@pytest.fixture(scope="module")
def small(tokenizer: CharTokenizer) -> tuple[str, Sampler]:
    """A page, and what samples as it does."""
    weights = shaped(tokenizer, "lstm", rare=-1.0)
    return page(weights, tokenizer, ModelFacts("<b>small</b>"), PROMPT), Sampler(weights, tokenizer, "int8")


def write(shown: Any, config: SampleConfig, prompt: str | None = None) -> str:
    """Write a text on the page; return what follows its prompt."""
    if not shown.is_visible("#seed"):
        shown.click("summary")
    if prompt is not None:
        shown.fill("#prompt", prompt)
    shown.fill("#length", str(config.length))
    shown.fill("#seed", str(config.seed))
    shown.fill("#stops", "\n".join(stop.replace("\n", "\\n") for stop in config.stop))
    for name, value in (("temperature", config.temperature), ("top-p", config.top_p)):
        slide(shown, name, value)
    shown.click("#write")
    shown.wait_for_selector(END)
    return text(shown)[len(shown.input_value("#prompt")) :]


def slide(shown: Any, name: str, value: float) -> None:
    shown.eval_on_selector(
        f"#{name}", "(one, value) => { one.value = value; one.dispatchEvent(new Event('input')); }", value
    )


def text(shown: Any) -> str:
    """The text as it is copied; in sight, signs stand for what cannot be seen."""
    return str(shown.evaluate("document.getElementById('plain').textContent"))


def differ(sampler: Sampler, prompt: str, config: SampleConfig, found: str) -> bool:
    """Whether a text is another than the sampler's, and not just because a rounding decided at a border."""
    expected = sampler.generate(prompt, config)
    if found == expected:
        return False
    place = next(n for n, (one, other) in enumerate(zip(found + "\0", expected + "\1", strict=False)) if one != other)
    logits = sampler.rule_out(sampler.predict(sampler.read(prompt + expected[:place])), "", ())
    borders = filters.probabilities(filters.apply(logits, config)).cumsum()
    assert config.seed is not None
    position = len(sampler.tokenizer.encode(expected[:place]))
    return bool(np.abs(borders - filters.uniform(config.seed, position)).min() > NEAR)


def test_the_shipped_network_writes_as_the_engine_does(visit: Callable[..., Any]) -> None:
    """500 characters of each seed, on a page of at most 2.5 MB."""
    weights, tokenizer = saved_model.read("machado-lstm")
    html = page(weights, tokenizer, ModelFacts("machado-lstm"))
    assert len(html.encode()) <= 2_500_000
    shown, sampler = visit(html), Sampler(weights, tokenizer, "int8")
    for seed, temperature, top_p, prompt in [
        (1, 0.7, 1.0, "Naquela manhã "),
        (2, 1.0, 0.9, ""),
        (3, 0.5, 0.95, "É ✍ "),
    ]:
        config = SampleConfig(length=500, temperature=temperature, top_p=top_p, seed=seed)
        found = write(shown, config, prompt)
        assert len(found) == 500
        assert not differ(sampler, prompt, config, found)


@pytest.mark.parametrize(("cell", "members"), [*((cell, 1) for cell in CELLS), ("lstm", 2), ("gru", 2)])
def test_every_cell_writes_as_the_engine_does(
    cell: str, members: int, tokenizer: CharTokenizer, visit: Callable[..., Any]
) -> None:
    """Also the characters that must be spelled, of which a hot text has many, and with a seed of 63 bits."""
    weights = shaped(tokenizer, cell, members)
    shown, sampler = visit(page(weights, tokenizer, ModelFacts(cell), PROMPT)), Sampler(weights, tokenizer, "int8")
    config = SampleConfig(length=300, temperature=1.8, seed=2**63 - 1)
    found = write(shown, config)
    assert sum(one not in tokenizer.characters for one in sampler.generate(PROMPT, config)) > 20
    assert not differ(sampler, PROMPT, config, found)


def test_a_browser_without_workers_or_vectors_writes_the_same(
    small: tuple[str, Sampler], visit: Callable[..., Any]
) -> None:
    config = SampleConfig(length=200, seed=5)
    found = [write(visit(small[0], script=script), config) for script in ("", PLAIN)]
    assert found[0] == found[1]
    assert not differ(small[1], PROMPT, config, found[0])


def test_stop_texts_end_a_text_as_they_end_samples(small: tuple[str, Sampler], visit: Callable[..., Any]) -> None:
    shown, sampler = visit(small[0]), small[1]
    free = sampler.generate(PROMPT, SampleConfig(length=200, seed=8))
    for stop in ((free[40:43],), (free[90], free[60:64]), ("never!",)):
        config = SampleConfig(length=200, seed=8, stop=stop)
        assert write(shown, config) == sampler.generate(PROMPT, config)
    assert "200 caracteres" in shown.text_content("#status")


def test_a_text_that_is_continued_is_as_if_it_had_never_stopped(
    small: tuple[str, Sampler], visit: Callable[..., Any]
) -> None:
    """The button Continue goes on, and so does Step, by one character."""
    shown, sampler = visit(small[0]), small[1]
    whole = sampler.generate(PROMPT, SampleConfig(length=90, seed=3))
    assert write(shown, SampleConfig(length=40, seed=3)) == whole[:40]
    shown.click("#go")
    shown.wait_for_selector(f"{END} span[data-at='{len(PROMPT) + 79}']")
    assert text(shown) == PROMPT + whole[:80]
    for count in range(81, 91):
        shown.click("#forth")
        shown.wait_for_selector(f"{END} span[data-at='{len(PROMPT) + count - 1}']")
    assert text(shown) == PROMPT + whole


def test_another_letter_is_put_and_the_text_rewritten_from_there(
    small: tuple[str, Sampler], visit: Callable[..., Any]
) -> None:
    """With the next seed; and it can be undone."""
    shown, sampler = visit(small[0]), small[1]
    before = write(shown, SampleConfig(length=60, seed=3))
    place = len(PROMPT) + 20
    shown.click(f"#text span[data-at='{place}']")
    shown.wait_for_selector(f"#text span.came[data-at='{place}']")
    letter = shown.get_attribute("#choices li:not(.came) button:enabled", "data-character")
    shown.click("#choices li:not(.came) button:enabled")
    shown.wait_for_selector("#undo:enabled")
    shown.wait_for_selector(f"{END} span[data-at='{place + 60}']")
    begun = PROMPT + before[:20] + letter
    assert text(shown) == begun + sampler.generate(begun, SampleConfig(length=60, seed=4))
    assert "semente 4" in shown.text_content("#status")
    shown.click("#undo")
    shown.wait_for_selector("#undo:disabled")
    assert text(shown) == PROMPT + before


def test_each_letter_shows_its_network_and_what_it_cost(small: tuple[str, Sampler], visit: Callable[..., Any]) -> None:
    shown, sampler = visit(small[0], locale="en-US"), small[1]
    found = write(shown, SampleConfig(length=30, temperature=0.5, seed=3))
    shown.focus("#text")
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        shown.keyboard.press(key)
    shown.wait_for_selector("#text[aria-valuenow='3'] span.read[data-at='2'] + span.came")
    read = sampler.read((PROMPT + found)[:3])
    chances = filters.probabilities(sampler.rule_out(sampler.predict(read), "", ()))
    best = sampler.tokenizer.characters[int(chances[: sampler.tokenizer.first_byte].argmax())]
    bits = -math.log2(chances[sampler.tokenizer.encode(PROMPT[3])[0]])
    said = shown.get_attribute("#text", "aria-valuetext")
    assert said.startswith(f"Instant 3: {PROMPT[2]} comes in.")
    assert f"Came {PROMPT[3]}, {bits:.1f} bits." in said
    assert shown.get_attribute("#choices button", "data-character") == best
    hidden = read.layers[-1][0].reshape(-1)
    shown.hover("#hidden", position={"x": 2, "y": 2})
    assert shown.text_content("#unit") == f"Neuron 0: {hidden[0]:.3f}".replace("-", "−")


def test_it_speaks_two_languages_fits_a_phone_and_obeys_the_keyboard(
    small: tuple[str, Sampler], visit: Callable[..., Any]
) -> None:
    shown = visit(small[0], locale="en-US", width=390, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert (shown.text_content("#name"), shown.text_content("#write")) == ("<b>small</b>", "Write")
    assert shown.evaluate(ground) == "rgb(25, 24, 23)"
    shown.click("#theme")
    assert shown.evaluate(ground) == "rgb(250, 247, 241)"
    shown.click("#language")
    assert (shown.text_content("#write"), shown.get_attribute("html", "lang")) == ("Escrever", "pt-BR")
    shown.click("summary")
    shown.fill("#seed", "1.5")
    shown.focus("#prompt")
    shown.keyboard.press("Control+Enter")
    assert "número inteiro" in shown.text_content("#status.problem")
    shown.fill("#seed", "1")
    shown.fill("#length", "20000")
    shown.evaluate("for (const one of ['write', 'stop']) document.getElementById(one).click()")
    shown.wait_for_selector(f"{END} span")
    assert "Parado por você" in shown.text_content("#status")
    assert len(PROMPT) <= len(text(shown)) < 20_000
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    unnamed = "all => all.filter((one) => !one.labels?.length && !one.ariaLabel && !one.textContent.trim()).length"
    assert shown.eval_on_selector_all("button, input, select, textarea", unnamed) == 0
