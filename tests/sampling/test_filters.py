"""Filters against distributions worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import tiny

from charrnn.config import SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.sampling import Sampler, filters

FOUR = np.log([0.5, 0.25, 0.15, 0.1])
logit_lists = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=30)


def probabilities(logits: filters.Logits) -> list[float]:
    return [round(p, 6) for p in filters.probabilities(logits).tolist()]


def test_temperature_by_hand() -> None:
    assert probabilities(filters.temperature(FOUR, 1.0)) == [0.5, 0.25, 0.15, 0.1]
    squares = [0.25, 0.0625, 0.0225, 0.01]  # T = 1/2 squares each probability
    assert probabilities(filters.temperature(FOUR, 0.5)) == [round(s / sum(squares), 6) for s in squares]
    roots = [math.sqrt(p) for p in (0.5, 0.25, 0.15, 0.1)]  # T = 2 takes the square root
    assert probabilities(filters.temperature(FOUR, 2.0)) == [round(r / sum(roots), 6) for r in roots]


def test_temperature_zero_takes_the_likeliest_and_the_first_of_equals() -> None:
    assert probabilities(filters.temperature(FOUR, 0.0)) == [1, 0, 0, 0]
    assert probabilities(filters.temperature(np.array([1.0, 3.0, 3.0]), 0.0)) == [0, 1, 0]


def test_tiny_temperature_neither_overflows_nor_revives_the_illegal() -> None:
    logits = np.array([-np.inf, 80.0, 79.0])
    assert probabilities(filters.temperature(logits, 1e-38)) == [0, 1, 0]


def test_top_k_by_hand() -> None:
    assert probabilities(filters.top_k(FOUR, 2)) == [round(2 / 3, 6), round(1 / 3, 6), 0, 0]
    assert probabilities(filters.top_k(FOUR, 0)) == probabilities(filters.top_k(FOUR, 9)) == [0.5, 0.25, 0.15, 0.1]


def test_top_k_keeps_exactly_k_of_equals() -> None:
    assert probabilities(filters.top_k(np.zeros(4), 2)) == [0.5, 0.5, 0, 0]


@pytest.mark.parametrize(
    ("p", "kept"), [(0.01, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.89, 3), (0.95, 4), (1.0, 4)]
)
def test_top_p_by_hand(p: float, kept: int) -> None:
    exact = np.log([0.5, 0.25, 0.1484375, 0.1015625])  # sums without rounding
    assert np.isfinite(filters.top_p(exact, p)).tolist() == [index < kept for index in range(4)]


def test_top_p_keeps_the_likeliest_however_small_p_is() -> None:
    assert np.isfinite(filters.top_p(FOUR, 1e-300)).tolist() == [True, False, False, False]


def test_top_p_counts_in_order_of_probability_not_of_id() -> None:
    shuffled = FOUR[[3, 0, 2, 1]]
    assert np.isfinite(filters.top_p(shuffled, 0.7)).tolist() == [False, True, False, True]


@pytest.mark.parametrize(("share", "kept"), [(0.0, 4), (0.19, 4), (0.21, 3), (0.31, 2), (0.51, 1), (1.0, 1)])
def test_min_p_by_hand(share: float, kept: int) -> None:
    """A token stays if its probability is at least share × 0.5."""
    assert np.isfinite(filters.min_p(FOUR, share)).tolist() == [index < kept for index in range(4)]


@given(logit_lists, st.integers(1, 40), st.floats(0.01, 1), st.floats(0, 1))
def test_filters_only_rule_out_and_never_the_likeliest(values: list[float], k: int, p: float, share: float) -> None:
    logits = np.array(values)
    for filtered in (filters.top_k(logits, k), filters.top_p(logits, p), filters.min_p(logits, share)):
        assert ((filtered == logits) | (filtered == -np.inf)).all()
        assert filtered[logits.argmax()] == logits.max()


@given(logit_lists, st.floats(0, 3), st.integers(0, 10), st.floats(0.05, 1), st.floats(0, 1))
def test_filtered_distribution_sums_to_one(values: list[float], t: float, k: int, p: float, share: float) -> None:
    config = SampleConfig(temperature=t, top_k=k, top_p=p, min_p=share)
    assert filters.probabilities(filters.apply(np.array(values), config)).sum() == pytest.approx(1, abs=1e-9)


def test_later_filters_see_what_temperature_made() -> None:
    """At T = 2 the four are flatter, and top-p 0.7 keeps three of them instead of two."""
    assert np.isfinite(filters.apply(FOUR, SampleConfig(temperature=1, top_p=0.7))).sum() == 2
    assert np.isfinite(filters.apply(FOUR, SampleConfig(temperature=2, top_p=0.7))).sum() == 3


def test_typical_by_hand() -> None:
    """Entropy 1.208 nats, surprises 0.693, 1.386, 1.897, 2.303: the second is nearest, then the first."""
    assert np.isfinite(filters.typical(FOUR, 0.2)).tolist() == [False, True, False, False]
    assert np.isfinite(filters.typical(FOUR, 0.7)).tolist() == [True, True, False, False]
    assert np.isfinite(filters.typical(FOUR, 0.8)).tolist() == [True, True, True, False]
    assert filters.typical(FOUR, 1.0) is FOUR


def test_repetition_penalty_by_hand() -> None:
    logits = np.array([2.0, -2.0, 1.0, -1.0])
    history = np.array([3, 0, 0])
    assert filters.repetition_penalty(logits, history, 2.0).tolist() == [1.0, -2.0, 1.0, -2.0]
    assert filters.repetition_penalty(logits, np.array([2] + [3] * 64), 2.0).tolist() == [2.0, -2.0, 1.0, -2.0]
    assert filters.repetition_penalty(logits, history, 1.0) is logits


def test_no_repeat_by_hand() -> None:
    """0 1 2 0 1: a run of three would be repeated by 2, a run of two by 2 as well, of one by all three."""
    history = np.array([0, 1, 2, 0, 1])
    assert np.isfinite(filters.no_repeat(FOUR, history, 3)).tolist() == [True, True, False, True]
    assert np.isfinite(filters.no_repeat(FOUR, history, 2)).tolist() == [True, True, False, True]
    assert np.isfinite(filters.no_repeat(FOUR, history, 1)).tolist() == [False, False, False, True]
    assert filters.no_repeat(FOUR, history, 0) is FOUR
    assert filters.no_repeat(FOUR, np.array([0, 1, 2, 3]), 1) is FOUR  # else nothing were left


@pytest.mark.parametrize("engine", ["eager", "f32"])
def test_a_filter_that_is_registered_filters_the_sample(
    tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """With the compiled engine, too, which has no loop for it; it sees the tokens so far."""
    sampler, config = Sampler(tiny(tokenizer), tokenizer, engine), SampleConfig(length=20, temperature=2.0, seed=1)
    first, seen = sampler.generate("Era", config), list[int]()

    def odd_only(logits: filters.Logits, _: SampleConfig, history: filters.Ids) -> filters.Logits:
        seen.append(len(history))
        return np.where(np.arange(len(logits)) < tokenizer.first_byte, logits, -np.inf)

    monkeypatch.setitem(filters.FILTERS, "odd_only", odd_only)
    text = sampler.generate("Era", config)
    assert text != first
    assert set(text) <= set(tokenizer.characters)
    assert seen == list(range(3, 3 + len(seen)))
    assert sampler.branches(sampler.read("Era"), config, [1, 2], "Era")[0] == text
