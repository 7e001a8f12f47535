"""A network's weights as arrays: their shapes follow from the config, and nothing is lost on the way to a model."""

import itertools

import numpy as np
import pytest
import torch
from support import tiny

from charrnn.config import ModelConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.cells import CELLS
from charrnn.model.weights import NetworkWeights, carried_by, shapes_of
from charrnn.ngram.model import NgramModel


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_shapes_are_those_of_the_model(cell: str) -> None:
    for layers, members, counts in itertools.product((1, 2), (1, 3), ("none", "joined")):
        config = ModelConfig(
            vocab_size=300, embed=8, hidden=15, cell=cell, layers=layers, members=members, counts=counts
        )
        made = CharRNN(config).state_dict()
        assert {name: tuple(tensor.shape) for name, tensor in made.items()} == shapes_of(config)
    assert carried_by(cell) == CELLS[cell].carries


def test_weights_make_the_model_and_its_first_state(tokenizer: CharTokenizer, counted: NgramModel) -> None:
    for model in (tiny(tokenizer, "gru", members=2), tiny(tokenizer, counts=counted)):
        weights = NetworkWeights.of(model)
        again = CharRNN.of(weights)
        assert not again.training
        assert all(torch.equal(one, again.weights()[name]) for name, one in model.weights().items())
        for name, tensor in model.initial_state().tensors().items():
            array = weights.initial_state().tensors()[name]
            assert (array.dtype, np.array_equal(array, tensor.numpy())) == (tensor.numpy().dtype, True), name
