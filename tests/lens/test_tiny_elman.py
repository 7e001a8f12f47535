"""The small network: its numbers against PyTorch's, and against what is said of it."""

import time
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from charrnn import UserError
from charrnn.lens.tiny_elman import DECIMALS, SmallNetwork, history, learn, least_without_memory, slopes, word_of
from charrnn.model.cells import Elman


@pytest.fixture(scope="module")
def network() -> SmallNetwork:
    return learn("banana")


def test_numbers_are_those_of_the_formulas(network: SmallNetwork) -> None:
    """PyTorch's own recurrent cell and softmax, given the same weights, step by step."""
    v, h = len(network.alphabet), len(network.bias)
    cell = nn.RNNCell(v, h, dtype=torch.float64)
    weights = (network.input_weight, network.memory_weight, network.bias, np.zeros(h))
    for parameter, weight in zip(cell.parameters(), weights, strict=True):
        parameter.data = torch.from_numpy(weight)
    memory = torch.zeros(1, h, dtype=torch.float64)
    instants = network.follow("banana")
    assert "".join(instant.character for instant in instants) == "\nbanana"
    assert "".join(instant.target for instant in instants) == "banana\n"
    bits = []
    for instant in instants:
        assert [network.alphabet[place] for place in np.flatnonzero(instant.x)] == [instant.character]
        assert instant.x.sum() == 1
        assert np.allclose(instant.memory, memory[0].detach())
        memory = cell(torch.from_numpy(instant.x)[None], memory)
        assert np.allclose(instant.hidden, memory[0].detach(), atol=1e-12)
        logits = network.output_weight @ instant.hidden + network.output_bias
        assert np.allclose(instant.output, torch.from_numpy(logits).softmax(0), atol=1e-12)
        bits.append(-np.log2(instant.output[network.alphabet.index(instant.target)]))
        assert instant.surprisal == pytest.approx(bits[-1])
    assert network.bits_per_character("banana") == pytest.approx(np.mean(bits))


def test_slopes_are_those_of_the_loss() -> None:
    """Against automatic differentiation of the cell that models have."""
    generator = np.random.default_rng(0)
    x, targets = np.eye(4)[[0, 2, 1, 2, 3]], np.array([2, 1, 2, 3, 0])
    cell, output = Elman(4, 3).double(), nn.Linear(3, 4).double()
    parameters = [cell.input_weight, cell.memory_weight, cell.bias, output.weight, output.bias]
    for parameter in parameters:
        parameter.data = torch.from_numpy(generator.normal(size=parameter.shape))
    hidden, _ = cell(torch.from_numpy(x)[None], (torch.zeros(1, 3, dtype=torch.float64),))
    loss = nn.functional.cross_entropy(output(hidden[0]), torch.from_numpy(targets))
    loss.backward()
    found, gradients = slopes([parameter.detach().numpy() for parameter in parameters], x, targets)
    assert found == pytest.approx(loss.item())
    for gradient, parameter in zip(gradients, parameters, strict=True):
        assert np.allclose(gradient, parameter.grad, atol=1e-12)


def test_memory_is_the_hidden_layer_one_instant_ago(network: SmallNetwork) -> None:
    instants = network.follow("nabanab")
    assert not instants[0].memory.any()
    for before, now in pairwise(instants):
        assert np.array_equal(now.memory, before.hidden)


def test_weights_are_the_numbers_that_are_shown(network: SmallNetwork) -> None:
    for weight in (network.input_weight, network.memory_weight, network.bias, network.output_weight):
        assert np.array_equal(weight, np.round(weight, DECIMALS))


@pytest.mark.parametrize("text", ["a", "ovo", "saudade", "日本日 😀"])
def test_it_learns_a_text_in_time(text: str) -> None:
    began = time.perf_counter()
    network = learn(text)
    assert time.perf_counter() - began < 10
    assert network.bits_per_character(text) < 0.5
    said = "".join(network.alphabet[instant.output.argmax()] for instant in network.follow(text))
    assert said == f"{text}\n"


def test_the_same_seed_gives_the_same_network(network: SmallNetwork) -> None:
    again = learn("banana")
    assert np.array_equal(again.input_weight, network.input_weight)
    assert not np.array_equal(learn("banana", seed=2).input_weight, network.input_weight)


def test_what_it_cannot_learn_or_read(network: SmallNetwork) -> None:
    for text in ("", "a" * 41):
        with pytest.raises(UserError, match=r"^text: expected 1 to 40 characters for a small network, found \d+$"):
            learn(text)
    with pytest.raises(UserError, match=r"^text: expected only characters of '\\nabn', found 'x'$"):
        network.follow("bax")


def test_training_is_seen_from_its_first_step_to_its_last(network: SmallNetwork) -> None:
    steps, ages = zip(*history("banana"), strict=True)
    assert steps[:4] == (0, 1, 2, 4)
    assert list(steps) == sorted(set(steps))
    assert np.array_equal(ages[-1].output_weight, network.output_weight)
    costs = [age.bits_per_character("banana") for age in ages]
    assert costs == sorted(costs, reverse=True)


def test_without_memory_the_same_letter_gets_the_same_bet(network: SmallNetwork) -> None:
    instants = network.follow("banana", remembers=False)
    assert not any(now.memory.any() for now in instants)
    assert np.array_equal(instants[2].output, instants[6].output)
    cost = np.mean([now.surprisal for now in instants])
    # After a comes n twice and the end once: (2 log2 3/2 + log2 3) / 7.
    assert cost > least_without_memory("banana") == pytest.approx((2 * np.log2(1.5) + np.log2(3)) / 7)
    assert least_without_memory("mar") == 0


@given(st.text(max_size=40))
def test_a_word_to_follow_can_be_learned(text: str) -> None:
    assert 1 <= len(word_of(text)) <= 40


def test_a_word_to_follow_has_letters_that_come_back() -> None:
    assert word_of("Era uma vez a banana da saudade, extraordinariamente.") == "banana"
    assert word_of("1, 2, 3!") == "1, 2, 3!"
