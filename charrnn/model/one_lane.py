"""An LSTM that learns from one text, as adaptive scoring does: both loops over time, compiled.

One lane is the case for which PyTorch's kernel is made least: for each character it reads all of U twice from memory,
forward and back, and it packs U anew for each window. Here both loops read U in bfloat16, half of the bytes; what the
optimizer changes, and all sums, are float32.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from charrnn.compiled.kernels import Number, kernel, part
from charrnn.compiled.machine import FEATURES
from charrnn.model.at_once import at_once
from charrnn.model.lstm_gates import Floats, Halves, go_ahead_once, go_back_once, wide
from charrnn.model.recurrence import Saved
from charrnn.model.whitening import Whitening

SUMMED = torch.bfloat16 if FEATURES.get("avx512bf16") else torch.float32  # in which U's gradient is multiplied

_ZERO = np.float32(0)


Whitenings = tuple[Whitening, Whitening]
"""The whitenings of an LSTM's two inputs: of x, and of M."""


class Kept(Saved, Protocol):
    """The context of the two passes: keeps what the backward one needs, and marks outputs without gradient."""

    whitenings: Sequence[Whitenings]
    threads: int

    def mark_non_differentiable(self, *tensors: Tensor) -> None: ...


class UnrolledLSTM(torch.autograd.Function):
    """The LSTM of `cells.LSTM` over the t instants of one text; of several, which are read at the same time.

    Its gradients of W and U are of whitened inputs.
    """

    @staticmethod
    def forward(
        ctx: Kept,
        threads: int,
        carried: Sequence[tuple[Tensor, Tensor]],
        whitenings: Sequence[Whitenings],
        *read: Tensor,
    ) -> tuple[Tensor, ...]:
        """threads: that the LSTMs share; carried: M_1 and c_0, (h,), of each; read: its x (t, n), W (4h, n), U and b.

        Returns H of each, then c of each, (t, h).
        """

        def ahead(number: int) -> tuple[Tensor, ...]:
            x, w, u, bias = (tensor.detach() for tensor in read[4 * number : 4 * number + 4])
            gates, halves = nn.functional.linear(x, w, bias), u.to(torch.bfloat16).view(torch.int16)
            memories = [torch.cat([first[None], first.new_empty(len(x), len(first))]) for first in carried[number]]
            go_ahead(halves.numpy(), gates.numpy(), *(memory.numpy() for memory in memories))
            return x, w, halves, gates, *memories

        kept = at_once(ahead, range(len(carried)), threads)
        ctx.save_for_backward(*(tensor for each in kept for tensor in each))
        ctx.whitenings, ctx.threads = whitenings, threads
        hiddens, memories = ([each[index][1:] for each in kept] for index in (-2, -1))
        ctx.mark_non_differentiable(*memories)
        return *hiddens, *memories

    @staticmethod
    @once_differentiable
    def backward(ctx: Kept, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        def back(number: int) -> tuple[Tensor, ...]:
            x, w, halves, gates, hiddens, memories = ctx.saved_tensors[6 * number : 6 * number + 6]
            before, carried = torch.empty_like(gates), gates.new_zeros(3, hiddens.shape[1])
            arrays = (halves, gates, memories, gradients[number].contiguous(), before, carried)
            go_back(*(tensor.numpy() for tensor in arrays))
            inputs = zip(ctx.whitenings[number], (x, hiddens[:-1]), strict=True)
            to_w, to_u = (before.to(SUMMED).t() @ whitening.of(each).to(SUMMED) for whitening, each in inputs)
            return before @ w, to_w.float(), to_u.float(), before.sum(0)

        found = at_once(back, range(len(ctx.whitenings)), ctx.threads)
        return None, None, None, *(gradient for each in found for gradient in each)


@part
def add_sums(weight: Halves, row: Number, vector: Floats, sums: Floats) -> None:
    """Add the products of four rows of a weight and a vector to their sums."""
    first, second, third, fourth = weight[row], weight[row + 1], weight[row + 2], weight[row + 3]
    a, b, c, d = _ZERO, _ZERO, _ZERO, _ZERO
    for k in range(len(vector)):
        a += wide(first[k]) * vector[k]
        b += wide(second[k]) * vector[k]
        c += wide(third[k]) * vector[k]
        d += wide(fourth[k]) * vector[k]
    sums[row] += a
    sums[row + 1] += b
    sums[row + 2] += c
    sums[row + 3] += d


@kernel
def go_ahead(weight: Halves, gates: Floats, hidden: Floats, memory: Floats) -> None:
    """Set H and c (t + 1, h), whose first rows are given, and turn W x + b (t, 4h) into the gates i, f, g and o."""
    for t in range(len(gates)):
        row = gates[t]
        for first in range(0, len(row), 4):
            add_sums(weight, first, hidden[t], row)
        go_ahead_once(row, memory[t], memory[t + 1], hidden[t + 1])


@part
def add_products(weight: Halves, row: Number, factors: Floats, sums: Floats) -> None:
    """Add four rows of a weight, times their factors (4h,), to the sums (h,)."""
    first, second, third, fourth = weight[row], weight[row + 1], weight[row + 2], weight[row + 3]
    a, b, c, d = factors[row], factors[row + 1], factors[row + 2], factors[row + 3]
    for k in range(len(sums)):
        sums[k] += (a * wide(first[k]) + b * wide(second[k])) + (c * wide(third[k]) + d * wide(fourth[k]))


@kernel
def go_back(
    weight: Halves, gates: Floats, memory: Floats, gradient: Floats, before: Floats, carried: Floats
) -> None:  # fmt: skip
    """Set the gradient `before` of W x + b (t, 4h), from that of H (t, h).

    carried: (3, h), zeros: the gradients of M and c, which go from an instant to the one before; and that of H.
    """
    to_m, to_c, to_h = carried[0], carried[1], carried[2]
    for back in range(len(gates)):
        t = len(gates) - 1 - back
        for j in range(len(to_h)):
            to_h[j] = gradient[t, j] + to_m[j]
        to_m[:] = 0
        go_back_once(gates[t], memory[t], memory[t + 1], to_h, to_c, before[t])
        for row in range(0, before.shape[1], 4):
            add_products(weight, row, before[t], to_m)
