"""What loops compute in place of NumPy's functions: exp, log and a search, over float64."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.expressions import intrinsic
from charrnn.compiled.instructions import Scalar
from charrnn.compiled.kernels import Number
from charrnn.compiled.translator import Translator

_LOG2E, _LN2 = math.log2(math.e), math.log(2)
_FAR = 708.0  # e^708 is still a number
_SERIES = np.array([1 / math.factorial(k) for k in range(13)])  # of e^r
_ODD = np.array([2 / k for k in range(1, 20, 2)])  # of log((1 + s) / (1 - s))
_ROOT = 0x3FE6A09E667F3BCD  # the bits of √½


@intrinsic
def double_of(code: Translator, bits: Scalar) -> Scalar:
    """Return the float64 with the bits of an int64."""
    return Scalar("f64", code.write(f"bitcast i64 {bits.text} to double"))


@intrinsic
def bits_of(code: Translator, value: Scalar) -> Scalar:
    """Return the bits of a float64 as an int64."""
    return Scalar("i64", code.write(f"bitcast double {code.convert(value, 'f64').text} to i64"))


def _polynomial(x: float, factors: NDArray[np.float64]) -> float:
    """Return the sum of factors[k] x^k."""
    sum_ = 0.0
    for k in range(len(factors) - 1, -1, -1):
        sum_ = sum_ * x + factors[k]
    return sum_


def exp(x: float) -> float:
    """Return e^x to within a factor of 1 ± 1e-13; beyond ±708, that of the nearer of both."""
    power = min(max(x, -_FAR), _FAR) * _LOG2E
    biased = np.int32(power + 1023.5)  # the nearest integer, with the bias of an exponent
    return _polynomial((power - (biased - 1023)) * _LN2, _SERIES) * double_of(np.int64(biased) << 52)


def log(x: float) -> float:
    """Return log x to within 1e-15 of its amount, for a positive normal number."""
    bits = np.int64(bits_of(x))
    power = (bits - _ROOT) >> 52  # so that x is m 2^power with m between √½ and √2
    m = double_of(bits - (power << 52))
    s = (m - 1.0) / (m + 1.0)
    return power * _LN2 + s * _polynomial(s * s, _ODD)


def searchsorted(values: NDArray[np.generic], value: Number) -> int:
    """Return how many of some sorted values are less than `value`."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


SUBSTITUTES: dict[object, Callable[..., object]] = {np.exp: exp, np.log: log, np.searchsorted: searchsorted}
