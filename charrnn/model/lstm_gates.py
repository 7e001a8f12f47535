"""The gates of an LSTM at one instant, forward and back, as parts of compiled loops.

Each loop names few arrays, so that the compiler can tell that they are apart and works on vectors of units.
"""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, float_of, part
from charrnn.compiled.squashing import sigmoid, tanh

Floats = NDArray[np.float32]
Halves = NDArray[np.int16]  # the bits of bfloat16 numbers

_ONE = np.float32(1)


@part
def wide(half: Number) -> np.float32:
    """Return a bfloat16 number as a float32."""
    return np.float32(float_of(np.int32(half) << 16))


@part
def go_ahead_once(gates: Floats, before: Floats, memory: Floats, hidden: Floats) -> None:
    """Turn W x + U M + b (4h,) into the gates i, f, g and o; set c_t and H_t (h,). before: c_{t-1}."""
    h = len(memory)
    for j in range(2 * h):
        gates[j] = sigmoid(gates[j])
    for j in range(2 * h, 3 * h):
        gates[j] = tanh(gates[j])
    for j in range(3 * h, 4 * h):
        gates[j] = sigmoid(gates[j])
    for j in range(h):
        memory[j] = gates[h + j] * before[j] + gates[j] * gates[2 * h + j]
    for j in range(h):
        hidden[j] = gates[3 * h + j] * tanh(memory[j])


@part
def go_back_once(
    gates: Floats, before: Floats, memory: Floats, to_h: Floats, to_c: Floats, to_gates: Floats
) -> None:  # fmt: skip
    """Set the gradient `to_gates` of W x + U M + b (4h,).

    before, memory: c_{t-1} and c_t, (h,); to_h: the gradient of H_t, (h,); to_c: of c_t, which becomes that of c_{t-1}.
    """
    h = len(memory)
    for j in range(h):
        told = tanh(memory[j])
        to_gates[3 * h + j] = to_h[j] * told * gates[3 * h + j] * (_ONE - gates[3 * h + j])
    for j in range(h):
        told = tanh(memory[j])
        to_c[j] += to_h[j] * gates[3 * h + j] * (_ONE - told * told)
    for j in range(h):
        to_gates[j] = to_c[j] * gates[2 * h + j] * gates[j] * (_ONE - gates[j])
    for j in range(h):
        to_gates[h + j] = to_c[j] * before[j] * gates[h + j] * (_ONE - gates[h + j])
    for j in range(h):
        to_gates[2 * h + j] = to_c[j] * gates[j] * (_ONE - gates[2 * h + j] * gates[2 * h + j])
    for j in range(h):
        to_c[j] *= gates[h + j]
