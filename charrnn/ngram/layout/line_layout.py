"""The page that a text was printed on: how wide each symbol is, and how far its lines reach.

Where lines end at a margin, a line ends as soon as the next word would go beyond it. So how much room there is left
tells how long the next word may be, and how much room the line before had left, how long the first word of a line must
be. Widths count, not characters: in most fonts an m takes three times the room of an i. `widths.fit` finds them.

Where the margin of the text that is being read lies is followed from line to line: a line that goes on in small letters
ended at the margin, so this is at least as far as the line went, and less far than it would have gone with the word
that came next. If a line says otherwise, the margin is moved towards it: at first, or when line after line says the
same, by much, as it is another page; then by ever less, as some lines end for other reasons.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, part

Keys = NDArray[np.uint64]

UNIT = 64  # parts of the mean width of a symbol, in which all widths are measured
FIRST_STEP, STEP = 4 * UNIT, UNIT // 10  # by which the margin is moved at most: FIRST_STEP / n + STEP for the nth line
ASTRAY = 8  # lines in a row that end short of the margin, or beyond it: the next line is then the first again

# Places on the page, in mean widths: the room up to the margin; in the first word of a line, instead, the room that the
# line before would have had left with the word so far. Beyond the least and the most they are not told apart.
LEAST_ROOM, MOST_ROOM = -6, 18
LEAST_SPARED, MOST_SPARED = -4, 16
ROOMS = MOST_ROOM - LEAST_ROOM
PLACES = ROOMS + MOST_SPARED - LEAST_SPARED

LINE, MARGIN, BEFORE, FIRST, SMALL, FOLLOWED, SHORT, BEYOND = range(8)
SLOTS = 8
"""What is remembered: the width of the line so far; the margin; the width of the line before; whether this one is in
its first word (1, else 0), and whether that began with a small letter; by how many lines the margin was followed; how
many in a row ended short of it, or beyond it."""

_NONE, _ONE = np.uint64(0), np.uint64(1)


class Page(NamedTuple):
    widths: NDArray[np.int64]  # (v,): of the symbols, in parts of UNIT
    margin: int  # where nothing was read yet; 0 if nothing is known of the page

    @classmethod
    def unknown(cls, symbols: int) -> Self:
        return cls(np.zeros(symbols, dtype=np.int64), 0)


@part
def _follow(memory: Keys, least: Number, most: Number) -> None:
    """A line has shown that the margin is between these."""
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
    """One symbol more on the page: changes `memory`, (SLOTS,). small: whether it is a small letter."""
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
    """The place where the next symbol comes: the first ROOMS go by the room, the others by what was spared."""
    room: Number = np.int64(memory[MARGIN]) - np.int64(memory[LINE])
    if memory[FIRST] == _NONE:
        return min(max(room // UNIT - LEAST_ROOM, 0), ROOMS - 1)
    spared: Number = room - np.int64(memory[BEFORE]) - page.widths[space]
    return ROOMS + min(max(spared // UNIT - LEAST_SPARED, 0), PLACES - ROOMS - 1)
