"""The loops over experts: gather their evidence, interpolate, learn λ.

Vectors over symbols are float32 and each loop runs over one of them, so that the compiler vectorizes it, log and exp
included.
"""

import numpy as np

from charrnn.compiled.kernels import Number, part
from charrnn.ngram.compiled.document_loops import age_of, first_entry
from charrnn.ngram.document_counts import DocumentTable
from charrnn.ngram.experts import (
    AGES,
    LEAST_TRUST,
    LN2,
    MOST_DIFFERENT,
    MOST_SINGLE,
    MOST_TOTAL,
    MOST_TRUST,
    OF_DIFFERENT,
    OF_SINGLE,
    OF_TOTAL,
    ONE,
    RECENT,
    SLOWEST,
    UNIFORM,
    Found,
    MixerWorkspace,
    Numbers,
    Structure,
)
from charrnn.ngram.lists import Places
from charrnn.ngram.vocabulary import Floats, Keys


@part
def bucket(total: Number, different: Number) -> Number:
    """Return the bucket of a context with `total` > 0 occurrences and so many different next symbols."""
    return OF_TOTAL[min(total, MOST_TOTAL)] + OF_DIFFERENT[min(different, MOST_DIFFERENT)]


@part
def single(count: Number) -> Number:
    """Return the bucket of one symbol's count > 0."""
    return OF_SINGLE[min(count, MOST_SINGLE)]


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
