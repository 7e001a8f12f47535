"""Laws of the stream: lanes are contiguous, windows continue one another, every token comes once a pass."""

import textwrap
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import STORIES

from charrnn.data.stream import MINIMUM, Paragraphs, TextStream, fitted
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError

ALPHABET = CharTokenizer("\n.Aab")


@given(length=st.integers(60, 400), batch=st.integers(1, 8), window=st.integers(1, 50))
def test_windows_of_a_pass_join_to_contiguous_lanes(length: int, batch: int, window: int) -> None:
    stream = TextStream(np.arange(length), batch, window)
    windows = [stream.window(count) for count in range(stream.windows)]
    inputs = torch.cat([window.inputs for window in windows], dim=1)
    targets = torch.cat([window.targets for window in windows], dim=1)
    # The text is 0, 1, 2, …: so lanes side by side are the text itself, and each target is the input plus one.
    assert inputs.flatten().tolist() == list(range(batch * stream.lane))
    assert torch.equal(targets, inputs + 1)
    assert all((stream.place(count) == window.inputs[:, 0].numpy()).all() for count, window in enumerate(windows))
    assert length - 1 - batch < batch * stream.lane <= length - 1
    sizes = {window.inputs.shape[1] for window in windows}
    assert max(sizes) <= window
    assert max(sizes) - min(sizes) <= 1
    all_lanes = ((0, tuple(range(batch))),)
    assert [window.starts for window in windows] == [all_lanes] + [()] * (stream.windows - 1)


@given(count=st.integers(0, 1000))
def test_passes_repeat(count: int) -> None:
    stream = TextStream(np.arange(100), 3, 7, works=[0, 20, 50, 51])
    here, again = stream.window(count), stream.window(count + stream.windows)
    assert torch.equal(here.inputs, again.inputs)
    assert here.starts == again.starts


@given(
    works=st.sets(st.integers(0, 199)), batch=st.integers(1, 8), window=st.integers(1, 50),
)  # fmt: skip
def test_every_work_starts_anew_at_its_place(works: set[int], batch: int, window: int) -> None:
    stream = TextStream(np.arange(200), batch, window, sorted(works))
    found = {
        int(read.inputs[lane, time])
        for read in map(stream.window, range(stream.windows))
        for time, lanes in read.starts
        for lane in lanes
    }
    lanes = {lane * stream.lane for lane in range(batch)}  # where a lane begins, its state starts anew too
    assert found == lanes | {place for place in works if place < batch * stream.lane}


@given(works=st.sets(st.integers(0, 199)), batch=st.integers(1, 8), window=st.integers(1, 50))
def test_pieces_are_the_window_cut_where_lanes_start_anew(works: set[int], batch: int, window: int) -> None:
    stream = TextStream(np.arange(200), batch, window, sorted(works))
    for read in map(stream.window, range(stream.windows)):
        pieces = list(read.pieces())
        assert torch.equal(torch.cat([piece.inputs for piece in pieces], dim=1), read.inputs)
        assert torch.equal(torch.cat([piece.targets for piece in pieces], dim=1), read.targets)
        sizes = [piece.inputs.shape[1] for piece in pieces]
        assert min(sizes) > 0
        begins = [sum(sizes[:number]) for number in range(len(sizes))]
        found = tuple((time, piece.fresh) for time, piece in zip(begins, pieces, strict=True) if piece.fresh)
        assert found == read.starts
        assert all(piece.fresh for piece in pieces[1:])


