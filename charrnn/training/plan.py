"""Choose what fits a budget: hidden size, members, lanes, tokens to count, dropout, and the learning rate schedule.

The rules are rough and their optimum is flat. docs/benchmarks.md has the runs from which they were derived.
"""

import math
from dataclasses import dataclass, replace

from charrnn.config import ModelConfig, TrainConfig
from charrnn.model.cells import CELLS

PROBE = 512  # hidden size at which the machine's speed is measured
WIDTHS = range(128, 1281, 64)  # hidden sizes to choose from
READ_PER_WEIGHT = 12.0  # tokens read per recurrent weight, at least: else the network is undertrained
HELD_PER_WEIGHT = 3.5  # tokens in the text per recurrent weight, at least: else the network overfits
DROPOUT = {  # (most passes, dropout); a network alone has more to learn, and overfits later
    "joined": ((2.0, 0.0), (5.0, 0.1), (12.0, 0.25), (math.inf, 0.35)),
    "none": ((12.0, 0.0), (math.inf, 0.35)),
}
PASSES, TUNED_PASSES = 20, 4  # over the text, at most, from scratch and from a warm start: more overfit
# Where the text allows no wider network, an ensemble of two uses the time better than more passes, if each member makes
# so many passes and is at least so wide relative to the one network. A third and a fourth member gain nothing.
MEMBERS, PASSES_OF_MEMBERS, NARROWER = 2, 10, 0.75

LANES, MORE_LANES = 16, 32  # more where time is what ends a run: 32 lanes are read faster, and half as many updates do
LONG_TEXT = 2**21  # tokens; PASSES over a shorter text are few updates

COUNTED_EACH_MINUTE = 2**22  # tokens per minute of the budget, some ten seconds of one core
MOST_COUNTED = 2**24

FEW_UPDATES = 10_000  # up to which rate and schedule were found; longer runs have lower rates, which fall sooner
FLAT = 0.5  # share of a budget of FEW_UPDATES, or fewer, in which the learning rate stays at its peak, warm-up included
TUNED = 0.09  # × the cell's peak learning rate for a warm start: its first steps must not undo what the base learned
JOINED = 0.65  # × that with an n-gram model: the network starts near where others end


def lanes(config: TrainConfig, text: int) -> int:
    """Return the lanes for a text of so many tokens, unless `config` sets them."""
    return config.batch or (MORE_LANES if config.steps is None and text >= LONG_TEXT else LANES)


def counted(config: TrainConfig) -> int:
    """Return how many tokens to count, at most: what the minutes allow, or as many as the steps read."""
    if config.steps is not None:
        affordable = float(config.steps * config.batch_size * config.window)
    else:
        assert config.minutes is not None  # TrainConfig has one of the two
        affordable = config.minutes * COUNTED_EACH_MINUTE
    return int(min(max(affordable, COUNTED_EACH_MINUTE), MOST_COUNTED))


@dataclass(frozen=True)
class Budget:
    """How many tokens can be read: one of two, depending on whether the budget is told in steps or in minutes."""

    tokens: float | None = None  # at any hidden size
    tokens_at_probe: float | None = None  # at hidden size PROBE

    def at(self, width: int, members: int = 1) -> float:
        """Return the tokens that each member of this width reads; the time of a step grows with width²."""
        if self.tokens is not None:
            return self.tokens
        assert self.tokens_at_probe is not None
        return self.tokens_at_probe * (PROBE / width) ** 2 / members

    def adjusted(self, tokens: float, width: int, members: int = 1) -> "Budget":
        """Return the budget with which each member of this width reads so many tokens."""
        return Budget(tokens_at_probe=tokens * (width / PROBE) ** 2 * members)


def shaped(shape: ModelConfig, text: int, budget: Budget) -> ModelConfig:
    """Return `shape` with all that it leaves open chosen for a text of so many tokens."""
    members = shape.member_count
    if shape.hidden is None:
        each = width(text, budget, members)
        if shape.members is None and (narrower := width_of_members(each, text, budget)):
            members, each = MEMBERS, narrower
        shape = replace(shape, hidden=members * each)
    shape = replace(shape, members=members)
    if shape.dropout is None:
        passes = min(budget.at(shape.hidden_size // members, members) / text, PASSES)
        shape = replace(shape, dropout=dropout_for(passes, shape.counts))
    return shape


def dropout_for(passes: float, counts: str) -> float:
    """Return the dropout for so many passes over the text. counts: as in `ModelConfig`."""
    return next(share for most, share in DROPOUT[counts] if passes <= most)


def width(text: int, budget: Budget, members: int = 1) -> int:
    """Return the largest hidden size per member that the token budget and the text length can train."""

    def fits(hidden: int) -> bool:
        weights, read = 4 * hidden**2, budget.at(hidden, members)
        return read >= min(weights * READ_PER_WEIGHT, PASSES * text) and weights * HELD_PER_WEIGHT <= text

    return max(filter(fits, WIDTHS), default=WIDTHS[0])


def width_of_members(alone: int, text: int, budget: Budget) -> int | None:
    """Return the width per member of an ensemble that replaces a network of width `alone`; None if that is better."""
    fitting = (each for each in WIDTHS if each <= alone and budget.at(each, MEMBERS) >= PASSES_OF_MEMBERS * text)
    found = max(fitting, default=0)
    return found if found >= NARROWER * alone else None


def peak(shape: ModelConfig, lanes: int, updates: int, *, is_tuned: bool = False) -> float:
    """Return the peak learning rate of a run of so many updates. is_tuned: whether it starts from another model.

    Beyond a width of 512 per member it falls with the square root of the width. Beyond 16 lanes, whose gradients have
    less noise, it rises with the square root of their number, up to 32 (for Adam: Malladi et al., NeurIPS 2022).
    An LSTM of 512 units and 16 lanes has 0.005 alone and 0.00325 joined to counts, in at most FEW_UPDATES.
    """
    rate = CELLS[shape.cell].peak * math.sqrt(min(1.0, 512 * shape.member_count / shape.hidden_size))
    rate *= TUNED if is_tuned else 1.0
    rate *= math.sqrt(min(max(1.0, lanes / 16), 2.0)) * math.pow(_shortness(updates), 0.25)
    return rate * (JOINED if shape.counts == "joined" else 1.0)


def is_early(steps: int) -> bool:
    """Return whether a run that is watched is evaluated after so many steps: 1, 2, 5, 10, 20, 50, …"""
    return str(steps).rstrip("0") in ("1", "2", "5")


def decay(updates: int) -> float:
    """Return the share of a run of so many updates in which the learning rate falls."""
    return 1.0 - FLAT * _shortness(updates)


def _shortness(updates: int) -> float:
    """Return 1 for at most FEW_UPDATES, and the inverse ratio to it for more."""
    return min(1.0, FEW_UPDATES / max(1, updates))


def learning_rate(progress: float, peak: float, warmup: float, decay: float) -> float:
    """Return the learning rate: linear warm-up to `peak`, which stays, then linear decay to zero.

    progress: share of the budget that is spent, 0 to 1; warmup, decay: shares of the budget of either. (Hägele et al.,
    "Scaling laws and compute-optimal training beyond fixed training durations", NeurIPS 2024.)
    """
    if progress < warmup:
        return peak * max(progress, 0.01 * warmup) / warmup
    return peak * min(1.0, max(0.0, 1.0 - progress) / min(decay, 1.0 - warmup))
