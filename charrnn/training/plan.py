"""What fits a budget: how wide a network, of one member or two, how many lanes and passes, how much dropout.

The rules are rough, and their optimum is flat; docs/benchmarks.md has the runs that they come from.
"""

import math
from dataclasses import dataclass, replace

from charrnn.config import ModelConfig, TrainConfig
from charrnn.model.cells import CELLS

PROBE = 512  # width at which the machine's speed is tried
WIDTHS = range(128, 1281, 64)
READ_PER_WEIGHT = 12.0  # tokens for each recurrent weight, at least: a network that reads fewer stays half-trained
HELD_PER_WEIGHT = 3.5  # tokens of the text for each, at least: a network that has fewer learns them by heart
DROPOUT = ((2.0, 0.0), (5.0, 0.1), (12.0, 0.25), (float("inf"), 0.35))  # up to so many passes, so much
PASSES, TUNED_PASSES = 20, 4  # over a text, by a new network and by one that goes on: more teach it by heart
# Where the text allows no wider network, two members use the time better than more passes, if they read it so often and
# need not be much narrower for it; a third and fourth gain no more.
MEMBERS, PASSES_OF_MEMBERS, NARROWER = 2, 10, 0.75

LANES = 16
# A long run makes enough updates in any case, and wide networks read more lanes faster: a sixth from 640 units on.
LONG, MORE_LANES = 30.0, 32  # minutes
LONG_TEXT = 2**21  # tokens: of a shorter one PASSES are few updates

COUNTED_EACH_MINUTE = 2**22  # tokens, for each minute of the budget; some ten seconds of one core
MOST_COUNTED = 2**24

TUNED = 0.2  # of a cell's peak for one that goes on from another: its first steps must not undo what that had learned
JOINED = 0.45  # of that for a network that is joined to counts: it starts where others arrive


def lanes(config: TrainConfig, text: int) -> int:
    """For a text of so many tokens, unless they are given."""
    long = config.steps is None and (config.minutes or 0.0) >= LONG and text >= LONG_TEXT
    return config.batch or (MORE_LANES if long else LANES)


def counted(config: TrainConfig) -> int:
    """How many tokens are counted, at most: what its time allows, or as many as its steps read; never too few."""
    if config.steps is not None:
        affordable = float(config.steps * config.batch_size * config.window)
    else:
        assert config.minutes is not None  # TrainConfig has one of the two
        affordable = config.minutes * COUNTED_EACH_MINUTE
    return int(min(max(affordable, COUNTED_EACH_MINUTE), MOST_COUNTED))


@dataclass(frozen=True)
class Budget:
    """How much can be read: either of the two."""

    tokens: float | None = None  # whatever the width
    tokens_at_probe: float | None = None  # in the given time, at width PROBE

    def at(self, width: int, members: int = 1) -> float:
        """Tokens read by members of this width each: nearly all of the time goes into products of width × width."""
        if self.tokens is not None:
            return self.tokens
        assert self.tokens_at_probe is not None
        return self.tokens_at_probe * (PROBE / width) ** 2 / members

    def adjusted(self, tokens: float, width: int, members: int = 1) -> "Budget":
        """The budget of time with which members of this width read so many tokens each."""
        return Budget(tokens_at_probe=tokens * (width / PROBE) ** 2 * members)


def shaped(shape: ModelConfig, text: int, budget: Budget) -> ModelConfig:
    """`shape` with what it leaves open, for a text of so many tokens."""
    members = shape.member_count
    if shape.hidden is None:
        each = width(text, budget, members)
        if shape.members is None and (narrower := width_of_members(each, text, budget)):
            members, each = MEMBERS, narrower
        shape = replace(shape, hidden=members * each)
    shape = replace(shape, members=members)
    if shape.dropout is None:
        passes = min(budget.at(shape.hidden_size // members, members) / text, PASSES)
        shape = replace(shape, dropout=dropout_for(passes))
    return shape


def dropout_for(passes: float) -> float:
    """By how often the text will be read."""
    return next(share for most, share in DROPOUT if passes <= most)


def width(text: int, budget: Budget, members: int = 1) -> int:
    """Of the widest members that read enough for their size, or all that makes sense, and whose text is long enough."""

    def fits(hidden: int) -> bool:
        weights, read = 4 * hidden**2, budget.at(hidden, members)
        return read >= min(weights * READ_PER_WEIGHT, PASSES * text) and weights * HELD_PER_WEIGHT <= text

    return max(filter(fits, WIDTHS), default=WIDTHS[0])


def width_of_members(alone: int, text: int, budget: Budget) -> int | None:
    """Of each of MEMBERS in place of a network of width `alone`; None if that is better."""
    fitting = (each for each in WIDTHS if each <= alone and budget.at(each, MEMBERS) >= PASSES_OF_MEMBERS * text)
    found = max(fitting, default=0)
    return found if found >= NARROWER * alone else None


def peak(shape: ModelConfig, lanes: int, *, is_tuned: bool = False) -> float:
    """The peak learning rate of a network that reads so many lanes, be it a new one or tuned from another.

    Of those wider than 512 it falls with the root of the width; with more than 16 lanes, whose gradients have less
    noise, it rises with the root of their number, up to 32 (for Adam: Malladi et al., NeurIPS 2022).
    """
    rate = CELLS[shape.cell].peak * math.sqrt(min(1.0, 512 * shape.member_count / shape.hidden_size))
    rate *= TUNED if is_tuned else 1.0
    rate *= math.sqrt(min(max(1.0, lanes / 16), 2.0))
    return rate * (JOINED if shape.counts == "joined" else 1.0)


def learning_rate(progress: float, peak: float, warmup: float) -> float:
    """Linear warm-up to `peak`, then linear decay to zero.

    progress: share of the budget that is spent, 0 to 1; warmup: share of the budget spent climbing.
    """
    if progress < warmup:
        return peak * max(progress, 0.01 * warmup) / warmup
    return peak * max(0.0, 1.0 - progress) / (1.0 - warmup)
