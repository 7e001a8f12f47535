"""The loop of the mixture, one row after the other; the equations are in `mixture.py`.

All vectors over symbols are float32 and single loops over them, which the compiler makes into vector instructions; so
are the two functions log and exp. The rest of the time goes into waiting for memory, as the lists of a context lie
anywhere in it: so it is asked two rows ahead for those that will be needed.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, announced, kernel, part
from charrnn.ngram.buckets import BUCKETS, age, bucket, single
from charrnn.ngram.contexts import Keys, Symbols
from charrnn.ngram.document_counts import DocumentTable, age_of, first_entry, hash_of, remember

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Places = NDArray[np.int32]
Entries = NDArray[np.uint32]

SELECTORS = 9
AHEAD = 2  # rows
UNIFORM = -1  # in place of an expert: the ancestor of all
SLOWEST = np.float32(0.0005)  # of the rates at which λ is learned: so it forgets what it was long ago
LEAST_TRUST, MOST_TRUST = np.float32(0.002), np.float32(0.995)
VOTES = np.float32(15)  # how many times as fast the votes learn as the weights

_LN2 = np.float32(np.log(2))
_ZERO, _ONE = np.float32(0), np.float32(1)
_LOWEST = np.float32(-80)  # natural logarithm below which nothing is distinguished


class Learned(NamedTuple):
    trust: Floats  # (e, BUCKETS): λ
    trials: Floats  # (e, BUCKETS): of how many symbols it was learned
    weights: Floats  # (selectors' values, e)
    votes: Floats  # (e, BUCKETS, COUNTS): v
    recency: Floats  # (own experts, AGES, COUNTS): r
    places: Floats  # (PLACES, e): weights, too, of a last selector, the place on the page


class Structure(NamedTuple):
    """The experts: first those of all texts, by characters and by words, then the document's own, likewise."""

    parents: Numbers  # (e,): experts, or UNIFORM
    columns: Numbers  # (own experts,): whose keys are theirs
    selectors: Numbers  # (SELECTORS + 1,): where the weights of each begin, and the last end
    static: int  # experts that are not the document's own
    characters: int  # of these, those by characters
    word: int  # the expert by the word and the one before
    own_characters: int
    width: int  # bits of a symbol
    least: Numbers  # (static,): contexts with a smaller total are as if unseen


class Rows(NamedTuple):
    """What is to be predicted; see `Contexts` and `ContextMixer.predict`."""

    keys: Keys  # (p, k)
    symbols: Symbols  # (p,)
    letters: NDArray[np.uint8]  # (p,)
    classes: NDArray[np.uint16]  # (p,): of the word before the current one
    places: NDArray[np.uint8]  # (p,)
    lanes: Numbers  # (p,): negative for rows that see no past
    targets: Numbers  # (p,): negative where they are not known


class Found(NamedTuple):
    """The lists that `Tables.find` found."""

    places: Places  # (p, k)
    own: Places  # (p, k)
    entries: Entries
    own_entries: Entries


class Prediction(NamedTuple):
    """Of each row: log p (p, v); and (p, 3) of p its entropy, its greatest and its second greatest logarithm (nats)."""

    log_probabilities: Floats
    statistics: Floats


class MixerWorkspace(NamedTuple):
    """Where one row is worked out: for each expert the evidence, q and log q, and for all of them the mixture."""

    symbols: Numbers  # (e, v): that followed the context
    counts: Numbers  # (e, v): how often
    ages: Numbers  # (e, v): how long ago, last; of the document's own experts
    total: Numbers  # (e,): T
    different: Numbers  # (e,): U
    bucket: Numbers  # (e,): of T and U
    source: Numbers  # (e,): the expert itself, or if it is silent the nearest ancestor that is not, or UNIFORM
    shares: Floats  # (e, v): q
    share_bits: Places  # (e, v): the same memory as bits
    logarithms: Floats  # (e, v): log q
    tally: Numbers  # (v,): zeros
    hashes: Keys  # (e,): of the contexts of the document's own experts, which begin it
    chosen: Numbers  # (SELECTORS,): the rows of weights
    weight: Floats  # (e,): of the expert and of all silent ones that it stands for
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
def log(values: Floats, bits: Places, result: Floats, work: Floats, work_bits: Places) -> None:
    """result = log values, all (v,), to within 2e-5, for positive normal numbers; bits: of the values."""
    for s in range(len(values)):  # a number is m 2^k with 1 <= m < 2
        result[s] = np.float32((bits[s] >> 23) - 127)
        work_bits[s] = bits[s] & 0x7FFFFF | 0x3F800000
    for s in range(len(values)):  # log2 m, exact at 1 and 2, with the least greatest error between
        m = work[s]
        power = np.float32(-0.6994799) + m * (np.float32(0.2838738) - m * np.float32(0.045149))
        power = (m - _ONE) * (_ONE + (np.float32(2) - m) * (np.float32(0.9026722) + m * power))
        result[s] = (result[s] + power) * _LN2


