"""Laws of the baselines: closed forms, probabilities that sum to one, and a slow model written another way."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.corpus import baselines
from charrnn.corpus.baselines import CHARACTERS, Ngram

few = st.text(alphabet="abc\n", max_size=60)
orders = st.integers(0, 4)


def test_unigram_by_hand() -> None:
    """Counts 2 and 1, discounts 1 and 1/2; what is taken off, half of all, is shared by a, b and the escape."""
    bits = Ngram("aab", 0).surprisals("ab€")
    assert bits == pytest.approx([1, math.log2(3), math.log2(6) + math.log2(CHARACTERS - 2)])
    assert baselines.unigram("aab", "ab€") == pytest.approx(bits.mean())


def test_bigram_by_hand() -> None:
    """ "ab" was seen once in its only context a, and of the three pairs (·a, ab, ba) two end in a, one in b."""
    below = {"a": (2 - 1) / 3 + 0.5 / 3, "b": (1 - 0.5) / 3 + 0.5 / 3}
    bits = Ngram("aba", 1).surprisals("ab")
    assert bits == pytest.approx([-math.log2(0.5 + 0.5 * below["a"]), -math.log2(0.5 + 0.5 * below["b"])])


def test_discounts_by_hand() -> None:
    counts = np.repeat([1, 2, 3, 4, 9], [8, 4, 2, 1, 3])
    assert baselines._discounts(counts) == pytest.approx([0, 0.5, 2 - 1.5 * 2 / 4, 3 - 2 * 1 / 2])


@given(few, few, orders)
def test_probabilities_sum_to_one_after_any_context(train: str, context: str, order: int) -> None:
    model = Ngram(train, order)
    total = sum(2 ** -model.surprisals(context + character)[-1] for character in set(train))
    unknown = 2 ** -model.surprisals(context + "é")[-1]
    assert total + unknown * (CHARACTERS - len(set(train))) == pytest.approx(1)


@given(few, st.text(alphabet="abcé\n", max_size=30), orders)
def test_equals_a_slow_model_written_another_way(train: str, text: str, order: int) -> None:
    assert Ngram(train, order).surprisals(text) == pytest.approx(slow(train, text, order))


def slow(train: str, text: str, order: int) -> list[float]:
    start, alphabet = "^" * order, set(train)
    counts = [Counter((start + train)[i : i + order + 1] for i in range(len(train)))]
    for _ in range(order):
        counts.append(Counter(gram[1:] for gram in counts[-1]))
    discounts = [baselines._discounts(np.array(sorted(level.values()), dtype=np.int64)) for level in counts]

    def probability(context: str, character: str) -> float:
        """By the definition: every sum over a context is taken anew."""
        shorter = probability(context[1:], character) if context else 1 / (len(alphabet) + 1)
        level = counts[order - len(context)]
        off = discounts[order - len(context)]
        follow = [count for gram, count in level.items() if gram[:-1] == context]
        if not follow:
            return shorter
        own = level[context + character]
        rest = sum(off[min(count, 3)] for count in follow)
        return float(own - off[min(own, 3)] + rest * shorter) / sum(follow)

    bits = []
    for i, character in enumerate(text):
        known = character in alphabet
        p = probability((start + text)[i : i + order], character if known else "escape")
        bits.append(-math.log2(p) + (0 if known else math.log2(CHARACTERS - len(alphabet))))
    return bits


@given(st.text(), st.text(), orders)
def test_every_text_has_a_finite_score(train: str, valid: str, order: int) -> None:
    assert np.isfinite(Ngram(train, order).surprisals(valid)).all()


@given(few, few)
def test_order_zero_is_the_unigram(train: str, valid: str) -> None:
    assert baselines.ngram(train, valid, order=0) == baselines.unigram(train, valid)


@given(st.text(alphabet="ab", min_size=4), orders)
def test_no_character_looks_at_a_later_one(text: str, order: int) -> None:
    model = Ngram("abba" * 5, order)
    assert model.surprisals(text)[:3] == pytest.approx(model.surprisals(text[:3]))


def test_a_large_alphabet_shortens_the_context() -> None:
    train = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))
    model = Ngram(train, 6)
    assert model.order == 3
    assert baselines.ngram(train, train[:50]) < baselines.unigram(train, train[:50])


def test_longer_contexts_learn_more_and_repetition_is_nearly_free() -> None:
    generator = np.random.default_rng(1)
    train = "".join(generator.choice(["a casa ", "é o rio ", "e a lua ", "do mar "], 2000))
    valid = train[:500]
    bits = [baselines.ngram(train, valid, order) for order in range(5)]
    assert bits == sorted(bits, reverse=True)
    noise = "".join(map(chr, generator.integers(97, 123, 20_000)))
    assert baselines.xz(noise, noise[:1000]) < 0.2 < 4 < baselines.xz(noise, noise[:1000][::-1])


def test_measure_says_what_it_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in (("TRAIN", 400), ("XZ", 200), ("VALID", 50)):
        monkeypatch.setattr(baselines, name, limit)
    train, valid = "ä" + "uma casa, outra casa e mais uma; " * 20, "uma casa é uma casa; " * 10 + "ä"
    result = baselines.measure(train, valid)
    assert (result.train_characters, result.xz_train_characters, result.valid_characters) == (400, 200, 50)
    assert result.unknown_characters == valid[:50].count("é") > 0
    assert result.ngram == baselines.ngram(train[-400:], valid[:50]) < result.unigram
    assert result.unigram == baselines.unigram(train[-400:], valid[:50])
    assert result.xz == baselines.xz(train[-200:], valid[:50])
    assert result.order == baselines.ORDER


def test_nothing_held_out() -> None:
    result = baselines.measure("texto", "")
    assert (result.unigram, result.ngram, result.valid_characters) == (0, 0, 0)
