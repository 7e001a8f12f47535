"""ModelMixture: several models as one, which gives each character the weighted mean of their probabilities.

    P(c) = Σ_j w_j P_j(c),        Σ_j w_j = 1

Each model reads and predicts in its own alphabet; what they share is the characters, so it is over these that they are
mixed. The mixture speaks with the tokens of the first model. Let π be the bytes of the character that it is spelling
(none, between characters) and M_j(πb) what model j gives, before that character, to all characters that begin with πb
and that the first model spells by bytes. The next token is then a byte b with probability Σ_j w_j M_j(πb) / Σ_j w_j
M_j(π), or, between characters, a character c with P(c): so each token's share is the sum of its characters', and a
model that lacks a character which the first one knows is asked how likely it is to spell it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from charrnn.data.allowed_tokens import REACH, AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model.state import AnyState, Arrays, RecurrentState
from charrnn.sampling.decoder import DrawRequest, GeneratedBySteps, Ids, logits_by_steps, write_by_steps
from charrnn.sampling.filters import probabilities
from charrnn.sampling.sampler import Sampler

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MixtureState:
    """For each of b texts: every model's state, as its decoder has it, before the character that is being spelled.

    recent: (b, 3), the last tokens of the first model's alphabet.
    """

    texts: tuple[tuple[object, ...], ...]
    recent: Arrays


@dataclass(frozen=True)
class MixturePart:
    """One model of a mixture, which speaks of the first model's v tokens; the first `first_byte` are characters."""

    sampler: Sampler
    weight: float
    allowed: AllowedTokens
    start: RecurrentState[Arrays]  # of one text
    first_byte: int
    shared: tuple[list[int], list[int]]  # tokens of the characters that both know: its own, the first model's
    lent: tuple[tuple[int, bytes], ...]  # its own token, and the bytes, of those that the first model spells
    lacking: tuple[tuple[int, bytes], ...]  # the first model's token, and the bytes, of those that it spells itself

    @classmethod
    def of(cls, sampler: Sampler, weight: float, first: CharTokenizer) -> Self:
        own, known = sampler.tokenizer.characters, first.characters
        both, decoder = sorted({*own} & {*known}), sampler.decoder
        return cls(
            sampler, weight, AllowedTokens(sampler.tokenizer), decoder.to_model(decoder.start()).arrays(),
            first.first_byte,
            shared=([own.index(character) for character in both], [known.index(character) for character in both]),
            lent=tuple((token, text.encode()) for token, text in enumerate(own) if text not in known),
            lacking=tuple((token, text.encode()) for token, text in enumerate(known) if text not in own),
        )  # fmt: skip

    def read(self, text: str, state: object) -> object:
        return self.sampler.decoder.read(self.sampler.tokenizer.encode_array(text), state)

    def chances(self, state: object, spelled: bytes) -> Floats:
        """Return (v,): P_j(c) or M_j(πb) of each of the first model's tokens after the bytes `spelled`.

        state: before these bytes.
        """

        decoder, tokenizer = self.sampler.decoder, self.sampler.tokenizer

        @cache
        def own(prefix: bytes) -> tuple[object, Floats]:
            """Return the model's state after these bytes, and the probabilities of them with each of its own tokens."""
            now, chance = state, 1.0
            if prefix:
                now, chances = own(prefix[:-1])
                chance = chances[tokenizer.first_byte + prefix[-1]]
                if chance == 0.0:  # it knows all characters that begin so
                    return now, np.zeros_like(chances)
                now = decoder.read(np.array([tokenizer.first_byte + prefix[-1]]), now)
            logits = np.where(self.allowed.mask(prefix), decoder.predict(now)[0], -np.inf)
            return now, chance * probabilities(logits)

        found, place = np.zeros(self.first_byte + 256), len(spelled)
        found[self.first_byte :] = own(spelled)[1][tokenizer.first_byte :]
        for token, character in self.lacking:
            if character.startswith(spelled):
                chance = own(character[:-1])[1][tokenizer.first_byte + character[-1]]
                found[self.first_byte + character[place]] -= chance
                found[token] = chance if not spelled else 0.0
        np.maximum(found, 0.0, out=found)  # where all was taken away, a rounding may remain
        for token, character in self.lent:
            if character.startswith(spelled):
                found[self.first_byte + character[place]] += own(b"")[1][token]
        if not spelled:
            found[self.shared[1]] = own(b"")[1][self.shared[0]]
        return found


