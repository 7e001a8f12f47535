"""The loop over rows: gather the experts' evidence, mix the distributions, learn. Equations: `context_mixer.py`.

Most of the time is spent waiting for memory, as the lists of a context can be anywhere in the tables: the lists of
later rows are prefetched.
"""

import numpy as np

from charrnn.compiled.kernels import Number, announced, kernel, part
from charrnn.ngram.compiled.document_loops import hash_of, remember
from charrnn.ngram.compiled.expert_loops import exp2, gather, interpolate, learn_trust, single
from charrnn.ngram.document_counts import DocumentTable
from charrnn.ngram.experts import BUCKETS, LN2, LOWEST, ONE, SELECTORS, Found, MixerWorkspace, Structure
from charrnn.ngram.mixing import Learned, Prediction, Rows
from charrnn.ngram.vocabulary import Floats

AHEAD = 2  # rows
VOTES = np.float32(15)  # learning rate of the votes, relative to that of the weights

_ZERO = np.float32(0)


@part
def longest_heard(scratch: MixerWorkspace, first: Number, stop: Number) -> Number:
    """Return how many experts, in order of context length, precede or are the last one with evidence."""
    found = 0
    for expert in range(first, stop):
        if scratch.total[expert] > 0:
            found = expert - first + 1
    return found


@part
def number_heard(scratch: MixerWorkspace, first: Number, stop: Number) -> Number:
    """Return how many of these experts have evidence."""
    found = 0
    for expert in range(first, stop):
        found += 1 if scratch.total[expert] > 0 else 0
    return found


@part
def select(scratch: MixerWorkspace, of: Structure, rows: Rows, row: Number) -> None:
    """Choose a row of weights for each selector; the sum of the rows is the weights of the mixture."""
    chosen = scratch.chosen
    orders, words = longest_heard(scratch, 0, of.characters), of.static - of.characters + 1
    chosen[:] = 0
    chosen[1] = rows.symbols[row]
    chosen[2] = orders * words + number_heard(scratch, of.characters, of.static)
    chosen[3] = scratch.bucket[orders - 1] if orders > 0 else BUCKETS
    chosen[4] = scratch.bucket[of.word] if scratch.total[of.word] > 0 else BUCKETS
    chosen[5] = rows.letters[row]
    chosen[6] = rows.classes[row]
    if rows.lanes[row] >= 0:
        stop = of.static + of.own_characters
        own = longest_heard(scratch, of.static, stop)
        chosen[7] = 1 + own * words + number_heard(scratch, stop, len(scratch.total))
        chosen[8] = 1 + (scratch.bucket[of.static + own - 1] if own > 0 else BUCKETS)
    for number in range(SELECTORS):
        chosen[number] += of.selectors[number]


@part
def set_weights(scratch: MixerWorkspace, learned: Learned, place: Number) -> None:
    """Set each expert's weight, to which the weights of the silent experts whose source it is are added."""
    weight = scratch.weight
    for expert in range(len(weight)):
        weight[expert] = learned.places[place, expert]
    for number in range(SELECTORS):
        for expert in range(len(weight)):
            weight[expert] += learned.weights[scratch.chosen[number], expert]
    for expert in range(len(weight) - 1, -1, -1):
        source = scratch.source[expert]
        if source >= 0 and source != expert:
            weight[source] += weight[expert]


@part
def mix_experts(scratch: MixerWorkspace, learned: Learned, static: Number) -> None:
    """Set `mixed` to the exponents of the mixture, in units of log 2 and at most 0."""
    mixed, weight = scratch.mixed, scratch.weight
    mixed[:] = 0
    for expert in range(len(weight)):
        if scratch.source[expert] == expert:
            for s in range(len(mixed)):
                mixed[s] += weight[expert] * scratch.logarithms[expert, s]
            for number in range(scratch.different[expert]):
                class_ = single(scratch.counts[expert, number])
                mixed[scratch.symbols[expert, number]] += learned.votes[expert, scratch.bucket[expert], class_]
                if expert >= static:
                    vote = learned.recency[expert - static, scratch.ages[expert, number], class_]
                    mixed[scratch.symbols[expert, number]] += vote
    greatest = mixed[0]
    for s in range(len(mixed)):
        greatest = max(greatest, mixed[s])
    for s in range(len(mixed)):
        mixed[s] = max(mixed[s] - greatest, LOWEST) / LN2


