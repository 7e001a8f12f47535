"""Blend: several models as one, which gives each character the weighted mean of their probabilities.

    P(c) = Σ_j w_j P_j(c),        Σ_j w_j = 1

Each model reads and predicts in its own alphabet; what they share is the characters, so it is over these that they are
mixed. The blend speaks with the tokens of the first model. Let π be the bytes of the character that it is spelling
(none, between characters) and M_j(πb) what model j gives, before that character, to all characters that begin with πb
and that the first model spells by bytes. The next token is then a byte b with probability Σ_j w_j M_j(πb) / Σ_j w_j
M_j(π), or, between characters, a character c with P(c): so each token's share is the sum of its characters', and a
model that lacks a character which the first one knows is asked how likely it is to spell it.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrnn.data.allowed_tokens import REACH, AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import RecurrentState
from charrnn.sampling.eager import Eager
from charrnn.sampling.filters import probabilities
from charrnn.sampling.sampler import Sampler

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MixtureState:
    """Of b texts: of each, every model's state before the character that is being spelled.

    recent: (b, 3), the last tokens of the first model's alphabet, as in `RecurrentState`.
    """

    texts: tuple[tuple[Any, ...], ...]
    recent: Tensor

    def row(self, index: int) -> Self:
        """The state of one text."""
        return type(self)(self.texts[index : index + 1], self.recent[index : index + 1])


@dataclass(frozen=True)
class MixturePart:
    """One model of a blend, which speaks of the first model's tokens: v of them, of which `first_byte` characters."""

    decoder: Any
    tokenizer: CharTokenizer
    weight: float
    legal: AllowedTokens
    first_byte: int
    shared: tuple[list[int], list[int]]  # tokens of the characters that both know: its own, the first model's
    lent: tuple[tuple[int, bytes], ...]  # its own token, and the bytes, of those that the first model spells
    lacking: tuple[tuple[int, bytes], ...]  # the first model's token, and the bytes, of those that it spells itself

    @classmethod
    def of(cls, sampler: Sampler, weight: float, first: CharTokenizer) -> Self:
        own, known = sampler.tokenizer.characters, first.characters
        both = sorted({*own} & {*known})
        return cls(
            sampler.decoder, sampler.tokenizer, weight, AllowedTokens(sampler.tokenizer), first.first_byte,
            shared=([own.index(character) for character in both], [known.index(character) for character in both]),
            lent=tuple((token, text.encode()) for token, text in enumerate(own) if text not in known),
            lacking=tuple((token, text.encode()) for token, text in enumerate(known) if text not in own),
        )  # fmt: skip

    def read(self, text: str, state: Any) -> Any:
        return self.decoder.read(self.tokenizer.encode_array(text), state)

    def chances(self, state: Any, spelled: bytes) -> Floats:
        """(v,): of each of the first model's tokens after the bytes `spelled`, P_j(c) or M_j(πb).

        state: before these bytes.
        """

        @cache
        def own(prefix: bytes) -> tuple[Any, Floats]:
            """Its state after these bytes; what it gives to them and each of its own tokens then."""
            now, chance = state, 1.0
            if prefix:
                now, chances = own(prefix[:-1])
                chance = chances[self.tokenizer.first_byte + prefix[-1]]
                if chance == 0.0:  # it knows all characters that begin so
                    return now, np.zeros_like(chances)
                now = self.decoder.read(np.array([self.tokenizer.first_byte + prefix[-1]]), now)
            logits = np.where(self.legal.mask(prefix).numpy(), self.decoder.predict(now)[0], -np.inf)
            return now, chance * probabilities(logits)

        found, place = np.zeros(self.first_byte + 256), len(spelled)
        found[self.first_byte :] = own(spelled)[1][self.tokenizer.first_byte :]
        for token, character in self.lacking:
            if character.startswith(spelled):
                chance = own(character[:-1])[1][self.tokenizer.first_byte + character[-1]]
                found[self.first_byte + character[place]] -= chance
                found[token] = chance if not spelled else 0.0
        np.maximum(found, 0.0, out=found)  # where all was taken away, a rounding may remain
        for token, character in self.lent:
            if character.startswith(spelled):
                found[self.first_byte + character[place]] += own(b"")[1][token]
        if not spelled:
            found[self.shared[1]] = own(b"")[1][self.shared[0]]
        return found


class Blend(Eager):
    """A decoder as `Eager` is, of several models, each with its own decoder. Its states are of this module's State."""

    def __init__(self, samplers: Sequence[Sampler], weights: Sequence[float]) -> None:
        """weights: one for each, above 0; they sum to 1. The tokens are those of the first."""
        first = samplers[0]
        super().__init__(first.model, first.tokenizer)
        self.starts = [sampler.model.initial_state() for sampler in samplers]
        self.parts = [MixturePart.of(s, weight, first.tokenizer) for s, weight in zip(samplers, weights, strict=True)]

    def take(self, state: RecurrentState | MixtureState) -> Any:
        """A state of its own stays what it is; the first model's, where nothing was read yet, is that of all."""
        if isinstance(state, MixtureState):
            return state
        assert (state.recent == -1).all(), "a blend goes on from its own states only"
        return MixtureState(
            (tuple(p.decoder.take(s) for p, s in zip(self.parts, self.starts, strict=True)),), state.recent
        )

    def join(self, states: list[Any]) -> Any:
        return MixtureState(
            tuple(text for state in states for text in state.texts), torch.cat([state.recent for state in states])
        )

    def read(self, ids: NDArray[np.integer], state: Any) -> Any:
        (states,), recent = state.texts, state.recent[0].tolist()
        data = self.legal.pending(recent) + b"".join(map(self._bytes, np.asarray(ids).tolist()))
        recent = [*recent, *np.asarray(ids).tolist()][-REACH:]
        text = data[: len(data) - len(self.legal.pending(recent))].decode("utf-8")
        if text:
            states = tuple(part.read(text, one) for part, one in zip(self.parts, states, strict=True))
        return MixtureState((states,), torch.tensor([recent]))

    def advance(self, tokens: list[int], state: Any) -> Any:
        return self.join([self.read(np.array([token]), state.row(row)) for row, token in enumerate(tokens)])

    def predict(self, state: Any) -> Floats:
        """Logarithms of what each token has in the mixture; between characters, their exponentials sum to 1."""
        with np.errstate(divide="ignore"):
            return np.log([self._mixed(state.row(row)) for row in range(len(state.texts))])

    def _mixed(self, state: MixtureState) -> Floats:
        spelled = self.legal.pending(state.recent[0].tolist())
        chances = [part.weight * part.chances(s, spelled) for part, s in zip(self.parts, state.texts[0], strict=True)]
        return np.sum(chances, axis=0)  # type: ignore[no-any-return]

    def _bytes(self, token: int) -> bytes:
        first = self.tokenizer.first_byte
        return bytes([token - first]) if token >= first else self.tokenizer.characters[token].encode()


def blended(samplers: Sequence[Sampler], weights: Sequence[float]) -> Sampler:
    """A Sampler that draws from their blend; see `Blend`."""
    sampler = copy(samplers[0])
    sampler.decoder = Blend(samplers, weights)
    return sampler
