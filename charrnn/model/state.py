"""RecurrentState: all that a model carries from one character to the next, as an immutable value.

Importing this module loads no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.data.allowed_tokens import REACH

if TYPE_CHECKING:
    import torch
    import typing_extensions
    from torch import Tensor

    Array = typing_extensions.TypeVar("Array", default=Tensor)
else:
    Array = TypeVar("Array")

Arrays = NDArray[Any]
Other = TypeVar("Other")


@dataclass(frozen=True, repr=False)
class RecurrentState(Generic[Array]):
    """The memory M that the next step reads: the hidden layer H of the step before, and what else must be known.

    layers: for each recurrent layer the tensors that its cell carries, each (b, h): the hidden vector first,
        then, for an LSTM, the cell memory c.
    recent: (b, 3) ids of the last tokens, −1 where there were none; they tell whether a character's byte
        sequence is unfinished.
    reading: (b, r) what counting must remember of the text, and expected: (b, v + EXTRA) what it expects to come
        next (see `PredictionLayout`); both have no columns in a model without counts.

    A model needs tensors; the fast decoders work with numpy arrays of the same shapes. `to` gives the former, `arrays`
    the latter. No operation of charrnn changes a state in place: a state may be kept, shared, and continued from any
    number of times.
    """

    layers: tuple[tuple[Array, ...], ...]
    recent: Array
    reading: Array
    expected: Array

    def __repr__(self) -> str:
        shapes = (f"{name} {' × '.join(map(str, array.shape))}" for name, array in self.tensors().items())  # type: ignore[attr-defined]
        return f"RecurrentState({', '.join(shapes)})"

    def detach(self: RecurrentState[Tensor]) -> RecurrentState[Tensor]:
        """Return the same values without their graph: TBPTT stops here."""
        return self.map(lambda tensor: tensor.detach())

    def clone(self: RecurrentState[Tensor]) -> RecurrentState[Tensor]:
        return self.map(lambda tensor: tensor.clone())

    def to(self, device: torch.device | str) -> RecurrentState[Tensor]:
        """Return the state as tensors on a device."""
        import torch

        return self.map(lambda array: torch.as_tensor(array, device=device))

    def arrays(self) -> RecurrentState[Arrays]:
        """Return the state as numpy arrays."""
        return self.map(lambda array: array if isinstance(array, np.ndarray) else array.detach().cpu().numpy())  # type: ignore[attr-defined]

    def renewed(self: RecurrentState[Tensor], lanes: Tensor, fresh: RecurrentState[Tensor]) -> RecurrentState[Tensor]:
        """Return this state with the rows where `lanes` (b,) is true taken from `fresh`."""
        import torch

        found = {name: torch.where(lanes[:, None], fresh.tensors()[name], old) for name, old in self.tensors().items()}
        return self.from_tensors(found)

    def row(self, index: int) -> Self:
        """Return one row of the state, as a batch of one."""
        return self.map(lambda array: array[index : index + 1])  # type: ignore[index, return-value]

    @classmethod
    def joined(cls, states: Sequence[RecurrentState[Tensor]]) -> RecurrentState[Tensor]:
        """Return the states of several texts as one batch."""
        import torch

        each = [state.tensors() for state in states]
        return cls.from_tensors({name: torch.cat([tensors[name] for tensors in each]) for name in each[0]})

    def tensors(self) -> dict[str, Array]:
        """Return the tensors by name, for saving; `from_tensors` reads them back."""
        flat = {
            f"layers.{layer}.{part}": tensor
            for layer, parts in enumerate(self.layers)
            for part, tensor in enumerate(parts)
        }
        return {"recent": self.recent, "reading": self.reading, "expected": self.expected, **flat}

    @staticmethod
    def from_tensors(tensors: Mapping[str, Other]) -> RecurrentState[Other]:
        layers: dict[int, dict[int, Other]] = {}
        for name, tensor in tensors.items():
            if name.startswith("layers."):
                _, layer, part = name.split(".")
                layers.setdefault(int(layer), {})[int(part)] = tensor
        ordered = (tuple(parts[part] for part in sorted(parts)) for _, parts in sorted(layers.items()))
        return RecurrentState(tuple(ordered), tensors["recent"], tensors["reading"], tensors["expected"])

    def map(self, change: Callable[[Array], Other]) -> RecurrentState[Other]:
        """Return the state with each of its tensors changed."""
        layers = tuple(tuple(map(change, parts)) for parts in self.layers)
        return RecurrentState(layers, change(self.recent), change(self.reading), change(self.expected))

    def after(
        self: RecurrentState[Tensor],
        layers: tuple[tuple[Tensor, ...], ...],
        tokens: Tensor,
        reading: Tensor,
        expected: Tensor,
    ) -> RecurrentState[Tensor]:
        """Return the state after reading `tokens` (b, t), when the cells carry `layers`."""
        import torch

        return RecurrentState(layers, torch.cat([self.recent, tokens], dim=1)[:, -REACH:], reading, expected)


AnyState = RecurrentState["Tensor"] | RecurrentState[Arrays]
"""A state of tensors or of arrays."""
