"""Changing the memory at an instant, to see what it was good for. Each gives a new state; none changes the old one.

memory(state, 0)                         the numbers of a layer, by name: "hidden", "cell"
zeroed(state)                            nothing is remembered
cost(model, tokenizer, text, state)      what a text costs from there
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState
from charrnn.scoring.evaluate import token_bits

NAMES = ("hidden", "cell")


def memory(state: RecurrentState, layer: int) -> dict[str, Tensor]:
    """What a layer carries, (b, h) each: M, and an LSTM's cell memory."""
    return dict(zip(NAMES, state.layers[layer], strict=False))


def zeroed(state: RecurrentState) -> RecurrentState:
    """The memory as it was before anything was read; what was read last, and what counts expect, stay known."""
    return _changed(state, torch.zeros_like)


def shuffled(state: RecurrentState, seed: int = 1) -> RecurrentState:
    """The same numbers in other units: in each layer one permutation, for all that it carries."""
    generator = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(parts[0].shape[1], generator=generator) for parts in state.layers]
    layers = tuple(
        tuple(part[:, order.to(part.device)] for part in parts)
        for parts, order in zip(state.layers, orders, strict=True)
    )
    return replace(state, layers=layers)


def kept(state: RecurrentState, units: Sequence[int], layer: int = -1) -> RecurrentState:
    """Only these units of a layer remember; its others are zero."""

    def keep(part: Tensor) -> Tensor:
        mask = torch.zeros(part.shape[1], dtype=torch.bool, device=part.device)
        mask[list(units)] = True
        return torch.where(mask, part, torch.zeros_like(part))

    return _changed(state, keep, layer)


def clamped(
    state: RecurrentState, unit: int, value: float, layer: int = -1, part: Literal["hidden", "cell"] = "hidden"
) -> RecurrentState:
    """One unit's number is set: its hidden one, or an LSTM's cell memory. Raises UserError for a cell without that."""
    place = layer % len(state.layers)
    parts = list(state.layers[place])
    if NAMES.index(part) >= len(parts):
        raise UserError("no-cell-memory", found=part)
    chosen = parts[NAMES.index(part)].clone()
    chosen[:, unit] = value
    parts[NAMES.index(part)] = chosen
    layers = list(state.layers)
    layers[place] = tuple(parts)
    return replace(state, layers=tuple(layers))


def swapped(state: RecurrentState, other: RecurrentState) -> RecurrentState:
    """The memory of another text, in the place of this one's."""
    return replace(state, layers=other.layers)


def cost(model: CharRNN, tokenizer: CharTokenizer, text: str, state: RecurrentState) -> float:
    """Bits that `text` (NFC) costs from `state`."""
    ids = torch.from_numpy(tokenizer.encode_array(clean(text))).long().to(model.device)
    bits, _ = token_bits(model, tokenizer, ids[None], state)
    return float(bits.double().sum())


def _changed(state: RecurrentState, change: Callable[[Tensor], Tensor], layer: int | None = None) -> RecurrentState:
    chosen = range(len(state.layers)) if layer is None else [layer % len(state.layers)]
    layers = tuple(
        tuple(map(change, parts)) if number in chosen else parts for number, parts in enumerate(state.layers)
    )
    return replace(state, layers=layers)
