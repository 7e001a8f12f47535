"""RecurrentState: all that a model carries from one character to the next, as an immutable value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from charrnn.data.allowed_tokens import REACH


@dataclass(frozen=True)
class RecurrentState:
    """The memory M that the next step reads: the hidden layer H of the step before, and what else must be known.

    layers: for each recurrent layer the tensors that its cell carries, each (b, h): the hidden vector first,
        then, for an LSTM, the cell memory c.
    recent: (b, 3) ids of the last tokens, −1 where there were none; they tell whether a character's byte
        sequence is unfinished.
    reading: (b, r) what counting must remember of the text, and expected: (b, v + EXTRA) what it expects to come
        next (see `PredictionLayout`); both have no columns in a model without counts.

    No operation of charrnn changes a state in place: a state may be kept, shared, and
    continued from any number of times.
    """

    layers: tuple[tuple[Tensor, ...], ...]
    recent: Tensor
    reading: Tensor
    expected: Tensor

    def detach(self) -> Self:
        """Return the same values without their graph: TBPTT stops here."""
        return self._map(Tensor.detach)

    def clone(self) -> Self:
        return self._map(Tensor.clone)

    def to(self, device: torch.device | str) -> Self:
        return self._map(lambda tensor: tensor.to(device))

    def renewed(self, lanes: Tensor, fresh: Self) -> Self:
        """Return this state with the rows where `lanes` (b,) is true taken from `fresh`."""
        return self._join(fresh, lambda old, new: torch.where(lanes[:, None], new, old))

    def row(self, index: int) -> Self:
        """Return one row of the state, as a batch of one."""
        return self._map(lambda tensor: tensor[index : index + 1])

    @classmethod
    def joined(cls, states: list[Self]) -> Self:
        """Return the states of several texts as one batch."""
        first, *others = states
        for other in others:
            first = first._join(other, lambda one, two: torch.cat([one, two]))
        return first

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name, for saving; `from_tensors` reads them back."""
        flat = {
            f"layers.{layer}.{part}": tensor
            for layer, parts in enumerate(self.layers)
            for part, tensor in enumerate(parts)
        }
        return {"recent": self.recent, "reading": self.reading, "expected": self.expected, **flat}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        layers: dict[int, dict[int, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("layers."):
                _, layer, part = name.split(".")
                layers.setdefault(int(layer), {})[int(part)] = tensor
        ordered = (tuple(parts[part] for part in sorted(parts)) for _, parts in sorted(layers.items()))
        return cls(tuple(ordered), tensors["recent"], tensors["reading"], tensors["expected"])

    def _map(self, change: Callable[[Tensor], Tensor]) -> Self:
        return self._join(self, lambda tensor, same: change(tensor))

    def _join(self, other: Self, change: Callable[[Tensor, Tensor], Tensor]) -> Self:
        layers = tuple(tuple(map(change, mine, theirs)) for mine, theirs in zip(self.layers, other.layers, strict=True))
        rest = ("recent", "reading", "expected")
        return type(self)(layers, *(change(getattr(self, name), getattr(other, name)) for name in rest))

    def after(self, layers: tuple[tuple[Tensor, ...], ...], tokens: Tensor, reading: Tensor, expected: Tensor) -> Self:
        """Return the state after reading `tokens` (b, t), when the cells carry `layers`."""
        return type(self)(layers, torch.cat([self.recent, tokens], dim=1)[:, -REACH:], reading, expected)
