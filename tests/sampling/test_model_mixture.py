"""Laws of blending: a distribution over the first model's tokens, and over characters the mean of the models'."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import tiny

from charrnn import CharTokenizer, SampleConfig, Sampler
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.sampling.filters import probabilities
from charrnn.sampling.model_mixture import blended

few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
ALPHABETS = ["abç \n", "abé“ü \n", "ab\n日本ç"]
CHARACTERS = "abcçéèü“”日本月✍\U0001f600\n "
TEXTS = st.text(alphabet=CHARACTERS, max_size=8)


def sampler_of(alphabet: str, seed: int, cell: str = "lstm") -> Sampler:
    tokenizer = CharTokenizer(alphabet)
    model = tiny(tokenizer, cell)
    torch.manual_seed(seed)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return Sampler(model, tokenizer)


@pytest.fixture(scope="module")
def samplers() -> list[Sampler]:
    cells = ("lstm", "gru", "elman")
    return [sampler_of(a, seed, cell) for seed, (a, cell) in enumerate(zip(ALPHABETS, cells, strict=True))]


def chance(sampler: Sampler, before: str, character: str) -> float:
    """Of a character after a text, by the sampler's tokens, one by one, illegal ones left out."""
    decoder, legal = sampler.decoder, AllowedTokens(sampler.tokenizer)
    state, product = decoder.from_model(sampler.read(before)), 1.0
    recent: list[int] = []
    for token in sampler.tokenizer.encode(character):
        logits = np.where(legal.mask(legal.pending(recent)), decoder.predict(state)[0], -np.inf)
        product *= probabilities(logits)[token]
        state, recent = decoder.read(np.array([token]), state), [*recent, token]
    return product


@few
@given(before=TEXTS, character=st.sampled_from(CHARACTERS), turn=st.integers(0, 2), weight=st.floats(0.1, 0.4))
def test_characters_have_the_mean_of_their_probabilities(
    samplers: list[Sampler], before: str, character: str, turn: int, weight: float
) -> None:
    """Whatever alphabet each has, and in whichever of them the blend speaks."""
    weights, order = [1 - 2 * weight, weight, weight], samplers[turn:] + samplers[:turn]
    mean = sum(w * chance(s, before, character) for w, s in zip(weights, order, strict=True))
    assert chance(blended(order, weights), before, character) == pytest.approx(mean, rel=1e-6)


@few
@given(
    turn=st.integers(0, 2),
    before=TEXTS,
    pending=st.sampled_from([b"", b"\xc3", b"\xe2", b"\xe2\x80", b"\xe6\x97", b"\xf0\x9f"]),
)
def test_tokens_sum_to_one_and_are_legal(samplers: list[Sampler], turn: int, before: str, pending: bytes) -> None:
    """After bytes, to what these had."""
    blend = blended(samplers[turn:] + samplers[:turn], [0.5, 0.3, 0.2])
    decoder, first, total = blend.decoder, blend.tokenizer.first_byte, 1.0
    state = decoder.from_model(blend.read(before))
    for place, byte in enumerate(pending):
        total = np.exp(decoder.predict(state)[0, first + byte])
        state = decoder.read(np.array([first + byte]), state)
        assert decoder.allowed.pending(state.recent[0].tolist()) == pending[: place + 1]
    chances = np.exp(decoder.predict(state)[0])
    assert chances.sum() == pytest.approx(total, rel=1e-6)
    assert chances[~decoder.allowed.mask(pending)].sum() < 1e-12


def test_a_model_blended_with_itself_is_itself(samplers: list[Sampler]) -> None:
    config = SampleConfig(length=60, seed=1, temperature=1.2, no_repeat=4)
    for sampler in samplers:
        assert blended([sampler, sampler], [0.4, 0.6]).generate("ab", config) == sampler.generate("ab", config)


def test_together_is_one_by_one(samplers: list[Sampler]) -> None:
    blend, config = blended(samplers, [0.5, 0.25, 0.25]), SampleConfig(length=25, temperature=1.5)
    alone = [blend.generate("aç日", SampleConfig(length=25, temperature=1.5, seed=seed)) for seed in (4, 5, 6)]
    assert blend.generate_together("aç日", config, [4, 5, 6]) == alone
    assert len(set(alone)) == 3


def test_going_on_from_its_states(samplers: list[Sampler]) -> None:
    blend, config = blended(samplers[:2], [0.5, 0.5]), SampleConfig(length=30, temperature=1.5, seed=9)
    steps = list(blend.steps(blend.read("a"), config))
    rest = blend.steps(steps[11].state, SampleConfig(length=18, temperature=1.5, seed=9), position=steps[11].position)
    assert [step.text for step in rest] == [step.text for step in steps[12:]]


def test_weights_decide(samplers: list[Sampler]) -> None:
    near = blended(samplers[:2], [1 - 1e-12, 1e-12])
    for character in CHARACTERS[2:9]:
        assert chance(near, "a", character) == pytest.approx(chance(samplers[0], "a", character), rel=1e-4)
