"""What an intervention does: what the text that follows costs now, and how the model itself would go on.

Each intervention is made at several places of a text; the text after each place is then predicted from the changed
memory. All else that the model knows stays: the last characters' ids, and, with counts, what these expect.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens import interventions
from charrnn.lens.reach import BAND
from charrnn.model import CharRNN, RecurrentState
from charrnn.sampling import Sampler

PLACES = 12
AHEAD = 50  # characters that are predicted after each
KEPT = 16  # units
CONTINUED = 60  # characters that the model writes on

Intervention = Callable[[RecurrentState], RecurrentState]


@dataclass(frozen=True)
class Effect:
    """One intervention's, at `places` of a text."""

    name: str
    bits: float  # per character of what follows, on average
    extra: float  # more than without it,
    band: float  # give or take so much (95 %)
    continuation: str  # how the model writes on after the last place, with the same seed for all


def strongest(state: RecurrentState, count: int, layer: int = -1) -> list[int]:
    """The units of a layer whose hidden numbers are farthest from zero, the farthest first (first text of a batch)."""
    order = state.layers[layer][0][0].abs().argsort(descending=True, stable=True)
    return [int(unit) for unit in order[:count]]


def usual(
    other: RecurrentState, keep: int = KEPT, unit: int | None = None, value: float = 0.0
) -> dict[str, Intervention]:
    """The interventions that are compared by default. other: the memory of another text, or place.

    keep: how many of each layer's strongest units stay. unit, value: what is clamped in the last layer; by default the
    strongest unit, to the opposite of what it was.
    """

    def kept(state: RecurrentState) -> RecurrentState:
        for layer in range(len(state.layers)):
            state = interventions.kept(state, strongest(state, keep, layer), layer)
        return state

    def clamped(state: RecurrentState) -> RecurrentState:
        if unit is not None:
            return interventions.clamped(state, unit, value)
        (best,) = strongest(state, 1)
        return interventions.clamped(state, best, -float(state.layers[-1][0][0, best]))

    return {
        "untouched": lambda state: state,
        "zeroed": interventions.zeroed,
        "shuffled": interventions.shuffled,
        "kept": kept,
        "clamped": clamped,
        "swapped": lambda state: interventions.swapped(state, other),
    }


@torch.no_grad()
def effects(
    model: CharRNN,
    tokenizer: CharTokenizer,
    text: str,
    changes: dict[str, Intervention] | None = None,
    places: int = PLACES,
    ahead: int = AHEAD,
    seed: int = 1,
    at: int | None = None,
) -> list[Effect]:
    """The effect of each of `changes`, by default `usual` with the memory at the text's middle; untouched comes first.

    at: after how many characters to intervene, instead of at `places` of the text; with only one there is no band.
    Raises UserError if the text is shorter than three times `ahead`, or if fewer than `ahead` follow `at`.
    """
    text = clean(text)
    if len(text) < 3 * ahead:
        raise UserError("text-too-short-to-intervene", least=3 * ahead, found=len(text))
    if at is not None and not 0 <= at <= len(text) - ahead:
        raise UserError("place-out-of-text", most=len(text) - ahead, ahead=ahead, found=at)
    sampler = Sampler(model, tokenizer)
    stops = [at] if at is not None else sorted(set(np.linspace(ahead, len(text) - ahead, places).astype(int).tolist()))
    states = dict(zip(stops, _states(sampler, text, stops), strict=True))
    changes = changes or usual(sampler.read(text[: len(text) // 2]))
    changes = {"untouched": lambda state: state, **changes}
    config = SampleConfig(length=CONTINUED, temperature=0.5, seed=seed)
    costs, found = {}, []
    for name, change in changes.items():
        costs[name] = np.array([
            interventions.cost(model, tokenizer, text[stop : stop + ahead], change(state)) / ahead
            for stop, state in states.items()
        ])  # fmt: skip
        extra = costs[name] - costs["untouched"]
        band = BAND * float(extra.std(ddof=1)) / len(extra) ** 0.5 if len(extra) > 1 else 0.0
        written = sampler.generate("", config, change(states[stops[-1]]))
        found.append(Effect(name, float(costs[name].mean()), float(extra.mean()), band, written))
    return found


def _states(sampler: Sampler, text: str, stops: list[int]) -> list[RecurrentState]:
    """The states after the first stops[0], stops[1], … characters."""
    found, state, before = [], None, 0
    for stop in stops:
        state, before = sampler.read(text[before:stop], state), stop
        found.append(state)
    return found
