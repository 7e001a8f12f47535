"""Ensemble: several networks in one, whose hidden vectors are concatenated."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from charrnn.model.cells import Carried, RecurrentCell


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
        before = list(zip(*map(self.split, carried), strict=True))
        read = type(self.cells[0]).forward_all(self.cells, self.share(x), before)
        hidden, after = zip(*read, strict=True)
        return torch.cat(hidden, dim=-1), tuple(torch.cat(parts, dim=-1) for parts in zip(*after, strict=True))

    def share(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the part of the input (…, i) that each cell reads."""
        return (x,) * len(self.cells) if self.is_shared else self.split(x)

    def split(self, units: Tensor) -> tuple[Tensor, ...]:
        """Return each cell's part of (…, h)."""
        return units.chunk(len(self.cells), dim=-1)
