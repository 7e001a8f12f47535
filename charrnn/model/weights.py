"""NetworkWeights: a network as arrays, from which the fast decoders draw. Importing this module loads no torch."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.config import ModelConfig
from charrnn.data.allowed_tokens import REACH
from charrnn.data.tokenizer import BYTES
from charrnn.errors import UserError
from charrnn.model.state import Arrays, RecurrentState
from charrnn.ngram.layout import PAGE_PLACES
from charrnn.ngram.prediction import STATISTICS, PredictionLayout

if TYPE_CHECKING:
    from charrnn.model.network import CharRNN
    from charrnn.ngram.model import NgramModel

Weights = NDArray[np.float32]
Shape = tuple[int, ...]

LARGEST_WEIGHT = 2.0**25  # up to here no product in a network overflows; trained ones are below 100, counts below 2^24
LARGEST_NETWORK = 2**29  # bytes in float32: 134 million weights, loaded and packed in some four times that memory
LARGEST_FLOAT = float(np.finfo(np.float32).max)
MIXTURE = "mixture."  # prefix of the names of the context mixer's weights
MIN_LOG_PROB = -8.0  # logarithm of a probability; the network reads smaller ones as this
NARROW = 16  # units of the hidden layer of `Fusion`'s gates


@dataclass(frozen=True)
class NetworkWeights:
    """The weights of a CharRNN by their names there, without those of the context mixer, which `counts` has."""

    config: ModelConfig
    arrays: Mapping[str, Weights]
    counts: "NgramModel | None" = None
    name: str = ""

    @classmethod
    def of(cls, model: "CharRNN") -> Self:
        """Return a model's weights; on a CPU, they share its memory."""
        arrays = {name: tensor.detach().float().cpu().numpy() for name, tensor in model.state_dict().items()}
        return cls(model.config, arrays, model.counts, model.name)

    def initial_state(self) -> RecurrentState[Arrays]:
        """Return the empty memory of one text: zeros, and nothing read yet."""
        zeros = np.zeros((1, self.config.hidden_size), dtype=np.float32)
        recent = np.full((1, REACH), -1, dtype=np.int64)
        reading, expected = recent[:, :0], zeros[:, :0]
        if self.config.counts == "joined":
            from charrnn.ngram.contexts import MEMORY

            layout = PredictionLayout(self.config.vocab_size - len(BYTES) + 1)
            reading = np.zeros((1, MEMORY), dtype=np.int64)
            expected = np.zeros((1, layout.width), dtype=np.float32)
            expected[:, layout.log_probabilities] = -math.log(layout.symbols)
        return RecurrentState(
            ((zeros,) * carried_by(self.config.cell),) * self.config.layers, recent, reading, expected
        )

    def refuse_non_finite(self) -> None:
        """Raise UserError if a weight is NaN, infinite or so large that products could overflow."""
        mixture = {} if self.counts is None else self.counts.mixture.arrays()
        refuse_non_finite(Path(self.name), {**self.arrays, **mixture}, LARGEST_WEIGHT)


def refuse_non_finite(path: Path, arrays: Mapping[str, Arrays], largest: float = LARGEST_FLOAT) -> None:
    """Raise UserError if an array of floats holds NaN, infinity or a number beyond ± `largest`."""
    for name, array in arrays.items():
        if np.issubdtype(array.dtype, np.floating) and array.size > 0:
            low, high = array.min(), array.max()  # NaN if any number is
            if not (-largest <= low and high <= largest):
                raise UserError("weights-not-numbers", path=path, weight=name)


def shapes_of(config: ModelConfig) -> dict[str, Shape]:
    """Return the shapes of a CharRNN's weights, by their names."""
    symbols, embed, hidden = config.vocab_size - len(BYTES) + 1, config.embed, config.hidden_size
    count = config.member_count
    shapes: dict[str, Shape] = {
        "spelling": (len(BYTES),), "embedding.weight": (config.vocab_size, embed),
        "output.weight": (symbols, hidden), "output.bias": (symbols,),
    }  # fmt: skip
    widths = [embed] + [hidden] * config.layers
    for number, (inputs, _) in enumerate(pairwise(widths)):
        own = inputs if number == 0 else inputs // count
        for place in [f"layers.{number}."] if count == 1 else [f"layers.{number}.cells.{n}." for n in range(count)]:
            of_cell = cell_shapes(config.cell, own, hidden // count)
            shapes |= {f"{place}{name}": shape for name, shape in of_cell.items()}
    if config.counts == "joined":
        shapes |= {
            "fusion.input.weight": (embed, symbols), "fusion.place.weight": (PAGE_PLACES, embed),
            "fusion.place_gates.weight": (PAGE_PLACES, 2), "fusion.surety.weight": (NARROW, STATISTICS),
            "fusion.surety.bias": (NARROW,), "fusion.gates.weight": (2, NARROW), "fusion.gates.bias": (2,),
            "fusion.attention.weight": (1, hidden),
        }  # fmt: skip
    return shapes


def refuse_large(config: ModelConfig, name: str | Path) -> None:
    """Raise UserError if a network of this shape has more than LARGEST_NETWORK bytes. Takes no memory."""
    if (found := 4 * sum(map(math.prod, shapes_of(config).values()))) > LARGEST_NETWORK:
        raise UserError("network-too-large", name=name, most=LARGEST_NETWORK, found=found)


def cell_shapes(cell: str, inputs: int, hidden: int) -> dict[str, Shape]:
    """Return the shapes of a cell's weights, by their names. For a cell that SHAPES lacks, this loads torch."""
    if cell in SHAPES:
        return SHAPES[cell](inputs, hidden)
    import torch

    from charrnn.model.cells import CELLS

    with torch.device("meta"):
        made = CELLS[cell].layer(inputs, hidden, None)
    return {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}


def carried_by(cell: str) -> int:
    """Return how many vectors a cell carries from one instant to the next."""
    if cell in SHAPES:
        return 2 if cell == "lstm" else 1
    from charrnn.model.cells import CELLS

    return CELLS[cell].carries


def _of_elman(i: int, h: int) -> dict[str, Shape]:
    return {"input_weight": (h, i), "memory_weight": (h, h), "bias": (h,)}


def _of_gates(gates: int) -> Callable[[int, int], dict[str, Shape]]:
    """Return the shapes of a cell that PyTorch has, with so many gates."""
    return lambda i, h: {
        "rnn.weight_ih_l0": (gates * h, i), "rnn.weight_hh_l0": (gates * h, h),
        "rnn.bias_ih_l0": (gates * h,), "rnn.bias_hh_l0": (gates * h,),
    }  # fmt: skip


SHAPES = {"elman": _of_elman, "gru": _of_gates(3), "lstm": _of_gates(4)}
"""Of each cell: (inputs, hidden) → the shapes of its weights by their names in `cells.py`."""