@given(
    text=st.text(ALPHABET.characters, min_size=60, max_size=400),
    batch=st.integers(1, 8), window=st.integers(1, 50), every=st.integers(1, 5),
)  # fmt: skip
def test_in_one_window_of_so_many_the_lanes_that_begin_a_paragraph_start_anew(
    text: str, batch: int, window: int, every: int
) -> None:
    """As many lanes as do so at one time of that window; and what is read is the same."""
    ids = ALPHABET.encode_array(text)
    paragraphs = Paragraphs.of(ids, ALPHABET)
    assert paragraphs is not None
    begins = set((np.flatnonzero(paragraphs.begin(ids)) + 1).tolist())
    stream, plain = TextStream(ids, batch, window, [7], None, paragraphs, every), TextStream(ids, batch, window, [7])
    groups = []
    for count in range(3 * stream.windows):
        read, same = stream.window(count), plain.window(count)
        assert torch.equal(read.inputs, same.inputs)
        assert torch.equal(read.targets, same.targets)
        assert read.starts == same.starts
        assert same.paragraph == (0, ())
        time, lanes = read.paragraph
        place = stream.place(count).tolist()
        beginning = [
            tuple(lane for lane in range(batch) if place[lane] + inside in begins)
            for inside in range(1, read.inputs.shape[1])
        ]
        if lanes:
            assert lanes == beginning[time - 1]
            assert len(lanes) == max(map(len, beginning))
            groups.append(count // every)
        elif every == 1:
            assert not any(beginning)
        pieces = list(read.pieces())
        assert torch.equal(torch.cat([piece.inputs for piece in pieces], dim=1), read.inputs)
        assert sum(piece.inputs.shape[1] for piece in pieces[:-1]) == max((time, *dict(read.starts)))
        assert {lane for piece in pieces for lane in piece.fresh} == {*lanes, *(x for _, x in read.starts for x in x)}
        assert all(set(piece.other) <= set(piece.fresh) for piece in pieces)
    assert len(groups) == len(set(groups))


def test_every_group_of_windows_has_one_that_is_cut_and_in_each_pass_others() -> None:
    ids = ALPHABET.encode_array("ab.\n" * 500)
    stream = TextStream(ids, 4, 16, (), None, Paragraphs.of(ids, ALPHABET), 4)
    cut = [count for count in range(8 * stream.windows) if stream.window(count).paragraph[1]]
    assert [count // 4 for count in cut] == list(range(len(cut)))
    assert len({count % stream.windows for count in cut}) > stream.windows / 2


@given(st.text(ALPHABET.characters, min_size=60), st.integers(1, 9), st.integers(1, 40), st.integers(1, 5))
def test_ranks_cut_a_window_at_the_same_times(text: str, batch: int, window: int, ranks: int) -> None:
    """And each lane starts anew in the rank that reads it."""
    ids = ALPHABET.encode_array(text)
    stream = TextStream(ids, batch, window, [7, 20], None, Paragraphs.of(ids, ALPHABET), 1)
    bounds = [rank * batch // ranks for rank in range(ranks + 1)]
    for whole in map(stream.window, range(stream.windows)):
        shares = [list(whole.rows(slice(*pair)).pieces()) for pair in pairwise(bounds)]
        for number, piece in enumerate(whole.pieces()):
            of_ranks = [share[number] for share in shares]
            assert torch.equal(torch.cat([part.inputs for part in of_ranks]), piece.inputs)
            for name in ("fresh", "other"):
                joined = [
                    first + lane for first, part in zip(bounds, of_ranks, strict=False) for lane in getattr(part, name)
                ]
                assert tuple(joined) == getattr(piece, name)


def test_a_text_without_line_ends_has_no_paragraphs() -> None:
    tokenizer = CharTokenizer("ab ")
    assert Paragraphs.of(tokenizer.encode_array("ab " * 100), tokenizer) is None


@pytest.mark.parametrize("lower", [False, True])
def test_where_lines_end_within_sentences_paragraphs_begin_after_one(lower: bool) -> None:
    """A text printed at a margin has all its paragraphs still; the others begin with a sentence, too."""
    lines = [line for line in STORIES.read_text(encoding="utf-8").split("\n") if line.endswith(".")]
    story = "".join(line + "\n" for line in lines)
    printed = "".join(textwrap.fill(line, 60) + "\n" for line in lines)
    if lower:
        story, printed = story.lower(), printed.lower()
    whole, found = paragraphs_of(story), paragraphs_of(printed)
    assert whole == [line.lower() if lower else line for line in lines[1:]]
    beginnings = [paragraph[:40].replace("\n", " ") for paragraph in found]
    assert {paragraph[:40] for paragraph in whole} <= set(beginnings)
    assert len(whole) <= len(found) < 0.5 * printed.count("\n")
    assert not any(paragraph[-1].isalnum() or paragraph[-1] in ",;" for paragraph in found)


def test_where_no_line_ends_a_sentence_each_is_a_paragraph() -> None:
    words = STORIES.read_text(encoding="utf-8").split()[:500]
    assert paragraphs_of("\n".join(filter(str.isalnum, words)) + "\n") == list(filter(str.isalnum, words))[1:]


def paragraphs_of(text: str) -> list[str]:
    """Each up to the next one."""
    tokenizer = CharTokenizer("".join(sorted(set(text))))
    ids = tokenizer.encode_array(text)
    paragraphs = Paragraphs.of(ids, tokenizer)
    assert paragraphs is not None
    places = np.flatnonzero(paragraphs.begin(ids)) + 1
    return [text[place + 1 : stop].rstrip("\n") for place, stop in pairwise([*places.tolist(), len(text)])]


@given(st.text(ALPHABET.characters, min_size=3), st.integers(1, 20))
def test_some_paragraphs_are_few_and_of_those_that_there_are(text: str, most: int) -> None:
    ids = ALPHABET.encode_array(text)
    paragraphs = Paragraphs.of(ids, ALPHABET)
    assert paragraphs is not None
    every, some = (np.flatnonzero(paragraphs.begin(ids)) + 1).tolist(), paragraphs.some(ids, most).tolist()
    assert set(some) <= set(every)
    assert some == sorted(some)
    assert len(some) <= min(most, len(every) / 2)
    assert len(some) > 0 or len(every) < 2


@given(characters=st.integers(MINIMUM, 100_000), batch=st.integers(1, 64), window=st.integers(1, 256))
def test_fitted_sizes_leave_something_to_carry_over(characters: int, batch: int, window: int) -> None:
    smaller_batch, smaller_window = fitted(characters, batch, window)
    assert 1 <= smaller_batch <= batch
    assert 1 <= smaller_window <= window
    assert TextStream(np.zeros(characters), smaller_batch, smaller_window).windows >= 2 or window <= 8
    if characters >= 8 * batch * window:
        assert (smaller_batch, smaller_window) == (batch, window)


def test_too_short_a_text_is_refused() -> None:
    with pytest.raises(UserError, match=f"at least {MINIMUM} characters to train on, found {MINIMUM - 1}") as error:
        fitted(MINIMUM - 1, 32, 64)
    assert error.value.code == "text-too-short-to-train"
    with pytest.raises(UserError, match=r"at least 9 tokens .* found 8$") as error:
        TextStream(np.arange(8), 8, 4)
    assert error.value.code == "text-too-short-for-batch"
