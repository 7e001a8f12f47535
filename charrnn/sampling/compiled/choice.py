"""From logits to one token: which are legal, what the settings leave of them, and the draw. All in float64.

Each rule is that of `charrnn.sampling.filters` or `charrnn.data.allowed_tokens`, which say what it means; here they are
loops over one row. They work on a Choice, and drop a token by setting its probability to 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import GOLDEN, Number, mix, part
from charrnn.config import FORGIVING

Doubles = NDArray[np.float64]

FORBIDDEN = -1e300  # a logit; no infinity, which the compiler takes for impossible
SURROGATES = (0xD800, 0xE000)  # code points that no text has
_SHIFTS = (0, 0x80, 0x800, 0x10000)  # the least code point of so many bytes, less one byte


class Rules(NamedTuple):
    """The settings, see `SampleConfig`; `bias` (v,) is added to the logits."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    typical: float
    penalty: float
    no_repeat: int
    bias: Doubles


class ChoiceWorkspace(NamedTuple):
    """One row's tokens, worked on in turn."""

    logits: Doubles  # (v,)
    chances: Doubles  # (v,), not normalised; 0 for what is dropped
    order: NDArray[np.int64]  # (v,), to work in
    kept: Doubles  # (v,), to work in
    spelled: NDArray[np.int64]  # (3,): bytes of an unfinished character


@part
def uniform(seed: np.uint64, position: Number) -> float:
    """The number in [0, 1) that decides on the token at a position of a text."""
    return np.float64(mix(mix(GOLDEN, seed), np.uint64(position)) >> np.uint64(11)) * 2.0**-53


@part
def sequence_length(lead: Number) -> Number:
    """Bytes of the UTF-8 sequence that a byte opens; 0 if none."""
    if lead < 0x80:
        return 1
    if lead < 0xC2:
        return 0
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4 if lead < 0xF5 else 0


@part
def pending(recent: NDArray[np.int64], first_byte: Number, spelled: NDArray[np.int64]) -> Number:
    """How many bytes of an unfinished character the last tokens end with; they are written to `spelled`."""
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
    """Whether some character that is not `known`, code points in order, is spelled by these bytes and more."""
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
    """leads: (256,), the bytes that may open a character."""
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
    """Of equals, the one of the lowest id."""
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
def guard(choice: ChoiceWorkspace, rules: Rules, history: NDArray[np.int32], length: Number) -> None:
    """Make less likely, or forbid, what would repeat the last `length` tokens, kept in the end of `history`."""
    logits, size = choice.logits, len(history)
    if rules.penalty != 1.0:
        for token in range(len(logits)):
            choice.kept[token] = 0.0
        for place in range(size - min(length, FORGIVING), size):
            token = history[place]
            if choice.kept[token] == 0.0:
                choice.kept[token] = 1.0
                logits[token] = logits[token] / rules.penalty if logits[token] > 0 else logits[token] * rules.penalty
    n = rules.no_repeat
    if 0 < n <= length:
        copy(logits, choice.kept)
        for place in range(size - length, size - n + 1):
            same = True
            for back in range(n - 1):
                if history[place + back] != history[size - n + 1 + back]:
                    same = False
                    break
            if same:
                logits[history[place + n - 1]] = FORBIDDEN
        if logits[likeliest(logits)] == FORBIDDEN:  # nothing is left: better a repetition than none
            copy(choice.kept, logits)


@part
def weigh(choice: ChoiceWorkspace, temperature: float) -> None:
    """Chances from logits: at temperature 0 all on the likeliest."""
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
    """Keep the tokens of the greatest scores: at most `count`, and no more once they have `share` of the chances.

    The first one is always kept. Destroys the scores.
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
def filter_chances(choice: ChoiceWorkspace, rules: Rules) -> None:
    """Top-k, top-p, min-p, typical, in this order."""
    chances, scores = choice.chances, choice.kept
    if 0 < rules.top_k < len(chances):
        copy(chances, scores)
        keep_first(choice, scores, rules.top_k, 2.0)
    if rules.top_p < 1.0:
        copy(chances, scores)
        keep_first(choice, scores, len(chances), rules.top_p)
    if rules.min_p > 0.0:
        floor = rules.min_p * chances[likeliest(chances)]
        for token in range(len(chances)):
            if chances[token] < floor:
                chances[token] = 0.0
    if rules.typical < 1.0:
        total, entropy = whole(chances), 0.0
        for token in range(len(chances)):
            if chances[token] > 0.0:
                entropy -= chances[token] / total * np.log(chances[token] / total)
        for token in range(len(chances)):
            scores[token] = FORBIDDEN
            if chances[token] > 0.0:
                scores[token] = -abs(-np.log(chances[token] / total) - entropy)
        keep_first(choice, scores, len(chances), rules.typical)


@part
def draw(choice: ChoiceWorkspace, seed: np.uint64, position: Number) -> Number:
    """A token by its chance: the first at which the sum of the chances passes a uniform number's share of them all."""
    chances = choice.chances
    threshold, sum_, last = uniform(seed, position) * whole(chances), 0.0, 0
    for token in range(len(chances)):
        if chances[token] > 0.0:
            sum_ += chances[token]
            last = token
            if sum_ > threshold:
                return token
    return last
