"""Laws of an LSTM that learns from one text: it is the LSTM, and so are its gradients."""

import pytest
import torch

from charrnn.model.cells import LSTM


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