@part
def exp2(values: Floats, work: Floats, work_bits: Places) -> None:
    """values = 2^values in place, (v,), to within a share of 1e-5, for −120 < values <= 0."""
    for s in range(len(values)):
        whole = np.int32(values[s] - np.float32(0.5))
        f = values[s] - np.float32(whole)
        work_bits[s] = (whole + 127) << 23
        power = np.float32(0.0555041) + f * (np.float32(0.0096181) + f * np.float32(0.0013333))
        values[s] = _ONE + f * (_LN2 + f * (np.float32(0.2402265) + f * power))
    for s in range(len(values)):
        values[s] *= work[s]


@part
def count(
    desk: MixerWorkspace,
    expert: Number,
    place: Number,
    entries: Entries,
    own: Number,
    own_entries: Entries,
    of: Structure,
) -> None:
    """The evidence of a list, less that of the list in the block to be left out."""
    tally, last, total, different = desk.tally, 1 << of.width, 0, 0
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
            desk.symbols[expert, different] = symbol
            desk.counts[expert, different] = left
            different += 1
            total += left
        place = -1 if entry & last else place + 1
    desk.total[expert] = total if total >= of.least[expert] else 0
    desk.different[expert] = different


@part
def recall(desk: MixerWorkspace, expert: Number, memory: DocumentTable, hash_: np.uint64) -> None:
    """The evidence of the document's own past."""
    total, different, entry = np.int64(0), 0, first_entry(memory, hash_)
    while entry != 0:
        desk.symbols[expert, different] = memory.entries[entry, 0]
        desk.counts[expert, different] = memory.entries[entry, 1]
        desk.ages[expert, different] = age(age_of(memory, entry))
        total += memory.entries[entry, 1]
        different += 1
        entry = np.int64(memory.entries[entry, 2])
    desk.total[expert] = total
    desk.different[expert] = different


@part
def interpolate(desk: MixerWorkspace, expert: Number, trust: Floats, parents: Numbers) -> None:
    """q and log q of an expert whose parent's are known; or who stands for it, if it is silent."""
    parent = desk.source[parents[expert]] if parents[expert] >= 0 else UNIFORM
    if desk.total[expert] == 0:
        desk.source[expert] = parent
        return
    desk.source[expert] = expert
    desk.bucket[expert] = bucket(desk.total[expert], desk.different[expert])
    own = trust[expert, desk.bucket[expert]]
    shares, each = desk.shares[expert], own / np.float32(desk.total[expert])
    if parent >= 0:
        for s in range(len(shares)):
            shares[s] = (_ONE - own) * desk.shares[parent, s]
    else:
        shares[:] = (_ONE - own) / np.float32(len(shares))
    for number in range(desk.different[expert]):
        shares[desk.symbols[expert, number]] += np.float32(desk.counts[expert, number]) * each
    log(shares, desk.share_bits[expert], desk.logarithms[expert], desk.work, desk.work_bits)


@part
def longest(desk: MixerWorkspace, first: Number, stop: Number) -> Number:
    """How many of the experts from `first` on, each with a longer context, it takes to reach the last one heard."""
    found = 0
    for expert in range(first, stop):
        if desk.total[expert] > 0:
            found = expert - first + 1
    return found


@part
def heard(desk: MixerWorkspace, first: Number, stop: Number) -> Number:
    """How many of these experts are not silent."""
    found = 0
    for expert in range(first, stop):
        found += 1 if desk.total[expert] > 0 else 0
    return found


