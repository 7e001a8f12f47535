"""What the past is for a counter: the contexts of many kinds that the next symbol stands in, each as a hash.

c1 … c8   the last 1 to 6 and 8 symbols
w0        the word so far, in small letters; between words, what was read since the last one
w1, w2    w0 with the one or two words before it
s2        w0 with the word before the last one, which is skipped
k1 … k3   w0 with the classes of the 1 to 3 words (or signs) before it, see `classes.py`
m1        the last symbol and the place on the page: tells where a line will end, and what words the margin allows;
          where no page is known, the column, and the last symbol if it is no letter

In a text whose lines end at a margin, a line end within a paragraph is, for all kinds but m1, the space that it would
be on a wider page.

A symbol is the id of a token, but all bytes, which spell characters that the vocabulary lacks, are one: the escape.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, announced, kernel, mix, part
from charrnn.ngram.layout.line_layout import SLOTS, Page, place_on, turn

Symbols = NDArray[np.uint16]
Keys = NDArray[np.uint64]

KINDS = ("c1", "c2", "c3", "c4", "c5", "c6", "c8", "w0", "w1", "w2", "s2", "k1", "k2", "k3", "m1")
CHARACTERS = (1, 2, 3, 4, 5, 6, 8)  # how many symbols the first of the kinds hold
LETTERS_MOST = 15
COLUMN_MOST = 127
WRAPPED = 0.3  # share of the line ends that a small letter follows from which on lines are taken to end at a margin,
LINE = 40  # if these lines hold so many characters on average: verse has shorter ones
CLASSES_SEEN = 3

# What is remembered: the last symbols plus one, nearest first (0 where there was none), then what these name, and where
# it is on the page.
LAST = 8
PREFIX, PREVIOUS, EARLIER, GAP, LETTERS, COLUMN, SIGN, CLASS = range(LAST, LAST + 8)
PAGE = CLASS + CLASSES_SEEN
MEMORY = PAGE + SLOTS

NONE = np.uint64(0)
ONE = np.uint64(1)


@dataclass(frozen=True)
class Alphabet:
    """What the contexts must know of the symbols: v of them, of which the last is the escape."""

    letter: NDArray[np.bool_]  # (v,)
    lower: Symbols  # (v,): the small letter that a symbol counts as
    space: int  # the symbol that parts words and says no more; v where there is none
    line: int  # the symbol that ends a line; v where there is none

    @classmethod
    def of(cls, characters: str) -> Self:
        """characters: those of the vocabulary, in the order of their ids."""
        place = {character: number for number, character in enumerate(characters)}
        letter = [character.isalpha() for character in characters]
        lower = [place.get(character.lower(), number) for character, number in place.items()]
        v = len(characters) + 1
        return cls(
            np.array([*letter, False]),
            np.array([*lower, v - 1], dtype=np.uint16),
            place.get(" ", v),
            place.get("\n", v),
        )

    @property
    def symbols(self) -> int:
        return len(self.letter)

    @property
    def small(self) -> NDArray[np.bool_]:
        """(v,): which symbols are small letters."""
        small: NDArray[np.bool_] = self.letter & (self.lower == np.arange(self.symbols))
        return small

    def clip(self, ids: NDArray[np.integer]) -> Symbols:
        """The symbols that token ids stand for, of the same shape."""
        clipped: Symbols = np.minimum(ids, self.symbols - 1).astype(np.uint16)
        return clipped

    def is_wrapped(self, text: Symbols) -> bool:
        """Whether the lines of `text` (n,) end at a margin, within sentences."""
        ends = np.flatnonzero(text[:-1] == self.line)
        within = self.small[text[ends + 1]]  # a sentence
        if self.space == self.symbols or not within.any():
            return False
        return bool(within.mean() > WRAPPED and np.diff(ends, prepend=-1)[within].mean() > LINE)


@dataclass(frozen=True)
class WordClasses:
    """Words that behave alike, by the words' hashes; signs other than a space count as words.

    A word without class has the class `count`, a sign `count + 1`.
    """

    hashes: Keys  # (w,), ascending
    classes: NDArray[np.uint16]  # (w,)
    count: int

    @classmethod
    def none(cls) -> Self:
        return cls(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint16), 0)


class Contexts(NamedTuple):
    """Contexts after each of the symbols read. Keys are in the order of KINDS; shapes begin with (b, t) or (p,)."""

    keys: Keys  # (b, t, k)
    symbols: Symbols  # (b, t): those that were read
    letters: NDArray[np.uint8]  # (b, t): how many of the current word were read, at most LETTERS_MOST
    classes: NDArray[np.uint16]  # (b, t, 3): of the words before the current one, nearest first
    places: NDArray[np.uint8]  # (b, t): on the page; 0 where none is known

    def rows(self) -> "Contexts":
        """The same as p = t · b rows, all lanes of one time after those of the time before."""
        turned = [np.ascontiguousarray(np.swapaxes(array, 0, 1)) for array in self]
        return Contexts._make(array.reshape(-1, *array.shape[2:]) for array in turned)


@dataclass(frozen=True)
class ContextState:
    """What must be remembered of the texts read so far, one per lane, to know the contexts of what follows: a value."""

    memory: Keys  # (b, MEMORY)

    @classmethod
    def start(cls, lanes: int) -> Self:
        return cls(np.zeros((lanes, MEMORY), dtype=np.uint64))

    def renewed(self, lanes: NDArray[np.bool_]) -> Self:
        """This reading, but at its start where `lanes` (b,) is true."""
        return replace(self, memory=np.where(lanes[:, None], np.uint64(0), self.memory))


class Script(NamedTuple):
    """What the loops must know of an alphabet, and of the page."""

    letter: NDArray[np.bool_]
    lower: Symbols
    space: int
    line: int
    wrapped: bool
    page: Page


@dataclass(frozen=True)
class ContextHasher:
    """How an alphabet's texts are read."""

    alphabet: Alphabet
    words: WordClasses
    page: Page | None = None  # of texts whose lines end at a margin

    @property
    def script(self) -> Script:
        alphabet, page = self.alphabet, self.page or Page.unknown(self.alphabet.symbols)
        return Script(alphabet.letter, alphabet.lower, alphabet.space, alphabet.line, self.page is not None, page)

    def read(self, reading: ContextState, symbols: Symbols) -> tuple[Contexts, ContextState]:
        """The contexts after each of `symbols` (b, t), and the reading that follows."""
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
        """The contexts after a newline before which nothing was read, by kind, where other newlines have other ones."""
        contexts, _ = self.read(ContextState.start(1), np.array([[self.alphabet.line]], dtype=np.uint16))
        return {n: contexts.keys[0, 0, n] for n, kind in enumerate(KINDS) if kind not in ("c1", "w0", "k1", "m1")}

    def tokens(self, symbols: Symbols) -> Keys:
        """Hashes of the words and signs of a text (n,), in its order: what has a class."""
        found = np.empty(len(symbols) + 1, dtype=np.uint64)
        memory = np.zeros(MEMORY, dtype=np.uint64)
        return found[: _tokens(symbols, memory, self.script, found)]


