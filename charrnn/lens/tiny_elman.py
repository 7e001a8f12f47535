"""A network so small that every number in it can be followed by hand: Elman's, taught one short text.

    network = learn("banana")
    for instant in network.follow("banana"): print(instant.character, instant.hidden, instant.output)
    for step, young in history("banana"): print(step, young.bits_per_character("banana"))

X_t is 1 at the letter that is read and 0 elsewhere; M_t = H_{t-1}, zeros at first;

    H_t = tanh(W X_t + U M_t + b)        S_t = softmax(V H_t + c)

The text is read after a newline and ends with one, so that the network also learns where to begin and when to stop. All
weights are rounded to two decimals, and everything else is computed from the rounded ones, so that the numbers shown
can be recomputed from the weights shown.
"""

import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from numpy.typing import NDArray

from charrnn.config.in_notebook import Displayed
from charrnn.corpus import clean
from charrnn.errors import UserError

Numbers = NDArray[np.float64]

HIDDEN = 3
LONGEST = 40  # characters
DECIMALS = 2  # of the weights
STEPS = 4000
SECONDS = 8.0  # after which training ends on any machine
GOOD = 0.05  # bits per character at which training ends sooner
RATE, DECAY = 0.03, 0.01  # learning rate and weight decay of AdamW
SHARES = (0.9, 0.99)  # β of AdamW
CLIP = 1.0
SHORT = range(3, 9)  # letters of a word that is easy to follow


@dataclass(frozen=True)
class Instant:
    """The network at one character: X, M, H and S."""

    character: str  # X_t's
    target: str  # the one that comes next
    x: Numbers  # (v,): 1 at the character
    memory: Numbers  # (h,): M_t
    hidden: Numbers  # (h,): H_t
    output: Numbers  # (v,): S_t, probabilities
    surprisal: float  # bits that the next character costs


@dataclass(frozen=True)
class SmallNetwork(Displayed):
    """An Elman network of h hidden units over the v characters of an alphabet, as plain numbers."""

    alphabet: str  # what the neurons of X and of S stand for
    input_weight: Numbers  # W, (h, v)
    memory_weight: Numbers  # U, (h, h)
    bias: Numbers  # b, (h,)
    output_weight: Numbers  # V, (v, h)
    output_bias: Numbers  # c, (v,)

    def follow(self, text: str, *, remembers: bool = True) -> list[Instant]:
        """Return an instant for each character of a newline and then `text`. remembers: without, every M_t is zero.

        Raises UserError for a character that is not in the alphabet.
        """
        read = f"\n{clean(text)}"
        if strange := sorted(set(read) - set(self.alphabet)):
            raise UserError("small-network-letters", alphabet=self.alphabet, found=strange[0])
        memory, instants = np.zeros(len(self.bias)), []
        for character, target in zip(read, f"{read[1:]}\n", strict=True):
            x = np.array([float(letter == character) for letter in self.alphabet])
            hidden = np.tanh(self.input_weight @ x + self.memory_weight @ memory + self.bias)
            exponentials = np.exp(self.output_weight @ hidden + self.output_bias)
            output = exponentials / exponentials.sum()
            surprisal = -math.log2(output[self.alphabet.index(target)])
            instants.append(Instant(character, target, x, memory, hidden, output, surprisal))
            memory = hidden if remembers else memory
        return instants

    def bits_per_character(self, text: str) -> float:
        """Return the mean surprisal of the text, including the newline at its end."""
        return float(np.mean([instant.surprisal for instant in self.follow(text)]))


def learn(text: str, hidden: int = HIDDEN, seed: int = 1, seconds: float = SECONDS) -> SmallNetwork:
    """Train a new network on one text. The same text and seed give the same network, unless time runs out.

    Raises UserError if the text is empty or longer than 40 characters.
    """
    *_, (_, network) = history(text, hidden, seed, seconds)
    return network


