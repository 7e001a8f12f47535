"""The learning rate over a budget, whether that is steps or minutes."""

import math

PEAK = {"lstm": 3e-3, "gru": 4e-3, "elman": 2e-3}  # by cell: the simpler cells diverge sooner


def peak(cell: str, width: int) -> float:
    """The peak learning rate of a cell; of networks wider than 512 it falls with the root of the width."""
    return PEAK[cell] * math.sqrt(min(1.0, 512 / width))


def learning_rate(progress: float, peak: float, warmup: float) -> float:
    """Linear warm-up to `peak`, then linear decay to zero.

    progress: share of the budget that is spent, 0 to 1; warmup: share of the budget spent climbing.
    """
    if progress < warmup:
        return peak * max(progress, 0.01 * warmup) / warmup
    return peak * max(0.0, 1.0 - progress) / (1.0 - warmup)
