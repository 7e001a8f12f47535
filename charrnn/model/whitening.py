"""Whitening: let a weight matrix learn from inputs that vary equally in all directions.

A layer's inputs go up and down together, so a few directions dominate the gradients of its weights. Where a network
learns from little text, as in adaptive scoring, the others would hardly be learned from.
"""

import torch
from torch import Tensor

DAMPING = 0.1  # δ, relative to the mean variance
LEAST = 1e-12  # instead of a mean variance of zero, by which nothing can be divided
ANEW = frozenset(4**k for k in range(1, 32))  # windows after which P is computed anew


class Whitening:
    """Whitens the inputs x (n,) of a weight matrix W, as far as it has seen them; `of` changes it.

        P = (n R / tr R + δ)^(−1/2),      R: the mean of x xᵀ

    With d, the gradient of W x, that of W becomes Σ d (P x)ᵀ instead of Σ d xᵀ. (One side of Shampoo, Gupta et al.,
    ICML 2018, with the inputs' second moments, as in K-FAC, Martens & Grosse, ICML 2015.)
    """

    def __init__(self, inputs: int) -> None:
        """inputs: n."""
        self._windows, self._moments, self._root = 0, torch.zeros(inputs, inputs), torch.eye(inputs)

    def of(self, inputs: Tensor) -> Tensor:
        """Return P x for each x of a window (t, n), after which R knows it."""
        self._windows += 1
        self._moments.lerp_(inputs.T @ inputs, 1 / self._windows)
        if self._windows in ANEW:
            variances, directions = torch.linalg.eigh(self._moments)
            shares = variances.clamp(min=0) / variances.mean().clamp(min=LEAST)
            self._root = directions * (shares + DAMPING).rsqrt() @ directions.T
        return inputs @ self._root
