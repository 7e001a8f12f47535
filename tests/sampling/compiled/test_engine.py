"""The engine against the model's own forward; and its own laws: one text, whatever the company and the cuts."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import tiny

from charrnn import SampleConfig, Sampler
from charrnn.compiled.kernels import kernel
from charrnn.compiled.squashing import exp, sigmoid, tanh
from charrnn.corpus import clean
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.weights import NetworkWeights
from charrnn.ngram.model import NgramModel
from charrnn.sampling import engine_choice, filters
from charrnn.sampling.compiled import Engine
from charrnn.sampling.compiled.choice import (
    FORBIDDEN,
    ChoiceWorkspace,
    Rules,
    filter_chances,
    forbid_illegal,
    guard,
    uniform,
    weigh,
)
from charrnn.sampling.compiled.products import ROWS, Matrices, ProductWorkspace, multiply
from charrnn.sampling.decoder import DrawRequest

TEXT = "Era uma vez 日本 um “gato”.\nQuem canta ✍ seus males espanta.\n"
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["elman-1", "gru-1", "lstm-1", "elman-2", "gru-3", "lstm-2", "joined"])
def model(request: pytest.FixtureRequest, tokenizer: CharTokenizer, counted: NgramModel) -> CharRNN:
    if request.param == "joined":
        made = tiny(tokenizer, counts=counted)
        torch.manual_seed(2)
        for parameter in made.fusion.parameters():  # type: ignore[union-attr]
            torch.nn.init.normal_(parameter, std=0.3)
    else:
        cell, layers = request.param.split("-")
        made = tiny(tokenizer, cell=cell, layers=int(layers))
    torch.nn.init.normal_(made.spelling, std=0.5)
    return made.eval()


def forced(model: CharRNN, ids: np.ndarray) -> np.ndarray:
    """The logits before each of these tokens, by the model's forward."""
    with torch.no_grad():
        state = model.initial_state()
        logits, _ = model(torch.from_numpy(ids).long()[None], state)
        return torch.cat([model.predict(state)[None], logits[:, :-1]], dim=1)[0].numpy()


def test_logits_are_those_of_the_model(model: CharRNN, tokenizer: CharTokenizer) -> None:
    ids = tokenizer.encode_array("\n" + TEXT * 3)
    engine = Engine(NetworkWeights.of(model), tokenizer)
    assert np.abs(engine.logits(ids, engine.from_model(model.initial_state())) - forced(model, ids)).max() < 1e-4


