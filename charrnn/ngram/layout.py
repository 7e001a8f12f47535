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

from charrnn.compiled.kernels import Number, kernel, part
from charrnn.data.tokenizer import Ids
from charrnn.ngram.vocabulary import Alphabet, Keys, Symbols

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

_NONE, _ONE = np.uint64(0), np.uint64(1)


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


@part
def _follow(memory: Keys, least: Number, most: Number) -> None:
    """Move the margin towards the interval [least, most] that a line has shown."""
    margin = np.int64(memory[MARGIN])
    amiss: Number = min(max(margin, least), most) - margin
    memory[SHORT] = memory[SHORT] + _ONE if amiss < 0 else _NONE
    memory[BEYOND] = memory[BEYOND] + _ONE if amiss > 0 else _NONE
    if memory[SHORT] == ASTRAY or memory[BEYOND] == ASTRAY:
        memory[SHORT] = memory[BEYOND] = memory[FOLLOWED] = _NONE
    memory[FOLLOWED] += _ONE
    step = FIRST_STEP // np.int64(memory[FOLLOWED]) + STEP
    memory[MARGIN] = np.uint64(margin + min(max(amiss, -step), step))


@part
def turn(memory: Keys, symbol: Number, small: Number, line: Number, space: Number, page: Page) -> None:
    """Update the page's state (SLOTS,) by one symbol. small: whether the symbol is a small letter."""
    if memory[MARGIN] == _NONE:
        memory[MARGIN] = np.uint64(page.margin)
    if memory[FIRST] != _NONE:
        if memory[LINE] == _NONE:
            memory[SMALL] = np.uint64(small)
        elif symbol in (space, line):
            if memory[SMALL] != _NONE:
                least = np.int64(memory[BEFORE])
                _follow(memory, least, least + page.widths[space] + np.int64(memory[LINE]))
            memory[FIRST] = _NONE
    if symbol == line:
        memory[FIRST] = np.uint64(memory[LINE] != _NONE)
        memory[BEFORE] = memory[LINE]
        memory[LINE] = _NONE
    else:
        memory[LINE] += np.uint64(page.widths[symbol])


@part
def place_on(page: Page, memory: Keys, space: Number) -> Number:
    """Return the place of the next symbol: below ROOMS the room left, from ROOMS on the room spared before."""
    room: Number = np.int64(memory[MARGIN]) - np.int64(memory[LINE])
    if memory[FIRST] == _NONE:
        return min(max(room // UNIT - LEAST_ROOM, 0), ROOMS - 1)
    spared: Number = room - np.int64(memory[BEFORE]) - page.widths[space]
    return ROOMS + min(max(spared // UNIT - LEAST_SPARED, 0), PAGE_PLACES - ROOMS - 1)


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
    result = np.array(ids)
    _rewrap(result, script, wider, np.zeros(SLOTS, dtype=np.uint64))
    return result


@part
def _width_of_word(ids: Ids, place: Number, script: Script) -> Number:
    """Return the width of the word that begins at `place`; 0 if none does."""
    escape = len(script.letter) - 1
    width: Number = np.int64(0)
    while place < len(ids) and ids[place] != script.space and ids[place] != script.line:
        symbol: Number = min(np.int64(ids[place]), escape)
        width += script.page.widths[symbol]
        place += 1
    return width


@kernel
def _rewrap(ids: Ids, script: Script, wider: int, memory: Keys) -> None:
    """Rewrap ids (n,) in place. memory: (SLOTS,), zeros."""
    letter, lower, space, line, _, page = script
    escape, gap = len(letter) - 1, page.widths[space]
    width: Number = np.int64(0)
    for place in range(len(ids)):
        symbol: Number = min(np.int64(ids[place]), escape)
        before = np.int64(memory[LINE])
        turn(memory, symbol, letter[symbol] and lower[symbol] == symbol, line, space, page)
        if symbol not in (space, line):
            width += page.widths[symbol]
            continue
        margin, word = np.int64(memory[MARGIN]), _width_of_word(ids, place + 1, script)
        if symbol == line:
            follows: Number = min(np.int64(ids[min(place + 1, len(ids) - 1)]), escape)
            small = letter[follows] and lower[follows] == follows
            wrapped = LEAST_FILLED * before > margin and (small or before + gap + word > margin)
            if word == 0 or not wrapped:
                width = np.int64(0)
                continue
        if word > 0 and width + gap + word > margin + wider:
            ids[place], width = line, np.int64(0)
        else:
            ids[place], width = space, width + gap
