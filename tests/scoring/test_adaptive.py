"""Laws of adapting: it knows nothing of what comes, is a distribution, changes no one else's model, and learns."""

import pytest
import torch
from support import QUATRAINS
from torch import Tensor

import charrnn
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.weights import NetworkWeights
from charrnn.sampling.compiled import Engine
from charrnn.sampling.eager import Eager
from charrnn.scoring import adaptive
from charrnn.scoring.adaptive import WINDOW

TEXT = "\n" + QUATRAINS.read_text(encoding="utf-8")[200:400] + "日"


def bits(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor) -> Tensor:
    """Return the bits (n − 1,) that each token but the first, a newline, costs an adaptive reader."""
    return adaptive.adaptive_surprisals(model, tokenizer, ids[1:])


@pytest.mark.parametrize("place", [1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 17])
def test_what_comes_later_changes_nothing(model: CharRNN, tokenizer: CharTokenizer, place: int) -> None:
    """Bit for bit: no probability of the first `place` tokens depends on those after them."""
    one = torch.tensor(tokenizer.encode(TEXT))
    other = torch.cat([one[: place + 1], one[place + 1 :].flip(0)])
    left, right = bits(model, tokenizer, one), bits(model, tokenizer, other)
    assert torch.equal(left[:place], right[:place])
    assert not torch.equal(left[place:], right[place:])


@pytest.mark.parametrize("length", [1, WINDOW + 5])
def test_probabilities_sum_to_one_over_the_legal_tokens(joined: CharRNN, tokenizer: CharTokenizer, length: int) -> None:
    text = torch.tensor(tokenizer.encode(TEXT)[:length])
    legal = torch.from_numpy(AllowedTokens(tokenizer).mask(b"").nonzero()[0])
    last = torch.stack([bits(joined, tokenizer, torch.cat([text, token[None]]))[-1] for token in legal])
    assert (2 ** -last.double()).sum().item() == pytest.approx(1, abs=1e-5)


def test_the_model_that_is_given_stays_as_it_was(model: CharRNN, tokenizer: CharTokenizer) -> None:
    before = {name: weight.clone() for name, weight in model.weights().items()}
    charrnn.score(model, tokenizer, TEXT, adapt=True)
    assert all(torch.equal(weight, before[name]) for name, weight in model.weights().items())


def test_the_first_window_is_scored_as_if_static_without_counts(tokenizer: CharTokenizer, model: CharRNN) -> None:
    """Nothing was learned yet; only the counts of a joined network see what stands in the window before each token.

    (An LSTM that learns reads its recurrent weights in bfloat16.)
    """
    text = TEXT[1 : WINDOW - 5]
    adaptive, static = (charrnn.score(model, tokenizer, text, adapt=adaptive) for adaptive in (True, False))
    assert (adaptive.adaptive, static.adaptive) == (True, False)
    if model.counts is None:
        assert adaptive.bits_per_character == pytest.approx(static.bits_per_character, abs=5e-4)
    else:
        assert adaptive.bits_per_character != static.bits_per_character


def test_what_repeats_is_learned(model: CharRNN, tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once more is cheaper, and far more so with counts."""
    monkeypatch.setattr(adaptive, "RATE", 1e-3)  # the text is short, and the network has learned nothing yet
    text = "zum zum, faz o xadrez; quem joga vê a vez. " * 16
    ids = torch.tensor(tokenizer.encode("\n" + text))
    found = bits(model, tokenizer, ids)
    eighth = len(found) // 8
    first, last = found[:eighth].mean(), found[-eighth:].mean()
    assert last < first - 0.1
    if model.counts is not None:
        assert last < 0.5 * first


def test_what_was_read_is_known_when_writing(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    """By weights and counts, statically: the text has become likelier; in the engine as in the model."""
    text = "zum zum, faz o xadrez; quem joga vê a vez. "
    learned, bits = adaptive.adapted(joined, tokenizer, torch.tensor(tokenizer.encode(text * 4)))
    assert bits == adaptive.adaptive_bits(joined, tokenizer, torch.tensor(tokenizer.encode(text * 4)))
    assert joined.counts is not None
    assert joined.counts.past is None
    before, after = (charrnn.score(model, tokenizer, text).bits_per_character for model in (joined, learned))
    assert after < before - 0.3
    assert charrnn.score(learned, tokenizer, text).bits_per_character == after  # scoring taught it nothing


def test_the_engine_knows_it_too(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    learned, _ = adaptive.adapted(joined, tokenizer, torch.tensor(tokenizer.encode(TEXT)))
    ids = tokenizer.encode_array(TEXT)
    eager, engine = Eager(learned, tokenizer), Engine(NetworkWeights.of(learned), tokenizer)
    expected = eager.logits(ids, learned.initial_state())
    assert abs(engine.logits(ids, engine.from_model(learned.initial_state())) - expected).max() < 1e-4
