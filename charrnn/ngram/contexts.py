"""The contexts in which the next symbol may be counted, one of each of KINDS, as 64-bit hashes.

c1 … c8   the last 1 to 6, and the last 8 symbols
w0        the word so far in small letters; between words, everything since the last one
w1, w2    w0 and the one or two words before it
s2        w0 and the word before the previous one, which is skipped
k1 … k3   w0 and the classes of the 1 to 3 words (or signs) before it, see `vocabulary.py`
m1        the last symbol and its place on the page, which predict line ends and the words that the margin allows; on
          an unknown page, the column, and the last symbol if it is not a letter

In a text whose lines end at a margin, a line end within a paragraph counts as a space in all kinds but m1.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, announced, kernel, mix, part
from charrnn.ngram.layout import SLOTS, Page, Script, place_on, turn
from charrnn.ngram.vocabulary import Alphabet, Keys, Symbols, WordClasses

KINDS = ("c1", "c2", "c3", "c4", "c5", "c6", "c8", "w0", "w1", "w2", "s2", "k1", "k2", "k3", "m1")
CHARACTERS = (1, 2, 3, 4, 5, 6, 8)  # how many symbols the first kinds contain
LETTERS_MOST = 15
COLUMN_MOST = 127
CLASSES_SEEN = 3
SAMPLE = 2**22  # tokens at the beginning of a text from which the page and the word classes are found

# The state of a text: the last symbols plus one, nearest first (0 before the beginning), then these numbers, then the
# state of the page.
LAST = 8
PREFIX, PREVIOUS, EARLIER, GAP, LETTERS, COLUMN, SIGN, CLASS = range(LAST, LAST + 8)
PAGE = CLASS + CLASSES_SEEN
MEMORY = PAGE + SLOTS

NONE = np.uint64(0)
ONE = np.uint64(1)


class Contexts(NamedTuple):
    """The contexts after each symbol read. Keys are in the order of KINDS; shapes begin with (b, t) or (p,)."""

    keys: Keys  # (b, t, k)
    symbols: Symbols  # (b, t): the symbols read
    letters: NDArray[np.uint8]  # (b, t): length of the current word so far, at most LETTERS_MOST
    classes: NDArray[np.uint16]  # (b, t, 3): of the words before the current one, nearest first
    places: NDArray[np.uint8]  # (b, t): on the page; 0 if the page is unknown

    def rows(self) -> "Contexts":
        """Return the same contexts as p = t · b rows, ordered by time, then lane."""
        turned = [np.ascontiguousarray(np.swapaxes(array, 0, 1)) for array in self]
        return Contexts._make(array.reshape(-1, *array.shape[2:]) for array in turned)


@dataclass(frozen=True)
class ContextState:
    """What the contexts of later symbols depend on, for each lane: a value."""

    memory: Keys  # (b, MEMORY)

    @classmethod
    def start(cls, lanes: int) -> Self:
        return cls(np.zeros((lanes, MEMORY), dtype=np.uint64))

    def renewed(self, lanes: NDArray[np.bool_]) -> Self:
        """Return this state, reset to the start where `lanes` (b,) is true."""
        return replace(self, memory=np.where(lanes[:, None], np.uint64(0), self.memory))


@dataclass(frozen=True)
class ContextHasher:
    """Computes the contexts of texts in one alphabet."""

    alphabet: Alphabet
    words: WordClasses
    page: Page | None = None  # None for texts whose lines end at no margin

    @classmethod
    def fit(cls, ids: NDArray[np.integer], characters: str) -> Self:
        """Return a hasher for texts like this one, of token ids (n,) of a vocabulary of `characters`."""
        alphabet = Alphabet.of(characters)
        text = alphabet.clip(np.asarray(ids[:SAMPLE]))
        reader = cls(alphabet, WordClasses.none(), Page.fit(text, alphabet))
        return replace(reader, words=WordClasses.fit(reader.words_of(text)))

    @property
    def script(self) -> Script:
        return Script.of(self.alphabet, self.page)

    def read(self, reading: ContextState, symbols: Symbols) -> tuple[Contexts, ContextState]:
        """Return the contexts after each of `symbols` (b, t), and the state after the last."""
        lanes, time = symbols.shape
        memory = reading.memory.copy()
        contexts = Contexts(
            np.empty((lanes, time, len(KINDS)), dtype=np.uint64),
            symbols,
            np.empty((lanes, time), dtype=np.uint8),
            np.empty((lanes, time, CLASSES_SEEN), dtype=np.uint16),
            np.empty((lanes, time), dtype=np.uint8),
        )
        words = (self.words.hashes, self.words.classes, self.words.count)
        found = (contexts.keys, contexts.letters, contexts.classes, contexts.places)
        read_contexts(np.ascontiguousarray(symbols), memory, self.script, words, *found)
        return contexts, ContextState(memory)

    def empty_prompt(self) -> dict[int, np.uint64]:
        """Return the keys, by kind, of the newline that begins every prompt, in kinds where other newlines differ."""
        contexts, _ = self.read(ContextState.start(1), np.array([[self.alphabet.line]], dtype=np.uint16))
        return {n: contexts.keys[0, 0, n] for n, kind in enumerate(KINDS) if kind not in ("c1", "w0", "k1", "m1")}

    def words_of(self, symbols: Symbols) -> Keys:
        """Return the hashes of the words and signs of a text (n,), in text order."""
        found = np.empty(len(symbols) + 1, dtype=np.uint64)
        memory = np.zeros(MEMORY, dtype=np.uint64)
        return found[: _hash_words(symbols, memory, self.script, found)]


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
def _hash_words(symbols: Symbols, memory: Keys, script: Script, found: Keys) -> int:
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
