"""In: a state. Out: logits, tokens and the states after them. A `Sampler` reads and draws through a `Decoder`.

`Eager` is the reference, the model's own forward; `compiled.Engine` is fast; `ModelMixture` joins several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.config import SampleConfig
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.errors import UserError
from charrnn.model.state import AnyState
from charrnn.sampling import filters

Ids = NDArray[np.integer]
Logits = NDArray[np.float64]
S = TypeVar("S")  # a decoder's own state of b texts; a value, which only the decoder looks into
S_co = TypeVar("S_co", covariant=True)


@dataclass(frozen=True)
class DrawRequest:
    """How to draw the next tokens of b texts of one configuration."""

    config: SampleConfig
    seeds: list[int]  # b
    positions: list[int]  # b: how many tokens of each text were drawn before
    bias: Logits | None = None  # (v,), added to the logits; −inf rules out
    history: Ids | None = None  # (b, m), the last tokens for filters that look back, after −1 where there are fewer
    logits: Logits | None = None  # (b, v), in place of the first prediction; −inf rules out


class Generated(Protocol[S_co]):
    """Tokens that were drawn for b texts, and the state after each of them."""

    @property
    def tokens(self) -> NDArray[np.int32]:
        """Return the tokens (b, n)."""

    def after(self, step: int, row: int) -> S_co:
        """Return the state of one text after the token of a step."""


class Decoder(Protocol[S]):
    """Reads and draws tokens. A token depends on the state, the request and its text's seed and position only."""

    def start(self) -> S:
        """Return the state of one text before anything was read."""

    def from_model(self, state: AnyState) -> S:
        """Convert a state to the decoder's own form."""

    def to_model(self, state: S) -> AnyState:
        """Convert a state of the decoder's own form back: `from_model(to_model(s))` continues as `s` does."""

    def stack(self, states: Sequence[S]) -> S:
        """Put the states of several texts side by side."""

    def read(self, ids: Ids, state: S) -> S:
        """Return the state of one text after reading `ids` (t,)."""

    def logits(self, ids: Ids, state: S) -> Logits:
        """Return the logits (t, v) before each of `ids` (t,) is read in one text; nothing is ruled out."""

    def predict(self, state: S) -> Logits:
        """Return the logits (b, v) of the next tokens; nothing is ruled out."""

    def write(self, state: S, count: int, request: DrawRequest) -> Generated[S]:
        """Draw `count` tokens for each of b texts."""


class Steppable(Decoder[S], Protocol[S]):
    """A decoder that takes one step at a time, for `write_by_steps`."""

    allowed: AllowedTokens

    def advance(self, tokens: list[int], state: S) -> S:
        """Return the state after one token (b,) of each of b texts."""

    def recent(self, state: S) -> list[list[int]]:
        """Return the last three tokens of each text."""

    def row(self, state: S, index: int) -> S:
        """Return the state of one text of several."""


@dataclass(frozen=True)
class GeneratedBySteps(Generic[S]):
    """The tokens that `write_by_steps` has drawn."""

    decoder: Steppable[S]
    drawn: NDArray[np.int32]  # (b, n)
    states: list[S]  # n

    @property
    def tokens(self) -> NDArray[np.int32]:
        return self.drawn

    def after(self, step: int, row: int) -> S:
        return self.decoder.row(self.states[step], row)


def write_by_steps(decoder: Steppable[S], state: S, count: int, request: DrawRequest) -> GeneratedBySteps[S]:
    """Draw token by token with the filters of `filters.py`, as `Decoder.write` specifies."""
    drawn, states, history = [], [], request.history
    size = 0 if history is None else history.shape[1]
    rows = [[]] * len(request.seeds) if history is None else history.tolist()
    before = [[token for token in row if token >= 0] for row in rows]
    for step in range(count):
        logits = request.logits if step == 0 and request.logits is not None else usable(decoder.predict(state))
        logits = logits if request.bias is None else logits + request.bias
        legal = np.where(decoder.allowed.after(decoder.recent(state)), logits, -np.inf)
        tokens = []
        for row, text, seed, position in zip(legal, before, request.seeds, request.positions, strict=True):
            known = np.array(text[max(0, len(text) - size) :], dtype=np.int64)
            left = filters.apply(row, request.config, known)
            tokens.append(filters.draw(left, filters.uniform(seed, position + step)))
            text.append(tokens[-1])
        state = decoder.advance(tokens, state)
        drawn.append(tokens)
        states.append(state)
    return GeneratedBySteps(decoder, np.array(drawn, dtype=np.int32).reshape(count, len(request.seeds)).T, states)


def usable(logits: Logits) -> Logits:
    """Return logits (…, v) that a token can be drawn from. Raises UserError for NaN and infinity."""
    if not np.isfinite(logits.max(axis=-1)).all():
        raise UserError("predictions-not-numbers")
    return logits


def logits_by_steps(decoder: Decoder[S], ids: Ids, state: S, vocab_size: int) -> Logits:
    """Predict and read token by token, as `Decoder.logits` specifies."""
    found = []
    for token in ids:
        found.append(decoder.predict(state))
        state = decoder.read(np.array([token]), state)
    return np.concatenate(found) if found else np.empty((0, vocab_size))
