"""Ensemble: several networks in one, whose hidden vectors stand side by side."""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from charrnn.model.cells import Carried, RecurrentCell

SIDE_BY_SIDE = 8  # lanes, from which cells are trained on threads of their own


class Ensemble(RecurrentCell):
    """A layer of n cells that see nothing of one another: its recurrent weights are block-diagonal.

        H_t = [H_t¹ … H_tⁿ],  H_tᵐ = cellᵐ(x_t, M_tᵐ)

    Each cell reads its own part of the layer below, or, in the first layer, all of the input. Only the output brings
    them together, see `CharRNN`: each learns to predict alone, and the mean of what they say is better than any. It is
    worth its time where the text is too short to teach a wider cell anything but itself.
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
        """What each cell reads of the input (…, i)."""
        return (x,) * len(self.cells) if self.is_shared else self.split(x)

    def split(self, units: Tensor) -> tuple[Tensor, ...]:
        """Each cell's part of (…, h)."""
        return units.chunk(len(self.cells), dim=-1)


def _run(cell: nn.Module, x: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
    """What a cell gives, one after the other."""
    hidden, after = cell(x, memory)
    return hidden, *after


class SideBySide(torch.autograd.Function):
    """Cells that share nothing learn at the same time, each on its own cores, so that none waits for the other.

    Threads that share every product have to meet after each; a training step takes three quarters of the time so, or
    less (see docs/benchmarks.md). But products of few lanes are a wait for the weights, which two cores end sooner.
    """

    @staticmethod
    def forward(ctx: Any, cells: tuple[nn.Module, ...], *tensors: Tensor) -> tuple[Tensor, ...]:
        """tensors: of each cell x (b, t, i), what it carries, its parameters. Gives of each H and what it carries."""
        size = len(tensors) // len(cells)
        casting, number = torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")

        def forward_one(place: int) -> tuple[list[Tensor], tuple[Tensor, ...]]:
            """The inputs of a cell, and its outputs, which know how they came from these."""
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
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        size = len(gradients) // len(ctx.runs)

        def backward_one(place: int) -> list[Tensor | None]:
            inputs, outputs = ctx.runs[place]
            wanted = [tensor for tensor in inputs if tensor.requires_grad]
            mine = gradients[place * size : (place + 1) * size]
            found = iter(torch.autograd.grad(outputs, wanted, mine, retain_graph=True))  # as who asks for it may do
            return [next(found) if tensor.requires_grad else None for tensor in inputs]

        found = _at_once(backward_one, len(ctx.runs))
        return (None, *(gradient for of_one in found for gradient in of_one))


def _at_once(task: Callable[[int], Any], count: int) -> list[Any]:
    """What a task gives for each number up to `count`."""
    return list(_pool(min(count, torch.get_num_threads()), torch.get_num_threads()).map(task, range(count)))


@functools.cache
def _pool(workers: int, threads: int) -> ThreadPoolExecutor:
    """Of workers who share so many threads."""
    all_there = Barrier(workers)

    def begin() -> None:
        torch.set_num_threads(threads // workers)
        torch.set_flush_denormal(True)  # as for training; is by thread

    pool = ThreadPoolExecutor(workers, "member", begin)
    list(pool.map(lambda _: all_there.wait(), range(workers)))
    torch.set_num_threads(threads)  # again: what was set last is what threads that are yet to come begin with
    return pool
