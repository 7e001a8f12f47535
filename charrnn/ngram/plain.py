"""PlainCounts: an n-gram model's predictions in numpy, for the first characters, before the loops are there.

Equations: `context_mixer.py`. Here a silent expert predicts what its parent does, with λ = 0, so that all experts can
be treated alike: the weight of its logarithms counts for the parent, and those of the uniform distribution cancel.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.ngram.context_mixer import structure_of
from charrnn.ngram.contexts import Contexts
from charrnn.ngram.experts import (
    BUCKETS,
    LOWEST,
    MOST_DIFFERENT,
    MOST_SINGLE,
    MOST_TOTAL,
    OF_DIFFERENT,
    OF_SINGLE,
    OF_TOTAL,
    UNIFORM,
    Numbers,
)
from charrnn.ngram.lists import MASK, REMAINDER
from charrnn.ngram.model import NgramModel
from charrnn.ngram.plain_contexts import PlainReader
from charrnn.ngram.prediction import ENTROPY, GREATEST, SECOND, SEES_DOCUMENT, PredictionLayout
from charrnn.ngram.vocabulary import Floats, Keys

ROWS = 128  # predicted together, in 1 MB of memory
_TINY = np.float32(1e-37)


class Evidence(NamedTuple):
    """The lists that were found for p rows of k kinds, and their m entries."""

    slot: Numbers  # (lists,): row · k + kind
    size: Numbers  # (lists,): U
    total: Numbers  # (lists,): T
    of_list: Numbers  # (m,): the list of each entry
    symbol: Numbers  # (m,)
    times: Numbers  # (m,): its count


class PlainCounts:
    """Predicts as `NgramModel.expect` does, without counts of a document."""

    def __init__(self, counts: NgramModel) -> None:
        self.reader = PlainReader(counts.reader)
        self.lists, self.of, self.learned = counts.tables.lists, structure_of(counts.tables), counts.mixture.learned
        self.trust = self.learned.trust.clip(0, 1)  # a stranger's may be anything
        self.layout = PredictionLayout(counts.symbols)
        self.below = (64 - REMAINDER - self.lists.bits).astype(np.uint64)  # bits of a key that are not stored

    def expect(self, tokens: NDArray[np.integer], reading: Keys) -> tuple[Floats, Keys]:
        """Return the predictions (b, t, v + EXTRA) after each of `tokens` (b, t), and the state after the last.

        reading: (b, MEMORY), the state before the tokens.
        """
        contexts, after = self.reader.read(reading, tokens)
        values = np.empty((tokens.size, self.layout.width), dtype=np.float32)
        rows = Contexts._make(array.reshape(-1, *array.shape[2:]) for array in contexts)
        for start in range(0, tokens.size, ROWS):
            few = slice(start, start + ROWS)
            self._predict(Contexts._make(array[few] for array in rows), values[few])
        return values.reshape(*tokens.shape, -1), after

    def _predict(self, rows: Contexts, values: Floats) -> None:
        """Set the predictions (p, v + EXTRA) after contexts (p,)."""
        found, shape = self._find(rows.keys), (len(rows.keys), self.of.static)
        kind = found.slot % self.of.static
        is_heard = found.total >= self.of.least[kind]
        bucket = OF_TOTAL[np.minimum(found.total, MOST_TOTAL)] + OF_DIFFERENT[np.minimum(found.size, MOST_DIFFERENT)]
        buckets = np.full(shape, BUCKETS)
        buckets.ravel()[found.slot[is_heard]] = bucket[is_heard]
        logarithms = self._interpolated(found, self.trust[kind, bucket] * is_heard, shape)
        single = OF_SINGLE[np.minimum(found.times, MOST_SINGLE)]
        votes = self.learned.votes[kind[found.of_list], bucket[found.of_list], single] * is_heard[found.of_list]
        place = found.slot[found.of_list] // self.of.static * self.layout.symbols + found.symbol
        mixed = np.matmul(self._weights(rows, buckets)[:, None], logarithms)[:, 0].astype(np.float64)
        mixed += np.bincount(place, votes, mixed.size).reshape(mixed.shape)
        self._normalise(mixed, values)
        values[:, self.layout.place] = rows.places

    def _find(self, keys: Keys) -> Evidence:
        """Look keys (p, k) up in the tables."""
        lists, stored = self.lists, keys >> self.below
        bucket = (stored >> np.uint64(REMAINDER)).astype(np.int64) + lists.first_bucket
        slot, number = _ranges(lists.buckets[bucket].ravel(), lists.buckets[bucket + 1].ravel())
        context = lists.contexts[number]
        same = context & MASK == stored.ravel()[slot] & MASK
        slot, number, first = slot[same], number[same], (context[same] >> HALF).astype(np.int64)
        stop = (lists.contexts.take(number + 1, mode="clip") >> HALF).astype(np.int64)
        stop[number + 1 == len(lists.contexts)] = len(lists.entries)
        list_, place = _ranges(first, stop)
        entry = lists.entries[place].astype(np.int64)
        count = entry >> self.of.width + 1
        total = np.bincount(list_, count, len(slot)).astype(np.int64)
        return Evidence(slot, stop - first, total, list_, entry & (1 << self.of.width) - 1, count)

    def _interpolated(self, found: Evidence, trust: Floats, shape: tuple[int, int]) -> Floats:
        """Return log q (p, k, v)."""
        shares = np.zeros((*shape, self.layout.symbols), dtype=np.float32)
        each = (trust / np.maximum(found.total, 1)).astype(np.float32)
        shares.ravel()[found.slot[found.of_list] * self.layout.symbols + found.symbol] = (
            found.times * each[found.of_list]
        )
        rest = np.ones((*shape, 1), dtype=np.float32)
        rest.ravel()[found.slot] -= trust
        for expert, parent in enumerate(self.of.parents[: self.of.static].tolist()):
            above = shares[:, parent] if parent != UNIFORM else np.float32(1 / self.layout.symbols)
            shares[:, expert] += rest[:, expert] * above
        logarithms: Floats = np.log(np.maximum(shares, _TINY))
        return logarithms

    def _weights(self, rows: Contexts, buckets: Numbers) -> Floats:
        """Return the weights (p, k) of the experts. buckets: (p, k), BUCKETS for silent experts. See `select`."""
        of, row, is_heard = self.of, np.arange(len(buckets)), buckets != BUCKETS
        orders = (is_heard[:, : of.characters] * np.arange(1, of.characters + 1)).max(axis=1)
        chosen = np.tile(of.selectors[:-1], (len(buckets), 1))  # those of the document's experts stay at their first
        chosen[:, 1] += rows.symbols
        words = is_heard[:, of.characters :]
        chosen[:, 2] += orders * (words.shape[1] + 1) + words.sum(axis=1)
        chosen[:, 3] += np.where(orders > 0, buckets[row, orders - 1], BUCKETS)
        chosen[:, 4] += buckets[:, of.word]
        chosen[:, 5] += rows.letters
        chosen[:, 6] += rows.classes[:, 0]
        weights = self.learned.weights[chosen].sum(axis=1) + self.learned.places[rows.places]
        static: Floats = weights[:, : of.static]
        static[:, of.columns] += weights[:, of.static :]
        return static

    def _normalise(self, mixed: NDArray[np.float64], values: Floats) -> None:
        """Set the log-probabilities and the statistics for exponents (p, v)."""
        mixed = np.maximum(mixed - mixed.max(axis=1, keepdims=True), LOWEST)
        chances = np.exp(mixed)
        whole = chances.sum(axis=1)
        mixed -= np.log(whole)[:, None]
        statistics = values[:, self.layout.statistics]
        values[:, self.layout.log_probabilities] = mixed
        statistics[:, ENTROPY] = -np.einsum("pv,pv->p", chances, mixed) / whole
        ordered = np.partition(mixed, -2, axis=1)
        statistics[:, GREATEST], statistics[:, SECOND], statistics[:, SEES_DOCUMENT] = ordered[:, -1], ordered[:, -2], 0


def _ranges(start: NDArray[np.integer], stop: NDArray[np.integer]) -> tuple[Numbers, Numbers]:
    """Return the numbers of all ranges [start, stop) one after the other, with the place of each one's range before."""
    size = (stop - start).astype(np.int64)
    which = np.repeat(np.arange(len(size)), size)
    return which, np.arange(len(which)) + (start - np.cumsum(size) + size)[which]
