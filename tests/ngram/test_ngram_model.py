"""Counts and mixture as one value: what is expected, learned, remembered and saved."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from counting_support import cut
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import QUATRAINS

from charrnn.data.stream import Paragraphs
from charrnn.data.tokenizer import CharTokenizer
from charrnn.ngram import lists as layout
from charrnn.ngram.contexts import ContextHasher, ContextState
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.model import CountOptions, NgramModel, start
from charrnn.ngram.prediction import NgramPrediction


def expected_of(
    known: NgramModel, tokens: torch.Tensor, past: DocumentCounts | None = None, places: Sequence[int] = ()
) -> NgramPrediction:
    """What is expected after each of `tokens` (1, t) but the last, read in pieces, with a past if there is one."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    reading, found = start(1), []
    for piece in cut(places, inputs.shape[1]):
        if past is None:
            values, reading = known.expect(inputs[:, piece], reading)
        else:
            none = np.full(inputs[:, piece].shape, -1)
            _, (values, reading) = known.learn(
                inputs[:, piece], targets[:, piece], reading, 0.0, none, past, np.zeros(1, dtype=np.int64)
            )
        found.append(values)
    return NgramPrediction(torch.cat(found, dim=1), reading)


def verse(tokenizer: CharTokenizer, begin: int, length: int) -> torch.Tensor:
    """(1, t): a part of the quatrains, after two characters that their vocabulary lacks."""
    text = "日†" + QUATRAINS.read_text(encoding="utf-8")[begin : begin + length]
    return torch.tensor([tokenizer.encode(text)])


