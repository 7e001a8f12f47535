"""exp, σ and tanh of float32 numbers, in a form that the compiler vectorizes."""

import numpy as np

from charrnn.compiled.kernels import float_of, part

_LOG2E = np.float32(np.log2(np.e))
_ONE, _TWO = np.float32(1), np.float32(2)
_FAR = np.float32(87)  # e^87 is still a float32
_POWERS = tuple(np.float32(np.log(2) ** k / np.prod(np.arange(1.0, k + 1))) for k in range(1, 7))  # of 2^f


@part
def exp(x: np.float32) -> np.float32:
    """Return e^x to within a factor of 1 ± 2e-7."""
    power = min(max(x, -_FAR), _FAR) * _LOG2E
    biased = np.int32(power + np.float32(127.5))  # the nearest integer, with the bias of a float's exponent
    f = power - np.float32(biased - np.int32(127))
    a, b, c, d, e, g = _POWERS
    series = _ONE + f * (a + f * (b + f * (c + f * (d + f * (e + f * g)))))
    return np.float32(series * float_of(np.int32(biased << 23)))


@part
def sigmoid(x: np.float32) -> np.float32:
    return _ONE / (_ONE + exp(-x))


@part
def tanh(x: np.float32) -> np.float32:
    return _ONE - _TWO / (_ONE + exp(_TWO * x))
