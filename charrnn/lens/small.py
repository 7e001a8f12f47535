"""A network so small that every number in it can be followed by hand: Elman's, taught one short text.

    network = learn("banana")
    for instant in network.follow("banana"): print(instant.character, instant.hidden, instant.output)

X_t is 1 at the letter that is read and 0 elsewhere; M_t = H_{t-1}, zeros at first;

    H_t = tanh(W X_t + U M_t + b)        S_t = softmax(V H_t + c)

The text is read after a newline and ends with one, so that the network also learns where to begin and when to stop. All
weights are rounded to two decimals, and everything else is computed from these: who follows the numbers that are shown
comes to the numbers that are shown.
"""

import math
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.model.elman import Elman

Numbers = NDArray[np.float64]

HIDDEN = 3
LONGEST = 40  # characters
DECIMALS = 2  # of the weights
STEPS = 1500
SECONDS = 8.0  # training ends then at the latest
GOOD = 0.05  # bits per character at which it ends sooner
RATE = 0.03
SHORT = range(3, 9)  # letters of a word that is good to look at


@dataclass(frozen=True)
class Instant:
    """One character: what goes in, what the network is, what it expects."""

    character: str  # X_t's
    target: str  # the one that comes next
    x: Numbers  # (v,): 1 at the character
    memory: Numbers  # (h,): M_t
    hidden: Numbers  # (h,): H_t
    output: Numbers  # (v,): S_t, probabilities
    surprisal: float  # bits that the next character costs


@dataclass(frozen=True)
class SmallNetwork:
    """An Elman network of h hidden units over the v characters of an alphabet, as plain numbers."""

    alphabet: str  # what the neurons of X and of S stand for
    input_weight: Numbers  # W, (h, v)
    memory_weight: Numbers  # U, (h, h)
    bias: Numbers  # b, (h,)
    output_weight: Numbers  # V, (v, h)
    output_bias: Numbers  # c, (v,)

    def follow(self, text: str) -> list[Instant]:
        """What happens while a newline and then `text` is read: an instant for each character, the newline's first.

        Raises UserError for a character that is not in the alphabet.
        """
        read = f"\n{clean(text)}"
        if strange := sorted(set(read) - set(self.alphabet)):
            raise UserError(f"text: expected only characters of {self.alphabet!r}, found {strange[0]!r}")
        memory, instants = np.zeros(len(self.bias)), []
        for character, target in zip(read, f"{read[1:]}\n", strict=True):
            x = np.array([float(letter == character) for letter in self.alphabet])
            hidden = np.tanh(self.input_weight @ x + self.memory_weight @ memory + self.bias)
            exponentials = np.exp(self.output_weight @ hidden + self.output_bias)
            output = exponentials / exponentials.sum()
            surprisal = -math.log2(output[self.alphabet.index(target)])
            instants.append(Instant(character, target, x, memory, hidden, output, surprisal))
            memory = hidden
        return instants

    def bits_per_character(self, text: str) -> float:
        """What the text costs on average, the newline at its end included."""
        return float(np.mean([instant.surprisal for instant in self.follow(text)]))


def learn(text: str, hidden: int = HIDDEN, seed: int = 1, seconds: float = SECONDS) -> SmallNetwork:
    """Teach a fresh network one text. The same text and seed give the same network, if time does not run out.

    Raises UserError if the text is empty or longer than 40 characters.
    """
    text = clean(text)
    if not 1 <= len(text) <= LONGEST:
        raise UserError(f"text: expected 1 to {LONGEST} characters for a small network, found {len(text)}")
    began = time.perf_counter()
    alphabet = "".join(sorted(set(f"\n{text}")))
    places = torch.tensor([alphabet.index(character) for character in f"\n{text}\n"])
    x, targets = torch.eye(len(alphabet))[places[None, :-1]], places[1:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        cell, output = Elman(len(alphabet), hidden), nn.Linear(hidden, len(alphabet))
    weights = [*cell.parameters(), *output.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01)
    start = (torch.zeros(1, hidden),)
    with torch.enable_grad():
        for _ in range(STEPS):
            found, _ = cell(x, start)
            loss = nn.functional.cross_entropy(output(found[0]), targets)
            if loss.item() < GOOD * math.log(2) or time.perf_counter() - began > seconds:
                break
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
    named = (cell.input_weight, cell.memory_weight, cell.bias, output.weight, output.bias)
    # + 0.0 makes zero of minus zero
    return SmallNetwork(alphabet, *(weight.detach().double().numpy().round(DECIMALS) + 0.0 for weight in named))


def word_of(text: str) -> str:
    """A word of the text that is good to follow: short, with letters that come back. Its first 8 characters if none."""
    letters = "".join(character if character.isalpha() else " " for character in clean(text))
    words = [word for word in dict.fromkeys(letters.split()) if len(word) in SHORT]
    common = Counter(letters.split())
    best = max(words, key=lambda word: (len(word) - len(set(word)), -len(word), common[word]), default="")
    return best or clean(text).strip()[: SHORT.stop - 1] or "ana"
