"""Laws of the stream: lanes are contiguous, windows continue one another, every token comes once a pass."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import UserError
from charrnn.stream import MINIMUM, TextStream, fitted


@given(length=st.integers(60, 400), batch=st.integers(1, 8), window=st.integers(1, 50))
def test_windows_of_a_pass_join_to_contiguous_lanes(length: int, batch: int, window: int) -> None:
    stream = TextStream(torch.arange(length), batch, window)
    windows = [stream.window(count) for count in range(stream.windows)]
    inputs = torch.cat([inputs for inputs, _, _ in windows], dim=1)
    targets = torch.cat([targets for _, targets, _ in windows], dim=1)
    # The text is 0, 1, 2, …: so lanes side by side are the text itself, and each target is the input plus one.
    assert inputs.flatten().tolist() == list(range(batch * stream.lane))
    assert torch.equal(targets, inputs + 1)
    assert length - 1 - batch < batch * stream.lane <= length - 1
    sizes = {inputs.shape[1] for inputs, _, _ in windows}
    assert max(sizes) <= window
    assert max(sizes) - min(sizes) <= 1
    assert [starts for _, _, starts in windows] == [True] + [False] * (stream.windows - 1)


@given(count=st.integers(0, 1000))
def test_passes_repeat(count: int) -> None:
    stream = TextStream(torch.arange(100), 3, 7)
    here, again = stream.window(count), stream.window(count + stream.windows)
    assert torch.equal(here[0], again[0])
    assert here[2] == again[2] == (count % stream.windows == 0)


@given(characters=st.integers(MINIMUM, 100_000), batch=st.integers(1, 64), window=st.integers(1, 256))
def test_fitted_sizes_leave_something_to_carry_over(characters: int, batch: int, window: int) -> None:
    smaller_batch, smaller_window = fitted(characters, batch, window)
    assert 1 <= smaller_batch <= batch
    assert 1 <= smaller_window <= window
    assert TextStream(torch.zeros(characters), smaller_batch, smaller_window).windows >= 2 or window <= 8
    if characters >= 8 * batch * window:
        assert (smaller_batch, smaller_window) == (batch, window)


def test_too_short_a_text_is_refused() -> None:
    with pytest.raises(UserError, match=f"at least {MINIMUM} characters to train on, found {MINIMUM - 1}"):
        fitted(MINIMUM - 1, 32, 64)
    with pytest.raises(UserError, match="at least 9 tokens for 8 lanes, found 8"):
        TextStream(torch.arange(8), 8, 4)
