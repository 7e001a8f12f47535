"""A small character model of Portuguese, which ships with the package: bits per character of any text.

A trigram model of letters without case, and beside it a model of case, so that *coração*, *Coração* and *CORAÇÃO* are
all Portuguese and *coraÇão* is not. Every character is coded in up to three steps, each with its own cost in bits:

1. its symbol, given the two symbols before (a text starts after two line ends): one of `SYMBOLS`, where a letter
   stands for both its cases, `0` for all ten digits, a line end for LF and CR, and the last one for all that is not
   in the list;
2. if the symbol has a case: upper or lower, given the kinds of the two characters before;
3. if it has several members: which one, all being equal.

So the probabilities of all characters sum to one after any text, and every string has a finite surprisal. The counts
are in `portuguese.npz`, made by `scripts/make_portuguese.py` from novels of 1840 to 1920 in old and new orthography.
"""

import codecs
import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Self

import numpy as np
from numpy.typing import NDArray

LETTERS = "abcdefghijklmnopqrstuvwxyzáàâãäéèêëíìîïóòôõöúùûüçñæœ"
SYMBOLS = "\n 0" + LETTERS + "\t\u00a0\u00ad!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—‘’“”„«»…·•¡¿ºª°§´¨£€©®ß\ufffd"
LINE_END, DIGIT, OTHER = 0, 2, len(SYMBOLS) - 1  # U+FFFD also means all other characters
CHARACTERS = 0x110000

PORTUGUESE = 8.0
"""Bits per character around the characters that are not ASCII, below which a text reads as Portuguese.

Portuguese has 3 to 5, in capitals or in few words up to 7; Spanish, French and Italian in their own encoding have 5
to 8, other languages above 10, and Portuguese in a wrong encoding 5 to 15, but always more than in its own.
"""

REACH = 3
"""Characters considered on either side of one that is not ASCII."""

SAMPLE = 2**18
"""Bytes that `choose` decodes, at most."""

BLOCK = 2**20  # characters whose surprisals are computed at a time

_FLOOR = 1e-6  # added to the share of every symbol, so that characters that the novels lack (€) are possible


@functools.cache
def _symbol_of() -> NDArray[np.uint8]:
    """Return the symbol of each character of the basic plane, (65536,); all beyond are OTHER."""
    table = np.full(0x10000, OTHER, dtype=np.uint8)
    for symbol, character in enumerate(SYMBOLS[:-1]):
        table[ord(character)] = symbol
        if character in LETTERS:
            table[ord(character.upper())] = symbol
    table[[ord(digit) for digit in "0123456789"]] = DIGIT
    table[ord("\r")] = LINE_END
    return table


