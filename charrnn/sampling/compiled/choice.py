"""From logits to one token: the legal tokens, the filters, and the draw. All in float64.

The rules are defined by `charrnn.sampling.filters` and `charrnn.data.allowed_tokens`; here they are loops over one row.
A token is dropped by setting its probability to 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import GOLDEN
from charrnn.compiled.kernels import Number, mix, part
from charrnn.config import FORGIVING, SampleConfig

Doubles = NDArray[np.float64]

FORBIDDEN = -1e300  # a logit; finite, as fast math assumes no infinities
SURROGATES = (0xD800, 0xE000)  # code points that no text contains


class Rules(NamedTuple):
    """The settings of `SampleConfig` that have a loop, by the same names. bias: (v,), added to the logits."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    typical: float
    repetition_penalty: float
    no_repeat: int
    bias: Doubles

    @classmethod
    def of(cls, config: SampleConfig, bias: Doubles) -> "Rules":
        """Return the rules of a config. bias: (v,), infinities allowed."""
        settings = {name: getattr(config, name) for name in cls._fields if name != "bias"}
        return cls(**settings, bias=np.maximum(bias, FORBIDDEN))


class ChoiceWorkspace(NamedTuple):
    """Work space for one row."""

    logits: Doubles  # (v,)
    chances: Doubles  # (v,), not normalised; 0 for dropped tokens
    order: NDArray[np.int64]  # (v,)
    kept: Doubles  # (v,)
    spelled: NDArray[np.int64]  # (3,): bytes of an unfinished character


@part
def uniform(seed: np.uint64, position: Number) -> float:
    """Return the number in [0, 1) that draws the token at a position of a text."""
    return np.float64(mix(mix(GOLDEN, seed), np.uint64(position)) >> np.uint64(11)) * 2.0**-53


@part
def sequence_length(lead: Number) -> Number:
    """Return the bytes of the UTF-8 sequence that a byte begins; 0 if it begins none."""
    if lead < 0x80:
        return 1
    if lead < 0xC2:
        return 0
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4 if lead < 0xF5 else 0


@part
def pending(recent: NDArray[np.int64], first_byte: Number, spelled: NDArray[np.int64]) -> Number:
    """Return the number of bytes of an unfinished character at the end of the text; `spelled` is set to them."""
    for back in range(1, 4):
        byte = recent[3 - back] - first_byte
        if byte < 0 or byte < 0x80:
            return 0
        if byte >= 0xC2:
            if sequence_length(byte) <= back:
                return 0
            for number in range(back):
                spelled[number] = recent[3 - back + number] - first_byte
            return back
    return 0


@part
def spellable(spelled: NDArray[np.int64], count: Number, byte: Number, known: NDArray[np.int64]) -> bool:
    """Return whether some character outside `known` (sorted code points) begins with the spelled bytes and this one."""
    lead = spelled[0] if count > 0 else byte
    length = sequence_length(lead)
    missing = length - count - 1
    if missing < 0 or (count > 0 and not 0x80 <= byte < 0xC0):
        return False
    value = lead if length == 1 else lead & (0x7F >> length)
    for number in range(1, count):
        value = value << 6 | spelled[number] & 0x3F
    if count > 0:
        value = value << 6 | byte & 0x3F
    least = 0 if length == 1 else 0x80 if length == 2 else 0x800 if length == 3 else 0x10000
    start = max(value << 6 * missing, least)
    stop = max(start, min((value + 1) << 6 * missing, 0x110000))
    taken = np.searchsorted(known, stop) - np.searchsorted(known, start)
    taken += max(0, min(stop, SURROGATES[1]) - max(start, SURROGATES[0]))
    return bool(stop - start > taken)


@part
def forbid_illegal(choice: ChoiceWorkspace, recent: NDArray[np.int64], first_byte: Number, known: NDArray[np.int64],
                   leads: NDArray[np.bool_]) -> None:  # fmt: skip
    """Forbid all tokens that do not continue a legal spelling. leads: (256,), the bytes that may begin a character."""
    count = pending(recent, first_byte, choice.spelled)
    if count > 0:
        for token in range(first_byte):
            choice.logits[token] = FORBIDDEN
    for byte in range(256):
        legal = spellable(choice.spelled, count, byte, known) if count > 0 else leads[byte]
        if not legal:
            choice.logits[first_byte + byte] = FORBIDDEN


@part
def likeliest(values: Doubles) -> Number:
    """Return the token with the greatest value; of equals, the first."""
    best = 0
    for token in range(1, len(values)):
        if values[token] > values[best]:
            best = token
    return best


@part
def copy(values: Doubles, to: Doubles) -> None:
    for token in range(len(values)):
        to[token] = values[token]


