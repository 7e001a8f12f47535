"""Experts: what each kind of context predicts, by deleted interpolation. Equations: `context_mixer.py`.

An expert's evidence is a list of symbols with their counts, taken from the tables of the training text or from the
document itself. Totals and counts are sorted into buckets, narrow for small numbers and wide for large ones; each
bucket has learned parameters of its own.

Vectors over symbols are float32 and each loop runs over one of them, so that the compiler vectorizes it, log and exp
included.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, part
from charrnn.ngram.document_counts import DocumentTable, age_of, first_entry
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


_OF_TOTAL, _OF_DIFFERENT = _bucket_table(TOTALS) * len(DIFFERENT), _bucket_table(DIFFERENT)
_OF_SINGLE = _bucket_table(SINGLE)
_MOST_TOTAL, _MOST_DIFFERENT, _MOST_SINGLE = int(TOTALS[-1]), int(DIFFERENT[-1]), int(SINGLE[-1])

LN2 = np.float32(np.log(2))
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


@part
def bucket(total: Number, different: Number) -> Number:
    """Return the bucket of a context with `total` > 0 occurrences and so many different next symbols."""
    return _OF_TOTAL[min(total, _MOST_TOTAL)] + _OF_DIFFERENT[min(different, _MOST_DIFFERENT)]


@part
def single(count: Number) -> Number:
    """Return the bucket of one symbol's count > 0."""
    return _OF_SINGLE[min(count, _MOST_SINGLE)]


@part
def age(distance: Number) -> Number:
    """Return the bucket of a number of symbols since a symbol last occurred."""
    found = 0
    while distance > RECENT and found < AGES - 1:
        distance >>= 2
        found += 1
    return found


@part
def log(values: Floats, bits: Places, result: Floats, work: Floats, work_bits: Places) -> None:
    """Set result (v,) to log values (v,), to within 2e-5, for positive normal numbers. bits: of the values."""
    for s in range(len(values)):  # a number is m 2^k with 1 <= m < 2
        result[s] = np.float32((bits[s] >> 23) - 127)
        work_bits[s] = bits[s] & 0x7FFFFF | 0x3F800000
    for s in range(len(values)):  # log2 m: the minimax polynomial that is exact at 1 and 2
        m = work[s]
        power = np.float32(-0.6994799) + m * (np.float32(0.2838738) - m * np.float32(0.045149))
        power = (m - ONE) * (ONE + (np.float32(2) - m) * (np.float32(0.9026722) + m * power))
        result[s] = (result[s] + power) * LN2


@part
def exp2(values: Floats, work: Floats, work_bits: Places) -> None:
    """Set values (v,) to 2^values, to within a factor of 1 ± 1e-5, for −120 < values <= 0."""
    for s in range(len(values)):
        whole = np.int32(values[s] - np.float32(0.5))
        f = values[s] - np.float32(whole)
        work_bits[s] = (whole + 127) << 23
        power = np.float32(0.0555041) + f * (np.float32(0.0096181) + f * np.float32(0.0013333))
        values[s] = ONE + f * (LN2 + f * (np.float32(0.2402265) + f * power))
    for s in range(len(values)):
        values[s] *= work[s]


@part
def read_list(scratch: MixerWorkspace, expert: Number, found: Found, row: Number, of: Structure) -> None:
    """Set the evidence of an expert of the training text, minus the list of the block that is left out."""
    entries, own_entries = found.entries, found.own_entries
    place: Number = np.int64(found.places[row, expert])
    own: Number = np.int64(found.own[row, expert])
    tally, last, total, different = scratch.tally, 1 << of.width, 0, 0
    while own >= 0:
        entry = np.int64(own_entries[own])
        tally[entry & (last - 1)] = entry >> (of.width + 1)
        own = -1 if entry & last else own + 1
    while place >= 0:
        entry = np.int64(entries[place])
        symbol = entry & (last - 1)
        left = (entry >> (of.width + 1)) - tally[symbol]
        tally[symbol] = 0
        if left > 0:
            scratch.symbols[expert, different] = symbol
            scratch.counts[expert, different] = left
            different += 1
            total += left
        place = -1 if entry & last else place + 1
    scratch.total[expert] = total if total >= of.least[expert] else 0
    scratch.different[expert] = different


@part
def read_document(scratch: MixerWorkspace, expert: Number, memory: DocumentTable, hash_: np.uint64) -> None:
    """Set the evidence of one of the document's own experts."""
    total, different, entry = np.int64(0), 0, first_entry(memory, hash_)
    while entry != 0:
        scratch.symbols[expert, different] = memory.entries[entry, 0]
        scratch.counts[expert, different] = memory.entries[entry, 1]
        scratch.ages[expert, different] = age(age_of(memory, entry))
        total += memory.entries[entry, 1]
        different += 1
        entry = np.int64(memory.entries[entry, 2])
    scratch.total[expert] = total
    scratch.different[expert] = different


@part
def gather(
    scratch: MixerWorkspace, of: Structure, found: Found, row: Number, lane: Number, memory: DocumentTable, hashes: Keys
) -> None:
    """Set the evidence of all experts for one row."""
    for expert in range(of.static):
        read_list(scratch, expert, found, row, of)
    for number in range(len(hashes)):
        if lane >= 0:
            read_document(scratch, of.static + number, memory, hashes[number])
        else:
            scratch.total[of.static + number] = 0


@part
def interpolate(scratch: MixerWorkspace, expert: Number, trust: Floats, parents: Numbers) -> None:
    """Set q and log q of an expert after its parent; or its source, if it is silent."""
    parent = scratch.source[parents[expert]] if parents[expert] >= 0 else UNIFORM
    if scratch.total[expert] == 0:
        scratch.source[expert] = parent
        return
    scratch.source[expert] = expert
    scratch.bucket[expert] = bucket(scratch.total[expert], scratch.different[expert])
    own = trust[expert, scratch.bucket[expert]]
    shares, each = scratch.shares[expert], own / np.float32(scratch.total[expert])
    if parent >= 0:
        for s in range(len(shares)):
            shares[s] = (ONE - own) * scratch.shares[parent, s]
    else:
        shares[:] = (ONE - own) / np.float32(len(shares))
    for number in range(scratch.different[expert]):
        shares[scratch.symbols[expert, number]] += np.float32(scratch.counts[expert, number]) * each
    log(shares, scratch.share_bits[expert], scratch.logarithms[expert], scratch.work, scratch.work_bits)


@part
def learn_trust(scratch: MixerWorkspace, trust: Floats, trials: Floats, parents: Numbers, target: Number) -> None:
    """Move λ towards the share of the counts in q(target): a step of on-line EM."""
    for expert in range(len(parents)):
        if scratch.source[expert] == expert:
            parent = scratch.source[parents[expert]] if parents[expert] >= 0 else UNIFORM
            rest = scratch.shares[parent, target] if parent >= 0 else ONE / np.float32(len(scratch.mixed))
            place = scratch.bucket[expert]
            old = trust[expert, place]
            share = ONE - (ONE - old) * rest / scratch.shares[expert, target]
            trials[expert, place] += ONE
            new = old + (share - old) * max(ONE / (trials[expert, place] + ONE), SLOWEST)
            trust[expert, place] = min(max(new, LEAST_TRUST), MOST_TRUST)
