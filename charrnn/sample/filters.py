"""Pure functions from logits to logits, each (…, v) → (…, v): what they rule out becomes −inf.

`apply` runs them in the order: temperature, top-k, top-p, min-p; so the last three see the distribution
that the temperature has made. Each keeps at least the likeliest token.
"""

import math

import torch
from torch import Tensor

from charrnn.config import SampleConfig


def temperature(logits: Tensor, value: float) -> Tensor:
    """Divide by the temperature: p_i ∝ p_i^(1/T). At 0, the limit: all on the likeliest token (the first one)."""
    if value == 0.0:
        likeliest = logits.argmax(dim=-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, likeliest, 0.0)
    # Subtracting the largest first keeps very small temperatures from overflowing; and none is as small as 0.
    return (logits - logits.amax(dim=-1, keepdim=True)) / max(value, torch.finfo(logits.dtype).tiny)


def top_k(logits: Tensor, k: int) -> Tensor:
    """Keep exactly the k likeliest tokens (Fan et al., ACL 2018); of equals, those of lower id. 0 keeps all."""
    if k == 0 or k >= logits.shape[-1]:
        return logits
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return logits.scatter(-1, order[..., k:], -torch.inf)


def top_p(logits: Tensor, p: float) -> Tensor:
    """Nucleus: the smallest set of likeliest tokens whose probability reaches p (Holtzman et al., ICLR 2020)."""
    if p >= 1.0:
        return logits
    ordered, order = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities  # of the likelier tokens
    before[..., 0] = -1.0  # the likeliest stays, however small p is
    return torch.where(before < p, ordered, -torch.inf).gather(-1, order.argsort(dim=-1))


def min_p(logits: Tensor, share: float) -> Tensor:
    """Keep tokens with at least this share of the likeliest one's probability (Nguyen et al., ICLR 2025)."""
    if share == 0.0:
        return logits
    floor = logits.amax(dim=-1, keepdim=True) + math.log(share)
    return torch.where(logits >= floor, logits, -torch.inf)


def apply(logits: Tensor, config: SampleConfig) -> Tensor:
    """All filters of a SampleConfig, in order."""
    logits = temperature(logits, config.temperature)
    logits = top_k(logits, config.top_k)
    logits = top_p(logits, config.top_p)
    return min_p(logits, config.min_p)
