"""The printed page of a text whose lines end at a margin: symbol widths, positions on the line, other line widths.

A line ends where the next word would pass the margin. So the room left on a line bounds the length of the next word,
and the room left on the line before bounds from below the length of a line's first word. Widths are those of the
font, in which an m is about three times as wide as an i; `page_fit.py` finds them from the line ends.

While a text is read, `turn` tracks its margin from line to line. A line that continues in small letters was wrapped:
its margin is at least the line's width, and less than the width with the first word of the next line. A contradicting
line moves the margin, by large steps at first and after ASTRAY contradictions in one direction (a new page), by ever
smaller ones later, as some lines end for other reasons.

Which words end the lines is an accident of one edition, and a network that reads it repeatedly learns it by heart.
`Rewrapper` therefore wraps the text at another margin for every pass.
"""

from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.data.tokenizer import Ids
from charrnn.ngram.vocabulary import Alphabet, Symbols

UNIT = 64  # widths are integers, in this fraction of the mean symbol width
FIRST_STEP, STEP = 4 * UNIT, UNIT // 10  # the nth line moves the margin by at most FIRST_STEP / n + STEP
ASTRAY = 8  # consecutive lines on one side of the margin after which n starts again from 1

# Places, in mean widths, clipped to these ranges: the room left before the margin or, in the first word of a line, the
# room that the line before would have left after the word so far.
LEAST_ROOM, MOST_ROOM = -6, 18
LEAST_SPARED, MOST_SPARED = -4, 16
ROOMS = MOST_ROOM - LEAST_ROOM
PAGE_PLACES = ROOMS + MOST_SPARED - LEAST_SPARED

LINE, MARGIN, BEFORE, FIRST, SMALL, FOLLOWED, SHORT, BEYOND = range(8)
SLOTS = 8
"""The state of `turn`: widths of the line so far, of the margin and of the line before; 1 in the first word of a line;
1 if that word began with a small letter; number n of the line; consecutive lines short of and beyond the margin."""

# Rewrapper
LONGEST = 2**24  # tokens; longer texts are hardly read twice and may be on disk
NARROWER, WIDER = 30 * UNIT, 15 * UNIT  # the greatest changes of the margin
LEAST_FILLED = 2  # only lines wider than 1/LEAST_FILLED of the page are rewrapped; verse is left alone


class Page(NamedTuple):
    """Symbol widths and the initial margin."""

    widths: NDArray[np.int64]  # (v,), in UNIT
    margin: int  # at the start of a text; 0 if no page is known

    @classmethod
    def unknown(cls, symbols: int) -> Self:
        return cls(np.zeros(symbols, dtype=np.int64), 0)

    @classmethod
    def fit(cls, text: Symbols, alphabet: Alphabet) -> Self | None:
        """Return the page of a text (n,), or None if its lines end at no margin."""
        from charrnn.ngram.page_fit import likeliest  # loads torch

        found = likeliest(text, alphabet)
        return None if found is None else cls(*found)


class Script(NamedTuple):
    """An alphabet and its page, as the compiled loops read them; see `Alphabet`."""

    letter: NDArray[np.bool_]
    lower: Symbols
    space: int
    line: int
    wrapped: bool  # whether lines end at a margin
    page: Page

    @classmethod
    def of(cls, alphabet: Alphabet, page: Page | None) -> Self:
        """page: None for texts whose lines end at no margin."""
        known = page or Page.unknown(alphabet.symbols)
        return cls(alphabet.letter, alphabet.lower, alphabet.space, alphabet.line, page is not None, known)


class Rewrapper:
    """The editions of a text: `editions(number)` is a pure function, so a resumed run needs only the number."""

    def __init__(self, ids: Ids, script: Script) -> None:
        """ids: (n,), the text."""
        self.ids = ids
        self.script = script
        self._edition = lru_cache(maxsize=2)(self._rewrapped)  # two: prefetching may have begun the next pass

    def __call__(self, number: int) -> Ids:
        """Return (n,): the text with spaces and line ends exchanged within paragraphs. Edition 0 is the text itself."""
        if number == 0 or self.script.page.margin == 0 or len(self.ids) > LONGEST:
            return self.ids
        return self._edition(number)

    def _rewrapped(self, number: int) -> Ids:
        wider = int(np.random.default_rng(number).integers(-NARROWER, WIDER + 1))
        return rewrapped(self.ids, self.script, wider)


def rewrapped(ids: Ids, script: Script, wider: int) -> Ids:
    """Return a text (n,), of the same length, as pages with a margin wider by so many UNIT parts would show it.

    The script must have a known page.
    """
    from charrnn.ngram.compiled.page_loops import rewrap

    result = np.array(ids)
    rewrap(result, script, wider, np.zeros(SLOTS, dtype=np.uint64))
    return result
