"""Adapting: predicting a text while learning from the part of it that was already predicted, as compressors do.

Three things learn, each from what was predicted before and from nothing else:

    the counts see the document's own past, beside what was counted in the training text (`counts.Past`);
    the mixture of the counts goes on learning;
    the network's weights follow the gradient of each window (dynamic evaluation: Krause et al., ICML 2018), scaled by
    its root mean square, and are drawn back towards the trained weights:

        v ← β v + (1 − β) g²,      θ ← θ − η g / (√v + ε) + δ (θ₀ − θ)

What is adapted is a copy: the model that is given stays as it is.
"""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from charrnn.legal import LegalTokens
from charrnn.model import CharRNN, RecurrentState
from charrnn.tokenizer import CharTokenizer

WINDOW = 48  # tokens from one adaptation to the next
RATE = 4e-4  # η
DECAY = 2e-3  # δ
SMOOTHING = 0.98  # β
LEAST = 1e-5  # ε


class Adaptive:
    """A model that learns from what it reads. It holds what it has learned; `read` changes it."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer, length: int, rate: float = RATE) -> None:
        """length: tokens of the text that will be read, for which the counts' past makes room."""
        self.model = copy.deepcopy(model).train(False)
        self.legal = LegalTokens(tokenizer)
        self.rate = rate
        self.trained = [parameter.detach().clone() for parameter in self.model.parameters()]
        self.squares = [torch.zeros_like(parameter) for parameter in self.trained]
        self.windows = 0
        self.past = None
        if model.counts is not None:
            from charrnn.counts import Past

            self.past = Past(length + 1)

    def read(self, tokens: Tensor, targets: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        """The bits (t,) of each of `targets` (t,), which follow `tokens` (t,), and the state; then learn from them."""
        expectation = None
        if self.model.counts is not None:
            expectation = self.model.counts.expect(tokens[None], state.reading, self.past)
        logits, after = self.model(tokens[None], state, expectation)
        legal = self.legal.constrain(logits.float(), state.recent, tokens[None])[0]
        nats = nn.functional.cross_entropy(legal, targets, reduction="none")
        self._learn(nats.mean())
        return nats.detach() / torch.log(torch.tensor(2.0)), after.detach()

    def _learn(self, loss: Tensor) -> None:
        parameters = list(self.model.parameters())
        gradients = torch.autograd.grad(loss, parameters)
        self.windows += 1
        correction = 1 - SMOOTHING**self.windows
        with torch.no_grad():
            torch._foreach_mul_(self.squares, SMOOTHING)
            torch._foreach_addcmul_(self.squares, gradients, gradients, 1 - SMOOTHING)
            scale = torch._foreach_div(self.squares, correction)
            torch._foreach_sqrt_(scale)
            torch._foreach_add_(scale, LEAST)
            torch._foreach_addcdiv_(parameters, gradients, scale, -self.rate)
            torch._foreach_lerp_(parameters, self.trained, DECAY)