@given(st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_what_is_expected_does_not_depend_on_the_pieces(
    counted: NgramModel, tokenizer: CharTokenizer, places: list[int], with_past: bool
) -> None:
    """Bit for bit; and so is what the past remembers."""
    tokens = verse(tokenizer, 300, 200)
    pasts = [DocumentCounts(400) if with_past else None for _ in range(2)]
    whole = expected_of(counted, tokens, pasts[0])
    pieces = expected_of(counted, tokens, pasts[1], places)
    assert torch.equal(pieces.values, whole.values)
    assert torch.equal(pieces.reading, whole.reading)
    if pasts[0] and pasts[1]:
        assert all((one == other).all() for one, other in zip(pasts[0].memory, pasts[1].memory, strict=True))


@given(st.integers(1, 150), st.booleans())
def test_what_is_expected_knows_nothing_of_what_comes(
    counted: NgramModel, tokenizer: CharTokenizer, place: int, with_past: bool
) -> None:
    one, other = verse(tokenizer, 300, 200), verse(tokenizer, 900, 200)
    other[:, :place] = one[:, :place]
    left, right = (
        expected_of(counted, tokens, DocumentCounts(400) if with_past else None).values for tokens in (one, other)
    )
    assert torch.equal(left[:, :place], right[:, :place])
    assert not torch.equal(left[:, place:], right[:, place:])


def test_a_prediction_is_a_distribution_with_its_statistics(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    tokens = verse(tokenizer, 300, 200)
    for past, seen in ((None, 0.0), (DocumentCounts(400), 1.0)):
        values = expected_of(counted, tokens, past).values[0].double()
        p = values[:, : counted.symbols].exp()
        assert p.sum(dim=1).numpy() == pytest.approx(1, abs=1e-5)
        entropy, greatest, second, known, place = values[:, counted.symbols :].T
        assert entropy.numpy() == pytest.approx((-(p * p.log()).sum(dim=1)).numpy(), abs=1e-4)
        assert torch.stack([greatest, second]).numpy() == pytest.approx(p.topk(2).values.T.log().numpy(), abs=1e-4)
        assert (known == seen).all()
        symbols = counted.reader.alphabet.clip(tokens.numpy())
        assert (place.numpy() == counted.reader.read(ContextState.start(1), symbols)[0].places[0, :-1]).all()


def test_a_past_makes_repetitions_expected(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    tokens = torch.tensor([tokenizer.encode(3 * "zfb vgm pzd bvf ")])
    with_past, without = (expected_of(counted, tokens, past).values[0] for past in (DocumentCounts(100), None))
    targets = tokens[0, 1:]
    rows = torch.arange(len(targets))
    gain = (with_past - without)[rows, targets]
    third = len(targets) // 3
    assert gain[-third:].mean() > gain[:third].mean() + 0.5


def test_lanes_are_expected_apart(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    lanes = torch.cat([verse(tokenizer, begin, 100) for begin in (0, 500, 900)])
    together = counted.expect(lanes, start(3))
    for lane in range(3):
        alone = counted.expect(lanes[lane : lane + 1], start(1))
        assert torch.equal(alone.values[0], together.values[lane])
        assert torch.equal(alone.reading[0], together.reading[lane])


def test_learning_nothing_is_expecting(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    """At a rate of 0, with no block left out and no past; and what is remembered is what learning leaves behind."""
    tokens = torch.cat([verse(tokenizer, begin, 100) for begin in (0, 500)])
    inputs, targets, blocks = tokens[:, :-1], tokens[:, 1:], np.full((2, tokens.shape[1] - 1), -1)
    past, lanes = DocumentCounts(400), np.array([STATIC, 7])
    same, found = counted.learn(inputs, targets, start(2), 0.0, blocks, past, lanes)
    expected = counted.expect(inputs, start(2))
    assert torch.equal(found.values[0], expected.values[0])
    assert not torch.equal(found.values[1], expected.values[1])
    assert torch.equal(found.reading, expected.reading)
    assert all(torch.equal(weight, counted.weights()[name]) for name, weight in same.weights().items())
    other = DocumentCounts(400)
    assert torch.equal(counted.remember(inputs, targets, start(2), other, lanes), found.reading)
    assert all((one == two).all() for one, two in zip(past.memory, other.memory, strict=True))
    assert past.memory.used[0] > 1


def test_saved_counts_expect_the_same(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    again = NgramModel.from_arrays(counted.arrays(), tokenizer.characters).with_weights(counted.weights())
    tokens = verse(tokenizer, 300, 200)
    assert torch.equal(again.expect(tokens, start(1)).values, counted.expect(tokens, start(1)).values)


def test_of_a_long_text_the_end_of_each_block_is_counted(
    story: NDArray[np.uint16], story_reader: ContextHasher
) -> None:
    other, length = story.copy(), 1000
    for place in range(0, len(story), length):
        other[place : place + min(length, len(story) - place) * 7 // 10] = 0
    known, same = (
        NgramModel.count(text, story_reader, CountOptions(length, most=len(story) // 4)).tables.lists
        for text in (story, other)
    )
    assert all((one == two).all() for one, two in zip(known, same, strict=True))
    of_first_kind = known.entries[: int(known.contexts[known.buckets[known.first_bucket[1]]] >> np.uint64(32))]
    assert len(story) / 5 < layout.unpacked(of_first_kind, story_reader.alphabet.symbols)[2].sum() < len(story) / 3


def test_what_follows_the_empty_prompt_is_of_the_text_that_was_counted_last(
    counted: NgramModel, tokenizer: CharTokenizer
) -> None:
    """Though it is the shorter one, newlines were followed by another alphabet more often, and that, too, was counted
    as a beginning.
    """
    verse = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    base = NgramModel.count(verse, counted.reader, CountOptions(600, paragraphs=Paragraphs.of(verse, tokenizer)))
    base = base.with_weights(counted.weights())
    both = CharTokenizer(tokenizer.characters + "ΑΒΓΔαβγδ")
    ids = both.encode_array("Αβγα βδαγ.\nΒγαδ δαβ γαβδα.\nΓαδ.\nΔαβ γδα.\n" * 4)
    paragraphs = Paragraphs.of(ids, both)

    def share(known: NgramModel) -> float:
        """Return the probability that a character of the new alphabet follows the empty prompt."""
        newline = torch.from_numpy(both.encode_array("\n"))[None].long()
        expected = known.expect(newline, start(1)).values[0, 0]
        return expected[len(tokenizer.characters) : len(both.characters)].exp().sum().item()

    begun = base.with_text(ids, both.characters, CountOptions(60, paragraphs=paragraphs))
    assert share(base.with_text(ids, both.characters, CountOptions(60))) < 0.5
    assert share(begun) > 0.9
    again = NgramModel.from_arrays(begun.arrays(), both.characters).with_weights(begun.weights())
    assert share(again.with_blocks(ids, CountOptions(60, paragraphs=paragraphs))) == share(begun)
