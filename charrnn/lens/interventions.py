"""Changing the memory at an instant, to see what it was good for: what the text that follows costs then.

zeroed, shuffled, kept, clamped, swapped   state → a new state; none changes the old one
effects(model, tokenizer, text)            what each of these costs at several places of a text

All else that the model knows stays: the last characters' ids, and, with counts, what these expect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens.memory_reach import BAND
from charrnn.model import CharRNN, RecurrentState
from charrnn.sampling import Sampler
from charrnn.scoring.evaluate import token_bits

CHANGED_PLACES = 12
AHEAD = 50  # characters that are predicted after each
KEPT = 16  # units
CONTINUED = 60  # characters that the model writes on
SEED = 1  # the same for all effects

Intervention = Callable[[RecurrentState], RecurrentState]
PARTS = ("hidden", "cell")  # of what an LSTM carries; other cells carry the first only


def zeroed(state: RecurrentState) -> RecurrentState:
    """Return an empty memory, as before anything was read; the last characters and what counts expect stay."""
    return _changed(state, torch.zeros_like)


def shuffled(state: RecurrentState, seed: int = 1) -> RecurrentState:
    """Return the same numbers in other units: one permutation per layer, for all that it carries."""
    generator = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(parts[0].shape[1], generator=generator) for parts in state.layers]
    layers = tuple(
        tuple(part[:, order.to(part.device)] for part in parts)
        for parts, order in zip(state.layers, orders, strict=True)
    )
    return replace(state, layers=layers)


def kept(state: RecurrentState, units: Sequence[int], layer: int = -1) -> RecurrentState:
    """Return a memory in which only these units of a layer keep their numbers; its others are zero."""

    def keep(part: Tensor) -> Tensor:
        mask = torch.zeros(part.shape[1], dtype=torch.bool, device=part.device)
        mask[list(units)] = True
        return torch.where(mask, part, torch.zeros_like(part))

    return _changed(state, keep, layer)


def clamped(
    state: RecurrentState, unit: int, value: float, layer: int = -1, part: Literal["hidden", "cell"] = "hidden"
) -> RecurrentState:
    """Set one unit's number: of the hidden vector, or of an LSTM's cell memory. Raises UserError if there is none."""
    place = layer % len(state.layers)
    parts = list(state.layers[place])
    if PARTS.index(part) >= len(parts):
        raise UserError("no-cell-memory", found=part)
    chosen = parts[PARTS.index(part)].clone()
    chosen[:, unit] = value
    parts[PARTS.index(part)] = chosen
    layers = list(state.layers)
    layers[place] = tuple(parts)
    return replace(state, layers=tuple(layers))


def swapped(state: RecurrentState, other: RecurrentState) -> RecurrentState:
    """Return the memory of another text in place of this one's."""
    return replace(state, layers=other.layers)


def cost(model: CharRNN, tokenizer: CharTokenizer, text: str, state: RecurrentState) -> float:
    """Return the bits that `text` (NFC) costs from `state`."""
    return float(costs(model, tokenizer, [text], [state])[0])


def costs(
    model: CharRNN, tokenizer: CharTokenizer, texts: Sequence[str], states: Sequence[RecurrentState]
) -> NDArray[np.float64]:
    """Return the bits (n,) that each of n texts costs from its state. Texts of equally many tokens are read at once."""
    ids = [tokenizer.encode_array(clean(text)) for text in texts]
    found = np.zeros(len(ids))
    for length in {len(each) for each in ids}:
        rows = [row for row, each in enumerate(ids) if len(each) == length]
        tokens = torch.from_numpy(np.stack([ids[row] for row in rows])).long().to(model.device)
        bits, _ = token_bits(model, tokenizer, tokens, RecurrentState.joined([states[row] for row in rows]))
        found[rows] = bits.double().sum(dim=1).cpu().numpy()
    return found


def _changed(state: RecurrentState, change: Callable[[Tensor], Tensor], layer: int | None = None) -> RecurrentState:
    chosen = range(len(state.layers)) if layer is None else [layer % len(state.layers)]
    layers = tuple(
        tuple(map(change, parts)) if number in chosen else parts for number, parts in enumerate(state.layers)
    )
    return replace(state, layers=layers)