@part
def _of_sign(symbol: Number) -> np.uint64:
    return mix(ONE, np.uint64(symbol))


@part
def _remember_class(memory: Keys, hash_: np.uint64, unknown: Number, words: tuple[Keys, Symbols, int]) -> None:
    """A word or sign has ended: the class of it becomes the nearest."""
    hashes, classes, _ = words
    place = np.searchsorted(hashes, hash_)
    for farther in range(CLASS + CLASSES_SEEN - 1, CLASS, -1):
        memory[farther] = memory[farther - 1]
    known = place < len(hashes) and hashes[place] == hash_
    memory[CLASS] = np.uint64(classes[place] if known else unknown) + ONE


@part
def _remember_word(memory: Keys, symbol: Number, is_letter: Number, lower: Number) -> None:
    """One symbol more of a word, or of what stands between words."""
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
def _write_keys(memory: Keys, place: Number, keys: Keys) -> None:
    """The keys, (k,), of what is remembered. place: on the page; −1 if it is not known."""
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
    """Read (b, t) symbols: changes `memory` and fills what `Contexts` holds."""
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
            if symbol != line:
                own[COLUMN] = min(own[COLUMN] + ONE, np.uint64(COLUMN_MOST))
            else:
                if wrapped and own[COLUMN] != NONE:
                    symbol = np.int64(space)
                own[COLUMN] = NONE
            if not letter[symbol]:
                if own[PREFIX] != NONE:
                    _remember_class(own, own[PREFIX], count, words)
                if symbol != space:
                    _remember_class(own, _of_sign(symbol), count + 1, words)
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
def _tokens(symbols: Symbols, memory: Keys, script: Script, found: Keys) -> int:
    """Fills `found` with hashes as `read_contexts` knows words and signs by; how many there are."""
    letter, lower, space, line, wrapped, _ = script
    number = 0
    for place in range(len(symbols)):
        symbol = np.int64(symbols[place])
        if not letter[symbol]:
            if memory[PREFIX] != NONE:
                found[number] = memory[PREFIX]
                number += 1
            if symbol != space and not (wrapped and symbol == line):
                found[number] = _of_sign(symbol)
                number += 1
        _remember_word(memory, symbol, letter[symbol], lower[symbol])
    return number
