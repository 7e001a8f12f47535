"""Effects of interventions: each number again, from what it says it is."""

import numpy as np
import pytest
import torch
from support import QUATRAINS, tiny

from charrnn import SampleConfig, Sampler, UserError
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import connectivity, effects, extended, influence, interventions, trace
from charrnn.lens.interventions import CONTINUED, strongest, usual
from charrnn.model import CharRNN

TEXT = QUATRAINS.read_text(encoding="utf-8")[:300]


def state_after(model: CharRNN, tokenizer: CharTokenizer, text: str) -> object:
    with torch.no_grad():
        return model(torch.tensor([tokenizer.encode("\n" + text)]), model.initial_state())[1]


def test_an_effect_is_what_the_change_costs(model: CharRNN, tokenizer: CharTokenizer) -> None:
    found = effects(model, tokenizer, TEXT, places=3, ahead=20)
    other = state_after(model, tokenizer, TEXT[:150])
    stops = (20, 150, 280)
    states = [state_after(model, tokenizer, TEXT[:stop]) for stop in stops]
    assert [effect.name for effect in found] == ["untouched", "zeroed", "shuffled", "kept", "clamped", "swapped"]
    plain = np.array([
        interventions.cost(model, tokenizer, TEXT[stop : stop + 20], state) / 20
        for stop, state in zip(stops, states, strict=True)
    ])  # fmt: skip
    for effect in found:
        change = usual(other)[effect.name]
        costs = np.array([
            interventions.cost(model, tokenizer, TEXT[stop : stop + 20], change(state)) / 20
            for stop, state in zip(stops, states, strict=True)
        ])  # fmt: skip
        assert effect.bits == pytest.approx(costs.mean(), abs=1e-4)
        assert effect.extra == pytest.approx((costs - plain).mean(), abs=2e-4)
        assert effect.band == pytest.approx(1.96 * (costs - plain).std(ddof=1) / 3**0.5, abs=1e-3)
        config = SampleConfig(length=CONTINUED, temperature=0.5, seed=1)
        assert effect.continuation == Sampler(model, tokenizer).generate("", config, change(states[-1]))
    assert found[0].extra == 0
    assert len({effect.bits for effect in found}) > 3


def test_only_the_strongest_are_kept(tokenizer: CharTokenizer) -> None:
    model = tiny(tokenizer)
    state = state_after(model, tokenizer, "Quem canta")
    values = state.layers[-1][0][0].tolist()
    expected = sorted(range(16), key=lambda unit: -abs(values[unit]))
    assert strongest(state, 5) == expected[:5]
    clamped = usual(state)["clamped"](state)
    changed = (clamped.layers[-1][0] != state.layers[-1][0]).nonzero()[:, 1].tolist()
    assert changed == expected[:1]
    assert clamped.layers[-1][0][0, expected[0]].item() == pytest.approx(-values[expected[0]])


def test_too_short_to_intervene(tokenizer: CharTokenizer) -> None:
    with pytest.raises(UserError, match=r"^text: expected at least 150 characters to intervene in, found 100$"):
        effects(tiny(tokenizer), tokenizer, TEXT[:100])


def test_influence_is_the_mean_share_of_the_gradients(model: CharRNN, tokenizer: CharTokenizer) -> None:
    found = influence(model, tokenizer, TEXT[:60], back=10, places=3)
    shares = []
    for stop in (11, 35, 60):
        lengths = connectivity(model, tokenizer, TEXT[stop - 11 : stop])[::-1]
        shares.append(lengths / lengths.sum())
    assert np.allclose(found, np.mean(shares, axis=0), atol=1e-6)
    assert found.sum() == pytest.approx(1)
    with pytest.raises(UserError, match=r"^text: expected at least 11 characters, found 10$"):
        influence(model, tokenizer, TEXT[:10], back=10)


@pytest.mark.parametrize("cut", [0, 1, 17, 60])
def test_a_trace_grows_with_its_text(model: CharRNN, tokenizer: CharTokenizer, cut: int) -> None:
    text = TEXT[:50] + "日" + TEXT[50:60]
    whole, begun = trace(model, tokenizer, text), trace(model, tokenizer, text[:cut])
    found = extended(model, tokenizer, begun, text)
    assert found.text == text
    assert np.array_equal(found.memory[1:], found.hidden[:-1])
    for name in ("hidden", "cell", "surprisal", "entropy", "unknown", "first"):
        assert np.allclose(getattr(found, name), getattr(whole, name), atol=2e-3), name
    assert np.allclose(found.candidates.chances, whole.candidates.chances, atol=1e-4)


def test_only_what_is_new_is_read(tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    model, read = tiny(tokenizer), []
    begun = trace(model, tokenizer, TEXT)
    unroll = model.unroll
    monkeypatch.setattr(model, "unroll", lambda tokens, *rest: read.append(tokens.shape[1]) or unroll(tokens, *rest))
    extended(model, tokenizer, begun, TEXT + "a")
    assert read == [1]
    changed = extended(model, tokenizer, begun, TEXT[:-1] + "e\u0301")  # whose end became another character
    assert changed.text == TEXT[:-1] + "é"
    assert sum(read) == 1 + 1 + len(TEXT)  # all of it, after a newline
