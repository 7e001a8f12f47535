"""Weights may come from anyone: those that would give no numbers are refused, and all others give texts."""

import numpy as np
import pytest
import torch
from support import tiny

from charrnn import SampleConfig, Sampler
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.weights import LARGEST_WEIGHT
from charrnn.ngram.model import NgramModel

ENGINES = ("eager", "auto", "f32", "int8")


def changed(model: CharRNN, seed: int) -> CharRNN:
    """Set some weights to the largest that are allowed, of either sign, some to 0, and some numbers in others."""
    draw = torch.Generator().manual_seed(seed)
    weights = {}
    for name, weight in model.weights().items():
        weight = weight.clone()
        way = int(torch.randint(0, 4, (), generator=draw))
        if way == 0:
            weight = LARGEST_WEIGHT * torch.randn(weight.shape, generator=draw).sign()
        elif way == 1:
            weight = torch.zeros_like(weight)
        elif way == 2:
            places = torch.randint(0, weight.numel(), (5,), generator=draw)
            weight.view(-1)[places] = torch.tensor([LARGEST_WEIGHT, -LARGEST_WEIGHT, 1e-40, 0.0, 1.0])
        weights[name] = weight
    model.load_weights(weights)
    return model.eval()


@pytest.mark.parametrize("seed", range(12))
def test_the_largest_weights_give_numbers_and_texts(tokenizer: CharTokenizer, counted: NgramModel, seed: int) -> None:
    cell, engine = ("elman", "gru", "lstm")[seed % 3], ENGINES[seed // 3 % 4]
    model = tiny(tokenizer, cell, layers=1 + seed % 2, counts=counted)
    sampler = Sampler(changed(model, seed), tokenizer, engine)
    settings = SampleConfig(seed=seed, length=20, temperature=0.5, top_p=0.9, typical=0.9, repetition_penalty=1.2)
    assert len(sampler.generate("a Żb", settings)) == 20
    assert np.isfinite(sampler.predict(sampler.read("a\nb"))).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_weights_that_are_no_numbers_are_refused(tokenizer: CharTokenizer, engine: str, value: float) -> None:
    model = tiny(tokenizer)
    with torch.no_grad():
        model.output.weight[3, 2] = value
    with pytest.raises(UserError, match="ordinary numbers in output"):
        Sampler(model, tokenizer, engine)
