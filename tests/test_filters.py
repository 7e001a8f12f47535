"""Filters against distributions worked out by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from charrnn.config import SampleConfig
from charrnn.sample import filters

FOUR = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()
logit_lists = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=30)


def probabilities(logits: Tensor) -> list[float]:
    return [round(p, 6) for p in logits.softmax(-1).tolist()]


def test_temperature_by_hand() -> None:
    assert probabilities(filters.temperature(FOUR, 1.0)) == [0.5, 0.25, 0.15, 0.1]
    squares = [0.25, 0.0625, 0.0225, 0.01]  # T = 1/2 squares each probability
    assert probabilities(filters.temperature(FOUR, 0.5)) == [round(s / sum(squares), 6) for s in squares]
    roots = [math.sqrt(p) for p in (0.5, 0.25, 0.15, 0.1)]  # T = 2 takes the square root
    assert probabilities(filters.temperature(FOUR, 2.0)) == [round(r / sum(roots), 6) for r in roots]


def test_temperature_zero_takes_the_likeliest_and_the_first_of_equals() -> None:
    assert probabilities(filters.temperature(FOUR, 0.0)) == [1, 0, 0, 0]
    assert probabilities(filters.temperature(torch.tensor([1.0, 3.0, 3.0]), 0.0)) == [0, 1, 0]


def test_tiny_temperature_neither_overflows_nor_revives_the_illegal() -> None:
    logits = torch.tensor([-torch.inf, 80.0, 79.0])
    assert probabilities(filters.temperature(logits, 1e-38)) == [0, 1, 0]


def test_top_k_by_hand() -> None:
    assert probabilities(filters.top_k(FOUR, 2)) == [round(2 / 3, 6), round(1 / 3, 6), 0, 0]
    assert probabilities(filters.top_k(FOUR, 0)) == probabilities(filters.top_k(FOUR, 9)) == [0.5, 0.25, 0.15, 0.1]


def test_top_k_keeps_exactly_k_of_equals() -> None:
    assert probabilities(filters.top_k(torch.zeros(4), 2)) == [0.5, 0.5, 0, 0]


@pytest.mark.parametrize(
    ("p", "kept"), [(0.01, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.89, 3), (0.95, 4), (1.0, 4)]
)
def test_top_p_by_hand(p: float, kept: int) -> None:
    exact = torch.tensor([0.5, 0.25, 0.1484375, 0.1015625], dtype=torch.float64).log()  # sums without rounding
    assert torch.isfinite(filters.top_p(exact, p)).tolist() == [index < kept for index in range(4)]


def test_top_p_keeps_the_likeliest_however_small_p_is() -> None:
    assert torch.isfinite(filters.top_p(FOUR, 1e-300)).tolist() == [True, False, False, False]


def test_top_p_counts_in_order_of_probability_not_of_id() -> None:
    shuffled = FOUR[torch.tensor([3, 0, 2, 1])]
    assert torch.isfinite(filters.top_p(shuffled, 0.7)).tolist() == [False, True, False, True]


@pytest.mark.parametrize(("share", "kept"), [(0.0, 4), (0.19, 4), (0.21, 3), (0.31, 2), (0.51, 1), (1.0, 1)])
def test_min_p_by_hand(share: float, kept: int) -> None:
    """A token stays if its probability is at least share × 0.5."""
    assert torch.isfinite(filters.min_p(FOUR, share)).tolist() == [index < kept for index in range(4)]


@given(logit_lists, st.integers(1, 40), st.floats(0.01, 1), st.floats(0, 1))
def test_filters_only_rule_out_and_never_the_likeliest(values: list[float], k: int, p: float, share: float) -> None:
    logits = torch.tensor(values)
    for filtered in (filters.top_k(logits, k), filters.top_p(logits, p), filters.min_p(logits, share)):
        assert ((filtered == logits) | (filtered == -torch.inf)).all()
        assert filtered[logits.argmax()] == logits.max()


@given(logit_lists, st.floats(0, 3), st.integers(0, 10), st.floats(0.05, 1), st.floats(0, 1))
def test_filtered_distribution_sums_to_one(values: list[float], t: float, k: int, p: float, share: float) -> None:
    config = SampleConfig(temperature=t, top_k=k, top_p=p, min_p=share)
    assert filters.apply(torch.tensor(values), config).softmax(-1).sum() == pytest.approx(1, abs=1e-5)


def test_later_filters_see_what_temperature_made() -> None:
    """At T = 2 the four are flatter, and top-p 0.7 keeps three of them instead of two."""
    assert torch.isfinite(filters.apply(FOUR, SampleConfig(temperature=1, top_p=0.7))).sum() == 2
    assert torch.isfinite(filters.apply(FOUR, SampleConfig(temperature=2, top_p=0.7))).sum() == 3


def test_rows_are_filtered_alone() -> None:
    both = torch.stack([FOUR, FOUR.flip(0)])
    config = SampleConfig(temperature=0.7, top_k=3, top_p=0.8, min_p=0.1)
    assert torch.equal(filters.apply(both, config)[1], filters.apply(both[1], config))
