"""A text in colours, as HTML: how much each character surprised, what one unit did, what mattered to a prediction.

Shades are told apart without colour, too: what surprised most is underlined, and each character has its number as a
tooltip or in a table beside.
"""

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors.quantities import Language
from charrnn.html.number_tables import table
from charrnn.html.texts import say
from charrnn.html.writing import flowing, number, percent, visible
from charrnn.lens import Trace

STEPS = (1.0, 2.0, 4.0, 7.0)  # bits up to which each shade goes; the last goes beyond
SHADES = 8  # of a colour, beside none
CANDIDATES = 4
LEAST = 0.005  # probability that is worth telling
CONTEXT = 28  # characters shown before a hard place


def surprisal(
    found: Trace, tokenizer: CharTokenizer, language: Language, start: int = 0, stop: int | None = None
) -> str:
    """The text coloured by bits per character; characters outside of the vocabulary are framed."""
    pieces = []
    levels = np.searchsorted(STEPS, found.surprisal)
    for place in range(*slice(start, stop).indices(len(found.text))):
        frame = " lens-unknown" if found.unknown[place] else ""
        told = f"{visible(found.text[place])}: {_told(found, tokenizer, language, place)}"
        pieces.append(
            f'<span class="lens-s{levels[place]}{frame}" data-at="{place}" title="{told}">'
            f"{flowing(found.text[place])}</span>"
        )
    return f'<div class="lens-text">{"".join(pieces)}</div>'


def legend(language: Language) -> str:
    """What the shades of `surprisal` mean."""
    items = []
    for level, (low, high) in enumerate(zip((0.0, *STEPS), (*STEPS, None), strict=True)):
        key = "bits_beyond" if high is None else "bits_between"
        words = say(language, key, low=number(language, low), high=number(language, high or 0))
        items.append(f'<span class="lens-s{level}">{words}</span>')
    unknown = f'<span class="lens-unknown">{say(language, "unknown")}</span>'
    return f'<p class="lens-legend">{" ".join([*items, unknown])}</p>'


def hardest(found: Trace, tokenizer: CharTokenizer, language: Language, count: int = 20) -> str:
    """A table of the places of the greatest surprisals and of what was expected there."""
    rows = []
    for place in found.hardest(count).tolist():
        before = visible(found.text[max(0, place - CONTEXT) : place].replace("\n", " ↵ ")).replace("␣", " ")
        bits = number(language, float(found.surprisal[place]), 1)
        expected = _expected(found, tokenizer, language, place)
        rows.append([bits, f"{before}<b>{visible(found.text[place])}</b>", expected])
    return table([say(language, key) for key in ("bits", "came", "expected")], rows, numbers=(0,))


def activity(text: str, values: NDArray[np.floating], mark: int | None = None) -> str:
    """The text over one colour where values (t,), between −1 and 1, are positive, over another where negative.

    mark: the place of a character that is framed.
    """
    levels = np.rint(np.clip(values, -1, 1) * SHADES).astype(int).tolist()
    places = [(level, place == mark, text[place]) for place, level in enumerate(levels)]
    pieces = []
    for (level, marked), group in groupby(places, key=lambda place: place[:2]):
        shade = f"lens-{'p' if level > 0 else 'm'}{abs(level)}" if level else ""
        classes = " ".join(filter(None, [shade, "lens-mark" if marked else ""]))
        run = "".join(flowing(character) for *_, character in group)
        pieces.append(f'<span class="{classes}">{run}</span>' if classes else run)
    return f'<div class="lens-text">{"".join(pieces)}</div>'


def _told(found: Trace, tokenizer: CharTokenizer, language: Language, place: int) -> str:
    bits = number(language, float(found.surprisal[place]), 1)
    return say(language, "told", bits=bits, expected=_expected(found, tokenizer, language, place))


def _expected(found: Trace, tokenizer: CharTokenizer, language: Language, place: int) -> str:
    tokens, chances = found.candidates
    pairs = list(zip(tokens[place].tolist(), chances[place].tolist(), strict=True))[:CANDIDATES]
    # A no-break space, so that a character is not parted from its number
    return " · ".join(
        f"{visible(tokenizer.token_text(token))}\u00a0{percent(language, chance)}"
        for token, chance in pairs
        if chance >= LEAST
    )
