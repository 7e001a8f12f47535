"""Laws of the plan: more time, wider; a text too short for a width, narrower; what is given is kept."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS

from charrnn.config import ModelConfig, TrainConfig
from charrnn.errors.quantities import duration
from charrnn.training import model_card
from charrnn.training.plan import (
    COUNTED_EACH_MINUTE,
    HELD_PER_WEIGHT,
    LANES,
    LONG_TEXT,
    MORE_LANES,
    MOST_COUNTED,
    NARROWER,
    PASSES,
    PASSES_OF_MEMBERS,
    PROBE,
    READ_PER_WEIGHT,
    WIDTHS,
    Budget,
    counted,
    lanes,
    shaped,
    width,
)
from charrnn.training.run import Run
from charrnn.training.setup import BestModel

texts = st.integers(100, 10**9)
amounts = st.floats(1, 1e12)


@given(texts, st.lists(amounts, min_size=2, max_size=5))
def test_more_time_never_makes_it_narrower(text: int, found: list[float]) -> None:
    widths = [width(text, Budget(tokens_at_probe=amount)) for amount in sorted(found)]
    assert all(less <= more for less, more in pairwise(widths))


@given(st.lists(texts, min_size=2, max_size=5), amounts)
def test_more_text_never_makes_it_narrower_than_the_time_allows(found: list[int], amount: float) -> None:
    budget = Budget(tokens=amount)
    for text in found:
        chosen = width(text, budget)
        assert chosen in WIDTHS
        if chosen > WIDTHS[0]:
            assert 4 * chosen**2 * HELD_PER_WEIGHT <= text
            assert amount >= min(4 * chosen**2 * READ_PER_WEIGHT, PASSES * text)


def test_a_network_twice_as_wide_reads_a_quarter_in_the_same_time() -> None:
    assert Budget(tokens_at_probe=1e6).at(2 * PROBE) == 1e6 / 4
    assert Budget(tokens=1e6).at(2 * PROBE) == 1e6


def test_a_run_by_the_clock_on_a_long_text_reads_more_lanes_unless_they_are_given() -> None:
    assert lanes(TrainConfig(minutes=1), LONG_TEXT) == MORE_LANES
    assert lanes(TrainConfig(minutes=1), LONG_TEXT - 1) == lanes(TrainConfig(steps=10**6), 10**9) == LANES
    assert lanes(TrainConfig(minutes=1, batch=5), LONG_TEXT) == 5


def test_dropout_grows_with_the_passes() -> None:
    text = 10**6
    for counts, expected in (("joined", [0.0, 0.1, 0.25, 0.35]), ("none", [0.0, 0.0, 0.0, 0.35])):
        shape = ModelConfig(hidden=64, counts=counts)
        assert [shaped(shape, text, Budget(tokens=passes * text)).dropout for passes in (1, 3, 9, 100)] == expected


def test_what_is_given_is_kept() -> None:
    shape, budget = ModelConfig(hidden=77, dropout=0.33), Budget(tokens=1e9)
    assert shaped(shape, 1000, budget) == replace(shape, members=1)
    assert shaped(replace(shape, hidden=None, members=3), 1000, budget).hidden_size % 3 == 0


@given(texts, amounts)
def test_two_members_read_often_enough_and_are_not_much_narrower(text: int, amount: float) -> None:
    budget = Budget(tokens_at_probe=amount)
    found, alone = shaped(ModelConfig(), text, budget), width(text, budget)
    if found.members == 1:
        assert found.hidden_size == alone
        assert all(
            budget.at(each, 2) < PASSES_OF_MEMBERS * text for each in WIDTHS if NARROWER * alone <= each <= alone
        )
    else:
        assert (found.members, found.hidden_size % 2) == (2, 0)
        assert NARROWER * alone <= found.hidden_size / 2 <= alone
        assert budget.at(found.hidden_size // 2, 2) >= PASSES_OF_MEMBERS * text


def test_a_short_text_ends_early_and_says_so(tmp_path: Path) -> None:
    told: list[str] = []
    shape, config = ModelConfig(hidden=16, embed=8, dropout=0.0, counts="none"), TrainConfig(minutes=600.0)
    run = Run.start([QUATRAINS], tmp_path / "m", shape=shape, config=config, note=told.append)
    assert run.config.minutes is not None
    assert run.config.minutes < 600
    (line,) = (line for line in told if f"{PASSES} passes" in line)
    assert f"about {duration(60 * run.config.minutes)}, are planned instead of 10 hours;" in line
    best = BestModel(1.0, 99, 1.0, 0.0, "2026-11-29")
    assert f"| budget | {duration(60 * run.config.minutes)}: 0 steps in " in model_card.text(run.summary(best))


@pytest.mark.parametrize("given", [{}, {"hidden": 64}, {"dropout": 0.2}])
def test_a_run_has_a_whole_plan(tmp_path: Path, given: dict[str, float]) -> None:
    shape = ModelConfig(embed=8, counts="none", **given)  # type: ignore[arg-type]
    run = Run.start([QUATRAINS], tmp_path / "m", shape=shape, config=TrainConfig(steps=3))
    assert run.model.config.hidden is not None
    assert run.model.config.dropout is not None
    assert all(getattr(run.model.config, name) == value for name, value in given.items())


def test_a_run_by_steps_counts_what_it_reads_and_one_by_the_clock_what_its_time_allows() -> None:
    """At least a minute's worth, at most what fits into the tables."""
    shape = {"batch": 32, "window": 64}
    assert counted(TrainConfig(steps=10, **shape)) == COUNTED_EACH_MINUTE
    assert counted(TrainConfig(steps=4000, **shape)) == 4000 * 32 * 64
    assert counted(TrainConfig(steps=10**6, **shape)) == MOST_COUNTED
    assert counted(TrainConfig(minutes=0.1)) == COUNTED_EACH_MINUTE
    assert counted(TrainConfig(minutes=2.0)) == 2 * COUNTED_EACH_MINUTE
    assert counted(TrainConfig(minutes=60.0)) == MOST_COUNTED