def test_quantized_logits_are_near(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """Weights are rounded to 1/127 of their row's greatest: far more than a rounding of float32, and still little."""
    ids = tokenizer.encode_array("\n" + TEXT)
    engine = Engine(NetworkWeights.of(model), tokenizer, "int8")
    difference = np.abs(engine.logits(ids, engine.from_model(model.initial_state())) - forced(model, ids))
    assert 1e-5 < difference.max() < 0.1


def test_state_is_that_of_the_model(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """After reading, and there and back again; what comes next follows from it."""
    engine, ids = Engine(NetworkWeights.of(model), tokenizer), tokenizer.encode_array("\n" + TEXT + "日"[:1])
    with torch.no_grad():
        _, expected = model(torch.from_numpy(ids).long()[None], model.initial_state())
        after = engine.read(ids, engine.from_model(model.initial_state()))
        for name, tensor in engine.to_model(after).tensors().items():
            assert np.allclose(tensor, expected.tensors()[name].numpy(), atol=1e-5), name
        again = engine.from_model(engine.to_model(after))
        assert all(np.array_equal(vars(again)[name], part) for name, part in vars(after).items())
        assert np.abs(engine.predict(after) - model.predict(expected).numpy()).max() < 1e-4


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_a_text_is_the_same_in_any_company_and_cut(model: CharRNN, tokenizer: CharTokenizer, precision: str) -> None:
    engine = Engine(NetworkWeights.of(model), tokenizer, precision)
    state = engine.read(tokenizer.encode_array("\nEra"), engine.from_model(model.initial_state()))
    config = SampleConfig(temperature=1.5, top_p=0.95, no_repeat=5, repetition_penalty=1.2)
    history = np.concatenate([np.full(20, -1), tokenizer.encode_array("\nEra")])[-20:].astype(np.int32)

    def written(seeds: list[int], cuts: list[int]) -> np.ndarray:
        now, told = engine.stack([state] * len(seeds)), np.stack([history] * len(seeds))
        found = np.empty((len(seeds), 0), dtype=np.int32)
        for cut in cuts:
            positions = [found.shape[1]] * len(seeds)
            part = engine.write(now, cut, DrawRequest(config, seeds, positions, history=told))
            now = engine.stack([part.after(cut - 1, row) for row in range(len(seeds))])
            told = np.concatenate([told, part.tokens], axis=1)[:, -20:]
            found = np.concatenate([found, part.tokens], axis=1)
        return found

    alone = [written([seed], [40])[0] for seed in range(5)]
    assert np.array_equal(written(list(range(5)), [40]), alone)
    assert np.array_equal(written([3, 1], [1, 7, 32]), [alone[3], alone[1]])
    assert not np.array_equal(alone[0], alone[1])


@pytest.mark.parametrize("inputs", [5, 8, 300, 1300])
@pytest.mark.parametrize("rows", [1, 3, ROWS, 2 * ROWS + 1])
def test_products_are_those_of_matrices(inputs: int, rows: int) -> None:
    """Exactly so in integers, for the vectors and weights of 8 and 16 bits; widest of all where sums are greatest.

    In each form, a vector's product is the same beside any others. bfloat16 gives the same as float32.
    """
    random = np.random.default_rng(1)
    vectors, matrices = random.uniform(-1, 1, (rows, inputs)), random.normal(size=(2, inputs, 200)).astype(np.float32)
    vectors[0] = matrices[1, :, 0] = 1.0
    padded = np.zeros((rows, -(-inputs // 8) * 8), dtype=np.float32)
    padded[:, :inputs] = vectors

    def product(weights: Matrices) -> np.ndarray:
        products, one = (np.zeros((b, 2 * 128), np.float32) for b in (rows, 1))
        multiply(weights, 1, padded, products, ProductWorkspace.of(rows, inputs))
        multiply(weights, 1, padded[-1:].copy(), one, ProductWorkspace.of(1, inputs))
        assert np.array_equal(products[-1:], one)
        return products[:, :200]

    assert np.abs(product(Matrices.exact(matrices)) - vectors @ matrices[1]).max() < 1e-3
    cut = (matrices.view(np.uint32) & 0xFFFF0000).view(np.float32)
    halves, wide = Matrices.exact(cut), (Matrices.exact(matrices).floats.view(np.uint32) & 0xFFFF0000).view(np.float32)
    assert len(halves.floats) == 0
    assert np.array_equal(product(halves), product(halves._replace(floats=wide)))
    weights = Matrices.quantized(matrices)
    found, scales = product(weights), weights.scales[1, :200]
    size = min(2**15 - 1, (2**31 - 1) // (127 * padded.shape[1]) - 1)
    whole = np.trunc(padded * np.float32(size) + np.copysign(np.float32(0.5), padded))[:, :inputs]
    expected = whole.astype(np.int64) @ np.rint(matrices[1] / (size * scales.astype(np.float64))).astype(np.int64)
    assert np.abs(expected).max() < 2**31
    assert np.allclose(found, expected * scales, rtol=1e-6)


def test_squashing_functions() -> None:
    @kernel
    def squash(x: np.ndarray, e: np.ndarray, s: np.ndarray, t: np.ndarray) -> None:
        for n in range(len(x)):
            e[n], s[n], t[n] = exp(x[n]), sigmoid(x[n]), tanh(x[n])

    x = np.linspace(-40, 40, 100_001).astype(np.float32)
    e, s, t = (np.empty_like(x) for _ in range(3))
    squash(x, e, s, t)
    exact = x.astype(np.float64)
    assert np.abs(e / np.exp(exact) - 1).max() < 5e-6  # the exponent itself is rounded to 24 bits
    assert np.abs(s - 1 / (1 + np.exp(-exact))).max() < 2e-7
    assert np.abs(t - np.tanh(exact)).max() < 4e-7


@kernel
def _filtered(choice: ChoiceWorkspace, rules: Rules, history: np.ndarray, length: int) -> None:
    guard(choice, rules, history, length)
    weigh(choice, rules.temperature)
    filter_chances(choice, rules)


def room(size: int) -> ChoiceWorkspace:
    return ChoiceWorkspace(
        *(np.empty(size) for _ in range(2)), np.empty(size, dtype=np.int64), np.empty(size), np.empty(3, int)
    )


# Rounding decides among probabilities that are nearly equal, and where they just reach a share: both are avoided.
SHARES = st.integers(2, 31).map(lambda n: n / 31)


@few
@given(
    logits=st.lists(st.integers(-160, 160).map(lambda n: n / 8), min_size=3, max_size=30),
    history=st.lists(st.integers(0, 2), max_size=12),
    config=st.builds(
        SampleConfig, temperature=st.sampled_from([0.0, 0.5, 1.0, 3.0]), top_k=st.integers(0, 12),
        top_p=SHARES, min_p=st.integers(0, 15).map(lambda n: n / 31), typical=SHARES,
        repetition_penalty=st.floats(0.5, 2), no_repeat=st.integers(0, 4),
    ),
)  # fmt: skip
def test_filters_are_those_of_the_reference(logits: list[float], history: list[int], config: SampleConfig) -> None:
    choice, told = room(len(logits)), np.array(history, dtype=np.int32)
    choice.logits[:] = logits
    _filtered(
        choice,
        Rules.of(config, np.zeros(1)),
        told, len(told),
    )  # fmt: skip
    expected = filters.probabilities(filters.apply(np.array(logits), config, told))
    assert np.allclose(choice.chances / choice.chances.sum(), expected, atol=1e-9)


def test_the_filters_said_to_be_compiled_are_those_that_the_loop_is_given() -> None:
    """A filter that is only registered is not among them: the engine then applies its function."""
    assert set(Rules._fields) - {"bias"} == filters.COMPILED


@kernel
def _legal(choice: ChoiceWorkspace, recent: np.ndarray, first: int, known: np.ndarray, leads: np.ndarray) -> None:
    forbid_illegal(choice, recent, first, known, leads)


@pytest.mark.parametrize("known", ["\nab", "\nabéç日", "".join(map(chr, range(1, 0x900)))])
def test_legal_tokens_are_those_of_the_rule(known: str) -> None:
    """After whole characters, and after each beginning of some that are spelled."""
    tokenizer = CharTokenizer(known)
    legal = AllowedTokens(tokenizer)
    points = np.array(sorted(map(ord, tokenizer.characters)))
    leads = np.array([legal.spellable(bytes([byte])) for byte in range(256)])
    for character in "zéß日ﬀ😀\u0900\uffff\U0010ffff":
        spelled = character.encode()
        for end in range(len(spelled) + 1):
            recent = np.array([-1, 0, *(byte + tokenizer.first_byte for byte in spelled[:end])])[-3:].astype(np.int64)
            choice = room(tokenizer.vocab_size)
            choice.logits[:] = 0.0
            _legal(choice, np.concatenate([np.full(3 - len(recent), -1), recent]), tokenizer.first_byte, points, leads)
            expected = legal.mask(legal.pending(recent.tolist()))
            assert np.array_equal(choice.logits != FORBIDDEN, expected), (character, end)


def test_numbers_are_those_of_the_reference() -> None:
    @kernel
    def numbers(seeds: np.ndarray, positions: np.ndarray, found: np.ndarray) -> None:
        for n in range(len(seeds)):
            found[n] = uniform(seeds[n], positions[n])

    seeds, positions = np.array([0, 1, 2**63 - 1, 2**64 - 1], dtype=np.uint64), np.array([0, 5, 10**9, 1])
    found = np.empty(4)
    numbers(seeds, positions, found)
    assert found.tolist() == [filters.uniform(int(s), int(p)) for s, p in zip(seeds, positions, strict=True)]


def test_engine_and_forward_write_the_same(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """They differ by roundings, which decide on a character once in many thousands."""
    config = SampleConfig(length=60, seed=5, top_p=0.9, no_repeat=7)
    assert Sampler(model, tokenizer, "f32").generate("Era", config) == Sampler(model, tokenizer).generate("Era", config)


options = st.builds(
    SampleConfig, length=st.integers(0, 40), temperature=st.sampled_from([0.0, 0.6, 1.0, 2.0]),
    top_k=st.sampled_from([0, 3, 30]), top_p=st.sampled_from([0.5, 0.9, 1.0]), min_p=st.sampled_from([0.0, 0.05]),
    typical=st.sampled_from([0.5, 1.0]), repetition_penalty=st.sampled_from([1.0, 1.3]),
    no_repeat=st.sampled_from([0, 3, 8]), seed=st.integers(0, 2**31), bias=st.sampled_from([(), ("a=3", "e=-2")]),
    stop=st.sampled_from([(), ("a",), ("os", "é")]), end=st.sampled_from(["length", "length", "sentence", "line"]),
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=options, prompt=st.text(max_size=5), cut=st.integers(0, 39), engine=st.sampled_from(["int8", "f32"]))
def test_any_options_give_one_text(
    joined: CharRNN, tokenizer: CharTokenizer, config: SampleConfig, prompt: str, cut: int, engine: str
) -> None:
    """Streamed, joined, in a batch, and gone on with from any step."""
    sampler, prompt = Sampler(joined, tokenizer, engine), clean(prompt)
    before = sampler.read(prompt)
    steps = list(sampler.steps(before, config, prompt))
    text = "".join(step.text for step in steps)
    assert config.seed is not None
    assert sampler.generate(prompt, config) == text
    assert sampler.generate_together(prompt, config, [config.seed + 1, config.seed])[1] == text
    if cut < len(steps) and not config.stop and config.end == "length":
        rest = sampler.steps(
            steps[cut].state, replace(config, length=config.length - cut - 1), prompt + text[: cut + 1],
            steps[cut].position,
        )  # fmt: skip
        assert text[: cut + 1] + "".join(step.text for step in rest) == text


def test_the_engine_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHARRNN_ENGINE", raising=False)
    assert [engine_choice.choose(), engine_choice.choose("int8")] == ["auto", "int8"]
    monkeypatch.setenv("CHARRNN_ENGINE", "eager")
    assert engine_choice.choose() == "eager"
    with pytest.raises(Exception, match=r"^engine: expected one of auto, int8, f32, eager, found 'fast'$"):
        engine_choice.choose("fast")
