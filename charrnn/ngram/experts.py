"""Experts: what each kind of context predicts, by deleted interpolation. Equations: `context_mixer.py`.

An expert's evidence is a list of symbols with their counts, taken from the tables of the training text or from the
document itself. Totals and counts are sorted into buckets, narrow for small numbers and wide for large ones; each
bucket has learned parameters of its own.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.lists import Entries, Places
from charrnn.ngram.vocabulary import Floats, Keys

Numbers = NDArray[np.int64]

SELECTORS = 9
UNIFORM = -1  # in place of an expert: the uniform distribution
SLOWEST = np.float32(0.0005)  # the least rate at which λ is updated, so that it forgets
LEAST_TRUST, MOST_TRUST = np.float32(0.002), np.float32(0.995)

TOTALS = np.array([1, 2, 3, 4, 5, 7, 10, 15, 25, 50, 100, 400, 2000])  # the least number of each bucket
DIFFERENT = np.array([1, 2, 3, 4, 6, 9, 14])
SINGLE = np.array([1, 2, 3, 5, 8, 15, 40, 200])
RECENT = 16  # the first of AGES, in symbols; every other but the last ends four times as long ago as the one before
AGES = 9
BUCKETS = len(TOTALS) * len(DIFFERENT)
COUNTS = len(SINGLE)


def _bucket_table(least: Numbers) -> Numbers:
    """Return the bucket of every number up to the least of the last bucket."""
    return np.maximum(np.searchsorted(least, np.arange(least[-1] + 1), side="right") - 1, 0)


OF_TOTAL, OF_DIFFERENT = _bucket_table(TOTALS) * len(DIFFERENT), _bucket_table(DIFFERENT)
OF_SINGLE = _bucket_table(SINGLE)
MOST_TOTAL, MOST_DIFFERENT, MOST_SINGLE = int(TOTALS[-1]), int(DIFFERENT[-1]), int(SINGLE[-1])

LN2 = np.float32(np.log(2))
LOWEST = np.float32(-80)  # smaller logarithms count as this one
ONE = np.float32(1)


class Structure(NamedTuple):
    """The experts: those of the training text, by characters then by words; then the document's own, likewise."""

    parents: Numbers  # (e,): experts, or UNIFORM
    columns: Numbers  # (own experts,): the kinds of context of the document's own experts
    selectors: Numbers  # (SELECTORS + 1,): the first row of each selector's weights, and the end of the last
    static: int  # number of experts of the training text
    characters: int  # number of these that are by characters
    word: int  # the expert by the current word and the one before
    own_characters: int
    width: int  # bits of a symbol
    least: Numbers  # (static,): contexts with a smaller total count as unseen


class Found(NamedTuple):
    """The lists that `Tables.find` found for each row."""

    places: Places  # (p, k)
    own: Places  # (p, k)
    entries: Entries
    own_entries: Entries


class MixerWorkspace(NamedTuple):
    """Work space for one row: each expert's evidence, q and log q; and the mixture."""

    symbols: Numbers  # (e, v): that followed the context
    counts: Numbers  # (e, v): of these symbols
    ages: Numbers  # (e, v): since each last followed, in buckets; for the document's own experts
    total: Numbers  # (e,): T
    different: Numbers  # (e,): U
    bucket: Numbers  # (e,): of T and U
    source: Numbers  # (e,): the expert itself; if it is silent, its nearest ancestor that is not, or UNIFORM
    shares: Floats  # (e, v): q
    share_bits: Places  # (e, v): the same memory as bits
    logarithms: Floats  # (e, v): log q
    tally: Numbers  # (v,): zeros between uses
    hashes: Keys  # (e,): begins with those of the contexts of the document's own experts
    chosen: Numbers  # (SELECTORS,): rows of weights
    weight: Floats  # (e,): of the expert and of all silent ones whose source it is
    gradient: Floats  # (e,): of log p by that weight
    mixed: Floats  # (v,)
    work: Floats  # (v,)
    work_bits: Places  # (v,): the same memory

    @classmethod
    def of(cls, v: int, e: int) -> Self:
        def floats(*shape: int) -> Floats:
            return np.zeros(shape, dtype=np.float32)

        def numbers(*shape: int) -> Numbers:
            return np.zeros(shape, dtype=np.int64)

        shares, work = floats(e, v), floats(v)
        return cls(
            symbols=numbers(e, v), counts=numbers(e, v), ages=numbers(e, v), total=numbers(e), different=numbers(e),
            bucket=numbers(e), source=numbers(e), shares=shares, share_bits=shares.view(np.int32),
            logarithms=floats(e, v), tally=numbers(v), hashes=np.zeros(e, dtype=np.uint64), chosen=numbers(SELECTORS),
            weight=floats(e), gradient=floats(e), mixed=floats(v), work=work, work_bits=work.view(np.int32),
        )  # fmt: skip
