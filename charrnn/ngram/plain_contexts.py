"""The contexts of a few symbols, computed in Python: the same as the loops in `compiled/`, without loading numba.

One symbol takes about 30 µs. Numbers are Python integers below 2^64; see `contexts.py` and `layout.py` for the state.
"""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import GOLDEN, SHAKE, STIR
from charrnn.ngram.contexts import (
    CHARACTERS,
    CLASS,
    CLASSES_SEEN,
    COLUMN,
    COLUMN_MOST,
    EARLIER,
    GAP,
    KINDS,
    LAST,
    LETTERS,
    LETTERS_MOST,
    PAGE,
    PREFIX,
    PREVIOUS,
    SIGN,
    ContextHasher,
    Contexts,
)
from charrnn.ngram.layout import (
    ASTRAY,
    BEFORE,
    BEYOND,
    FIRST,
    FIRST_STEP,
    FOLLOWED,
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
)
from charrnn.ngram.vocabulary import Keys

_GOLDEN, _STIR, _SHAKE = int(GOLDEN), int(STIR), int(SHAKE)
_MOST = 2**64 - 1


class PlainReader:
    """Computes the contexts that a `ContextHasher` does."""

    def __init__(self, reader: ContextHasher) -> None:
        alphabet, words = reader.alphabet, reader.words
        self.alphabet = alphabet
        self.letter: list[bool] = alphabet.letter.tolist()
        self.lower: list[int] = alphabet.lower.tolist()
        self.classes = dict(zip(words.hashes.tolist(), words.classes.tolist(), strict=True))
        self.unknown_word, self.unknown_sign = words.count, words.count + 1
        self.is_wrapped = reader.page is not None
        self.page = None
        if reader.page is not None and reader.page.margin > 0:
            self.page = PlainPage(reader.page, alphabet.space, alphabet.line)

    def read(self, reading: Keys, tokens: NDArray[np.integer]) -> tuple[Contexts, Keys]:
        """Return the contexts after each of `tokens` (b, t), and the state (b, MEMORY) after the last."""
        symbols = self.alphabet.clip(tokens)
        contexts = Contexts(
            np.empty((*symbols.shape, len(KINDS)), dtype=np.uint64),
            symbols,
            np.empty(symbols.shape, dtype=np.uint8),
            np.empty((*symbols.shape, CLASSES_SEEN), dtype=np.uint16),
            np.empty(symbols.shape, dtype=np.uint8),
        )
        after = np.empty_like(reading)
        for lane, memory in enumerate(reading.tolist()):
            for time, symbol in enumerate(symbols[lane].tolist()):
                place = self._advance(memory, symbol)
                contexts.keys[lane, time] = _keys(memory, place)
                contexts.letters[lane, time] = min(memory[LETTERS], LETTERS_MOST)
                contexts.classes[lane, time] = memory[CLASS : CLASS + CLASSES_SEEN]
                contexts.places[lane, time] = max(place, 0)
            after[lane] = memory
        return contexts, after

    def _advance(self, memory: list[int], symbol: int) -> int:
        """Update a state (MEMORY,) by one symbol; return its place on the page, or −1 if the page is unknown."""
        is_letter, place = self.letter[symbol], -1
        if self.page is not None:
            slots = memory[PAGE:]
            self.page.turn(slots, symbol, is_small=is_letter and self.lower[symbol] == symbol)
            place, memory[PAGE:] = self.page.place(slots), slots
        memory[SIGN] = 0 if is_letter else symbol + 1
        symbol = self._turn_column(memory, symbol)
        if is_letter := self.letter[symbol]:
            memory[PREFIX] = _mix(memory[PREFIX], self.lower[symbol]) | 1
            memory[LETTERS] = memory[LETTERS] + 1 & _MOST
            memory[GAP] = 0
        else:
            self._end_word(memory, symbol)
        memory[:LAST] = [symbol + 1, *memory[: LAST - 1]]
        return place

    def _turn_column(self, memory: list[int], symbol: int) -> int:
        """Advance the column. Return the symbol, or a space for a line end within a paragraph of a wrapped text."""
        if symbol != self.alphabet.line:
            memory[COLUMN] = min(memory[COLUMN] + 1, COLUMN_MOST)
            return symbol
        within, memory[COLUMN] = self.is_wrapped and memory[COLUMN] != 0, 0
        return self.alphabet.space if within else symbol

    def _end_word(self, memory: list[int], symbol: int) -> None:
        """Remember the word before a symbol that is not a letter, if one ends here, and the symbol."""
        ended = [self.classes.get(memory[PREFIX], self.unknown_word)] if memory[PREFIX] != 0 else []
        if symbol != self.alphabet.space:
            ended.insert(0, self.classes.get(_mix(1, symbol), self.unknown_sign))
        classes = slice(CLASS, CLASS + CLASSES_SEEN)
        memory[classes] = [*(class_ + 1 for class_ in ended), *memory[classes]][:CLASSES_SEEN]
        if memory[PREFIX] != 0:
            memory[EARLIER], memory[PREVIOUS] = memory[PREVIOUS], memory[PREFIX]
            memory[PREFIX] = memory[LETTERS] = 0
        memory[GAP] = _mix(memory[GAP], symbol)


