"""Calibration: two numbers that held-out text sets, and that the weights then hold."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, tokens_of

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import held_out_bits
from charrnn.training.validation import SPREAD, calibrate, fit


@pytest.mark.parametrize(("own", "added"), [(0.8, 0.1), (1.3, -0.2), (1.0, 0.0)])
def test_rescaled_logits_are_sums_of_both(model: CharRNN, own: float, added: float) -> None:
    tokens = tokens_of(model, 2, 9)
    with torch.no_grad():
        read = model.unroll(tokens, model.initial_state(2))
        before, counted = model.symbol_logits(read), read.expected[..., : model.output.out_features]
        model.rescale(own, added)
        after = model.symbol_logits(model.unroll(tokens, model.initial_state(2)))
    expected = own * before + (added * counted if model.counts is not None else 0.0)
    assert torch.allclose(after, expected, atol=1e-5)


def test_bytes_share_the_escape_as_before(model: CharRNN) -> None:
    tokens = tokens_of(model, 1, 9)
    model.rescale(0.7, 0.1)
    with torch.no_grad():
        read = model.unroll(tokens, model.initial_state())
        symbols, logits = model.symbol_logits(read), model.logits(read)
    escape = symbols.shape[-1] - 1
    assert torch.equal(logits[..., :escape], symbols[..., :escape])
    assert torch.allclose(logits[..., escape:].logsumexp(-1), symbols[..., escape], atol=1e-5)


@pytest.mark.slow
@given(own=st.floats(0.6, 1.6), added=st.floats(-0.3, 0.6), seed=st.integers(0, 100))
def test_fit_finds_what_the_text_was_drawn_by(own: float, added: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits, counted = (2 * torch.randn(40_000, 12, generator=generator) for _ in range(2))
    drawn = torch.multinomial((own * logits + added * counted).softmax(-1), 1, generator=generator)[:, 0]
    found = fit(logits, counted, drawn)
    assert found == pytest.approx((own, added), abs=0.06)


def test_few_characters_change_little() -> None:
    logits = torch.eye(3)[torch.arange(6) % 3]  # always right: any greater factor would be better still
    own, added = fit(logits, torch.zeros_like(logits), torch.arange(6) % 3)
    assert 1 < own < 1 + SPREAD
    assert added == 0


def test_calibrating_improves_the_score(model: CharRNN, tokenizer: CharTokenizer) -> None:
    ids = torch.from_numpy(tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))).long()
    model.rescale(3.0, 0.0)  # far too sure of itself
    before, _ = held_out_bits(model, tokenizer, ids)
    own, _ = calibrate(model, tokenizer, ids, lanes=4, context=16, limit=len(ids))
    after, _ = held_out_bits(model, tokenizer, ids)
    assert own < 1
    assert after < before - 0.01 * len(ids)
