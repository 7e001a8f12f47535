"""Symbol widths and the margin of a text whose lines end at a margin, found by maximum likelihood. Loads torch.

A line of width a that would have width b with the next word ended at a margin m, a ≤ m < b. Widths, and one
margin for each page, maximize the likelihood of a soft margin, over lines within sentences:

    P(line) = σ((m − a) / s) σ((b − m) / s)
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from charrnn.ngram.layout import UNIT
from charrnn.ngram.vocabulary import Alphabet, Symbols

LINES = 10_000  # sampled from the whole text
PER_PAGE = 100  # consecutive sampled lines that share one margin
SOFTNESS = (1.0, 0.3)  # s in mean widths, one after the other
PRIOR = 3.0  # penalty on each squared log width, which favours equal widths
ITERATIONS = 60


def likeliest(text: Symbols, alphabet: Alphabet) -> tuple[NDArray[np.int64], int] | None:
    """Return the fields of the `Page` of a text (n,), or None if its lines end at no margin."""
    if not alphabet.is_wrapped(text):
        return None
    breaks = np.flatnonzero(text == alphabet.line)
    gaps = np.append(np.flatnonzero((text == alphabet.line) | (text == alphabet.space)), len(text))
    starts, stops = breaks[:-1] + 1, breaks[1:]  # all lines but the first, and an unfinished last one
    within = np.flatnonzero(alphabet.small[text[breaks[1:-1] + 1]] & (stops[:-1] > starts[:-1]))
    within = within[np.linspace(0, len(within) - 1, min(LINES, len(within))).astype(int)]
    if len(within) == 0:
        return None
    next_words = starts[within + 1]
    lines = _symbol_counts(text, starts[within], stops[within], alphabet.symbols)
    words = _symbol_counts(text, next_words, gaps[np.searchsorted(gaps, next_words)], alphabet.symbols)
    words[:, alphabet.space] += 1
    return _maximised(lines, words)


def _symbol_counts(text: Symbols, starts: NDArray[np.int64], stops: NDArray[np.int64], symbols: int) -> Tensor:
    """Return (l, v): the count of each symbol in each piece of the text."""
    rows = [np.bincount(text[start:stop], minlength=symbols) for start, stop in zip(starts, stops, strict=True)]
    return torch.from_numpy(np.array(rows, dtype=np.float64))  # float64: the same result on all machines


def _maximised(lines: Tensor, words: Tensor) -> tuple[NDArray[np.int64], int]:
    """Return the likeliest widths (v,) and median margin. lines, words: (l, v), counts of the symbols in each line and
    in the word that did not fit."""
    share, usual = lines.sum(0) / lines.sum(), lines.sum(1).median()
    page = torch.arange(len(lines)) // PER_PAGE
    widths = torch.zeros(lines.shape[1], dtype=lines.dtype, requires_grad=True)  # logarithms, up to a constant
    margins = torch.zeros(int(page[-1]) + 1, dtype=lines.dtype, requires_grad=True)  # logarithms, relative to `usual`

    def relative() -> Tensor:
        each = widths.exp()
        return each / (each @ share)

    for softness in SOFTNESS:
        search = torch.optim.LBFGS([widths, margins], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

        def loss(search: torch.optim.Optimizer = search, softness: float = softness) -> Tensor:
            search.zero_grad()
            short = (usual * margins.exp())[page] - lines @ relative()
            over = words @ relative() - short
            total = (softplus(-short / softness) + softplus(-over / softness)).sum() + PRIOR * (widths**2).sum()
            torch.autograd.backward(total)
            return total

        search.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        margin = (usual * margins.exp()).median()
        return (relative() * UNIT).round().long().clamp(min=1).numpy(), round(float(margin) * UNIT)
