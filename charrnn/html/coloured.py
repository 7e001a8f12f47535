"""Coloured text as HTML: the surprisal of each character, the activity of one unit, the input that a prediction used.

Shades can be told apart without colour: the highest surprisals are underlined, and each character has its number in a
tooltip or in the table beside it.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charrnn.errors.quantities import Language
from charrnn.html.number_tables import table
from charrnn.html.texts import say
from charrnn.html.writing import flowing, number, percent, symbol, visible

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens import Trace

STEPS = (1.0, 2.0, 4.0, 7.0)  # bits up to which each shade goes; the last goes beyond
SHADES = 8  # of a colour, beside none
CANDIDATES = 4
LEAST = 0.005  # probability that is worth telling
CONTEXT = 28  # characters shown before a hard place


def marked(text: str, classes: Sequence[str], titles: Sequence[str] = ()) -> str:
    """Return a text as HTML, each character in an element with its CSS class, its place and its title.

    Without titles, neighbours of one class share an element, and characters of the empty class need none.
    """
    if titles:
        marks = enumerate(zip(text, classes, titles, strict=True))
        return "".join(
            f'<span class="{kind}" data-at="{place}" title="{escape(title)}">{flowing(character)}</span>'
            for place, (character, kind, title) in marks
        )
    pieces = []
    for kind, group in groupby(zip(classes, text, strict=True), key=lambda mark: mark[0]):
        run = "".join(flowing(character) for _, character in group)
        pieces.append(f'<span class="{kind}">{run}</span>' if kind else run)
    return "".join(pieces)


def surprisal(found: "Trace", language: Language, most: int | None = None) -> str:
    """Return the text coloured by bits per character; characters outside the vocabulary are framed.

    most: characters from the beginning; by default all.
    """
    text, levels = found.text[:most], np.searchsorted(STEPS, found.surprisal[:most]).tolist()
    frames = [" lens-unknown" if unknown else "" for unknown in found.unknown[:most]]
    classes = [f"lens-s{level}{frame}" for level, frame in zip(levels, frames, strict=True)]
    titles = [f"{symbol(character)}: {_told(found, language, place)}" for place, character in enumerate(text)]
    return f'<div class="lens-text">{marked(text, classes, titles)}</div>'


def legend(language: Language) -> str:
    """Return the legend of the shades of `surprisal`."""
    items = []
    for level, (low, high) in enumerate(zip((0.0, *STEPS), (*STEPS, None), strict=True)):
        key = "bits_beyond" if high is None else "bits_between"
        words = say(language, key, low=number(language, low), high=number(language, high or 0))
        items.append(f'<span class="lens-s{level}">{words}</span>')
    unknown = f'<span class="lens-unknown">{say(language, "unknown")}</span>'
    return f'<p class="lens-legend">{" ".join([*items, unknown])}</p>'


def hardest(found: "Trace", language: Language, count: int = 20) -> str:
    """Return a table of the highest surprisals, with the predictions at those places."""
    rows = []
    for place in found.hardest(count).tolist():
        before = visible(found.text[max(0, place - CONTEXT) : place].replace("\n", " ↵ ")).replace("␣", " ")
        bits = number(language, float(found.surprisal[place]), 1)
        expected = escape(_expected(found, language, place))
        rows.append([bits, f"{before}<b>{visible(found.text[place])}</b>", expected])
    return table([say(language, key) for key in ("bits", "came", "expected")], rows, numbers=(0,))


def activity(text: str, values: NDArray[np.floating], mark: int | None = None) -> str:
    """Return the text in one colour where values (t,), in [−1, 1], are positive and in another where negative.

    mark: the place of a character that is framed.
    """
    levels = np.rint(np.clip(values, -1, 1) * SHADES).astype(int).tolist()
    classes = [f"lens-{'p' if level > 0 else 'm'}{abs(level)}" if level else "" for level in levels]
    if mark is not None:
        classes[mark] = f"{classes[mark]} lens-mark".strip()
    return f'<div class="lens-text">{marked(text, classes)}</div>'


def _told(found: "Trace", language: Language, place: int) -> str:
    bits = number(language, float(found.surprisal[place]), 1)
    return say(language, "told", bits=bits, expected=_expected(found, language, place))


def _expected(found: "Trace", language: Language, place: int) -> str:
    tokens, chances = found.candidates
    pairs = list(zip(tokens[place].tolist(), chances[place].tolist(), strict=True))[:CANDIDATES]
    # A no-break space, so that a character is not parted from its number
    return " · ".join(
        f"{symbol(found.tokenizer.token_text(token))}\u00a0{percent(language, chance)}"
        for token, chance in pairs
        if chance >= LEAST
    )
