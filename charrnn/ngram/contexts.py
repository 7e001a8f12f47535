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

from charrnn.ngram.layout import SLOTS, Page, Script
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
        from charrnn.ngram.compiled.context_loops import read_contexts

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
        from charrnn.ngram.compiled.context_loops import hash_words

        found = np.empty(len(symbols) + 1, dtype=np.uint64)
        memory = np.zeros(MEMORY, dtype=np.uint64)
        return found[: hash_words(symbols, memory, self.script, found)]
