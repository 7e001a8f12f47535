"""RecurrentState: all that a model remembers of the text so far, as an immutable value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from charrnn.data.allowed_tokens import REACH


@dataclass(frozen=True)
class RecurrentState:
    """The memory M that the next step reads, i.e. the hidden layer H of the step before.

    layers: for each recurrent layer the tensors that its cell carries, each (b, h): the hidden vector first,
        then, for an LSTM, the cell memory c.
    recent: (b, 3) ids of the last tokens, −1 where there were none; they tell whether a character's byte
        sequence is unfinished.
    reading: (b, r) what counting must remember of the text, and expected: (b, v + 5) what it expects to come next;
        r and v + 5 are 0 in a model without counts (see `counts` and `Fusion`).

    No operation of charrnn changes a state in place: whoever holds one may keep it, share it, or go on from
    it as often as they like.
    """

    layers: tuple[tuple[Tensor, ...], ...]
    recent: Tensor
    reading: Tensor
    expected: Tensor

    def detach(self) -> Self:
        """The same values, cut off from the graph: where TBPTT stops."""
        return self._map(Tensor.detach)

    def clone(self) -> Self:
        return self._map(Tensor.clone)

    def to(self, device: torch.device | str) -> Self:
        return self._map(lambda tensor: tensor.to(device))

    def renewed(self, lanes: Tensor, fresh: Self) -> Self:
        """This state, but where `lanes` (b,) is true that of `fresh`."""
        return self._join(fresh, lambda old, new: torch.where(lanes[:, None], new, old))

    def row(self, index: int) -> Self:
        """The state of one lane, as a batch of one."""
        return self._map(lambda tensor: tensor[index : index + 1])

    @classmethod
    def joined(cls, states: list[Self]) -> Self:
        """Of several texts, as one batch."""
        first, *others = states
        for other in others:
            first = first._join(other, lambda one, two: torch.cat([one, two]))
        return first

    def tensors(self) -> dict[str, Tensor]:
        """A flat form for saving; `from_tensors` reads it back."""
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
        """The state that follows this one when `tokens` (b, t) were read and the cells now carry `layers`."""
        return type(self)(layers, torch.cat([self.recent, tokens], dim=1)[:, -REACH:], reading, expected)
