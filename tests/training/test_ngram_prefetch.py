"""Laws of foresight: it is what a reader could expect who knows neither what comes nor the block that is read."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import QUATRAINS
from torch import Tensor

from charrnn.data.stream import Paragraphs, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.training.ngram_prefetch import NgramPrefetcher, block_length

Ids = NDArray[np.int32]
LANES, WINDOW, LESSONS, WORKS = 3, 16, 20, [0, 100, 130, 505, 700, 1001]


@pytest.fixture(scope="module")
def ids(tokenizer: CharTokenizer) -> Ids:
    return tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stream(ids: Ids, tokenizer: CharTokenizer) -> TextStream:
    return TextStream(ids[:1500], LANES, WINDOW, WORKS, None, Paragraphs.of(ids, tokenizer), 2)


@pytest.fixture(scope="module")
def known(counted: NgramModel, ids: Ids) -> NgramModel:
    return count(ids[:1500], LANES, counted)


@pytest.fixture(scope="module")
def uninterrupted(known: NgramModel, stream: TextStream) -> list[tuple[NgramModel, list[Tensor]]]:
    """For each window of two passes and a half: what is known before it, what is expected in its pieces."""
    foresight = NgramPrefetcher(known, stream, LESSONS)
    return [(foresight.counts, values(foresight, count)) for count in range(5 * stream.windows // 2)]


def count(ids: Ids, lanes: int, like: NgramModel) -> NgramModel:
    """The counts of a text, read and mixed as those of another, but on no page, whose margin is remembered for long."""
    reader = replace(like.reader, page=None)
    return NgramModel.count(ids, reader, CountOptions(block_length(len(ids), lanes))).with_weights(like.weights())


def values(foresight: NgramPrefetcher, window: int) -> list[Tensor]:
    return [expectation.values for expectation in foresight.take(window)]


def same(one: NgramModel, other: NgramModel) -> bool:
    return all(torch.equal(weight, other.weights()[name]) for name, weight in one.weights().items())


def whole_pass(known: NgramModel, stream: TextStream, lessons: int, first: int = 0) -> Tensor:
    """What is expected in a pass from window `first` on, (b, t, v + 4)."""
    foresight = NgramPrefetcher(known, stream, lessons)
    foresight.skip_to(first, known)
    return torch.cat([v for window in range(first, stream.windows) for v in values(foresight, window)], dim=1)


@settings(max_examples=20)
@given(st.data())
def test_restarting_at_any_window_is_as_if_all_had_been_taken(
    stream: TextStream, uninterrupted: list[tuple[NgramModel, list[Tensor]]], data: st.DataObject
) -> None:
    """Bit for bit, in every pass."""
    first = data.draw(st.integers(0, len(uninterrupted) - 3))
    foresight = NgramPrefetcher(uninterrupted[0][0], stream, LESSONS)
    foresight.skip_to(first, uninterrupted[first][0])
    for window, (before, expected) in islice(enumerate(uninterrupted), first, first + 3):
        assert same(foresight.counts, before)
        found = values(foresight, window)
        assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))


def test_lessons_end(uninterrupted: list[tuple[NgramModel, list[Tensor]]]) -> None:
    """The mixture learns in each window of the lessons, and in none after them."""
    known = [before for before, _ in uninterrupted]
    changed = [not same(known[window], known[window + 1]) for window in range(len(known) - 1)]
    assert changed == [window < LESSONS for window in range(len(changed))]


def test_expectations_belong_to_the_pieces_of_a_window(
    stream: TextStream, uninterrupted: list[tuple[NgramModel, list[Tensor]]]
) -> None:
    """And every other lane sees its own past."""
    for window, (_, expected) in enumerate(uninterrupted):
        pieces = list(stream.window(window).pieces())
        assert [piece.inputs.shape for piece in pieces] == [found.shape[:2] for found in expected]
        for found in expected:
            assert (found[..., -2] == torch.tensor([[0.0], [1.0], [0.0]])).all()
            assert torch.allclose(found[..., :-5].double().exp().sum(dim=-1), torch.ones(()).double(), atol=1e-5)


@pytest.mark.parametrize("place", [1, 16, 101, 300])
def test_nothing_is_known_of_what_comes(known: NgramModel, ids: Ids, place: int) -> None:
    """Another text from some place in all lanes on changes what is expected from there on, not before.

    (At one time, lanes are read one after the other: what the first one's target teaches, the next ones know.)
    """
    lane = 1499 // LANES
    other = ids[:1500].copy()
    for start in range(0, LANES * lane, lane):
        other[start + place : start + lane] = ids[3000 + start + place : 3000 + start + lane]
    one, another = (whole_pass(known, TextStream(text, LANES, WINDOW), LESSONS) for text in (ids[:1500], other))
    assert torch.equal(one[:, : place - 1], another[:, : place - 1])
    assert torch.equal(one[0, place - 1], another[0, place - 1])
    assert not torch.equal(one[:, place : place + 3], another[:, place : place + 3])


def blocks(ids: Ids) -> Iterator[slice]:
    length = block_length(len(ids), 1)
    yield from (slice(start, start + length) for start in range(0, len(ids) - length, 5 * length))


def test_what_is_expected_in_a_block_does_not_come_from_it(counted: NgramModel, ids: Ids) -> None:
    """With another text counted in a block, the same is expected there, and not the same elsewhere.

    Its last lines stay, as they are what the first contexts of the next block hold.
    """
    stream, places = TextStream(ids, 1, WINDOW), np.arange(2, len(ids))  # of the targets from the second one on
    expected = whole_pass(count(ids, 1, counted), stream, 1, first=1)[0]
    offset = int(stream.place(1)[0]) + 1
    for block in blocks(ids):
        other = ids.copy()
        other[block.start : block.stop - 150] = ids[block.start : block.stop - 150][::-1]
        found = whole_pass(count(other, 1, counted), stream, 1, first=1)[0]
        equal = (found == expected).all(dim=-1).numpy()
        targets = places[offset - 2 : offset - 2 + len(equal)]
        inside = (targets >= block.start) & (targets < block.stop)
        assert equal[inside].all()
        assert inside.sum() > 400
        assert not equal[~inside].all()


@pytest.mark.parametrize("anew", [False, True])
def test_a_work_that_starts_anew_knows_nothing_of_the_one_before(known: NgramModel, ids: Ids, anew: bool) -> None:
    """Neither what was read of it nor its own past, if the mixture learns nothing."""
    lane, border = 1499 // LANES, 200
    works = [lane + border] if anew else []
    other = ids[:1500].copy()
    other[lane : lane + border] = ids[3000 : 3000 + border]
    one, another = (
        whole_pass(known, TextStream(text, LANES, WINDOW, works), 1, first=1)[1] for text in (ids[:1500], other)
    )
    start = border - lane // stream_windows(lane)
    assert torch.equal(one[start:], another[start:]) == anew
    assert not torch.equal(one[:start], another[:start])


def test_a_paragraph_that_starts_anew_shows_nothing_but_the_past_of_its_text(
    known: NgramModel, ids: Ids, tokenizer: CharTokenizer
) -> None:
    """What was read before it in its lane makes no difference, but to those that see the counts of their past."""
    lane, begin, paragraphs = 1499 // LANES, 0, Paragraphs.of(ids, tokenizer)
    swapped = ids[:1500].copy()
    vowels = tokenizer.encode_array("ae")
    stream = TextStream(ids[:1500], LANES, WINDOW, (), None, paragraphs, 1)
    last = {}
    for window in range(stream.windows):
        time, lanes = stream.window(window).paragraph
        last |= dict.fromkeys(lanes, int(stream.place(window)[0]) + time)
    assert set(last) == set(range(LANES))
    for number, begin in last.items():  # until there, the text of the lane is another one
        before = swapped[number * lane : number * lane + begin]
        before[:] = np.where(np.isin(before, vowels), vowels.sum() - before, before)
    one, another = (
        whole_pass(known, TextStream(text, LANES, WINDOW, (), None, paragraphs, 1), 1, first=1)
        for text in (ids[:1500], swapped)
    )
    skipped = int(stream.place(1)[0])
    for number, begin in last.items():
        equal = torch.equal(one[number, begin - skipped :], another[number, begin - skipped :])
        assert equal == (number % 2 == 0)
        assert not torch.equal(one[number, : begin - skipped], another[number, : begin - skipped])


def stream_windows(lane: int) -> int:
    return -(-lane // WINDOW)
