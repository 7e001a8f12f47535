"""Laws of lane threads: as many parts as can be, and the steps that one thread would take."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from ranks import gradients

from charrnn.model.at_once import FEWEST, at_once, parts_of
from charrnn.training.distributed import ALONE
from charrnn.training.trainer import Trainer


@given(lanes=st.integers(1, 200), threads=st.integers(1, 9))
def test_parts_are_all_lanes_and_none_is_too_small(lanes: int, threads: int) -> None:
    torch.set_num_threads(threads)
    parts = parts_of(lanes)
    assert [lane for part in parts for lane in range(lanes)[part]] == list(range(lanes))
    assert len(parts) == 1 or min(part.stop - part.start for part in parts) >= FEWEST
    assert len(parts) == threads or lanes // FEWEST <= len(parts)


@pytest.mark.parametrize(("threads", "each"), [(2, [1, 1]), (4, [2, 2])])
def test_threads_share_those_of_pytorch(threads: int, each: list[int]) -> None:
    torch.set_num_threads(threads)
    assert at_once(lambda _: torch.get_num_threads(), [0, 1], threads) == each
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("counts", ["none", "joined"])
def test_gradients_are_those_of_one_thread(counts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charrnn.model.at_once.FEWEST", 1)
    monkeypatch.setattr(Trainer, "_parts", lambda _, lanes: parts_of(lanes))
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(gradients(ALONE, counts))
    for other in found[1:]:
        for shared, alone in zip(other, found[0], strict=True):
            for name in alone:
                torch.testing.assert_close(shared[name], alone[name], rtol=1e-5, atol=1e-8)
