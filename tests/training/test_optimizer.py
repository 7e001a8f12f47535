"""The optimizer: SOAP against its formula, and what it must not depend on."""

import numpy as np
import torch
from support import tiny
from torch import nn

from charrnn.data.tokenizer import CharTokenizer
from charrnn.training import soap
from charrnn.training.optimizer import Optimizer
from charrnn.training.soap import Soap

RATE, DECAY = 0.01, 0.1


def stepped(gradients: list[np.ndarray], start: np.ndarray, decay: float = DECAY) -> list[np.ndarray]:
    """Return the matrix after each of these gradients."""
    matrix = nn.Parameter(torch.tensor(start))
    optimizer, found = Soap([matrix], decay), []
    optimizer.param_groups[0]["lr"] = RATE
    for gradient in gradients:
        matrix.grad = torch.tensor(gradient)
        optimizer.step()
        found.append(matrix.detach().numpy().copy())
    return found


def drawn(steps: int, *shape: int) -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    mixed = draw.normal(size=(shape[-1], shape[-1]))  # so that the inputs go up and down together
    return [(draw.normal(size=shape) @ mixed).astype(np.float32) for _ in range(steps)]


def test_a_step_is_that_of_the_formula() -> None:
    start, *gradients = drawn(13, 6, 4)
    matrix, mean, square, gram = start.astype(np.float64), 0.0, 0.0, np.zeros((4, 4))
    for number, (gradient, found) in enumerate(zip(gradients, stepped(gradients, start), strict=True), start=1):
        mean = 0.95 * mean + 0.05 * gradient
        gram = 0.99 * gram + 0.01 * gradient.T @ gradient
        if number in (1, 2, 4, 8, 10):
            basis = np.linalg.eigh(gram)[1]
        square = 0.99 * square + 0.01 * (gradient @ basis) ** 2
        step = (0.95 * mean + 0.05 * gradient) @ basis / np.sqrt(square) @ basis.T
        matrix = matrix - RATE * (DECAY * matrix + 0.2 * step / np.sqrt((step**2).mean()))
        assert np.allclose(found, matrix, atol=1e-5), number


def test_turning_the_inputs_turns_the_step() -> None:
    """So it does not matter in which basis a layer is told its inputs, as it does for AdamW."""
    start, *gradients = drawn(8, 6, 4)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(4, 4)))[0].astype(np.float32)
    for one, other in zip(
        stepped(gradients, start), stepped([gradient @ turn for gradient in gradients], start @ turn), strict=True
    ):
        assert np.allclose(one @ turn, other, atol=1e-4)


def test_a_step_has_the_size_of_the_rate_whatever_the_gradient() -> None:
    start, *gradients = drawn(5, 6, 4)
    before = start
    for scale in (1e-6, 1.0, 1e6):
        for after in stepped([scale * gradient for gradient in gradients], start, decay=0.0):
            assert np.isclose(np.sqrt(((after - before) ** 2).mean()), RATE * soap.SIZE, rtol=1e-3)
            before = after
        before = start


def test_where_the_gradient_is_zero_weights_only_decay() -> None:
    start = drawn(1, 6, 4)[0]
    (after,) = stepped([np.zeros_like(start)], start)
    assert np.allclose(after, (1 - RATE * DECAY) * start)


def test_every_weight_has_one_optimizer(tokenizer: CharTokenizer) -> None:
    model = tiny(tokenizer, members=2)
    parts = {name: part.param_groups[0]["params"] for name, part in Optimizer(model, DECAY).parts.items()}
    assert sorted(id(weight) for part in parts.values() for weight in part) == sorted(map(id, model.parameters()))
    assert {tuple(weight.shape) for weight in parts["soap"]} == {(32, 8)}  # W and U of both members
