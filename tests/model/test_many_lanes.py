"""Laws of an LSTM that learns from many lanes: it is the LSTM, and so are its gradients; lanes are apart."""

import pytest
import torch
from torch import Tensor

from charrnn.compiled.tile_sums import MORE_ROWS, PAIRED
from charrnn.model.cells import LSTM
from charrnn.model.many_lanes import fits


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


needs_pairs = pytest.mark.skipif(not PAIRED, reason="this processor does not multiply pairs of bfloat16 numbers")


def rounded(*shape: int) -> Tensor:
    """Numbers that bfloat16 holds exactly, so that only what is computed in between is rounded."""
    return torch.randn(shape).bfloat16().float()


def read(cell: LSTM, x: Tensor, carried: tuple[Tensor, Tensor], wanted: tuple[Tensor, ...], bf16: bool) -> list[Tensor]:
    """Return the cell's outputs, then the gradients of x, of the carried state and of the weights."""
    inputs = [tensor.clone().requires_grad_() for tensor in (x, *carried)]
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        hidden, after = cell(inputs[0], tuple(inputs[1:]))
    found = (hidden, *after)
    return [*found, *torch.autograd.grad(found, [*inputs, *cell.parameters()], wanted)]


@needs_pairs
@pytest.mark.parametrize(("lanes", "time", "width"), [(8, 2, 32), (8, 33, 64), (24, 16, 96)])
def test_it_is_the_lstm(lanes: int, time: int, width: int) -> None:
    torch.manual_seed(1)
    cell = LSTM(10, width)
    for parameter in cell.parameters():
        parameter.data = parameter.data.bfloat16().float()
    x, carried = rounded(lanes, time, 10), (rounded(lanes, width), rounded(lanes, width))
    wanted = rounded(lanes, time, width), rounded(lanes, width), rounded(lanes, width)
    assert fits(lanes, width)
    exact, found = (read(cell, x, carried, wanted, bf16) for bf16 in (False, True))
    for one, other in zip(exact, found, strict=True):
        assert one.shape == other.shape
        assert (one - other).norm() < 0.006 * one.norm()  # bfloat16 rounds by up to 0.004


@needs_pairs
def test_a_lane_is_the_same_whatever_is_read_beside_it() -> None:
    torch.manual_seed(2)
    cell, lanes = LSTM(10, 64), 2 * MORE_ROWS
    x, carried = rounded(lanes, 9, 10), (rounded(lanes, 64), rounded(lanes, 64))
    with torch.autocast("cpu", torch.bfloat16):
        whole, _ = cell(x, carried)
        halves = [cell(x[rows], tuple(one[rows] for one in carried))[0] for rows in (slice(0, 8), slice(8, 16))]
    assert torch.equal(whole, torch.cat(halves))
