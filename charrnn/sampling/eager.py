"""Eager: the decoder that is the reference for the others. Loads torch."""

from collections.abc import Sequence

import numpy as np
import torch

from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.state import AnyState
from charrnn.sampling.decoder import DrawRequest, GeneratedBySteps, Ids, Logits, logits_by_steps, write_by_steps

WINDOW = 2048  # characters of a prompt that are read at once


class Eager:
    """The decoder that runs the model's own forward, token by token."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.allowed = AllowedTokens(tokenizer)

    def start(self) -> RecurrentState:
        return self.from_model(self.model.initial_state())

    def from_model(self, state: AnyState) -> RecurrentState:
        return state.to(self.model.device)

    def to_model(self, state: RecurrentState) -> RecurrentState:
        return state

    def stack(self, states: Sequence[RecurrentState]) -> RecurrentState:
        return RecurrentState.joined(states)

    @torch.no_grad()  # not inference mode, whose tensors training could not go on from
    def read(self, ids: Ids, state: RecurrentState) -> RecurrentState:
        tokens = torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.model.device)
        for start in range(0, len(ids), WINDOW):
            _, state = self.model(tokens[None, start : start + WINDOW], state)
        return state

    def logits(self, ids: Ids, state: RecurrentState) -> Logits:
        return logits_by_steps(self, ids, state, self.tokenizer.vocab_size)

    @torch.no_grad()
    def predict(self, state: RecurrentState) -> Logits:
        return self.model.predict(state).double().cpu().numpy()

    @torch.no_grad()
    def advance(self, tokens: list[int], state: RecurrentState) -> RecurrentState:
        _, after = self.model(torch.tensor(tokens, device=self.model.device)[:, None], state)
        return after  # type: ignore[no-any-return]

    def recent(self, state: RecurrentState) -> list[list[int]]:
        found: list[list[int]] = state.recent.tolist()
        return found

    def row(self, state: RecurrentState, index: int) -> RecurrentState:
        return state.row(index)

    def write(self, state: RecurrentState, count: int, request: DrawRequest) -> GeneratedBySteps[RecurrentState]:
        return write_by_steps(self, state, count, request)