@dataclass(frozen=True)
class Effect:
    """What one intervention costs, measured at several places of a text."""

    name: str
    bits: float  # per character of the text that follows, on average
    extra: float  # bits per character more than without the intervention
    band: float  # extra ± band holds the mean (95 %)
    continuation: str  # what the model generates after the last place; the seed is the same for all effects


def strongest(state: RecurrentState, count: int, layer: int = -1) -> list[int]:
    """Return the units of a layer whose hidden numbers are farthest from zero, the farthest first (of row 0)."""
    order = state.layers[layer][0][0].abs().argsort(descending=True, stable=True)
    return [int(unit) for unit in order[:count]]


def usual(
    other: RecurrentState, keep: int = KEPT, unit: int | None = None, value: float = 0.0
) -> dict[str, Intervention]:
    """Return the interventions that are compared by default, by name.

    Args:
        other: the memory of another text, or place, for "swapped".
        keep: how many of each layer's strongest units "kept" leaves.
        unit: the unit of the last layer that "clamped" sets to `value`; by default the strongest, to its opposite.
    """

    def keep_strongest(state: RecurrentState) -> RecurrentState:
        for layer in range(len(state.layers)):
            state = kept(state, strongest(state, keep, layer), layer)
        return state

    def clamp(state: RecurrentState) -> RecurrentState:
        if unit is not None:
            return clamped(state, unit, value)
        (best,) = strongest(state, 1)
        return clamped(state, best, -float(state.layers[-1][0][0, best]))

    return {
        "untouched": lambda state: state,
        "zeroed": zeroed,
        "shuffled": shuffled,
        "kept": keep_strongest,
        "clamped": clamp,
        "swapped": lambda state: swapped(state, other),
    }


@torch.no_grad()
def effects(
    model: CharRNN,
    tokenizer: CharTokenizer,
    text: str,
    changes: dict[str, Intervention] | None = None,
    places: int = CHANGED_PLACES,
    ahead: int = AHEAD,
    at: int | None = None,
    writer: Sampler | None = None,
) -> list[Effect]:
    """Measure the effect of each of `changes` on the `ahead` characters after each place; "untouched" comes first.

    Args:
        changes: by default `usual`, with the memory at the text's middle.
        at: the characters before the one place at which to intervene, instead of `places` spread over the text; with
            one place there is no band.
        writer: a sampler of the same model, whose decoder reads the text and writes on; by default the model's own.

    Raises UserError if the text is shorter than three times `ahead`, or if fewer than `ahead` follow `at`.
    """
    text = clean(text)
    if len(text) < 3 * ahead:
        raise UserError("text-too-short-to-intervene", least=3 * ahead, found=len(text))
    if at is not None and not 0 <= at <= len(text) - ahead:
        raise UserError("place-out-of-text", most=len(text) - ahead, ahead=ahead, found=at)
    sampler = writer or Sampler(model, tokenizer)
    stops = [at] if at is not None else sorted(set(np.linspace(ahead, len(text) - ahead, places).astype(int).tolist()))
    states = _states(sampler, text, stops, model.device)
    changes = changes or usual(sampler.read(text[: len(text) // 2]).to(model.device))
    changes = {"untouched": lambda state: state, **changes}
    changed = {name: [change(state) for state in states] for name, change in changes.items()}
    pieces = [text[stop : stop + ahead] for stop in stops] * len(changes)
    spent = costs(model, tokenizer, pieces, [state for states in changed.values() for state in states])
    bits = dict(zip(changes, spent.reshape(len(changes), -1) / ahead, strict=True))
    config = SampleConfig(length=CONTINUED, temperature=0.5, seed=SEED)
    found = []
    for name in changes:
        extra = bits[name] - bits["untouched"]
        band = BAND * float(extra.std(ddof=1)) / len(extra) ** 0.5 if len(extra) > 1 else 0.0
        written = sampler.generate("", config, changed[name][-1])
        found.append(Effect(name, float(bits[name].mean()), float(extra.mean()), band, written))
    return found


def _states(sampler: Sampler, text: str, stops: list[int], device: torch.device) -> list[RecurrentState]:
    """Return the states, on a device, after the first stops[0], stops[1], … characters."""
    found: list[RecurrentState] = []
    for before, stop in pairwise([0, *stops]):
        state = sampler.read(text[before:stop], found[-1] if found else None)
        found.append(state.to(device))
    return found