class ModelMixture:
    """A decoder of several models, each with its own decoder. Its tokens are those of the first one."""

    def __init__(self, samplers: Sequence[Sampler], weights: Sequence[float]) -> None:
        """Prepare each model. weights: one for each, above 0; they sum to 1."""
        self.tokenizer = samplers[0].tokenizer
        self.allowed = AllowedTokens(self.tokenizer)
        self.parts = [MixturePart.of(s, weight, self.tokenizer) for s, weight in zip(samplers, weights, strict=True)]

    def start(self) -> MixtureState:
        states = tuple(part.sampler.decoder.start() for part in self.parts)
        return MixtureState((states,), self.parts[0].start.recent)

    def from_model(self, state: AnyState) -> MixtureState:
        given = state.arrays()
        layers, reading, expected, states = given.layers, given.reading, given.expected, []
        for part in self.parts:
            n, r, e = len(part.start.layers), part.start.reading.shape[1], part.start.expected.shape[1]
            recent = reading[:, r : r + REACH]
            states.append(RecurrentState(layers[:n], recent, reading[:, :r], expected[:, :e]))
            layers, reading, expected = layers[n:], reading[:, r + REACH :], expected[:, e:]
        texts = (
            tuple(part.sampler.decoder.from_model(one.row(row)) for part, one in zip(self.parts, states, strict=True))
            for row in range(len(given.recent))
        )
        return MixtureState(tuple(texts), given.recent)

    def to_model(self, state: MixtureState) -> AnyState:
        """Put the models' states side by side; each one's `recent` tokens come after its `reading`."""
        columns = zip(self.parts, zip(*state.texts, strict=True), strict=True)
        states = [
            part.sampler.decoder.to_model(part.sampler.decoder.stack(column)).arrays() for part, column in columns
        ]
        return RecurrentState(
            tuple(layer for one in states for layer in one.layers),
            state.recent,
            np.concatenate([array for one in states for array in (one.reading, one.recent)], axis=1),
            np.concatenate([one.expected for one in states], axis=1),
        )

    def stack(self, states: Sequence[MixtureState]) -> MixtureState:
        return MixtureState(
            tuple(text for state in states for text in state.texts), np.concatenate([state.recent for state in states])
        )

    def row(self, state: MixtureState, index: int) -> MixtureState:
        return MixtureState(state.texts[index : index + 1], state.recent[index : index + 1])

    def recent(self, state: MixtureState) -> list[list[int]]:
        found: list[list[int]] = state.recent.tolist()
        return found

    def read(self, ids: Ids, state: MixtureState) -> MixtureState:
        (states,), recent = state.texts, state.recent[0].tolist()
        data = self.allowed.pending(recent) + b"".join(map(self._bytes, np.asarray(ids).tolist()))
        recent = [*recent, *np.asarray(ids).tolist()][-REACH:]
        text = data[: len(data) - len(self.allowed.pending(recent))].decode("utf-8")
        if text:
            states = tuple(part.read(text, one) for part, one in zip(self.parts, states, strict=True))
        return MixtureState((states,), np.array([recent]))

    def advance(self, tokens: list[int], state: MixtureState) -> MixtureState:
        return self.stack([self.read(np.array([token]), self.row(state, row)) for row, token in enumerate(tokens)])

    def logits(self, ids: Ids, state: MixtureState) -> Floats:
        return logits_by_steps(self, ids, state, self.tokenizer.vocab_size)

    def predict(self, state: MixtureState) -> Floats:
        """Return the log-probability (b, v) of each token; between characters, the probabilities sum to 1."""
        with np.errstate(divide="ignore"):
            return np.log([self._mixed(self.row(state, row)) for row in range(len(state.texts))])

    def write(self, state: MixtureState, count: int, request: DrawRequest) -> GeneratedBySteps[MixtureState]:
        return write_by_steps(self, state, count, request)

    def _mixed(self, state: MixtureState) -> Floats:
        spelled = self.allowed.pending(state.recent[0].tolist())
        chances = [part.weight * part.chances(s, spelled) for part, s in zip(self.parts, state.texts[0], strict=True)]
        return np.sum(chances, axis=0)  # type: ignore[no-any-return]

    def _bytes(self, token: int) -> bytes:
        first = self.tokenizer.first_byte
        return bytes([token - first]) if token >= first else self.tokenizer.characters[token].encode()


def blended(samplers: Sequence[Sampler], weights: Sequence[float]) -> Sampler:
    """Return a Sampler that draws from a `ModelMixture`."""
    return samplers[0].with_decoder(ModelMixture(samplers, weights))
