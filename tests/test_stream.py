"""Laws of the stream: lanes are contiguous, windows continue one another, every token comes once a pass."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import UserError
from charrnn.stream import MINIMUM, TextStream, fitted


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


@given(characters=st.integers(MINIMUM, 100_000), batch=st.integers(1, 64), window=st.integers(1, 256))
def test_fitted_sizes_leave_something_to_carry_over(characters: int, batch: int, window: int) -> None:
    smaller_batch, smaller_window = fitted(characters, batch, window)
    assert 1 <= smaller_batch <= batch
    assert 1 <= smaller_window <= window
    assert TextStream(np.zeros(characters), smaller_batch, smaller_window).windows >= 2 or window <= 8
    if characters >= 8 * batch * window:
        assert (smaller_batch, smaller_window) == (batch, window)


def test_too_short_a_text_is_refused() -> None:
    with pytest.raises(UserError, match=f"at least {MINIMUM} characters to train on, found {MINIMUM - 1}"):
        fitted(MINIMUM - 1, 32, 64)
    with pytest.raises(UserError, match="at least 9 tokens for 8 lanes, found 8"):
        TextStream(np.arange(8), 8, 4)