@functools.cache
def _kind_of() -> NDArray[np.uint8]:
    """Return 1 for each lower-case letter of LETTERS, 2 for upper-case, 0 for all else, (65536,)."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for letter in LETTERS:
        table[ord(letter)], table[ord(letter.upper())] = 1, 2
    return table


def _read(before: str, text: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the symbols and the kinds of the two characters before a text and of its own, each (n + 2,)."""
    codes = np.frombuffer((before + text).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    inside = codes < 0x10000
    codes = np.where(inside, codes, 0)
    return np.where(inside, _symbol_of()[codes], OTHER).astype(np.uint8), np.where(inside, _kind_of()[codes], 0)


@dataclass(frozen=True)
class CharacterStatistics:
    """Counts in training texts: symbol trigrams (s, s, s), and kinds after two kinds (3, 3, 3)."""

    symbols: NDArray[np.int64]
    kinds: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        size = len(SYMBOLS)
        symbols, kinds = np.zeros(size**3, dtype=np.int64), np.zeros(27, dtype=np.int64)
        for text in texts:
            for total, read, base in zip((symbols, kinds), _read("\n\n", text), (size, 3), strict=True):
                total += np.bincount(_trigrams(read, base), minlength=len(total))
        return cls(symbols.reshape(size, size, size), kinds.reshape(3, 3, 3))


def _trigrams(values: NDArray[np.uint8], base: int) -> NDArray[np.int64]:
    """Return each value with the two before it as one number, (n,), for values (n + 2,)."""
    wide = values.astype(np.int64)
    return (wide[:-2] * base + wide[1:-1]) * base + wide[2:]


class Model:
    """A Witten-Bell trigram model: each order is mixed with the lower one by the rate of new symbols."""

    def __init__(self, counts: CharacterStatistics) -> None:
        share = counts.symbols.sum((0, 1)) / max(counts.symbols.sum(), 1) + _FLOOR
        probability = share / share.sum()
        for table in (counts.symbols.sum(0), counts.symbols):
            seen, new = table.sum(-1, keepdims=True), (table > 0).sum(-1, keepdims=True)
            probability = (table + np.maximum(new, 1) * probability) / (seen + np.maximum(new, 1))
        self.bits = -np.log2(probability)
        """(s, s, s): bits of the third symbol after the first two."""

        cased = counts.kinds[..., 1:] + 1
        case = np.zeros((3, 3, 3))
        case[..., 1:] = -np.log2(cased / cased.sum(-1, keepdims=True))
        self.case_bits = case
        """(3, 3, 3): bits of a letter's case after two kinds; 0 for characters without case."""

        members = np.ones(len(SYMBOLS))
        members[[LINE_END, DIGIT]] = 2, 10
        members[OTHER] = CHARACTERS - 2 - 10 - 2 * len(LETTERS) - (OTHER - 2 - len(LETTERS))
        self.member_bits = np.log2(members)
        """(s,): bits that distinguish the members of a symbol, except case."""

    def surprisals(self, text: str) -> NDArray[np.float64]:
        """Return −log2 of each character's probability after the two before it, (n,)."""
        bits = np.empty(len(text))
        for start in range(0, len(text), BLOCK):
            symbols, kinds = _read(text[start - 2 : start] if start else "\n\n", text[start : start + BLOCK])
            bits[start : start + BLOCK] = (
                self.bits.ravel()[_trigrams(symbols, len(SYMBOLS))]
                + self.case_bits.ravel()[_trigrams(kinds, 3)]
                + self.member_bits[symbols[2:]]
            )
        return bits


def _mean_around(text: str, surprisals: NDArray[np.float64]) -> float:
    """Return the mean over the characters that are not ASCII and those within REACH; over all if none is."""
    strange = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4") > 127
    count = np.pad(np.cumsum(np.pad(strange, (REACH, REACH))), (1, 0))
    near = count[2 * REACH + 1 :] > count[: -2 * REACH - 1]
    chosen = surprisals[near] if near.any() else surprisals
    return float(chosen.mean()) if len(chosen) else 0.0


@functools.cache
def model() -> Model:
    """Return the model that ships with the package, loaded once."""
    with resources.files("charrnn.corpus").joinpath("portuguese.npz").open("rb") as file, np.load(file) as stored:
        symbols = np.zeros(len(SYMBOLS) ** 3, dtype=np.int64)
        symbols[np.cumsum(stored["gaps"], dtype=np.int64)] = stored["counts"]
        return Model(CharacterStatistics(symbols.reshape((len(SYMBOLS),) * 3), stored["kinds"]))


def surprisals(text: str) -> NDArray[np.float64]:
    """Return the bits of each character of a text after the two before it, (n,); finite for every string."""
    return model().surprisals(text)


def choose(data: bytes, encodings: Sequence[str]) -> list[tuple[str, float]]:
    """Return the encodings that can read the data, best first (ties in the given order), each with its bits.

    The best encoding gives the whole sample the fewest bits. The returned bits are the mean over the characters that
    are not ASCII and those within REACH, as the rest is the same in all candidates. The first candidate reads as
    Portuguese if they are below PORTUGUESE. The sample is SAMPLE bytes around the first that is not ASCII.
    """
    first = re.search(rb"[\x80-\xff]", data)
    start = max(first.start() - 64, 0) & ~3 if first else 0  # a character begins there in UTF-16 and UTF-32 too
    sample = data[start : start + SAMPLE]
    found = []
    for encoding in encodings:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = unicodedata.normalize("NFC", decoder.decode(sample))
        except UnicodeError:
            continue
        if decoder.getstate()[0]:  # a character is cut off, perhaps by the sample: allowed, but not free
            text += SYMBOLS[OTHER]
        bits = surprisals(text)
        found.append((bits.sum(), encoding, _mean_around(text, bits)))
    return [(encoding, mean) for _, encoding, mean in sorted(found, key=lambda entry: entry[0])]
