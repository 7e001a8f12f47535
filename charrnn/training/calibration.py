"""Calibration: how far a network may trust itself, told by text that it has not learned from.

A network that has read its text often is too sure of what it says, and trusts itself more than what was counted. Two
numbers, fitted on held-out text when training ends, mend that (temperature scaling: Guo et al., ICML 2017):

    z_t ← α z_t + γ ℓ_t        ℓ_t: the logarithms of the counts' probabilities, if there are counts

They become part of the weights, see `CharRNN.rescale`.
"""

import torch
from torch import Tensor, nn

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import held_out_windows

MOST = 2**23  # logits that are looked at: 32 MB, and as much for the counts
SPREAD = 0.1  # how far α and γ are expected to be from 1 and 0, so that a few characters cannot carry them off
STEPS = 20


def calibrate(
    model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, lanes: int, context: int, limit: int
) -> tuple[float, float]:
    """Rescale `model` by what suits the tokens `ids` (n,) best, and tell that: α and γ.

    lanes, context, limit: which of them are read, and how, as in `held_out_windows`; of many symbols, fewer.
    """
    v = model.output.out_features
    limit = min(limit, max(1, MOST // (v * lanes)))
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    with torch.inference_mode():
        for window in held_out_windows(model, tokenizer, ids, lanes, context, limit):
            logits, targets = model.symbols_of(window.read).float(), window.targets.clamp(max=v - 1)
            counted = torch.zeros_like(logits)
            if model.fusion is not None:
                counted = window.read.expected[..., model.fusion.layout.log_probabilities]
            parts.append((logits.flatten(0, 1), counted.flatten(0, 1), targets.flatten()))
    # Copies, as tensors made in inference mode cannot be differentiated.
    logits, counted, targets = (torch.cat(tensors).clone() for tensors in zip(*parts, strict=True))
    own, added = fit(logits, counted, targets)
    model.rescale(own, added)
    return own, added


def fit(logits: Tensor, counted: Tensor, targets: Tensor) -> tuple[float, float]:
    """α and γ by which `logits` (n, v) and `counted` (n, v) predict `targets` (n,) best: a convex problem."""
    usual = torch.tensor([1.0, 0.0], device=logits.device)
    factors = usual.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([factors], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        nats = nn.functional.cross_entropy(factors[0] * logits + factors[1] * counted, targets, reduction="sum")
        whole: Tensor = (nats + ((factors - usual) / SPREAD).square().sum() / 2) / len(targets)
        torch.autograd.backward(whole)
        return whole

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    own, added = factors.tolist()
    return own, added
