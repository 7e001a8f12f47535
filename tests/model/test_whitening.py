"""Laws of whitening."""

import torch

from charrnn.model.whitening import DAMPING, Whitening


def test_whitened_inputs_vary_equally_in_all_directions() -> None:
    torch.manual_seed(1)
    inputs = torch.randn(20_000, 5) @ torch.diag(torch.tensor([9.0, 3.0, 1.0, 1.0, 1.0]))
    whitening = Whitening(5)
    assert torch.equal(whitening.of(inputs[:48]), inputs[:48])
    for _ in range(2):
        whitening.of(inputs)
    after = whitening.of(inputs)
    before, spread = (torch.linalg.eigvalsh(each.T @ each / len(each)) for each in (inputs, after))
    assert torch.allclose(spread.sort().values, (before / (before / before.mean() + DAMPING)).sort().values, rtol=0.02)


def test_inputs_that_are_always_zero_can_be_whitened() -> None:
    whitening = Whitening(3)
    for _ in range(4):
        after = whitening.of(torch.zeros(2, 3))
    assert torch.equal(after, torch.zeros(2, 3))