@part
def select(desk: MixerWorkspace, of: Structure, rows: Rows, row: Number) -> None:
    """Which weights hold in this row: one set for each selector, whose sum is the weights."""
    chosen = desk.chosen
    orders, words = longest(desk, 0, of.characters), of.static - of.characters + 1
    chosen[:] = 0
    chosen[1] = rows.symbols[row]
    chosen[2] = orders * words + heard(desk, of.characters, of.static)
    chosen[3] = desk.bucket[orders - 1] if orders > 0 else BUCKETS
    chosen[4] = desk.bucket[of.word] if desk.total[of.word] > 0 else BUCKETS
    chosen[5] = rows.letters[row]
    chosen[6] = rows.classes[row]
    if rows.lanes[row] >= 0:
        stop = of.static + of.own_characters
        own = longest(desk, of.static, stop)
        chosen[7] = 1 + own * words + heard(desk, stop, len(desk.total))
        chosen[8] = 1 + (desk.bucket[of.static + own - 1] if own > 0 else BUCKETS)
    for number in range(SELECTORS):
        chosen[number] += of.selectors[number]


@part
def mix_experts(desk: MixerWorkspace, learned: Learned, place: Number, static: Number) -> None:
    """The exponents of the mixture, in units of log 2 and at most 0, in `mixed`."""
    mixed, weight = desk.mixed, desk.weight
    for expert in range(len(weight)):
        weight[expert] = learned.places[place, expert]
    for number in range(SELECTORS):
        for expert in range(len(weight)):
            weight[expert] += learned.weights[desk.chosen[number], expert]
    for expert in range(len(weight) - 1, -1, -1):  # weights of silent experts are added to those that stand for them
        source = desk.source[expert]
        if source >= 0 and source != expert:
            weight[source] += weight[expert]
    mixed[:] = 0
    for expert in range(len(weight)):
        if desk.source[expert] == expert:
            for s in range(len(mixed)):
                mixed[s] += weight[expert] * desk.logarithms[expert, s]
            for number in range(desk.different[expert]):
                class_ = single(desk.counts[expert, number])
                mixed[desk.symbols[expert, number]] += learned.votes[expert, desk.bucket[expert], class_]
                if expert >= static:
                    vote = learned.recency[expert - static, desk.ages[expert, number], class_]
                    mixed[desk.symbols[expert, number]] += vote
    greatest = mixed[0]
    for s in range(len(mixed)):
        greatest = max(greatest, mixed[s])
    for s in range(len(mixed)):
        mixed[s] = max(mixed[s] - greatest, _LOWEST) / _LN2


@part
def normalise(desk: MixerWorkspace, log_probabilities: Floats, statistics: Floats) -> None:
    """Exponents in `mixed` become probabilities; writes their logarithms (v,), entropy and two greatest (3,)."""
    mixed, whole, mean, second = desk.mixed, _ZERO, _ZERO, _LOWEST
    for s in range(len(mixed)):
        log_probabilities[s] = mixed[s]
    exp2(mixed, desk.work, desk.work_bits)
    for s in range(len(mixed)):
        whole += mixed[s]
    norm, part_ = np.float32(np.log(whole)), _ONE / whole
    for s in range(len(mixed)):
        mixed[s] *= part_
        log_probabilities[s] = log_probabilities[s] * _LN2 - norm
        mean += mixed[s] * log_probabilities[s]
    ties = 0
    for s in range(len(mixed)):
        second = max(second, log_probabilities[s] if log_probabilities[s] < -norm else _LOWEST)
        ties += 1 if log_probabilities[s] >= -norm else 0
    statistics[0], statistics[1], statistics[2] = -mean, -norm, second if ties == 1 else -norm


@part
def learn_trust(desk: MixerWorkspace, learned: Learned, parents: Numbers, target: Number) -> None:
    """λ moves towards the share that the counts had in the target."""
    for expert in range(len(parents)):
        if desk.source[expert] == expert:
            parent = desk.source[parents[expert]] if parents[expert] >= 0 else UNIFORM
            rest = desk.shares[parent, target] if parent >= 0 else _ONE / np.float32(len(desk.mixed))
            place = desk.bucket[expert]
            trust = learned.trust[expert, place]
            share = _ONE - (_ONE - trust) * rest / desk.shares[expert, target]
            learned.trials[expert, place] += _ONE
            trust += (share - trust) * max(_ONE / (learned.trials[expert, place] + _ONE), SLOWEST)
            learned.trust[expert, place] = min(max(trust, LEAST_TRUST), MOST_TRUST)


