"""What contexts know of symbols and words: the alphabet, and classes of words with similar neighbours.

A symbol is a token id; all 256 bytes, which spell characters outside the vocabulary, are one symbol, the escape.

Each word is described by how often each of the NEIGHBOURS most frequent words and signs occurs two before, just before,
just after and two after it. The square roots of these relative frequencies are reduced to their DIMENSIONS principal
directions (randomized SVD: Halko, Martinsson and Tropp, 2011) and clustered by spherical k-means.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Symbols = NDArray[np.uint16]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]

MOST_SYMBOLS = 1024
"""The largest alphabet. Time and memory per row grow with it: about 30 numbers for each symbol."""
CLASSES = 256
WORDS = 10_000  # the most frequent words, of at least two occurrences, get a class
NEIGHBOURS = 200
DISTANCES = (-2, -1, 1, 2)
DIMENSIONS = 64
OVERSAMPLING = 16  # additional directions in the randomized SVD, for accuracy
ITERATIONS = 12  # of k-means
SMOOTHING = 5  # pseudo-occurrences of no frequent neighbour, added for each word

WRAPPED_SHARE = 0.3  # lines are wrapped if more than this share of line ends is followed by a small letter,
PROSE_LINE = 40  # and these lines have at least this many characters on average; lines of verse are shorter


@dataclass(frozen=True)
class Alphabet:
    """Properties of the v symbols; the last symbol is the escape."""

    letter: NDArray[np.bool_]  # (v,)
    lower: Symbols  # (v,): the small letter of each symbol, or the symbol itself
    space: int  # the symbol between words; v if the vocabulary has none
    line: int  # the symbol that ends a line; v if the vocabulary has none

    @classmethod
    def of(cls, characters: str) -> Self:
        """Return the alphabet of a vocabulary whose characters are in the order of their ids."""
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
        """Return the symbols of token ids, in the same shape."""
        clipped: Symbols = np.minimum(ids, self.symbols - 1).astype(np.uint16)
        return clipped

    def is_wrapped(self, text: Symbols) -> bool:
        """Return whether the lines of a text (n,) end at a margin, within sentences."""
        ends = np.flatnonzero(text[:-1] == self.line)
        within = self.small[text[ends + 1]]  # the sentence continues
        if self.space == self.symbols or not within.any():
            return False
        return bool(within.mean() > WRAPPED_SHARE and np.diff(ends, prepend=-1)[within].mean() > PROSE_LINE)


@dataclass(frozen=True)
class WordClasses:
    """The class of each frequent word, found by the word's hash. A sign other than a space counts as a word.

    Other words have class `count`, other signs class `count + 1`.
    """

    hashes: Keys  # (w,), ascending
    classes: NDArray[np.uint16]  # (w,)
    count: int

    @classmethod
    def none(cls) -> Self:
        return cls(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint16), 0)

    @classmethod
    def fit(cls, words: Keys) -> Self:
        """Cluster the words of a text, given as hashes (n,) in text order; too short a text has no classes."""
        hashes, ranks, counts = _by_frequency(words)
        number = min(WORDS, int(np.count_nonzero(counts >= 2)))
        classes = min(CLASSES, number // 4)
        if classes < 2:
            return cls.none()
        points = _principal_directions(_neighbour_frequencies(ranks, number))
        found = _k_means(points, np.sqrt(counts[:number]).astype(np.float32), classes)
        order = np.argsort(hashes[:number])
        return cls(hashes[:number][order], found[order].astype(np.uint16), classes)


def _by_frequency(words: Keys) -> tuple[Keys, NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct words, most frequent first; the rank (n,) of each word of the text; the counts."""
    hashes, inverse, counts = np.unique(words, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return hashes[order], rank[inverse], counts[order]


def _neighbour_frequencies(ranks: NDArray[np.int64], words: int) -> Floats:
    """Return (words, distances · neighbours): square roots of relative frequencies, with a mean of 0."""
    parts = []
    for distance in DISTANCES:
        word, other = (ranks[-distance:], ranks[:distance]) if distance < 0 else (ranks[:-distance], ranks[distance:])
        chosen = word < words
        other = np.minimum(other[chosen], NEIGHBOURS - 1)
        cells = np.bincount(word[chosen] * NEIGHBOURS + other, minlength=words * NEIGHBOURS)
        parts.append(cells.astype(np.float32).reshape(words, NEIGHBOURS))
    around = np.concatenate(parts, axis=1)
    around = np.sqrt(around / (around.sum(axis=1, keepdims=True) + SMOOTHING))
    centred: Floats = around - around.mean(axis=0)
    return centred


def _principal_directions(around: Floats) -> Floats:
    """Return (words, d) unit vectors."""
    directions = min(DIMENSIONS + OVERSAMPLING, *around.shape)
    start = np.random.default_rng(0).standard_normal((around.shape[1], directions), dtype=np.float32)
    basis, _ = np.linalg.qr(around @ start)
    for _ in range(2):
        basis, _ = np.linalg.qr(around @ (around.T @ basis))
    left, size, _ = np.linalg.svd(basis.T @ around, full_matrices=False)
    points = (basis @ left)[:, :DIMENSIONS] * size[:DIMENSIONS]
    return _on_sphere(points.astype(np.float32))


def _k_means(points: Floats, weight: Floats, classes: int) -> NDArray[np.int64]:
    """Return the class (words,) of each point. The most frequent words are the first centres."""
    centres = points[:classes]
    for _ in range(ITERATIONS):
        nearest = (points @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points * weight[:, None])
        centres = _on_sphere(sums)
    found: NDArray[np.int64] = (points @ centres.T).argmax(axis=1)
    return found


def _on_sphere(vectors: Floats) -> Floats:
    scaled: Floats = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(1e-6))
    return scaled
