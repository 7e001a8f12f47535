"""An LSTM that learns from many texts at once, as training does: both loops over time, compiled.

What waits for the instant before, U M and its way back, is multiplied here, in pairs of bfloat16 numbers by the
processor's own instruction; products of all instants at once are PyTorch's. Each lane's sums are the same whichever
lanes are read with it. PyTorch's kernel takes a tenth longer for eight lanes.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from charrnn.compiled.kernels import half_of, kernel, part
from charrnn.compiled.tile_sums import MORE_ROWS, NARROW, PAIRED, add_narrow_tile
from charrnn.model.lstm_gates import Floats, Halves, go_ahead_once, go_back_once, wide
from charrnn.model.recurrence import Saved

Pairs = NDArray[np.int32]  # of bfloat16 numbers: the lower half of the bits is the first
ROUND = torch.bfloat16


def fits(lanes: int, hidden: int) -> bool:
    """Return whether the loops can read so many lanes with so many units, and are the fastest way on this processor.

    They run on one core; PyTorch's kernel shares its products among the threads that this one may use.
    """
    return PAIRED and torch.get_num_threads() == 1 and lanes % MORE_ROWS == 0 and hidden % NARROW == 0


class LanesLSTM(torch.autograd.Function):
    """The LSTM of `cells.LSTM` over t instants of b lanes."""

    @staticmethod
    def forward(
        ctx: Saved, x: Tensor, hidden: Tensor, memory: Tensor, input_weight: Tensor, memory_weight: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        """x: (t, b, i); hidden, memory: M_1, c_0, (b, h); W: (4h, i); U: (4h, h). Returns H (t, b, h), c_t (b, h)."""
        (time, lanes, _), h = x.shape, memory_weight.shape[1]
        x, input_weight, memory_weight = x.to(ROUND), input_weight.to(ROUND), memory_weight.to(ROUND)
        from_input = torch.addmm(bias.to(ROUND), x.flatten(0, 1), input_weight.t())
        gates, hiddens = x.new_empty(time, lanes, 4 * h, dtype=torch.float32), memory.new_empty(time, lanes, h)
        halves = torch.cat([hidden[None].to(ROUND), x.new_empty(time, lanes, h)])
        memories = torch.cat([memory[None], memory.new_empty(time, lanes, h)])
        go_ahead(
            _tiles(memory_weight), from_input.view(torch.int16).view(gates.shape).numpy(), gates.numpy(),
            hiddens.numpy(), halves.view(torch.int16).numpy(), halves.view(torch.int32).numpy(), memories.numpy(),
            np.empty((MORE_ROWS, NARROW), dtype=np.float32),
        )  # fmt: skip
        ctx.save_for_backward(x, halves, gates, memories, input_weight, memory_weight)
        return hiddens, memories[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Saved, to_hidden: Tensor, to_memory: Tensor) -> tuple[Tensor, ...]:
        x, halves, gates, memories, input_weight, memory_weight = ctx.saved_tensors
        before = torch.empty(gates.shape, dtype=ROUND)
        to_m, to_c = torch.zeros_like(to_memory), to_memory.contiguous().clone()
        go_back(
            _tiles(memory_weight.t().contiguous()), gates.numpy(), memories.numpy(), to_hidden.contiguous().numpy(),
            before.view(torch.int16).numpy(), before.view(torch.int32).numpy(), (to_m.numpy(), to_c.numpy()),
            (np.empty(gates.shape[2], dtype=np.float32), np.empty((MORE_ROWS, NARROW), dtype=np.float32)),
        )  # fmt: skip
        flat = before.flatten(0, 1)
        turned = flat.t()
        return (
            (flat @ input_weight).view(x.shape).float(), to_m, to_c, (turned @ x.flatten(0, 1)).float(),
            (turned @ halves[:-1].flatten(0, 1)).float(), flat.sum(0, dtype=torch.float32),
        )  # fmt: skip


def _tiles(weight: Tensor) -> Pairs:
    """Return a weight (outputs, inputs) as (1, tiles, inputs / 2, NARROW)."""
    outputs, inputs = weight.shape
    pairs = weight.view(torch.int32).view(1, outputs // NARROW, NARROW, inputs // 2)
    found: Pairs = pairs.transpose(2, 3).contiguous().numpy()
    return found


@part
def multiply(tiles: Pairs, vectors: Pairs, products: Floats, sums: Floats) -> None:
    """Set the products (b, outputs) of vectors (b, inputs / 2) and a weight. sums: work space."""
    for number in range(tiles.shape[1]):
        for row in range(0, len(vectors), MORE_ROWS):
            add_narrow_tile(tiles, number, vectors, row, sums)
            for own in range(MORE_ROWS):
                for n in range(NARROW):
                    products[row + own, number * NARROW + n] = sums[own, n]


@part
def round_all(numbers: Floats, halves: Halves) -> None:
    """Set `halves` to the numbers in bfloat16."""
    for j in range(len(numbers)):
        halves[j] = half_of(numbers[j])


@kernel
def go_ahead(
    tiles: Pairs, from_input: Halves, gates: Floats, hidden: Floats, halves: Halves, pairs: Pairs, memory: Floats,
    sums: Floats,
) -> None:  # fmt: skip
    """Set the gates (t, b, 4h), H (t, b, h), and after their first rows M and c (t + 1, b, h).

    tiles: of U; from_input: W x + b, (t, b, 4h); halves, pairs: M, the same memory.
    """
    for t in range(len(gates)):
        multiply(tiles, pairs[t], gates[t], sums)
        for lane in range(gates.shape[1]):
            row, given = gates[t, lane], from_input[t, lane]
            for j in range(len(row)):
                row[j] += wide(given[j])
            go_ahead_once(row, memory[t, lane], memory[t + 1, lane], hidden[t, lane])
            round_all(hidden[t, lane], halves[t + 1, lane])


@kernel
def go_back(
    tiles: Pairs, gates: Floats, memory: Floats, gradient: Floats, halves: Halves, pairs: Pairs,
    carried: tuple[Floats, Floats], work: tuple[Floats, Floats],
) -> None:  # fmt: skip
    """Set the gradient of W x + U M + b in bfloat16, (t, b, 4h): halves, pairs, the same memory.

    tiles: of U transposed; gradient: of H, (t, b, h); carried: of M_{t+1} and c_t, (b, h), which become those of M_1
    and c_0; work: space, of (4h,) and (MORE_ROWS, NARROW).
    """
    to_m, to_c, row = carried[0], carried[1], work[0]
    for back in range(len(gates)):
        t = len(gates) - 1 - back
        for lane in range(gates.shape[1]):
            to_h = to_m[lane]
            for j in range(len(to_h)):
                to_h[j] += gradient[t, lane, j]
            go_back_once(gates[t, lane], memory[t, lane], memory[t + 1, lane], to_h, to_c[lane], row)
            round_all(row, halves[t, lane])
        multiply(tiles, pairs[t], to_m, work[1])
