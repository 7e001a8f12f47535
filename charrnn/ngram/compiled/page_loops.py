"""The loops that follow a printed page, and rewrap one."""

import numpy as np

from charrnn.compiled.kernels import Number, kernel, part
from charrnn.data.tokenizer import Ids
from charrnn.ngram.layout import (
    ASTRAY,
    BEFORE,
    BEYOND,
    FIRST,
    FIRST_STEP,
    FOLLOWED,
    LEAST_FILLED,
    LEAST_ROOM,
    LEAST_SPARED,
    LINE,
    MARGIN,
    PAGE_PLACES,
    ROOMS,
    SHORT,
    SMALL,
    STEP,
    UNIT,
    Page,
    Script,
)
from charrnn.ngram.vocabulary import Keys

_NONE, _ONE = np.uint64(0), np.uint64(1)


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
def rewrap(ids: Ids, script: Script, wider: int, memory: Keys) -> None:
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