@part
def learn_weights(
    desk: MixerWorkspace, learned: Learned, target: Number, rate: np.float32, place: Number, static: Number
) -> None:
    """A step along the gradient of log p(target), p being in `mixed`."""
    error, gradient = desk.mixed, desk.gradient
    error[target] -= _ONE
    for expert in range(len(gradient)):
        if desk.source[expert] == expert:
            sum_ = _ZERO
            for s in range(len(error)):
                sum_ -= error[s] * desk.logarithms[expert, s]
            gradient[expert] = sum_
            for number in range(desk.different[expert]):
                class_ = single(desk.counts[expert, number])
                step = VOTES * rate * error[desk.symbols[expert, number]]
                learned.votes[expert, desk.bucket[expert], class_] -= step
                if expert >= static:
                    learned.recency[expert - static, desk.ages[expert, number], class_] -= step
    for expert in range(len(gradient)):
        source = desk.source[expert]
        gradient[expert] = rate * gradient[source] if source == expert else gradient[source] if source >= 0 else _ZERO
    for expert in range(len(gradient)):
        learned.places[place, expert] += gradient[expert]
    for number in range(SELECTORS):
        for expert in range(len(gradient)):
            learned.weights[desk.chosen[number], expert] += gradient[expert]


@part
def gather(
    desk: MixerWorkspace, of: Structure, found: Found, row: Number, lane: Number, memory: DocumentTable, hashes: Keys
) -> None:
    """The evidence of all experts for one row."""
    for expert in range(of.static):
        place, own = np.int64(found.places[row, expert]), np.int64(found.own[row, expert])
        count(desk, expert, place, found.entries, own, found.own_entries, of)
    for number in range(len(hashes)):
        if lane >= 0:
            recall(desk, of.static + number, memory, hashes[number])
        else:
            desk.total[of.static + number] = 0


@part
def ask(found: Found, row: Number) -> Number:
    """Read the beginnings of a row's lists, whatever they hold, so that they are near when they are needed."""
    asked = np.int64(0)
    for kind in range(found.places.shape[1]):
        if found.places[row, kind] >= 0:
            asked += np.int64(found.entries[found.places[row, kind]])
        if found.own[row, kind] >= 0:
            asked += np.int64(found.own_entries[found.own[row, kind]])
    return asked


@announced("counts")
@kernel
def run(
    rows: Rows, found: Found, memory: DocumentTable, of: Structure, learned: Learned, rate: np.float32,
    desk: MixerWorkspace, out: Prediction,
) -> Number:  # fmt: skip
    """Predict each row; if `rate` > 0 learn from its target; if it has a lane and a target, count it in the past.

    Gives a number of no meaning, so that the compiler cannot drop the asking ahead.
    """
    asked, hashes = np.int64(0), desk.hashes[: len(of.columns)]
    for row in range(len(rows.keys)):
        lane, target = rows.lanes[row], rows.targets[row]
        asked += ask(found, min(row + AHEAD, len(rows.keys) - 1))
        for number in range(len(hashes)):
            hashes[number] = hash_of(rows.keys[row, of.columns[number]], lane, number)
        gather(desk, of, found, row, lane, memory, hashes)
        for expert in range(len(of.parents)):
            interpolate(desk, expert, learned.trust, of.parents)
        select(desk, of, rows, row)
        mix_experts(desk, learned, rows.places[row], of.static)
        normalise(desk, out.log_probabilities[row], out.statistics[row])
        if target >= 0 and rate > 0:
            learn_trust(desk, learned, of.parents, target)
            learn_weights(desk, learned, target, rate, rows.places[row], of.static)
        if target >= 0 and lane >= 0:
            for number in range(len(hashes)):
                remember(memory, hashes[number], target)
            memory.clock[0] += 1
    return asked
