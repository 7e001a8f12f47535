"""Ensemble: several networks in one, whose hidden vectors are concatenated."""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Protocol, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from charrnn.model.cells import Carried, RecurrentCell

SIDE_BY_SIDE = 8  # rows of the batch from which each cell trains on threads of its own

Result = TypeVar("Result")


class Ensemble(RecurrentCell):
    """A layer of n independent cells, its members: its recurrent weights are block-diagonal.

        H_t = [H_t¹ … H_tⁿ],  H_tᵐ = cellᵐ(x_t, M_tᵐ)

    Each cell reads its own part of the layer below; in the first layer, all of the input. Only the output layer joins
    them, see `CharRNN`: each member learns to predict alone, and the mean of their logits predicts better than any. An
    ensemble is worth its time where a wider cell would only overfit a short text.
    (Hansen & Salamon, "Neural network ensembles", 1990; one loss for each: Dutt et al., "Coupled ensembles", 2020.)
    """

    def __init__(self, cells: list[RecurrentCell], *, is_shared: bool) -> None:
        """is_shared: whether all read the same input, as in the first layer."""
        super().__init__()
        self.cells = cast("Sequence[RecurrentCell]", nn.ModuleList(cells))
        self.is_shared = is_shared

    def step(self, x: Tensor, carried: Carried) -> Carried:
        before = zip(*map(self.split, carried), strict=True)
        given = zip(self.cells, self.share(x), before, strict=True)
        after = [cell.step(mine, memory) for cell, mine, memory in given]
        return tuple(torch.cat(parts, dim=-1) for parts in zip(*after, strict=True))

    def second_memory(self, x: Tensor, memories: Tensor, memory: Tensor) -> Tensor:
        given = zip(self.cells, self.share(x), self.split(memories), self.split(memory), strict=True)
        return torch.cat([cell.second_memory(mine, before, first) for cell, mine, before, first in given], dim=-1)

    def forward(self, x: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        before = zip(*map(self.split, carried), strict=True)
        given = [(mine, *memory) for mine, memory in zip(self.share(x), before, strict=True)]
        if len(x) >= SIDE_BY_SIDE and torch.is_grad_enabled() and not x.is_cuda and torch.get_num_threads() > 1:
            weights = [tuple(cell.parameters()) for cell in self.cells]
            tensors = [tensor for pair in zip(given, weights, strict=True) for part in pair for tensor in part]
            flat = SideBySide.apply(tuple(self.cells), *tensors)  # type: ignore[no-untyped-call]
        else:
            flat = [tensor for cell, mine in zip(self.cells, given, strict=True) for tensor in _run(cell, *mine)]
        size = 1 + len(carried)
        hidden, *after = (torch.cat(flat[place::size], dim=-1) for place in range(size))
        return hidden, tuple(after)

    def share(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the part of the input (…, i) that each cell reads."""
        return (x,) * len(self.cells) if self.is_shared else self.split(x)

    def split(self, units: Tensor) -> tuple[Tensor, ...]:
        """Return each cell's part of (…, h)."""
        return units.chunk(len(self.cells), dim=-1)


def _run(cell: nn.Module, x: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
    """Return what a cell gives, as one flat tuple: H, then what it carries."""
    hidden, after = cell(x, memory)
    return hidden, *after


class CellRuns(Protocol):
    """What the backward pass needs of the forward pass."""

    runs: list[tuple[list[Tensor], tuple[Tensor, ...]]]  # of each cell: inputs and weights, outputs


class SideBySide(torch.autograd.Function):
    """Train independent cells at the same time, each on its own cores.

    Threads that share every product must meet after each; so a training step takes three quarters of the time, or
    less (see docs/benchmarks.md). Small batches are bound by reading the weights, which two cores together do sooner.
    """

    @staticmethod
    def forward(ctx: CellRuns, cells: tuple[nn.Module, ...], *tensors: Tensor) -> tuple[Tensor, ...]:
        """tensors: of each cell x (b, t, i), what it carries, its parameters. Returns of each H, what it carries."""
        size = len(tensors) // len(cells)
        casting, number = torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")

        def forward_one(place: int) -> tuple[list[Tensor], tuple[Tensor, ...]]:
            """Return the inputs of a cell, and its outputs with their graph."""
            cell = cells[place]
            weights = list(cell.parameters())
            mine = tensors[place * size : (place + 1) * size - len(weights)]
            inputs = [tensor.detach().requires_grad_(tensor.requires_grad) for tensor in mine]
            with torch.enable_grad(), torch.autocast("cpu", number, enabled=casting):
                return [*inputs, *weights], _run(cell, *inputs)

        ctx.runs = _at_once(forward_one, len(cells))
        return tuple(output.detach() for _, outputs in ctx.runs for output in outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: CellRuns, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        size = len(gradients) // len(ctx.runs)

        def backward_one(place: int) -> list[Tensor | None]:
            inputs, outputs = ctx.runs[place]
            wanted = [tensor for tensor in inputs if tensor.requires_grad]
            mine = gradients[place * size : (place + 1) * size]
            found = iter(torch.autograd.grad(outputs, wanted, mine, retain_graph=True))  # the caller may ask for it
            return [next(found) if tensor.requires_grad else None for tensor in inputs]

        found = _at_once(backward_one, len(ctx.runs))
        return (None, *(gradient for of_one in found for gradient in of_one))


def _at_once(task: Callable[[int], Result], count: int) -> list[Result]:
    """Return what a task gives for each number below `count`."""
    return list(_pool(min(count, torch.get_num_threads()), torch.get_num_threads()).map(task, range(count)))


@functools.cache
def _pool(workers: int, threads: int) -> ThreadPoolExecutor:
    """Return a pool of workers that share so many threads."""
    all_there = Barrier(workers)

    def begin() -> None:
        torch.set_num_threads(threads // workers)
        torch.set_flush_denormal(True)  # as in training; a setting of each thread

    pool = ThreadPoolExecutor(workers, "member", begin)
    list(pool.map(lambda _: all_there.wait(), range(workers)))
    torch.set_num_threads(threads)  # again, as threads that begin later take the number that was set last
    return pool