def history(
    text: str, hidden: int = HIDDEN, seed: int = 1, seconds: float = SECONDS
) -> Iterator[tuple[int, SmallNetwork]]:
    """Yield the network after 0, 1, 2, 3, 4, 6, … steps of training, and as `learn` returns it, with the step count.

    The counts grow by a third. Raises UserError as `learn` does.
    """
    text = clean(text)
    if not 1 <= len(text) <= LONGEST:
        raise UserError("small-network-length", most=LONGEST, found=len(text))
    began = time.perf_counter()
    alphabet = "".join(sorted(set(f"\n{text}")))
    places = np.array([alphabet.index(character) for character in f"\n{text}\n"])
    x, targets = np.eye(len(alphabet))[places[:-1]], places[1:]
    weights = _fresh(len(alphabet), hidden, np.random.default_rng(seed))
    means = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in weights]
    shown = 0
    for step in count(1):
        loss, gradients = slopes(weights, x, targets)
        done = loss < GOOD * math.log(2) or step > STEPS or time.perf_counter() - began > seconds
        if done or step > shown:
            # + 0.0 makes zero of minus zero
            yield step - 1, SmallNetwork(alphabet, *(weight.round(DECIMALS) + 0.0 for weight in weights))
            shown = step * 4 // 3
        if done:
            return
        length = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
        for weight, gradient, (mean, square) in zip(weights, gradients, means, strict=True):
            gradient = gradient * min(1.0, CLIP / length)
            mean += (1 - SHARES[0]) * (gradient - mean)
            square += (1 - SHARES[1]) * (gradient**2 - square)
            towards = mean / (1 - SHARES[0] ** step) / (np.sqrt(square / (1 - SHARES[1] ** step)) + 1e-8)
            weight -= RATE * (towards + DECAY * weight)


def least_without_memory(text: str) -> float:
    """Return the least bits per character that any network without memory can reach on a text, with its end.

    Such a network bets on the next character by the last one alone, at best as often as it follows: this is the
    conditional entropy H(next | last) within the text.
    """
    read = f"\n{clean(text)}\n"
    pairs, single = Counter(pairwise(read)), Counter(read[:-1])
    return sum(many * math.log2(single[one] / many) for (one, _), many in pairs.items()) / (len(read) - 1)


def slopes(weights: list[Numbers], x: Numbers, targets: NDArray[np.integer]) -> tuple[float, list[Numbers]]:
    """Return the mean loss in nats of targets (t,) after x (t, v), and its gradient by W, U, b, V, c.

    Back-propagation through time: H_t changes the loss through S_t and, as M_{t+1}, through H_{t+1}.
    """
    w, u, b, v, c = weights
    time = len(x)
    hidden = np.zeros((time + 1, len(b)))  # hidden[t] is M_t, hidden[t + 1] is H_t
    from_input = x @ w.T + b
    for t in range(time):
        hidden[t + 1] = np.tanh(from_input[t] + u @ hidden[t])
    logits = hidden[1:] @ v.T + c
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    loss = -float(np.log(chances[np.arange(time), targets]).mean())
    chances[np.arange(time), targets] -= 1
    to_logits = chances / time
    from_output, slope = to_logits @ v, 1 - hidden[1:] ** 2
    before, from_memory = np.empty_like(slope), np.zeros(len(b))
    for t in reversed(range(time)):
        before[t] = (from_output[t] + from_memory) * slope[t]
        from_memory = before[t] @ u
    by_hidden = [before.T @ x, before.T @ hidden[:-1], before.sum(axis=0)]
    return loss, [*by_hidden, to_logits.T @ hidden[1:], to_logits.sum(axis=0)]


def _fresh(v: int, h: int, generator: np.random.Generator) -> list[Numbers]:
    """Return initial weights: W, U, b, V, c."""
    orthogonal, _ = np.linalg.qr(generator.normal(size=(h, h)))
    return [
        generator.uniform(-1, 1, (h, v)), orthogonal, np.zeros(h), generator.uniform(-0.5, 0.5, (v, h)), np.zeros(v)
    ]  # fmt: skip


def word_of(text: str) -> str:
    """Return a short word of the text with recurring letters; if there is none, the first 8 characters."""
    letters = "".join(character if character.isalpha() else " " for character in clean(text))
    words = [word for word in dict.fromkeys(letters.split()) if len(word) in SHORT]
    common = Counter(letters.split())
    best = max(words, key=lambda word: (len(word) - len(set(word)), -len(word), common[word]), default="")
    return best or clean(text).strip()[: SHORT.stop - 1] or "ana"
