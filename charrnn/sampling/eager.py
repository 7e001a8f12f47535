"""The plain way to draw: the model's own forward, one character at a time: the reference for `sampling.compiled`."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from charrnn.config import SampleConfig
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN, RecurrentState
from charrnn.sampling import filters
from charrnn.sampling.draw import draw, uniform

WINDOW = 2048  # characters of a prompt that are read at once


@dataclass(frozen=True)
class Generated:
    """Tokens (b, n), and the states after each of them."""

    tokens: NDArray[np.int32]
    states: list[RecurrentState]  # n

    def after(self, step: int, row: int) -> RecurrentState:
        return self.states[step].row(row)


class Eager:
    """What `charrnn.sampling.compiled.Engine` does, with `RecurrentState` as its state."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.legal = AllowedTokens(tokenizer)

    def take(self, state: RecurrentState) -> RecurrentState:
        return state.to(self.model.device)

    def give(self, state: RecurrentState) -> RecurrentState:
        return state

    def join(self, states: list[RecurrentState]) -> RecurrentState:
        return RecurrentState.joined(states)

    @torch.no_grad()  # not inference mode, whose tensors training could not go on from
    def read(self, ids: NDArray[np.integer], state: RecurrentState) -> RecurrentState:
        tokens = torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.model.device)
        for start in range(0, len(ids), WINDOW):
            _, state = self.model(tokens[None, start : start + WINDOW], state)
        return state

    @torch.no_grad()
    def logits(self, ids: NDArray[np.integer], state: RecurrentState) -> NDArray[np.float64]:
        found = []
        for token in ids:
            found.append(self.predict(state))
            state = self.read(np.array([token]), state)
        return np.concatenate(found) if found else np.empty((0, self.tokenizer.vocab_size))

    @torch.no_grad()
    def advance(self, tokens: list[int], state: RecurrentState) -> RecurrentState:
        """The state after one token of each of b texts."""
        _, after = self.model(torch.tensor(tokens, device=self.model.device)[:, None], state)
        return after  # type: ignore[no-any-return]

    @torch.no_grad()
    def predict(self, state: RecurrentState) -> NDArray[np.float64]:
        return self.model.predict(state).double().cpu().numpy()

    def write(
        self,
        state: RecurrentState,
        count: int,
        config: SampleConfig,
        seeds: list[int],
        positions: list[int],
        bias: NDArray[np.float64] | None = None,
        history: NDArray[np.integer] | None = None,
        logits: NDArray[np.float64] | None = None,
    ) -> Generated:
        drawn, states = [], []
        size = 0 if history is None else history.shape[1]
        said = [[token for token in row if token >= 0] for row in ([()] * len(seeds) if history is None else history)]
        for step in range(count):
            found = logits if step == 0 and logits is not None else self.predict(state)
            found = found if bias is None else found + bias
            legal = self.legal.constrain(torch.from_numpy(found), state.recent.cpu()).numpy()
            tokens = []
            for row, text, seed, position in zip(legal, said, seeds, positions, strict=True):
                known = np.array(text[max(0, len(text) - size) :], dtype=np.int64)
                tokens.append(draw(filters.apply(row, config, known), uniform(seed, position + step)))
            for text, token in zip(said, tokens, strict=True):
                text.append(token)
            state = self.advance(tokens, state)
            drawn.append(tokens)
            states.append(state)
        return Generated(np.array(drawn, dtype=np.int32).reshape(count, len(seeds)).T, states)
