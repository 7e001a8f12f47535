"""Classes of words from a training text: words that stand between the same neighbours are of one class.

A word is described by how often each of the NEIGHBOURS most frequent words and signs stands two before, just before,
just after and two after it; square roots of these shares, reduced to their DIMENSIONS principal directions
(randomized: Halko, Martinsson and Tropp, 2011), are the points that k-means on the sphere divides.
"""

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.contexts import Alphabet, ContextHasher, Symbols, WordClasses
from charrnn.ngram.layout.line_layout import Page

CLASSES = 256
WORDS = 10_000  # most frequent ones that get a class, if they occur at least twice
NEIGHBOURS = 200
DISTANCES = (-2, -1, 1, 2)
DIMENSIONS = 64
SPARE = 16  # directions more than needed, so that the needed ones are exact
ROUNDS = 12  # of k-means
DOUBT = 5  # occurrences of no neighbour at all that are added to those of each word

Floats = NDArray[np.float32]


def fit(text: Symbols, alphabet: Alphabet, page: Page | None = None) -> WordClasses:
    """The classes of the words and signs of `text` (n,); none if they are too few. page: see `ContextHasher`."""
    tokens = ContextHasher(alphabet, WordClasses.none(), page).tokens(text)
    hashes, ranks, counts = _by_frequency(tokens)
    words = min(WORDS, int(np.count_nonzero(counts >= 2)))
    classes = min(CLASSES, words // 4)
    if classes < 2:
        return WordClasses.none()
    points = _points(_neighbours(ranks, words))
    found = _divide(points, np.sqrt(counts[:words]).astype(np.float32), classes)
    order = np.argsort(hashes[:words])
    return WordClasses(hashes[:words][order], found[order].astype(np.uint16), classes)


def _by_frequency(tokens: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """The different tokens, the most frequent first; the place among them of each token, (n,); their counts."""
    hashes, inverse, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return hashes[order], rank[inverse], counts[order]


def _neighbours(ranks: NDArray[np.int64], words: int) -> Floats:
    """(words, distances · neighbours), of which rows have the mean 0: what stands around each word."""
    parts = []
    for distance in DISTANCES:
        word, other = (ranks[-distance:], ranks[:distance]) if distance < 0 else (ranks[:-distance], ranks[distance:])
        chosen = word < words
        other = np.minimum(other[chosen], NEIGHBOURS - 1)
        cells = np.bincount(word[chosen] * NEIGHBOURS + other, minlength=words * NEIGHBOURS)
        parts.append(cells.astype(np.float32).reshape(words, NEIGHBOURS))
    around = np.concatenate(parts, axis=1)
    around = np.sqrt(around / (around.sum(axis=1, keepdims=True) + DOUBT))
    centred: Floats = around - around.mean(axis=0)
    return centred


def _points(around: Floats) -> Floats:
    """(words, d): unit vectors in the principal directions."""
    directions = min(DIMENSIONS + SPARE, *around.shape)
    start = np.random.default_rng(0).standard_normal((around.shape[1], directions), dtype=np.float32)
    basis, _ = np.linalg.qr(around @ start)
    for _ in range(2):
        basis, _ = np.linalg.qr(around @ (around.T @ basis))
    left, size, _ = np.linalg.svd(basis.T @ around, full_matrices=False)
    points = (basis @ left)[:, :DIMENSIONS] * size[:DIMENSIONS]
    return _on_sphere(points.astype(np.float32))


def _divide(points: Floats, weight: Floats, classes: int) -> NDArray[np.int64]:
    """(words,): the class of each point. k-means that begins with the most frequent words."""
    centres = points[:classes]
    for _ in range(ROUNDS):
        nearest = (points @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points * weight[:, None])
        centres = _on_sphere(sums)
    found: NDArray[np.int64] = (points @ centres.T).argmax(axis=1)
    return found


def _on_sphere(vectors: Floats) -> Floats:
    scaled: Floats = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(1e-6))
    return scaled