@part
def normalise(scratch: MixerWorkspace, log_probabilities: Floats, statistics: Floats) -> None:
    """Turn the exponents in `mixed` into probabilities; set their logarithms (v,) and the statistics (3,)."""
    mixed, whole, mean, second = scratch.mixed, _ZERO, _ZERO, LOWEST
    for s in range(len(mixed)):
        log_probabilities[s] = mixed[s]
    exp2(mixed, scratch.work, scratch.work_bits)
    for s in range(len(mixed)):
        whole += mixed[s]
    norm, part_ = np.float32(np.log(whole)), ONE / whole
    for s in range(len(mixed)):
        mixed[s] *= part_
        log_probabilities[s] = log_probabilities[s] * LN2 - norm
        mean += mixed[s] * log_probabilities[s]
    ties = 0
    for s in range(len(mixed)):
        second = max(second, log_probabilities[s] if log_probabilities[s] < -norm else LOWEST)
        ties += 1 if log_probabilities[s] >= -norm else 0
    statistics[0], statistics[1], statistics[2] = -mean, -norm, second if ties == 1 else -norm


@part
def learn_weights(
    scratch: MixerWorkspace, learned: Learned, target: Number, rate: np.float32, place: Number, static: Number
) -> None:
    """Take a gradient step on log p(target), for p in `mixed`, which is overwritten."""
    error, gradient = scratch.mixed, scratch.gradient
    error[target] -= ONE
    for expert in range(len(gradient)):
        if scratch.source[expert] == expert:
            sum_ = _ZERO
            for s in range(len(error)):
                sum_ -= error[s] * scratch.logarithms[expert, s]
            gradient[expert] = sum_
            for number in range(scratch.different[expert]):
                class_ = single(scratch.counts[expert, number])
                step = VOTES * rate * error[scratch.symbols[expert, number]]
                learned.votes[expert, scratch.bucket[expert], class_] -= step
                if expert >= static:
                    learned.recency[expert - static, scratch.ages[expert, number], class_] -= step
    for expert in range(len(gradient)):
        source = scratch.source[expert]
        gradient[expert] = rate * gradient[source] if source == expert else gradient[source] if source >= 0 else _ZERO
    for expert in range(len(gradient)):
        learned.places[place, expert] += gradient[expert]
    for number in range(SELECTORS):
        for expert in range(len(gradient)):
            learned.weights[scratch.chosen[number], expert] += gradient[expert]


@part
def prefetch(found: Found, row: Number) -> Number:
    """Read the first entries of a row's lists into the cache; return their meaningless sum."""
    sum_ = np.int64(0)
    for kind in range(found.places.shape[1]):
        if found.places[row, kind] >= 0:
            sum_ += np.int64(found.entries[found.places[row, kind]])
        if found.own[row, kind] >= 0:
            sum_ += np.int64(found.own_entries[found.own[row, kind]])
    return sum_


@announced("counts")
@kernel
def run(
    rows: Rows, found: Found, memory: DocumentTable, of: Structure, learned: Learned, rate: np.float32,
    scratch: MixerWorkspace, out: Prediction,
) -> Number:  # fmt: skip
    """Predict each row, then learn from its target if `rate` > 0, then count the target in the row's lane.

    Rows without a target are only predicted. Return a meaningless number, which keeps the compiler from dropping the
    prefetches.
    """
    prefetched, hashes = np.int64(0), scratch.hashes[: len(of.columns)]
    for row in range(len(rows.keys)):
        lane, target = rows.lanes[row], rows.targets[row]
        prefetched += prefetch(found, min(row + AHEAD, len(rows.keys) - 1))
        for number in range(len(hashes)):
            hashes[number] = hash_of(rows.keys[row, of.columns[number]], lane, number)
        gather(scratch, of, found, row, lane, memory, hashes)
        for expert in range(len(of.parents)):
            interpolate(scratch, expert, learned.trust, of.parents)
        select(scratch, of, rows, row)
        set_weights(scratch, learned, rows.places[row])
        mix_experts(scratch, learned, of.static)
        normalise(scratch, out.log_probabilities[row], out.statistics[row])
        if target >= 0 and rate > 0:
            learn_trust(scratch, learned.trust, learned.trials, of.parents, target)
            learn_weights(scratch, learned, target, rate, rows.places[row], of.static)
        if target >= 0 and lane >= 0:
            for number in range(len(hashes)):
                remember(memory, hashes[number], target)
            memory.clock[0] += 1
    return prefetched
