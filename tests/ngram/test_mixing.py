"""Laws of mixing: it sums to one, learns in pieces, knows nothing of what comes, and beats frequencies."""

from itertools import pairwise

import numpy as np
import pytest
from counting_support import ALPHABET, READER, cut, encode, mean_bits, read, texts
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import QUATRAINS, STORIES

from charrnn.compiled.kernels import kernel
from charrnn.ngram.compiled.expert_loops import age, exp2, log, single
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import ContextHasher, Contexts, ContextState
from charrnn.ngram.document_counts import COLUMNS, STATIC, DocumentCounts
from charrnn.ngram.experts import AGES, RECENT, MixerWorkspace
from charrnn.ngram.tables import Tables


def held_out(story: NDArray[np.uint16], reader: ContextHasher) -> tuple[Contexts, NDArray[np.uint16]]:
    text = story[len(story) * 9 // 10 :]
    return read(text[:-1], reader), text[1:]


def test_fast_functions_are_near_enough() -> None:
    @kernel
    def both(scratch: MixerWorkspace, values: NDArray[np.float32]) -> None:
        log(scratch.shares[0], scratch.share_bits[0], scratch.logarithms[0], scratch.work, scratch.work_bits)
        exp2(values, scratch.work, scratch.work_bits)

    x = np.geomspace(1e-30, 1, 5000).astype(np.float32)
    scratch = MixerWorkspace.of(len(x), 1)
    scratch.shares[0] = x
    powers = -np.linspace(0, 119, len(x), dtype=np.float32)
    found = powers.copy()
    both(scratch, found)
    assert np.abs(scratch.logarithms[0] - np.log(x.astype(np.float64))).max() < 2e-5
    assert np.abs(found / np.exp2(powers.astype(np.float64)) - 1).max() < 1e-5


@given(texts, texts, st.booleans())
def test_probabilities_sum_to_one_after_any_context(
    counted: NDArray[np.uint16], text: NDArray[np.uint16], with_past: bool
) -> None:
    table, mixture = Tables.count(READER, counted), ContextMixer.start(ALPHABET.symbols)
    mixture, first = mixture.learn(
        table, read(text[:-1]), text[1:], 0.05, past=DocumentCounts(60) if with_past else None
    )
    for prediction in (
        first,
        mixture.predict(table, read(text), past=DocumentCounts(60) if with_past else None, targets=None),
    ):
        p = np.exp(prediction.log_probabilities.astype(np.float64))
        assert p.sum(axis=1) == pytest.approx(1, abs=1e-5)
        entropy, greatest, second = prediction.statistics.T
        assert entropy == pytest.approx(-(p * np.log(p)).sum(axis=1), abs=1e-4)
        ordered = np.sort(prediction.log_probabilities, axis=1)
        assert greatest == pytest.approx(ordered[:, -1], abs=1e-5)
        assert second == pytest.approx(ordered[:, -2], abs=1e-5)


def test_without_evidence_all_symbols_are_alike() -> None:
    table = Tables.count(READER, encode("\n\n"))
    p = ContextMixer.start(ALPHABET.symbols).predict(table, read(encode("ab"))).log_probabilities
    assert p == pytest.approx(-np.log(ALPHABET.symbols))


def test_it_predicts_better_than_frequencies(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    rows, targets = held_out(story, story_reader)
    shares = np.bincount(targets) / len(targets)
    entropy = float(-(shares[shares > 0] * np.log2(shares[shares > 0])).sum())
    static = mean_bits(mixture.predict(counted, rows), targets)
    untrained = mean_bits(ContextMixer.start(counted.symbols).predict(counted, rows), targets)
    adaptive = mean_bits(mixture.predict(counted, rows, past=DocumentCounts(len(targets)), targets=targets), targets)
    assert static < 0.75 * entropy
    assert static < untrained
    assert adaptive < static


def test_counting_what_it_reads_would_deceive_it(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Why blocks are left out: without that, long contexts seem always right while it learns."""
    counted, mixture = learned
    rows, targets = held_out(story, story_reader)
    text = story[: len(story) * 9 // 10]
    deceived, inside = ContextMixer.start(counted.symbols).learn(
        counted, read(text[:-1], story_reader), text[1:], 0.0003
    )
    honest, found = (mean_bits(each.predict(counted, rows), targets) for each in (mixture, deceived))
    assert mean_bits(inside, text[1:]) < honest - 0.5
    assert found > honest + 0.3


@given(st.lists(st.integers(0, 10_000), max_size=4), st.booleans())
def test_learning_in_pieces_is_learning_at_once(
    story: NDArray[np.uint16],
    story_reader: ContextHasher,
    learned: tuple[Tables, ContextMixer],
    places: list[int],
    with_past: bool,
) -> None:
    """Bit for bit; and when it is interrupted: saved, restored, and the past read anew."""
    counted, mixture = learned
    text = story[:600]
    rows, targets = read(text[:-1], story_reader), text[1:]
    once, expected = mixture.learn(counted, rows, targets, 0.001, past=DocumentCounts(600) if with_past else None)
    found, whole = mixture, []
    for piece in cut(places, len(targets)):
        found = ContextMixer.from_arrays({name: array.copy() for name, array in found.arrays().items()})
        past = DocumentCounts(600)
        past.read(rows.keys[: piece.start], targets[: piece.start])
        here = Contexts(*(part[piece] for part in rows))
        found, prediction = found.learn(counted, here, targets[piece], 0.001, past=past if with_past else None)
        whole.append(prediction.log_probabilities)
    assert (np.concatenate(whole) == expected.log_probabilities).all()
    for name, array in once.arrays().items():
        assert (found.arrays()[name] == array).all()


def test_learning_leaves_the_old_value_as_it_was(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    before = {name: array.copy() for name, array in mixture.arrays().items()}
    mixture.learn(counted, read(story[:100], story_reader), story[1:101], 0.01)
    assert all((array == before[name]).all() for name, array in mixture.arrays().items())


@given(st.integers(1, 198), st.booleans())
def test_a_prediction_knows_nothing_of_what_comes(
    story: NDArray[np.uint16],
    story_reader: ContextHasher,
    learned: tuple[Tables, ContextMixer],
    place: int,
    learning: bool,
) -> None:
    counted, mixture = learned
    one, other = story[:200].copy(), story[:200].copy()
    other[place:] = story[-200:][place:]
    found = []
    for text in (one, other):
        rows, past = read(text[:-1], story_reader), DocumentCounts(200)
        if learning:
            prediction = mixture.learn(counted, rows, text[1:], 0.01, past=past)[1]
        else:
            prediction = mixture.predict(counted, rows, past=past, targets=text[1:])
        found.append(prediction.log_probabilities[:place])
    assert (found[0] == found[1]).all()


# The past


def test_a_past_counts_what_is_predicted_or_read(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    rows, targets = read(story[:300], story_reader), story[1:301]
    one, other = DocumentCounts(400), DocumentCounts(400)
    mixture.predict(counted, rows, past=one, targets=targets)
    other.read(rows.keys, targets)
    assert all((mine == others).all() for mine, others in zip(one.memory, other.memory, strict=True))
    before = [array.copy() for array in one.memory]
    mixture.predict(counted, rows, past=one)  # without targets: only looked at
    assert all((mine == others).all() for mine, others in zip(one.memory, before, strict=True))
    one.clear()
    assert (
        mixture.predict(counted, rows, past=one).log_probabilities
        == mixture.predict(counted, rows, past=DocumentCounts(1)).log_probabilities
    ).all()


def test_votes_by_age_are_as_recounted(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """p ∝ p without them · exp Σ r(age, n), over all symbols that the document's own contexts have shown."""
    counted, mixture = learned
    rows, targets = read(story[:1500], story_reader), story[1:1501]
    votes = np.random.default_rng(0).normal(size=mixture.learned.recency.shape).astype(np.float32)
    silent, voting = (ContextMixer(mixture.learned._replace(recency=each)) for each in (0 * votes, votes))
    expected, found = (
        each.predict(counted, rows, past=DocumentCounts(1500), targets=targets).log_probabilities
        for each in (silent, voting)
    )
    seen: dict[tuple[int, int], dict[int, list[int]]] = {}  # by kind and context: when each symbol came
    for row, target in enumerate(targets):
        for kind, column in enumerate(COLUMNS):
            times = seen.setdefault((kind, int(rows.keys[row, column])), {})
            for symbol, came in times.items():
                expected[row, symbol] += votes[kind, age(row - came[-1]), single(len(came))]
            times.setdefault(int(target), []).append(row)
    expected -= np.log(np.exp(expected.astype(np.float64)).sum(axis=1, keepdims=True))
    assert np.abs(found - expected).max() < 1e-3


def test_a_class_of_ages_ends_four_times_as_long_ago_as_the_one_before() -> None:
    buckets = [age(distance) for distance in range(2**19)]
    ends = [distance for distance, (one, other) in enumerate(pairwise(buckets)) if one != other]
    assert buckets[0] == 0
    assert buckets[-1] == AGES - 1 == len(ends)
    assert ends[0] == RECENT
    assert all(3.9 < other / one <= 4.2 for one, other in pairwise(ends))


def test_lanes_of_a_past_are_apart(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Two texts side by side in one past, and a third that sees none, as each by itself."""
    counted, mixture = learned
    lanes = np.stack([story[:200], story[1000:1200], story[2000:2200]])
    rows = story_reader.read(ContextState.start(3), lanes[:, :-1])[0].rows()
    together = mixture.predict(
        counted,
        rows,
        past=DocumentCounts(600, lanes=2),
        targets=lanes[:, 1:].T.ravel(),
        lanes=np.tile([0, 5, STATIC], 199),
    ).log_probabilities
    for number, text in enumerate(lanes):
        past = DocumentCounts(200) if number < 2 else None
        alone = mixture.predict(counted, read(text[:-1], story_reader), past=past, targets=text[1:])
        assert (together[number::3] == alone.log_probabilities).all()


def test_a_full_past_goes_on_counting(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    past, rows = DocumentCounts(50), read(story[:2000], story_reader)
    prediction = mixture.predict(counted, rows, past=past, targets=story[1:2001])
    assert np.isfinite(prediction.log_probabilities).all()
    assert past.memory.used[0] == len(past.memory.entries)


def test_verse_after_stories_is_read_with_escapes(
    story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Characters of another text that this vocabulary lacks."""
    counted, mixture = learned
    known = sorted(set(STORIES.read_text(encoding="utf-8")))
    verse = QUATRAINS.read_text(encoding="utf-8") + 10 * "€"
    ids = np.array([known.index(c) if c in known else len(known) + 255 for c in verse])
    symbols = story_reader.alphabet.clip(ids)
    bits = mean_bits(mixture.predict(counted, read(symbols[:-1], story_reader)), symbols[1:])
    assert bits < 4.5
