"""Laws of an LSTM that learns from one text: it is the LSTM, and so are its gradients."""

import pytest
import torch
from torch import Tensor

from charrnn.model.cells import LSTM, RecurrentCell
from charrnn.model.ensemble import Ensemble


@pytest.mark.parametrize("time", [2, 7, 48])
def test_it_is_the_lstm(time: int) -> None:
    torch.manual_seed(1)
    cell = LSTM(6, 8)
    weight = cell.rnn.get_parameter("weight_hh_l0").data
    weight.copy_(weight.bfloat16())  # as the loops read it
    x, gradient, carried = torch.randn(1, time, 6), torch.randn(1, time, 8), (torch.randn(1, 8), torch.randn(1, 8))

    hidden, state = cell(x, carried)
    torch.autograd.backward(hidden, gradient)
    expected = [parameter.grad for parameter in cell.parameters()]

    cell.zero_grad()
    assert cell.learn_alone() == [cell.rnn.get_parameter("weight_ih_l0"), cell.rnn.get_parameter("weight_hh_l0")]
    found, after = cell(x, carried)
    torch.autograd.backward(found, gradient)
    torch.testing.assert_close((found, *after), (hidden, *state), atol=1e-5, rtol=0)
    for parameter, wanted in zip(cell.parameters(), expected, strict=True):
        assert wanted is not None
        torch.testing.assert_close(parameter.grad, wanted, atol=0.01 * wanted.abs().max().item(), rtol=0)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_members_learn_from_one_text_what_each_learns_alone(threads: int) -> None:
    torch.manual_seed(1)
    cells = [LSTM(6, 8) for _ in range(3)]
    x, gradient, carried = torch.randn(1, 9, 6), torch.randn(1, 9, 24), (torch.randn(1, 24), torch.randn(1, 24))

    def learned(cell: RecurrentCell, gradient: Tensor, *carried: Tensor) -> list[Tensor]:
        cell.zero_grad()
        hidden, after = cell(x, carried)
        torch.autograd.backward(hidden, gradient)
        return [
            hidden,
            *after,
            *(parameter.grad.clone() for parameter in cell.parameters() if parameter.grad is not None),
        ]

    parts = zip(*(tensor.chunk(3, dim=-1) for tensor in (gradient, *carried)), strict=True)
    for cell in cells:
        cell.learn_alone()
    alone = [learned(cell, *part) for cell, part in zip(cells, parts, strict=True)]
    for cell in cells:
        cell.learn_alone(threads)
    together = learned(Ensemble(list(cells), is_shared=True), gradient, *carried)
    read = [torch.cat(tensors, dim=-1) for tensors in zip(*(each[:3] for each in alone), strict=True)]
    for found, wanted in zip(together, [*read, *(weight for each in alone for weight in each[3:])], strict=True):
        torch.testing.assert_close(found, wanted)  # threads add in another order
