"""The learning rate over a budget, whether that is steps or minutes."""

import math

from charrnn.config import ModelConfig
from charrnn.model.cells import CELLS

TUNED = 0.2  # of a cell's peak for one that goes on from another: its first steps must not undo what that had learned
JOINED = 0.45  # of that for a network that is joined to counts: it starts where others arrive


def peak(shape: ModelConfig, lanes: int, tuned: bool = False) -> float:
    """The peak learning rate of a network that reads so many lanes, be it a new one or `tuned` from another.

    Of those wider than 512 it falls with the root of the width; with more than 16 lanes, whose gradients have less
    noise, it rises with the root of their number, up to 32 (for Adam: Malladi et al., NeurIPS 2022).
    """
    rate = (
        CELLS[shape.cell].peak
        * math.sqrt(min(1.0, 512 * shape.member_count / shape.hidden_size))
        * (TUNED if tuned else 1.0)
    )
    rate *= math.sqrt(min(max(1.0, lanes / 16), 2.0))
    return rate * (JOINED if shape.counts == "joined" else 1.0)


def learning_rate(progress: float, peak: float, warmup: float) -> float:
    """Linear warm-up to `peak`, then linear decay to zero.

    progress: share of the budget that is spent, 0 to 1; warmup: share of the budget spent climbing.
    """
    if progress < warmup:
        return peak * max(progress, 0.01 * warmup) / warmup
    return peak * max(0.0, 1.0 - progress) / (1.0 - warmup)
