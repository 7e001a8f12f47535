"""Pure functions from logits to logits, each (v,) → (v,) in float64: what they rule out becomes −inf.

`apply` runs them in the order: repetition penalty, no repeat, temperature, top-k, top-p, min-p, typical; so each sees
the distribution that those before have made. Each of the last four keeps at least one token.

This is the reference: the engine does the same in `charrnn.sampling.compiled.choice`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from charrnn.config import FORGIVING, SampleConfig

Logits = NDArray[np.float64]
Ids = NDArray[np.integer]


def repetition_penalty(logits: Logits, history: Ids, penalty: float) -> Logits:
    """Divide positive logits of the last FORGIVING tokens by the penalty, multiply negative ones.

    (Keskar et al., "CTRL", 2019.)
    """
    if penalty == 1.0:
        return logits
    last = np.unique(history[-FORGIVING:])
    penalised = logits.copy()
    penalised[last] = np.where(logits[last] > 0, logits[last] / penalty, logits[last] * penalty)
    return penalised


def no_repeat(logits: Logits, history: Ids, size: int) -> Logits:
    """Rule out what would complete a run of `size` tokens that `history` (n,) holds; 0 rules out nothing.

    (Paulus et al., ICLR 2018.) If that leaves nothing, nothing is ruled out.
    """
    if not 0 < size <= len(history):
        return logits
    runs = np.lib.stride_tricks.sliding_window_view(history, size)
    begun = history[len(history) - size + 1 :]
    repeated = runs[(runs[:, :-1] == begun).all(axis=1), -1]
    kept = logits.copy()
    kept[repeated] = -np.inf
    return kept if np.isfinite(kept).any() else logits


def temperature(logits: Logits, value: float) -> Logits:
    """Divide by the temperature: p_i ∝ p_i^(1/T). At 0, the limit: all on the likeliest token (the first one)."""
    if value == 0.0:
        only = np.full_like(logits, -np.inf)
        only[logits.argmax()] = 0.0
        return only
    # Subtracting the largest first keeps very small temperatures from overflowing; and none is as small as 0.
    with np.errstate(over="ignore"):
        divided: Logits = (logits - logits.max()) / max(value, np.finfo(np.float64).tiny)
    return divided


def probabilities(logits: Logits) -> Logits:
    """Softmax."""
    chances = np.exp(logits - logits.max())
    return chances / chances.sum()  # type: ignore[no-any-return]


def _best_first(scores: Logits) -> Ids:
    """Of equals, those of lower id first."""
    return np.argsort(-scores, kind="stable")


def _keep(logits: Logits, kept: Ids) -> Logits:
    filtered = np.full_like(logits, -np.inf)
    filtered[kept] = logits[kept]
    return filtered


def _reaching(order: Ids, chances: Logits, share: float) -> Ids:
    """The first of `order` whose chances together reach `share`: at least one."""
    before = np.cumsum(chances[order]) - chances[order]
    before[0] = -1.0
    return order[(before < share) & (chances[order] > 0)]


def top_k(logits: Logits, k: int) -> Logits:
    """Keep exactly the k likeliest tokens (Fan et al., ACL 2018); of equals, those of lower id. 0 keeps all."""
    if k == 0 or k >= len(logits):
        return logits
    return _keep(logits, _best_first(logits)[:k])


def top_p(logits: Logits, p: float) -> Logits:
    """Nucleus: the smallest set of likeliest tokens whose probability reaches p (Holtzman et al., ICLR 2020)."""
    if p >= 1.0:
        return logits
    return _keep(logits, _reaching(_best_first(logits), probabilities(logits), p))


def min_p(logits: Logits, share: float) -> Logits:
    """Keep tokens with at least this share of the likeliest one's probability (Nguyen et al., ICLR 2025)."""
    if share == 0.0:
        return logits
    return np.where(logits >= logits.max() + math.log(share), logits, -np.inf)


def typical(logits: Logits, p: float) -> Logits:
    """Keep the tokens whose surprise is nearest to the entropy, until they reach p (Meister et al., TACL 2023)."""
    if p >= 1.0:
        return logits
    chances = probabilities(logits)
    possible = chances > 0
    surprise = -np.log(chances, where=possible, out=np.full_like(chances, np.inf))
    entropy = (chances[possible] * surprise[possible]).sum()
    return _keep(logits, _reaching(_best_first(-np.abs(surprise - entropy)), chances, p))


def apply(logits: Logits, config: SampleConfig, history: Ids | None = None) -> Logits:
    """All filters of a SampleConfig, in order. history: the tokens so far."""
    before = np.zeros(0, dtype=np.int64) if history is None else history
    logits = repetition_penalty(logits, before, config.repetition_penalty)
    logits = no_repeat(logits, before, config.no_repeat)
    logits = temperature(logits, config.temperature)
    logits = top_k(logits, config.top_k)
    logits = top_p(logits, config.top_p)
    logits = min_p(logits, config.min_p)
    return typical(logits, config.typical)
