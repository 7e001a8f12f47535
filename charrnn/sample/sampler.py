"""Sampler: prompt → state → steps → text."""

import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from unicodedata import normalize

import torch
from torch import Tensor

from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.legal import LegalTokens
from charrnn.model import CharRNN, RecurrentState
from charrnn.sample import filters
from charrnn.tokenizer import CharTokenizer

WINDOW = 2048  # characters of a prompt that are read at once


@dataclass(frozen=True)
class Step:
    """One generated character, and the state of the model after it."""

    text: str
    state: RecurrentState


class Sampler:
    """Draws text from a model. Holds no state of its own: what was read is in the states it gives and takes."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.legal = LegalTokens(tokenizer)

    def stream(
        self, prompt: str = "", config: SampleConfig | None = None, state: RecurrentState | None = None
    ) -> Iterator[str]:
        """Yield what follows `prompt`, character by character. See `read` for `state`, `steps` for the rest."""
        for step in self.steps(self.read(prompt, state), config):
            yield step.text

    def generate(
        self, prompt: str = "", config: SampleConfig | None = None, state: RecurrentState | None = None
    ) -> str:
        """What follows `prompt`, as one string."""
        return "".join(self.stream(prompt, config, state))

    @torch.no_grad()  # not inference mode, whose tensors training could not go on from
    def read(self, text: str, state: RecurrentState | None = None) -> RecurrentState:
        """The state after reading `text` (NFC) from `state`; by default from a newline, as the empty prompt.

        Characters that the vocabulary lacks are read as their bytes; none is dropped. Raises UserError for a
        lone surrogate.
        """
        text = clean(text)
        if state is None:
            text, state = "\n" + text, self.model.initial_state()
        ids = torch.from_numpy(self.tokenizer.encode_array(text)).long().to(self.model.device)
        for start in range(0, len(ids), WINDOW):
            _, state = self.model(ids[None, start : start + WINDOW], state)
        return state

    def steps(self, state: RecurrentState, config: SampleConfig | None = None) -> Iterator[Step]:
        """Generate from a state (of batch 1): one Step per character, until the length or a stop text.

        A stop text is not given out, nor is a character that might still begin one. The seed fixes the
        text. A state that a step gives can be read or generated from again, any number of times.
        """
        config = with_seed(config or SampleConfig())
        characters = islice(self._characters(state, config), config.length)
        stops = tuple(normalize("NFC", stop) for stop in config.stop)  # as the model's text is
        return _until(characters, stops) if stops else characters

    def _characters(self, state: RecurrentState, config: SampleConfig) -> Iterator[Step]:
        """Characters without end. One step draws one token, so a character may take four."""
        assert config.seed is not None  # `with_seed` has drawn one
        generator = torch.Generator().manual_seed(config.seed)
        spelled = bytearray()
        while True:
            with torch.no_grad():
                logits = self.legal.constrain(self.model.predict(state).float(), state.recent)
                token = draw(filters.apply(logits[0].cpu(), config), generator)
                _, state = self.model(torch.tensor([[token]], device=self.model.device), state)
            if token < self.tokenizer.first_byte:
                yield Step(self.tokenizer.token_text(token), state)
                continue
            spelled.append(token - self.tokenizer.first_byte)
            if not self.legal.pending(state.recent[0].tolist()):
                yield Step(spelled.decode("utf-8"), state)
                spelled.clear()


def with_seed(config: SampleConfig) -> SampleConfig:
    """`config` with a seed drawn, if it has none."""
    return config if config.seed is not None else replace(config, seed=secrets.randbelow(2**31))


def draw(logits: Tensor, generator: torch.Generator) -> int:
    """One token from logits (v,): by inversion of the cumulative distribution, one uniform number each."""
    cumulative = logits.double().softmax(dim=-1).cumsum(dim=-1)
    uniform = torch.rand((), dtype=torch.float64, generator=generator) * cumulative[-1]
    return int(torch.searchsorted(cumulative, uniform, right=True))


def _until(steps: Iterator[Step], stops: tuple[str, ...]) -> Iterator[Step]:
    """The steps before the first of the texts `stops`; held back as long as they may be part of one."""
    held: deque[Step] = deque()
    for step in steps:
        held.append(step)
        text = "".join(step.text for step in held)
        found = min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)
        if found is not None:
            yield from islice(held, found)
            return
        keep = max(_overlap(text, stop) for stop in stops)
        while len(held) > keep:
            yield held.popleft()
    yield from held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
