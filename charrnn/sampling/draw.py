"""The draw of one token, as a pure function of its distribution, the text's seed and the token's position."""

import numpy as np
from numpy.typing import NDArray

from charrnn.sampling.filters import probabilities

_MASK = 2**64 - 1
_GOLDEN, _STIR, _SHAKE = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # as in `charrnn.compiled.kernels`


def uniform(seed: int, position: int) -> float:
    """The number in [0, 1) that decides on the token at a position of the text with this seed."""
    return (_mix(_mix(_GOLDEN, seed), position) >> 11) * 2.0**-53


def draw(logits: NDArray[np.float64], number: float) -> int:
    """The first token at which the sum of the probabilities passes `number`, in [0, 1)."""
    sums = probabilities(logits).cumsum()
    return int(np.searchsorted(sums, number * sums[-1], side="right"))


def _mix(state: int, value: int) -> int:
    state = (state * _GOLDEN & _MASK) ^ ((value + _GOLDEN) & _MASK)
    state = (state ^ state >> 32) * _STIR & _MASK
    state = (state ^ state >> 32) * _SHAKE & _MASK
    return state ^ state >> 32
