"""How likely a model holds each character of a text to be, as a standard endpoint reports it: natural logarithms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrnn.data.allowed_tokens import REACH
from charrnn.sampling.sampler import Sampler

CHUNK = 1024  # characters whose logits are held at once


@dataclass(frozen=True)
class CharacterLogProb:
    """A character with its log-probability, and the likeliest ones at its place with theirs."""

    character: str
    log_prob: float
    likeliest: dict[str, float]  # itself included; a character that the vocabulary lacks is never among the others


class LogProbReader:
    """Reads a text piece by piece and gives the log-probability of each character after all those before it.

    They are the model's own predictions over what may legally follow: no temperature, filter or bias is applied.
    """

    def __init__(self, sampler: Sampler, count: int) -> None:
        """count: how many of the likeliest characters are given at each place."""
        self.sampler, self.count = sampler, count
        self._state = sampler.decoder.start()
        self.skip("\n")  # as every text begins

    def skip(self, text: str) -> None:
        """Read a text (NFC) of which nothing is to be told."""
        self._state = self.sampler.decoder.read(self.sampler.tokenizer.encode_array(text), self._state)

    def read(self, text: str) -> list[CharacterLogProb]:
        """Read a text (NFC)."""
        found = []
        for start in range(0, len(text), CHUNK):
            found += self._read(text[start : start + CHUNK])
        return found

    def _read(self, text: str) -> list[CharacterLogProb]:
        tokenizer, decoder = self.sampler.tokenizer, self.sampler.decoder
        ids = tokenizer.encode_array(text)
        chances = self._log_softmax(ids, decoder.logits(ids, self._state))
        self._state = decoder.read(ids, self._state)
        byte = ids - tokenizer.first_byte
        first = (byte < 0x80) | (byte >= 0xC0)  # the first token of each character
        each = np.add.reduceat(chances[np.arange(len(ids)), ids], np.flatnonzero(first))
        heads = chances[first][:, : tokenizer.first_byte]
        best = np.argsort(-heads, axis=1, kind="stable")[:, : self.count]
        return [
            CharacterLogProb(
                character,
                value,
                {**{tokenizer.characters[one]: float(head[one]) for one in order}, character: value},
            )
            for character, value, head, order in zip(text, each.tolist(), heads, best, strict=True)
        ]

    def _log_softmax(self, ids: NDArray[np.integer], logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return log-probabilities (t, v) over the legal tokens, of which `ids` (t,) came. They begin a character."""
        before = [ids[max(0, place - REACH) : place].tolist() for place in range(len(ids))]
        legal = np.where(self.sampler.allowed.after(before), logits, -np.inf)
        legal -= legal.max(axis=1, keepdims=True)
        found: NDArray[np.float64] = legal - np.log(np.exp(legal).sum(axis=1, keepdims=True))
        return found