class PlainPage:
    """Follows a printed page, as `compiled/page_loops.py` does."""

    def __init__(self, page: Page, space: int, line: int) -> None:
        self.widths: list[int] = page.widths.tolist()
        self.margin, self.space, self.line = page.margin, space, line

    def turn(self, memory: list[int], symbol: int, *, is_small: bool) -> None:
        """Update the page's state (SLOTS,) by one symbol."""
        if memory[MARGIN] == 0:
            memory[MARGIN] = self.margin
        if memory[FIRST] != 0:
            if memory[LINE] == 0:
                memory[SMALL] = int(is_small)
            elif symbol in (self.space, self.line):
                if memory[SMALL] != 0:
                    least = _signed(memory[BEFORE])
                    _follow(memory, least, least + self.widths[self.space] + _signed(memory[LINE]))
                memory[FIRST] = 0
        if symbol == self.line:
            memory[FIRST], memory[BEFORE], memory[LINE] = int(memory[LINE] != 0), memory[LINE], 0
        else:
            memory[LINE] = memory[LINE] + self.widths[symbol] & _MOST

    def place(self, memory: list[int]) -> int:
        """Return the place of the next symbol: below ROOMS the room left, from ROOMS on the room spared before."""
        room = _signed(memory[MARGIN]) - _signed(memory[LINE])
        if memory[FIRST] == 0:
            return min(max(room // UNIT - LEAST_ROOM, 0), ROOMS - 1)
        spared = room - _signed(memory[BEFORE]) - self.widths[self.space]
        return ROOMS + min(max(spared // UNIT - LEAST_SPARED, 0), PAGE_PLACES - ROOMS - 1)


def _follow(memory: list[int], least: int, most: int) -> None:
    """Move the margin towards the interval [least, most] that a line has shown."""
    margin = _signed(memory[MARGIN])
    amiss = min(max(margin, least), most) - margin
    memory[SHORT] = memory[SHORT] + 1 & _MOST if amiss < 0 else 0
    memory[BEYOND] = memory[BEYOND] + 1 & _MOST if amiss > 0 else 0
    if ASTRAY in (memory[SHORT], memory[BEYOND]):
        memory[SHORT] = memory[BEYOND] = memory[FOLLOWED] = 0
    memory[FOLLOWED] = memory[FOLLOWED] + 1 & _MOST
    step = FIRST_STEP // (_signed(memory[FOLLOWED]) or 1) + STEP
    memory[MARGIN] = margin + min(max(amiss, -step), step) & _MOST


def _signed(number: int) -> int:
    """Return the signed integer with the bits of an unsigned one, which a stranger's state may hold."""
    return number - 2**64 if number >> 63 else number


def _mix(state: int, value: int) -> int:
    """Return what `kernels.mix` does."""
    state = (state * _GOLDEN ^ value + _GOLDEN) & _MOST
    state = (state ^ state >> 32) * _STIR & _MOST
    state = (state ^ state >> 32) * _SHAKE & _MOST
    return state ^ state >> 32


def _keys(memory: list[int], place: int) -> list[int]:
    """Return the keys of a text's state, in the order of KINDS. place: on the page; −1 if the page is unknown."""
    keys, hash_ = [], 0
    for distance in range(LAST):
        hash_ = _mix(hash_, memory[distance])
        if distance + 1 in CHARACTERS:
            keys.append(hash_)
    hash_ = here = _mix(memory[PREFIX], memory[GAP])
    one = _mix(here, memory[PREVIOUS])
    keys += [here, one, _mix(one, memory[EARLIER]), _mix(here, memory[EARLIER])]
    for class_ in memory[CLASS : CLASS + CLASSES_SEEN]:
        hash_ = _mix(hash_, class_)
        keys.append(hash_)
    return [*keys, _mix(_mix(0, place), memory[0]) if place >= 0 else _mix(_mix(1, memory[COLUMN]), memory[SIGN])]
