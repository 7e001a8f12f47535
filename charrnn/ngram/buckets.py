"""How counts are sorted into buckets, each of which learns numbers of its own: finely if small, coarsely if large."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, part

TOTALS = np.array([1, 2, 3, 4, 5, 7, 10, 15, 25, 50, 100, 400, 2000])  # the least of each bucket, as below
DIFFERENT = np.array([1, 2, 3, 4, 6, 9, 14])
SINGLE = np.array([1, 2, 3, 5, 8, 15, 40, 200])
RECENT = 16  # symbols ago: the first of AGES, each of which but the last ends four times as long ago as the one before
AGES = 9
BUCKETS = len(TOTALS) * len(DIFFERENT)
COUNTS = len(SINGLE)


def _table(least: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bucket of every count up to the least of the last bucket."""
    return np.maximum(np.searchsorted(least, np.arange(least[-1] + 1), side="right") - 1, 0)


_OF_TOTAL, _OF_DIFFERENT, _OF_SINGLE = _table(TOTALS) * len(DIFFERENT), _table(DIFFERENT), _table(SINGLE)
_MOST_TOTAL, _MOST_DIFFERENT, _MOST_SINGLE = int(TOTALS[-1]), int(DIFFERENT[-1]), int(SINGLE[-1])


@part
def bucket(total: Number, different: Number) -> Number:
    """Of a context that was followed by `total` > 0 symbols, `different` ones."""
    return _OF_TOTAL[min(total, _MOST_TOTAL)] + _OF_DIFFERENT[min(different, _MOST_DIFFERENT)]


@part
def single(count: Number) -> Number:
    """Of one symbol's count > 0."""
    return _OF_SINGLE[min(count, _MOST_SINGLE)]


@part
def age(distance: Number) -> Number:
    """Of a symbol that last came that many symbols ago."""
    found = 0
    while distance > RECENT and found < AGES - 1:
        distance >>= 2
        found += 1
    return found