@part
def penalise(choice: ChoiceWorkspace, penalty: float, history: NDArray[np.int32], length: Number) -> None:
    """Apply the repetition penalty to the tokens of the last FORGIVING places of `history`."""
    logits, size = choice.logits, len(history)
    for token in range(len(logits)):
        choice.kept[token] = 0.0
    for place in range(size - min(length, FORGIVING), size):
        token = history[place]
        if choice.kept[token] == 0.0:
            choice.kept[token] = 1.0
            logits[token] = logits[token] / penalty if logits[token] > 0 else logits[token] * penalty


@part
def forbid_repeats(choice: ChoiceWorkspace, n: Number, history: NDArray[np.int32], length: Number) -> None:
    """Forbid tokens that would repeat n tokens of `history`, unless that forbids all."""
    logits, size = choice.logits, len(history)
    copy(logits, choice.kept)
    for place in range(size - length, size - n + 1):
        same = True
        for back in range(n - 1):
            if history[place + back] != history[size - n + 1 + back]:
                same = False
                break
        if same:
            logits[history[place + n - 1]] = FORBIDDEN
    if logits[likeliest(logits)] == FORBIDDEN:
        copy(choice.kept, logits)


@part
def guard(choice: ChoiceWorkspace, rules: Rules, history: NDArray[np.int32], length: Number) -> None:
    """Apply the filters against repetition of the last `length` tokens, at the end of `history`."""
    if rules.repetition_penalty != 1.0:
        penalise(choice, rules.repetition_penalty, history, length)
    if 0 < rules.no_repeat <= length:
        forbid_repeats(choice, rules.no_repeat, history, length)


@part
def weigh(choice: ChoiceWorkspace, temperature: float) -> None:
    """Set the probabilities from the logits; at temperature 0, only the likeliest token has one."""
    logits, chances = choice.logits, choice.chances
    best = likeliest(logits)
    top = logits[best]
    for token in range(len(logits)):
        if temperature == 0.0 or logits[token] <= FORBIDDEN / 10:
            chances[token] = 0.0
        else:
            chances[token] = np.exp((logits[token] - top) / temperature)
    chances[best] = 1.0


@part
def whole(chances: Doubles) -> float:
    total = 0.0
    for token in range(len(chances)):
        total += chances[token]
    return total


@part
def keep_first(choice: ChoiceWorkspace, scores: Doubles, count: Number, share: Number) -> None:
    """Keep the tokens with the greatest scores: at most `count`, and only until they have `share` of the probability.

    The first token is always kept. The scores are overwritten.
    """
    chances, kept = choice.chances, choice.order
    number, enough = 0, share * whole(chances)
    sum_: Number = 0.0
    while number < count and (number == 0 or sum_ < enough):
        best = likeliest(scores)
        if chances[best] == 0.0:
            break
        kept[number] = best
        sum_ += chances[best]
        scores[best] = FORBIDDEN
        number += 1
    for token in range(len(chances)):
        scores[token] = 0.0
    for place in range(number):
        scores[kept[place]] = chances[kept[place]]
    for token in range(len(chances)):
        chances[token] = scores[token]


@part
def drop_improbable(chances: Doubles, min_p: float) -> None:
    """Drop tokens with less than `min_p` of the greatest probability."""
    floor = min_p * chances[likeliest(chances)]
    for token in range(len(chances)):
        if chances[token] < floor:
            chances[token] = 0.0


@part
def set_typicality(chances: Doubles, scores: Doubles) -> None:
    """Set the scores of locally typical sampling: minus the distance of each surprisal from the entropy."""
    total, entropy = whole(chances), 0.0
    for token in range(len(chances)):
        if chances[token] > 0.0:
            entropy -= chances[token] / total * np.log(chances[token] / total)
    for token in range(len(chances)):
        scores[token] = FORBIDDEN
        if chances[token] > 0.0:
            scores[token] = -abs(-np.log(chances[token] / total) - entropy)


@part
def filter_chances(choice: ChoiceWorkspace, rules: Rules) -> None:
    """Apply top-k, top-p, min-p and typical sampling, in this order."""
    chances, scores = choice.chances, choice.kept
    if 0 < rules.top_k < len(chances):
        copy(chances, scores)
        keep_first(choice, scores, rules.top_k, 2.0)
    if rules.top_p < 1.0:
        copy(chances, scores)
        keep_first(choice, scores, len(chances), rules.top_p)
    if rules.min_p > 0.0:
        drop_improbable(chances, rules.min_p)
    if rules.typical < 1.0:
        set_typicality(chances, scores)
        keep_first(choice, scores, len(chances), rules.typical)


@part
def draw(choice: ChoiceWorkspace, seed: np.uint64, position: Number) -> Number:
    """Draw a token: the first at which the cumulative probability exceeds a uniform number times the total."""
    chances = choice.chances
    threshold, sum_, last = uniform(seed, position) * whole(chances), 0.0, 0
    for token in range(len(chances)):
        if chances[token] > 0.0:
            sum_ += chances[token]
            last = token
            if sum_ > threshold:
                return token
    return last
