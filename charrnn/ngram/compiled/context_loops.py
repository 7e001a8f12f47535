"""The loops that read a text: from symbols to contexts."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, announced, kernel, mix, part
from charrnn.ngram.compiled.page_loops import place_on, turn
from charrnn.ngram.contexts import (
    CHARACTERS,
    CLASS,
    CLASSES_SEEN,
    COLUMN,
    COLUMN_MOST,
    EARLIER,
    GAP,
    LAST,
    LETTERS,
    LETTERS_MOST,
    PAGE,
    PREFIX,
    PREVIOUS,
    SIGN,
)
from charrnn.ngram.layout import Script
from charrnn.ngram.vocabulary import Keys, Symbols

NONE = np.uint64(0)
ONE = np.uint64(1)


@part
def _hash_sign(symbol: Number) -> np.uint64:
    return mix(ONE, np.uint64(symbol))


@part
def _remember_class(memory: Keys, hash_: np.uint64, unknown: Number, words: tuple[Keys, Symbols, int]) -> None:
    """Add the class of a finished word or sign, as the nearest one. unknown: the class of others."""
    hashes, classes, _ = words
    place = np.searchsorted(hashes, hash_)
    for farther in range(CLASS + CLASSES_SEEN - 1, CLASS, -1):
        memory[farther] = memory[farther - 1]
    known = place < len(hashes) and hashes[place] == hash_
    memory[CLASS] = np.uint64(classes[place] if known else unknown) + ONE


@part
def _remember_word(memory: Keys, symbol: Number, is_letter: Number, lower: Number) -> None:
    """Add a symbol to the current word or to the gap between words."""
    if is_letter:
        memory[PREFIX] = mix(memory[PREFIX], np.uint64(lower)) | ONE
        memory[LETTERS] += ONE
        memory[GAP] = NONE
        return
    if memory[PREFIX] != NONE:
        memory[EARLIER] = memory[PREVIOUS]
        memory[PREVIOUS] = memory[PREFIX]
        memory[PREFIX] = memory[LETTERS] = NONE
    memory[GAP] = mix(memory[GAP], np.uint64(symbol))


@part
def _remember_column(memory: Keys, symbol: Number, space: Number, line: Number, wrapped: Number) -> Number:
    """Advance the column. Return the symbol, or a space for a line end within a paragraph of a wrapped text."""
    if symbol != line:
        memory[COLUMN] = min(memory[COLUMN] + ONE, np.uint64(COLUMN_MOST))
        return symbol
    within = wrapped and memory[COLUMN] != NONE
    memory[COLUMN] = NONE
    return np.int64(space) if within else symbol


@part
def _write_keys(memory: Keys, place: Number, keys: Keys) -> None:
    """Set the keys (k,) of a text's state. place: on the page; −1 if the page is unknown."""
    hash_, kind = NONE, 0
    for distance in range(LAST):
        hash_ = mix(hash_, memory[distance])
        if distance + 1 == CHARACTERS[kind]:
            keys[kind] = hash_
            kind += 1
    here = mix(memory[PREFIX], memory[GAP])
    keys[kind] = here
    keys[kind + 1] = mix(here, memory[PREVIOUS])
    keys[kind + 2] = mix(keys[kind + 1], memory[EARLIER])
    keys[kind + 3] = mix(here, memory[EARLIER])
    hash_ = here
    for distance in range(CLASSES_SEEN):
        hash_ = mix(hash_, memory[CLASS + distance])
        keys[kind + 4 + distance] = hash_
    if place >= 0:
        keys[kind + 4 + CLASSES_SEEN] = mix(mix(NONE, np.uint64(place)), memory[0])
    else:
        keys[kind + 4 + CLASSES_SEEN] = mix(mix(ONE, memory[COLUMN]), memory[SIGN])


@announced("counts")
@kernel
def read_contexts(
    symbols: Symbols,
    memory: Keys,
    script: Script,
    words: tuple[Keys, Symbols, int],
    keys: Keys,
    letters: NDArray[np.uint8],
    classes: NDArray[np.uint16],
    places: NDArray[np.uint8],
) -> None:
    """Read symbols (b, t): update `memory` (b, MEMORY) and set the other fields of `Contexts`."""
    letter, lower, space, line, wrapped, page = script
    count = words[2]
    for lane in range(symbols.shape[0]):
        own = memory[lane]
        for time in range(symbols.shape[1]):
            symbol, place = np.int64(symbols[lane, time]), -1
            if page.margin > 0:
                turn(own[PAGE:], symbol, letter[symbol] and lower[symbol] == symbol, line, space, page)
                place = place_on(page, own[PAGE:], space)
            own[SIGN] = NONE if letter[symbol] else np.uint64(symbol + 1)
            symbol = _remember_column(own, symbol, space, line, wrapped)
            if not letter[symbol]:
                if own[PREFIX] != NONE:
                    _remember_class(own, own[PREFIX], count, words)
                if symbol != space:
                    _remember_class(own, _hash_sign(symbol), count + 1, words)
            _remember_word(own, symbol, letter[symbol], lower[symbol])
            for distance in range(LAST - 1, 0, -1):
                own[distance] = own[distance - 1]
            own[0] = np.uint64(symbol + 1)
            _write_keys(own, place, keys[lane, time])
            places[lane, time] = max(place, 0)
            letters[lane, time] = min(own[LETTERS], np.uint64(LETTERS_MOST))
            for distance in range(CLASSES_SEEN):
                classes[lane, time, distance] = own[CLASS + distance]


@kernel
def hash_words(symbols: Symbols, memory: Keys, script: Script, found: Keys) -> int:
    """Set `found` to the hashes of words and signs that `read_contexts` uses; return their number."""
    letter, lower, space, line, wrapped, _ = script
    number = 0
    for place in range(len(symbols)):
        symbol = np.int64(symbols[place])
        if not letter[symbol]:
            if memory[PREFIX] != NONE:
                found[number] = memory[PREFIX]
                number += 1
            if symbol != space and not (wrapped and symbol == line):
                found[number] = _hash_sign(symbol)
                number += 1
        _remember_word(memory, symbol, letter[symbol], lower[symbol])
    return number
