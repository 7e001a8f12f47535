"""The recurrent cells' equations for one step of one text; see `charrnn.model.cells`.

`inputs` holds W x_t + b, and `products` holds U M_t, gate after gate, h numbers each:

    lstm    both  i, f, g, o
    gru     inputs  r, z, c_n, W_n x + b_n;   products  r, z, n
    elman   both  the sum

A cell outside COMPILED is sampled by the model's own forward pass. A new cell needs its step, a branch of
`advance_cell`, and an entry in COMPILED. The loop distinguishes cells by their codes, so it is compiled once for all.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, part
from charrnn.compiled.squashing import sigmoid, tanh

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]

ELMAN, GRU, LSTM = range(3)  # codes


@part
def lstm(inputs: Floats, products: Floats, h: int, hidden: Floats, memory: Floats) -> None:
    for j in range(h):
        write = sigmoid(inputs[j] + products[j])
        keep = sigmoid(inputs[h + j] + products[h + j])
        new = tanh(inputs[2 * h + j] + products[2 * h + j])
        read = sigmoid(inputs[3 * h + j] + products[3 * h + j])
        memory[j] = keep * memory[j] + write * new
        hidden[j] = read * tanh(memory[j])


@part
def gru(inputs: Floats, products: Floats, h: int, hidden: Floats) -> None:
    for j in range(h):
        seen = sigmoid(inputs[j] + products[j])
        keep = sigmoid(inputs[h + j] + products[h + j])
        new = tanh(inputs[3 * h + j] + seen * (inputs[2 * h + j] + products[2 * h + j]))
        hidden[j] = new + keep * (hidden[j] - new)


@part
def elman(inputs: Floats, products: Floats, h: int, hidden: Floats) -> None:
    for j in range(h):
        hidden[j] = tanh(inputs[j] + products[j])


@part
def advance_cell(
    code: Number, inputs: Floats, products: Floats, h: Number, carried: NDArray[np.float32], row: Number
) -> None:
    """Advance a cell's state (parts, b, h) by a step, for one text. code: of the cell in COMPILED."""
    hidden = carried[0][row]
    if code == LSTM:
        lstm(inputs, products, h, hidden, carried[1][row])
    elif code == GRU:
        gru(inputs, products, h, hidden)
    elif code == ELMAN:
        elman(inputs, products, h, hidden)


def _plain_weights(weights: Weights, prefix: str) -> tuple[Floats, Floats, Floats]:
    return weights[f"{prefix}input_weight"].T, weights[f"{prefix}memory_weight"].T, weights[f"{prefix}bias"]


def _gate_weights(weights: Weights, prefix: str) -> tuple[Floats, Floats, Floats]:
    w, u = (weights[f"{prefix}rnn.weight_{kind}_l0"].T for kind in ("ih", "hh"))
    return w, u, weights[f"{prefix}rnn.bias_ih_l0"] + weights[f"{prefix}rnn.bias_hh_l0"]


def _gru_weights(weights: Weights, prefix: str) -> tuple[Floats, Floats, Floats]:
    """Arrange the weights of a GRU, whose bias c_n is multiplied by a gate and so needs a place of its own."""
    w, u, both = _gate_weights(weights, prefix)
    gates, none = 2 * len(u), np.zeros((len(w), len(u)), np.float32)  # gates: r and z
    b, c = (weights[f"{prefix}rnn.bias_{kind}_l0"][gates:] for kind in ("ih", "hh"))
    return np.concatenate([w[:, :gates], none, w[:, gates:]], axis=1), u, np.concatenate([both[:gates], c, b])


class CompiledCell(NamedTuple):
    """A cell as the compiled loop computes it."""

    code: int
    gates: int  # G: (G h) numbers in `inputs`; `products` have as many or fewer
    arranged: Callable[[Weights, str], tuple[Floats, Floats, Floats]]
    """(weights by name, a cell's prefix) → W (inputs, G h), U (h, …) and b (G h,)"""


COMPILED = {
    "elman": CompiledCell(ELMAN, 1, _plain_weights),
    "gru": CompiledCell(GRU, 4, _gru_weights),
    "lstm": CompiledCell(LSTM, 4, _gate_weights),
}
