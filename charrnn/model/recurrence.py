"""Elman and GRU unrolled over time, with explicit forward and backward passes.

PyTorch has no fused kernel that trains these two on a CPU, and its automatic differentiation makes one small product
of weights for each instant. Here the loop holds only what depends on the instant before. The products with the input,
and those that sum the weights' gradient over all instants, are made at once, outside of the loop.
(Appleyard et al., "Optimizing Performance of Recurrent Neural Networks on GPUs", 2016.)

Time is the first axis of arrays, (t, b, h), so that an instant is contiguous. The number format is that of `from_input`
(bfloat16 under autocast).
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

COPY_FROM = 8  # instants from which copying a weight pays


class Saved(Protocol):
    """What autograd keeps from a forward pass for the backward pass."""

    saved_tensors: tuple[Tensor, ...]

    def save_for_backward(self, *tensors: Tensor) -> None: ...


class UnrolledElman(torch.autograd.Function):
    """H_t = tanh(a_t + U M_t), M_t = H_{t-1}."""

    @staticmethod
    def forward(ctx: Saved, from_input: Tensor, memory: Tensor, weight: Tensor) -> Tensor:
        """from_input: a, (t, b, h); memory: M_1, (b, h); weight: U, (h, h). Returns H (t, b, h)."""
        hidden = from_input.new_empty(len(from_input) + 1, *memory.shape)  # hidden[t] is M_t, hidden[t + 1] is H_t
        hidden[0] = memory
        transposed = _transposed(weight.to(hidden.dtype), len(from_input))
        for t, instant in enumerate(from_input):
            torch.addmm(instant, hidden[t], transposed, out=hidden[t + 1]).tanh_()
        ctx.save_for_backward(hidden, weight)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Saved, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden, weight = ctx.saved_tensors
        slope = 1 - hidden[1:] ** 2  # of tanh
        before = gradient.to(hidden.dtype, copy=True)  # becomes the gradient of a
        carried = torch.zeros_like(hidden[0])  # the gradient of M_{t+1} = H_t
        weight = weight.to(hidden.dtype)
        for t in reversed(range(len(before))):
            before[t].add_(carried).mul_(slope[t])
            torch.mm(before[t], weight, out=carried)
        return before, carried, before.flatten(0, 1).t() @ hidden[:-1].flatten(0, 1)


class UnrolledGRU(torch.autograd.Function):
    """r, z = σ(a_r + p_r), σ(a_z + p_z); n = tanh(a_n + r ⊙ p_n); H_t = (1 − z) ⊙ n + z ⊙ M_t, with p = U M_t + c."""

    @staticmethod
    def forward(ctx: Saved, from_input: Tensor, memory: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """from_input: a of r, z and n, (t, b, 3h); memory: M_1, (b, h); weight: U, (3h, h); bias: c, (3h,).

        Returns H (t, b, h).
        """
        time, batch, width = len(from_input), *memory.shape
        hidden = from_input.new_empty(time + 1, batch, width)
        hidden[0] = memory
        from_memory = torch.empty_like(from_input)  # p
        gates = from_input.new_empty(time, batch, 2 * width)  # r, z
        candidate = torch.empty_like(hidden[1:])  # n; contiguous, else tanh takes thirty times as long
        transposed, bias = _transposed(weight.to(hidden.dtype), time), bias.to(hidden.dtype)
        for t, instant in enumerate(from_input):
            p, n = torch.addmm(bias, hidden[t], transposed, out=from_memory[t]), candidate[t]
            torch.add(instant[:, : 2 * width], p[:, : 2 * width], out=gates[t]).sigmoid_()
            r, z = gates[t].chunk(2, dim=1)
            torch.addcmul(instant[:, 2 * width :], r, p[:, 2 * width :], out=n).tanh_()
            torch.lerp(n, hidden[t], z, out=hidden[t + 1])
        ctx.save_for_backward(hidden, gates, candidate, from_memory, weight)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Saved, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        hidden, gates, n, from_memory, weight = ctx.saved_tensors
        r, z = (gate.contiguous() for gate in gates.chunk(2, dim=2))
        # The factors of the gradient of H_t, for all instants at once.
        keep = 1 - z
        to_n = keep * (1 - n**2)
        factors = hidden.new_empty(*n.shape[:2], 3, n.shape[2])  # (t, b, 3, h): to p of r, z and n
        torch.mul(to_n, r, out=factors[:, :, 2])
        torch.mul((hidden[:-1] - n).mul_(z), keep, out=factors[:, :, 1])
        torch.mul(factors[:, :, 2] * from_memory.chunk(3, dim=2)[2], 1 - r, out=factors[:, :, 0])
        before = torch.empty_like(factors)  # the gradient of p
        after = gradient.to(hidden.dtype, copy=True)  # becomes the whole gradient of H
        carried = torch.zeros_like(hidden[0])
        weight = weight.to(hidden.dtype)
        for t in reversed(range(len(after))):
            after[t].add_(carried)
            torch.mul(after[t].unsqueeze(1), factors[t], out=before[t])
            torch.addmm(after[t] * z[t], before[t].flatten(1), weight, out=carried)
        flat = before.flatten(2).flatten(0, 1)
        to_weight, to_bias = flat.t() @ hidden[:-1].flatten(0, 1), flat.sum(dim=0)
        torch.mul(after, to_n, out=before[:, :, 2])  # now the gradient of a: n's is not multiplied by r
        return before.flatten(2), carried, to_weight, to_bias


def _transposed(weight: Tensor, time: int) -> Tensor:
    """Return the transpose of a weight for the products of `time` instants.

    For many instants it is a copy: small products with a transposed view took three times as long.
    """
    return weight.t().contiguous() if time >= COPY_FROM else weight.t()
