"""What fits a budget: how wide a network, how many lanes, how much dropout, how many passes over a text.

The rules are rough, and their optimum is flat; docs/benchmarks.md has the runs that they come from.
"""

from dataclasses import dataclass, replace

from charrnn.config import ModelConfig, TrainConfig

PROBE = 512  # width at which the machine's speed is tried
WIDTHS = range(128, 1281, 64)
READ_PER_WEIGHT = 12.0  # tokens for each recurrent weight, at least: a network that reads fewer stays half-trained
HELD_PER_WEIGHT = 3.5  # tokens of the text for each, at least: a network that has fewer learns them by heart
DROPOUT = ((2.0, 0.0), (5.0, 0.1), (12.0, 0.25), (float("inf"), 0.35))  # up to so many passes, so much
PASSES, TUNED_PASSES = 20, 4  # over a text, by a new network and by one that goes on: more teach it by heart

LANES = 16
# A long run makes enough updates in any case, and wide networks read more lanes faster: a sixth from 640 units on.
LONG, MORE_LANES = 30.0, 32  # minutes
LONG_TEXT = 2**21  # tokens: of a shorter one PASSES are few updates

COUNTED_EACH_MINUTE = 2**22  # tokens, for each minute of the budget; some ten seconds of one core
MOST_COUNTED = 2**24


def lanes(config: TrainConfig, text: int) -> int:
    """For a text of so many tokens, unless they are given."""
    long = config.steps is None and (config.minutes or 0.0) >= LONG and text >= LONG_TEXT
    return config.batch or (MORE_LANES if long else LANES)


def counted(config: TrainConfig) -> int:
    """How many tokens are counted, at most: what its time allows, or as many as its steps read; never too few."""
    if config.steps is not None:
        affordable = float(config.steps * config.lanes * config.window)
    else:
        assert config.minutes is not None  # TrainConfig has one of the two
        affordable = config.minutes * COUNTED_EACH_MINUTE
    return int(min(max(affordable, COUNTED_EACH_MINUTE), MOST_COUNTED))


@dataclass(frozen=True)
class Budget:
    """How much can be read: either of the two."""

    tokens: float | None = None  # whatever the width
    tokens_at_probe: float | None = None  # in the given time, at width PROBE

    def at(self, width: int) -> float:
        """Tokens read by a network of this width: nearly all of the time goes into products of width × width."""
        if self.tokens is not None:
            return self.tokens
        assert self.tokens_at_probe is not None
        return self.tokens_at_probe * (PROBE / width) ** 2


def shaped(shape: ModelConfig, text: int, budget: Budget) -> ModelConfig:
    """`shape` with what it leaves open, for a text of so many tokens."""
    hidden = shape.hidden or width(text, budget)
    dropout = shape.dropout
    if dropout is None:
        dropout = dropout_for(min(budget.at(hidden) / text, PASSES))
    return replace(shape, hidden=hidden, dropout=dropout)


def dropout_for(passes: float) -> float:
    """By how often the text will be read."""
    return next(share for most, share in DROPOUT if passes <= most)


def width(text: int, budget: Budget) -> int:
    """The widest network that reads enough for its size, or all that makes sense, and whose text is large enough."""

    def fits(hidden: int) -> bool:
        weights, read = 4 * hidden**2, budget.at(hidden)
        return read >= min(weights * READ_PER_WEIGHT, PASSES * text) and weights * HELD_PER_WEIGHT <= text

    return max(filter(fits, WIDTHS), default=WIDTHS[0])
