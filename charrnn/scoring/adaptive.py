"""Adaptive scoring: predict a text while learning from the part already predicted, as compressors do.

Three parts of a copy of the model learn, each only from text that was predicted before:

    the n-gram model also counts the document's own past (`ngram.DocumentCounts`);
    its context mixer continues to learn;
    the network's weights follow the gradient of each window (dynamic evaluation: Krause et al., ICML 2018), scaled by
    its root mean square, and decay towards the trained weights:

        v ← β v + (1 − β) g²,      θ ← θ − η g / (√v + ε) + δ (θ₀ − θ)
"""

import copy
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.threads import ThreadTuner
from charrnn.ngram.document_counts import DocumentCounts

WINDOW = 48  # tokens per update of the weights
RATE = 1e-4  # η
DECAY = 1e-4  # δ
SMOOTHING = 0.99  # β
LEAST = 1e-5  # ε
MIXING = 3e-5  # learning rate of the context mixer

_ALONE = np.zeros(1, dtype=np.int64)  # the one document whose past is seen
_WHOLE = np.full((1, WINDOW), -1)  # no block of the training text is left out


class Adaptive:
    """A copy of a model that learns from each window after predicting it; `read` changes it."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer, length: int) -> None:
        """length: tokens of the text, for which the counts of its past reserve memory."""
        self.model = copy.deepcopy(model).eval()
        self.legal = AllowedTokens(tokenizer)
        self._parameters: list[Tensor] = list(self.model.parameters())
        self._trained = [parameter.detach().clone() for parameter in self._parameters]
        # Adam without momentum is RMSProp whose v is corrected for having begun at zero.
        self._optimizer = torch.optim.Adam(self._parameters, RATE, betas=(0.0, SMOOTHING), eps=LEAST, fused=True)
        self._counts, self._past = model.counts, DocumentCounts(length if model.counts is not None else 0)

    def read(self, tokens: Tensor, targets: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        """Return the bits (t,) of `targets` (t,), which follow `tokens` (t,), and the state after them; t ≤ WINDOW.

        The bits of a target depend on earlier tokens only.
        """
        predictions = None
        if self._counts is not None:
            self._counts, predictions = self._counts.learn(
                tokens[None], targets[None], state.reading, MIXING, _WHOLE[:, : len(tokens)], self._past, _ALONE
            )
        logits, after = self.model(tokens[None], state, predictions)
        legal = self.legal.constrain(logits.float(), state.recent, tokens[None])[0]
        nats = nn.functional.cross_entropy(legal, targets, reduction="none")
        self._learn(nats.mean())
        return nats.detach() / math.log(2), after.detach()

    def learned(self) -> CharRNN:
        """Return the model as it is now, with counts of what was read."""
        self._optimizer.zero_grad()  # frees the last gradients
        if self._counts is None:
            return self.model
        return self.model.with_counts(replace(self._counts, past=self._past))

    def _learn(self, loss: Tensor) -> None:
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        self._optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self._parameters, self._trained, DECAY)


def adaptive_bits(
    model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, progress: Callable[[float], None] | None = None
) -> float:
    """Return the bits that a text (n,) costs `model`, in one pass after a newline, adapting as it reads.

    progress: is told the share of the text that has been read.
    """
    return float(_read(model, tokenizer, ids, progress)[1].sum(dtype=torch.float64))


def adapted(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor) -> tuple[CharRNN, float]:
    """Return a copy of `model` adapted to the text (n,), and the bits of the text. Its counts include the text."""
    adaptive, bits = _read(model, tokenizer, ids)
    return adaptive.learned(), float(bits.sum(dtype=torch.float64))


def adaptive_surprisals(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor) -> Tensor:
    """Return the bits (n,) of each token of a text read adaptively."""
    return _read(model, tokenizer, ids)[1]


def _read(
    model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, progress: Callable[[float], None] | None = None
) -> tuple[Adaptive, Tensor]:
    adaptive, state = Adaptive(model, tokenizer, len(ids)), model.initial_state()
    tokens = torch.cat([torch.tensor(tokenizer.encode("\n")), ids]).to(model.device)
    bits = torch.zeros(len(ids))
    with ThreadTuner() as tuner:
        for start in tuner.timed(range(0, len(ids), WINDOW)):
            stop = min(start + WINDOW, len(ids))
            spent, state = adaptive.read(tokens[start:stop], tokens[start + 1 : stop + 1], state)
            bits[start:stop] = spent.cpu()
            if progress is not None:
                progress(stop / len(ids))
    return adaptive, bits
