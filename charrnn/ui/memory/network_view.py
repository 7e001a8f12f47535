"""A text as a trained network read it: X, M, H and S at every instant, sent at once for the browser to step through."""

import base64
import functools
import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from charrnn.config import CELL_LABELS
from charrnn.errors import UserError
from charrnn.html.writing import symbol, variable
from charrnn.ui.memory.tiny_network import player
from charrnn.ui.model_cache import Version, sampler
from charrnn.ui.texts import Language, number, say

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens import Trace

LONGEST = 600  # characters: each unit of each of them is sent to the browser
GUESSES = 6  # bars of S
LEVELS = 127  # numbers are sent as whole ones from −127 to 127
KINDS = {"hidden": "H", "cell": "C"}


@dataclass(frozen=True)
class NetworkView:
    """A text and the model that reads it; the trace is cached for all visitors who ask for the same."""

    model: Version
    text: str

    @property
    def trace(self) -> "Trace":
        return _traced(self)


def asked(model: Version, text: str) -> NetworkView:
    from charrnn.corpus import clean

    text = clean(text)
    check(text)
    return NetworkView(model, text)


def check(text: str) -> None:
    """Raise UserError if the text is empty or longer than LONGEST."""
    if not text.strip():
        raise UserError("no-text-given")
    if len(text) > LONGEST:
        raise UserError("text-too-long-to-draw", found=len(text), limit=LONGEST)


@functools.lru_cache(maxsize=16)
def _traced(reading: NetworkView) -> "Trace":
    from charrnn.lens import trace

    model = sampler(reading.model)
    return trace(model.network, model.tokenizer, reading.text)


class PackedUnits(TypedDict):
    scale: float
    data: str


class Frames(TypedDict):
    """What `frames` returns."""

    letters: list[str]
    bits: list[float | None]
    guesses: list[list[list[object]]]
    units: int
    hidden: PackedUnits
    cell: NotRequired[PackedUnits]


def frames(reading: NetworkView) -> Frames:
    """Return what the browser draws at t + 1 instants; the first reads the newline that precedes every text.

    letters; bits (the cost of each, null for the first); guesses (S_t: pairs of a character and its probability, the
    most probable first); and “hidden”, with an LSTM's “cell”, all units of the last layer at all instants as bytes in
    base64: integers q from −127 to 127 that mean q · scale / 127. M_t is H of the previous instant.
    """
    from charrnn.lens import extended

    found, model = reading.trace, sampler(reading.model)
    # One more character makes the trace include the prediction after the last.
    tokens, chances = extended(model.network, model.tokenizer, found, found.text + "\n").candidates
    guesses: list[list[list[object]]] = [
        [[symbol(model.tokenizer.token_text(token)), round(chance, 4)] for token, chance in zip(*row, strict=True)]
        for row in zip(tokens[:, :GUESSES].tolist(), chances[:, :GUESSES].tolist(), strict=True)
    ]
    hidden = np.concatenate([found.first[None, -1], found.hidden[:, -1]]).astype(np.float32)
    sent: Frames = {
        "letters": [symbol(character) for character in f"\n{found.text}"],
        "bits": [None, *(round(bits, 3) for bits in found.surprisal.tolist())],
        "guesses": guesses,
        "units": hidden.shape[1],
        "hidden": _packed(hidden),
    }
    if found.cell.shape[2]:
        sent["cell"] = _packed(np.concatenate([found.first_cell[None, -1], found.cell[:, -1]]).astype(np.float32))
    return sent


def _packed(values: NDArray[np.float32]) -> PackedUnits:
    scale = max(1.0, float(np.abs(values).max()))
    whole = np.rint(values * (LEVELS / scale)).astype(np.int8)
    return {"scale": scale, "data": base64.b64encode(whole.tobytes()).decode("ascii")}


def stage(reading: NetworkView, language: Language) -> str:
    """Return the coloured text, and the room in which the browser draws the network at one character."""
    from charrnn.html import coloured

    found, config = reading.trace, sampler(reading.model).model.config
    sent = frames(reading)
    facts = {
        "model": found.model, "cell": CELL_LABELS[config.cell],
        "layers": config.layers, "units": sent["units"], "bits": number(language, found.bits_per_character, 2),
        "characters": len(found.text),
    }  # fmt: skip
    memory, state = (
        "".join(_strip(kind, language, before=before) for kind in KINDS if kind in sent) for before in (True, False)
    )
    blanks = {name: f"{{{name}}}" for name in ("bits", "unit", "value")}  # filled in the browser
    words = {key: say(language, f"reading_{key}", **blanks) for key in ("told", "told_first", "unit")}
    text = coloured.surprisal(found, language)
    label = escape(say(language, "reading_text"))
    layers = f" {say(language, 'reading_layers', **facts)}" if config.layers > 1 else ""
    return (
        f'<section class="player reading" data-instants="{len(sent["letters"])}" '
        f'data-sent="{escape(json.dumps(sent))}" '
        f'data-words="{escape(json.dumps(words, ensure_ascii=False))}">'
        f"<p>{escape(say(language, 'reading_about', **facts) + layers)}</p>{player(language)}"
        f'<div class="network"><div class="part input"><h3>{variable("X", "t")} <small>'
        f'{escape(say(language, "part_x"))}</small></h3><p class="letter"></p><p class="cost"></p></div>'
        f'<div class="memories">{memory}</div><div class="memories">{state}</div>'
        f'<div class="part output"><h3>{variable("S", "t")} <small>{escape(say(language, "part_s"))}</small></h3>'
        '<ol class="guesses"></ol></div></div><p class="unit">&nbsp;</p><p class="said" aria-live="polite"></p>'
        f"{coloured.legend(language)}"
        f'<div class="linked" tabindex="0" role="group" aria-label="{label}">{text}</div></section>'
    )


def _strip(kind: str, language: Language, *, before: bool) -> str:
    """Return the canvas for all units of an instant. before: of the previous instant, which is the memory."""
    name = variable(KINDS[kind], "t−1" if before else "t")
    head = f"{variable('M', 't')} = {name}" if before and kind == "hidden" else name
    words = escape(say(language, f"part_{kind}_before" if before else f"part_{kind}"))
    nothing = f'<p class="nothing" hidden>{escape(say(language, "part_nothing"))}</p>' if before else ""
    return (
        f'<div class="part"><h3>{head} <small>{words}</small></h3>{nothing}'
        f'<canvas data-kind="{kind}" data-back="{int(before)}" role="img" aria-label="{words}"></canvas></div>'
    )
