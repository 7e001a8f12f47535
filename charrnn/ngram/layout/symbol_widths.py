"""The widths of a text's symbols, found from where its lines end; see `page.py`.

A line that is a wide, and with the next word would be b wide, ended at a margin m with a ≤ m < b. Widths, and a margin
for each page, are those that make what is seen most likely if a margin is a little soft:

    P(line) = σ((m − a) / s) σ((b − m) / s)

Only lines within sentences count: those that a small letter follows.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from charrnn.ngram.contexts import Alphabet, Symbols
from charrnn.ngram.layout.line_layout import UNIT, Page

LINES = 10_000  # of the text, from all over it
PAGE = 100  # of these have one margin
SOFTNESS = (1.0, 0.3)  # s in mean widths, of one search after the other
DOUBT = 3.0  # how sure it is, before any line is seen, that all symbols are equally wide: per squared logarithm
ROUNDS = 60  # of each search


def fit(text: Symbols, alphabet: Alphabet) -> Page | None:
    """The page of a text (n,); None if its lines end at no margin."""
    if not alphabet.is_wrapped(text):
        return None
    breaks = np.flatnonzero(text == alphabet.line)
    gaps = np.append(np.flatnonzero((text == alphabet.line) | (text == alphabet.space)), len(text))
    starts, stops = breaks[:-1] + 1, breaks[1:]  # of all lines but the first, and the last if it has no end
    within = np.flatnonzero(alphabet.small[text[breaks[1:-1] + 1]] & (stops[:-1] > starts[:-1]))
    within = within[np.linspace(0, len(within) - 1, min(LINES, len(within))).astype(int)]
    if len(within) == 0:
        return None
    next_words = starts[within + 1]
    lines = _tallies(text, starts[within], stops[within], alphabet.symbols)
    words = _tallies(text, next_words, gaps[np.searchsorted(gaps, next_words)], alphabet.symbols)
    words[:, alphabet.space] += 1
    return _likeliest(lines, words)


def _tallies(text: Symbols, starts: NDArray[np.int64], stops: NDArray[np.int64], symbols: int) -> Tensor:
    """(l, v): how often each symbol stands in each piece of the text."""
    rows = [np.bincount(text[start:stop], minlength=symbols) for start, stop in zip(starts, stops, strict=True)]
    return torch.from_numpy(np.array(rows, dtype=np.float64))  # so that all machines find the same


def _likeliest(lines: Tensor, words: Tensor) -> Page:
    """lines, words: (l, v), what stands in each line, and what did not fit into it."""
    share, usual = lines.sum(0) / lines.sum(), lines.sum(1).median()
    page = torch.arange(len(lines)) // PAGE
    widths = torch.zeros(lines.shape[1], dtype=lines.dtype, requires_grad=True)  # logarithms, up to a constant
    margins = torch.zeros(
        int(page[-1]) + 1, dtype=lines.dtype, requires_grad=True
    )  # logarithms of how many times the usual

    def relative() -> Tensor:
        each = widths.exp()
        return each / (each @ share)

    for softness in SOFTNESS:
        search = torch.optim.LBFGS([widths, margins], max_iter=ROUNDS, line_search_fn="strong_wolfe")

        def nats(search: torch.optim.Optimizer = search, softness: float = softness) -> Tensor:
            search.zero_grad()
            short = (usual * margins.exp())[page] - lines @ relative()
            over = words @ relative() - short
            total = (softplus(-short / softness) + softplus(-over / softness)).sum() + DOUBT * (widths**2).sum()
            torch.autograd.backward(total)
            return total

        search.step(nats)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        margin = (usual * margins.exp()).median()
        return Page((relative() * UNIT).round().long().clamp(min=1).numpy(), round(float(margin) * UNIT))
