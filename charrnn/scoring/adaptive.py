"""Adaptive scoring: predict a text while learning from the part already predicted, as compressors do.

Three parts of a copy of the model learn, each only from text that was predicted before:

    the n-gram model also counts the document's own past (`ngram.DocumentCounts`);
    its context mixer continues to learn;
    the network's weights follow the gradient of each window (dynamic evaluation: Krause et al., ICML 2018), scaled by
    its root mean square, and decay towards the trained weights:

        v ← β v + (1 − β) g²,      θ ← θ − η g / (√v + ε) + δ (θ₀ − θ)

On a CPU, an LSTM's W and U learn from whitened inputs (`model.whitening`), at a rate of their own.
"""

import copy
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.cells import LSTM
from charrnn.model.threads import ThreadTuner
from charrnn.ngram.document_counts import DocumentCounts
from charrnn.ngram.prediction import NgramPrediction

WINDOW = 48  # tokens per update of the weights
RATE, WHITENED = 1e-4, 2e-4  # η, and that of weights with whitened inputs
DECAY = 1e-4  # δ, for each update; all of PULL updates at once, which reads the weights less often
PULL = 8
SMOOTHING = 0.99  # β
LEAST = 1e-5  # ε
MIXING = 3e-5  # learning rate of the context mixer

_ALONE = np.zeros(1, dtype=np.int64)  # the one document whose past is seen
_WHOLE = np.full((1, WINDOW), -1)  # no block of the training text is left out


class Adaptive:
    """A copy of a model that learns from each window of a text after predicting it; `read` changes it."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer, length: int) -> None:
        """length: tokens of the text, for which the counts of its past reserve memory."""
        self.model = copy.deepcopy(model).eval()
        self.legal = AllowedTokens(tokenizer)
        self._parameters: list[Tensor] = list(self.model.parameters())
        self._trained = [parameter.detach().clone() for parameter in self._parameters]
        cells = [cell for cell in self.model.modules() if isinstance(cell, LSTM) and model.device.type == "cpu"]
        whitened = {weight for cell in cells for weight in cell.learn_alone(torch.get_num_threads())}
        self.learns_at_once = len(cells) > model.config.layers  # members share the threads
        groups: list[dict[str, object]] = [
            {"params": [weight for weight in self._parameters if weight not in whitened]},
            {"params": [weight for weight in self._parameters if weight in whitened], "lr": WHITENED},
        ]
        # Adam without momentum is RMSProp whose v is corrected for having begun at zero.
        self._optimizer = torch.optim.Adam(groups, RATE, betas=(0.0, SMOOTHING), eps=LEAST, fused=True)
        self._updates = 0
        self._counts, self._past = model.counts, DocumentCounts(length if model.counts is not None else 0)

    def read(self, text: Tensor) -> Iterator[Tensor]:
        """Read a text (n + 1,): yield the bits of its tokens but the first, window by window.

        The bits of a token depend on earlier tokens only.
        """
        state = self.model.initial_state()
        for window, predictions in self._windows(text, state.reading):
            tokens = window[None, :-1]
            logits, after = self.model(tokens, state, predictions)
            legal = self.legal.constrain(logits.float(), state.recent, tokens)[0]
            nats = nn.functional.cross_entropy(legal, window[1:], reduction="none")
            self._learn(nats.mean())
            state = after.detach()
            yield nats.detach() / math.log(2)

    def _windows(self, text: Tensor, reading: Tensor) -> Iterator[tuple[Tensor, NgramPrediction | None]]:
        """Yield each window with the token after it, (t + 1,), and what the counts expect after each of its tokens.

        The counts learn a window while the network learns the one before.
        """
        windows = [text[start : start + WINDOW + 1] for start in range(0, len(text) - 1, WINDOW)]
        if self._counts is None:
            yield from ((window, None) for window in windows)
            return
        pending: Future[NgramPrediction] | None = None
        with ThreadPoolExecutor(1, "n-gram") as pool:
            for number, window in enumerate(windows, start=1):
                predictions = pending.result() if pending else self._count(window, reading)
                if number < len(windows):
                    pending = pool.submit(self._count, windows[number], predictions.reading)
                yield window, predictions

    def _count(self, window: Tensor, reading: Tensor) -> NgramPrediction:
        assert self._counts is not None
        tokens, targets = window[None, :-1], window[None, 1:]
        self._counts, predictions = self._counts.learn(
            tokens, targets, reading, MIXING, _WHOLE[:, : tokens.shape[1]], self._past, _ALONE
        )
        return predictions

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
        self._updates += 1
        if self._updates % PULL == 0:
            with torch.no_grad():
                torch._foreach_lerp_(self._parameters, self._trained, PULL * DECAY)


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
    adaptive, bits = Adaptive(model, tokenizer, len(ids)), []
    text, read = torch.cat([torch.tensor(tokenizer.encode("\n")), ids]).to(model.device), 0
    with ThreadTuner() as tuner:
        if adaptive.learns_at_once:
            tuner.start(1, fixed=True)  # for all but the members, which have threads of their own
        for spent in tuner.timed(adaptive.read(text)):
            bits.append(spent.cpu())
            read += len(spent)
            if progress is not None:
                progress(read / len(ids))
    return adaptive, torch.cat(bits) if bits else torch.zeros(0)
