"""From logits to a token: filters, and the draw. Each filter takes and returns logits (v,) in float64.

What a filter rules out becomes −inf; at least one token is kept. They apply in the order of FILTERS, so each sees the
distribution that those before have made. This is the reference; the compiled engine does the same, faster.

To add a filter: 1. its setting, in `charrnn.config.SampleConfig`, whose default filters nothing (the command line's
option and the page's control are made from it; the page's labels are in `charrnn.ui.texts.generate_tab`); 2. its
function and an entry in FILTERS, here; 3. if it is to be fast, its loop in `charrnn.sampling.compiled.choice` and its
name in COMPILED. Without a loop, the compiled engine applies the function of FILTERS between its steps.
"""

import math
import secrets
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from charrnn.config import FORGIVING, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.errors.quantities import with_point

CERTAIN = 1e6  # a greater bias has the same effect, but could overflow
HISTORY = 8192  # tokens that the filters against repetition look back

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
    """Return the softmax of logits (v,)."""
    chances = np.exp(logits - logits.max())
    return chances / chances.sum()  # type: ignore[no-any-return]


def _best_first(scores: Logits) -> Ids:
    """Return the tokens by falling score; of equal scores, the lower id first."""
    return np.argsort(-scores, kind="stable")


def _keep(logits: Logits, kept: Ids) -> Logits:
    filtered = np.full_like(logits, -np.inf)
    filtered[kept] = logits[kept]
    return filtered


def _reaching(order: Ids, chances: Logits, share: float) -> Ids:
    """Return the first of `order` whose probabilities together reach `share`: at least one."""
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


Filter = Callable[[Logits, SampleConfig, Ids], Logits]
"""(logits (v,), settings, tokens so far (n,)) → logits (v,)."""

FILTERS: dict[str, Filter] = {  # setting: filter, in the order in which they apply
    "repetition_penalty": lambda logits, config, history: repetition_penalty(
        logits, history, config.repetition_penalty
    ),
    "no_repeat": lambda logits, config, history: no_repeat(logits, history, config.no_repeat),
    "temperature": lambda logits, config, _: temperature(logits, config.temperature),
    "top_k": lambda logits, config, _: top_k(logits, config.top_k),
    "top_p": lambda logits, config, _: top_p(logits, config.top_p),
    "min_p": lambda logits, config, _: min_p(logits, config.min_p),
    "typical": lambda logits, config, _: typical(logits, config.typical),
}
COMPILED = {  # the filters that have a loop in `charrnn.sampling.compiled.choice`: the numbers of its `Rules`
    "repetition_penalty", "no_repeat", "temperature", "top_k", "top_p", "min_p", "typical",
}  # fmt: skip
LOOKS_BACK = {"repetition_penalty", "no_repeat"}  # those that need the tokens so far


def apply(logits: Logits, config: SampleConfig, history: Ids | None = None) -> Logits:
    """Apply all filters of a SampleConfig, in order. history: the tokens so far."""
    before = np.zeros(0, dtype=np.int64) if history is None else history
    for filter_ in FILTERS.values():
        logits = filter_(logits, config, before)
    return logits


def active(config: SampleConfig) -> set[str]:
    """Return the filters that a config asks for: those whose setting is not its default, or that have no setting."""
    settings = {name: getattr(SampleConfig, name, None) for name in FILTERS}  # with their defaults
    return {name for name, default in settings.items() if default is None or getattr(config, name) != default}


def uncompiled(config: SampleConfig) -> bool:
    """Return whether a filter that the compiled engine lacks is active: then it draws step by step, with `apply`."""
    return not active(config) <= COMPILED


def looks_back(config: SampleConfig) -> bool:
    """Return whether an active filter may need the tokens so far."""
    return uncompiled(config) or not active(config).isdisjoint(LOOKS_BACK)


def bias_of(config: SampleConfig, tokenizer: CharTokenizer) -> Logits | None:
    """Return (v,): what `config.bias` adds to the logits. Raises UserError for characters that the vocabulary lacks."""
    if not config.bias:
        return None
    bias = np.zeros(tokenizer.vocab_size)
    for text in config.bias:
        character, _, number = text.rpartition("=")
        if meant := with_point(number):
            raise UserError("decimal-comma", setting="bias", meant=f"{character}={meant}", found=text)
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if len(character) != 1 or not value < math.inf:
            raise UserError("bias-malformed", setting="bias", found=text)
        if character not in tokenizer.characters:
            raise UserError("bias-unknown-character", setting="bias", found=character)
        certain = value if value == -math.inf else max(-CERTAIN, min(value, CERTAIN))
        bias[tokenizer.encode(character)[0]] += certain
    return bias


def with_seed(config: SampleConfig) -> SampleConfig:
    """Return `config` with a seed drawn, if it has none."""
    return config if config.seed is not None else replace(config, seed=secrets.randbelow(2**31))


def uniform(seed: int, position: int) -> float:
    """Return the number in [0, 1) that decides on the token at a position of the text with this seed."""
    return (_mix(_mix(_GOLDEN, seed), position) >> 11) * 2.0**-53


def draw(logits: Logits, number: float) -> int:
    """Return the first token at which the sum of the probabilities passes `number`, in [0, 1)."""
    sums = probabilities(logits).cumsum()
    return int(np.searchsorted(sums, number * sums[-1], side="right"))


_MASK = 2**64 - 1
_GOLDEN, _STIR, _SHAKE = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # as in `charrnn.compiled.kernels`


def _mix(state: int, value: int) -> int:
    state = (state * _GOLDEN & _MASK) ^ ((value + _GOLDEN) & _MASK)
    state = (state ^ state >> 32) * _STIR & _MASK
    state = (state ^ state >> 32) * _SHAKE & _MASK
    return state ^ state >> 32
