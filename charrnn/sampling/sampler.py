"""Sampler: prompt → state → steps → text."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.corpus.documents import Note, silent
from charrnn.data.allowed_tokens import AllowedTokens, sequence_length
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState
from charrnn.sampling import filters, stopping
from charrnn.sampling.constraints import Constraint, escaped, parted
from charrnn.sampling.decoder import Decoder, DrawRequest, Eager, Generated
from charrnn.sampling.filters import HISTORY, with_seed

CHUNK = 64  # tokens that are drawn at once, at most,
PAUSE = 0.04  # as far as they take no more than such a time (s)
S = TypeVar("S")


@dataclass(frozen=True)
class Step:
    """One generated character, and where the text stands after it."""

    text: str
    position: int  # tokens drawn so far
    find_state: Callable[[], RecurrentState]

    @cached_property
    def state(self) -> RecurrentState:
        """What to go on from: `Sampler.read` and `steps` take it, any number of times."""
        return self.find_state()


class Sampler:
    """Draws text from a model. Holds no state of its own: what was read is in the states it gives and takes."""

    def __init__(self, model: CharRNN, tokenizer: CharTokenizer, engine: str = "eager", note: Note = silent) -> None:
        """engine: "eager", the model's own forward; or "f32" or "int8", a compiled loop with such weights.

        note: is told if the model's cell has no compiled step; its own forward then draws.
        """
        self.model = model
        self.tokenizer = tokenizer
        self.allowed = AllowedTokens(tokenizer)
        # Whichever decoder it is, only the decoder itself looks into its states.
        self.decoder: Decoder[Any] = Eager(model, tokenizer)
        if engine != "eager":
            from charrnn.sampling.compiled import COMPILED, Engine  # loads numba

            if model.config.cell in COMPILED:
                self.decoder = Engine(model, tokenizer, engine)
            else:
                note(f"the cell {model.config.cell} has no compiled step: texts come more slowly")

    def stream(
        self,
        prompt: str = "",
        config: SampleConfig | None = None,
        state: RecurrentState | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> Iterator[str]:
        """Yield what follows `prompt`, character by character. See `read` for `state`, `steps` for the rest."""
        for step in self.steps(self.read(prompt, state), config, clean(prompt), constraints=constraints):
            yield step.text

    def generate(
        self,
        prompt: str = "",
        config: SampleConfig | None = None,
        state: RecurrentState | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> str:
        """What follows `prompt`, as one string."""
        return "".join(self.stream(prompt, config, state, constraints))

    def generate_together(
        self,
        prompt: str,
        config: SampleConfig,
        seeds: Sequence[int],
        constraints: Sequence[Constraint] = (),
    ) -> list[str]:
        """Return what `generate` gives for each of these seeds, drawn side by side."""
        return self.branches(self.read(prompt), config, seeds, clean(prompt), constraints=constraints)

    def branches(
        self,
        state: RecurrentState,
        config: SampleConfig,
        seeds: Sequence[int],
        before: str = "",
        position: int = 0,
        constraints: Sequence[Constraint] = (),
        written: int = 0,
    ) -> list[str]:
        """Return the texts that `steps` gives for each of these seeds, drawn side by side."""
        configs = [replace(config, seed=seed) for seed in seeds]
        texts = [_Text(self, self.decoder, state, one, before, position, constraints, written) for one in configs]
        found = ["" for _ in seeds]
        while going := [number for number, text in enumerate(texts) if not text.ended]:
            rows = [texts[number] for number in going]
            for number, steps in zip(going, self._write(rows, 1 if constraints else CHUNK), strict=True):
                found[number] += "".join(step.text for step in steps)
        return found

    def read(self, text: str, state: RecurrentState | None = None) -> RecurrentState:
        """The state after reading `text` (NFC) from `state`; by default from a newline, as the empty prompt.

        Characters that the vocabulary lacks are read as their bytes; none is dropped. Raises UserError for a
        lone surrogate.
        """
        text = clean(text)
        if state is None:
            text, begin = "\n" + text, self.decoder.start()
        else:
            begin = self.decoder.from_model(state)
        return self.decoder.to_model(self.decoder.read(self.tokenizer.encode_array(text), begin))

    def predict(self, state: RecurrentState) -> NDArray[np.float64]:
        """Return the logits (v,) of what comes next in one text, nothing ruled out."""
        logits: NDArray[np.float64] = self.decoder.predict(self.decoder.from_model(state))
        return logits[0]  # type: ignore[no-any-return]

    def steps(
        self,
        state: RecurrentState,
        config: SampleConfig | None = None,
        before: str = "",
        position: int = 0,
        constraints: Sequence[Constraint] = (),
        written: int = 0,
    ) -> Iterator[Step]:
        """Generate from a state (of batch 1): one Step per character, until the text ends as `config` says.

        before: the text that was read, as it was read (see `clean`), for constraints and for filters that look back. Of
        a text that is gone on with, position: how many tokens were drawn, and written: how many characters at the end
        of `before` were; a stop text may begin in these. A stop text is not given out, nor is a character that might
        still begin one. The seed fixes the text. Raises UserError where the constraints leave nothing that may come
        next.
        """
        seeded = with_seed(config or SampleConfig())
        text = _Text(self, self.decoder, state, seeded, before, position, constraints, written)
        count = 1
        while not text.ended:
            began = time.perf_counter()
            steps = self._write([text], 1 if constraints else count)[0]
            pause = time.perf_counter() - began
            count = max(1, count // 2) if pause > PAUSE else min(CHUNK, 2 * count) if pause < PAUSE / 2 else count
            yield from steps

    def rule_out(
        self, logits: NDArray[np.float64], text: str, constraints: Sequence[Constraint]
    ) -> NDArray[np.float64]:
        """`logits` (v,) with −inf for what is not legal after `text`, the text so far, or against a constraint."""
        logits = np.where(self.allowed.mask(parted(text)[1]).numpy(), logits, -np.inf)
        for constraint in constraints:
            logits = constraint(text, logits)
        return logits

    def _write(self, texts: list["_Text[S]"], count: int) -> list[list[Step]]:
        """Draw `count` tokens for each of some texts of one configuration; the steps that are now certain of each."""
        first, decoder = texts[0], texts[0].decoder
        history = np.stack([text.history() for text in texts]) if filters.looks_back(first.config) else None
        state = first.state if len(texts) == 1 else decoder.stack([text.state for text in texts])
        logits = None
        if first.constraints:
            logits = decoder.predict(state)
            for row, text in enumerate(texts):
                logits[row] = self.rule_out(logits[row], text.so_far(), text.constraints)
                if not np.isfinite(logits[row]).any():
                    raise UserError("nothing-left", after=text.whole[-20:])
        seeds, positions = [text.seed for text in texts], [text.position for text in texts]
        request = DrawRequest(first.config, seeds, positions, first.bias, history, logits)
        generated = decoder.write(state, count, request)
        return [text.take(generated, row) for row, text in enumerate(texts)]


class _Text(Generic[S]):
    """A text while it is written: tokens go in, the characters that are certain come out. Used by one call only."""

    def __init__(
        self, sampler: Sampler, decoder: Decoder[S], state: RecurrentState, config: SampleConfig, before: str,
        position: int, constraints: Sequence[Constraint], written: int,
    ) -> None:  # fmt: skip
        assert config.seed is not None  # `with_seed` has drawn one
        self.tokenizer, self.decoder, self.config, self.position = sampler.tokenizer, decoder, config, position
        self.state = decoder.from_model(state)
        self.seed, self.constraints = config.seed, constraints
        self.stops = tuple(normalize("NFC", stop) for stop in config.stop)  # as the model's text is
        self.bias = filters.bias_of(config, sampler.tokenizer)
        self.whole = before
        self.spelled = bytearray()
        self.held: list[Step] = []  # may be part of a stop text or of what follows the end
        self.begun = self._begun(before[max(0, len(before) - written) :])
        self.given = 0
        self.ended = config.length == 0 and config.end == "length"

    def history(self) -> NDArray[np.int32]:
        """The last HISTORY tokens, after −1 where there are fewer."""
        tokens = self.tokenizer.encode_array(self.whole[-HISTORY:])[-HISTORY:]
        if self.spelled:
            tokens = np.concatenate([tokens, np.array(list(self.spelled)) + self.tokenizer.first_byte])[-HISTORY:]
        return np.concatenate([np.full(HISTORY - len(tokens), -1), tokens]).astype(np.int32)

    def so_far(self) -> str:
        """The text, with the bytes of an unfinished character."""
        return self.whole + escaped(bytes(self.spelled))

    def take(self, generated: Generated[S], row: int) -> list[Step]:
        """The next steps, from what was drawn."""
        steps: list[Step] = []
        count = generated.tokens.shape[1]
        for number, token in enumerate(generated.tokens[row].tolist()):
            character = self._character(token)
            if character is None:
                continue
            position = self.position + number + 1
            step = Step(character, position, partial(self._state, generated, number, row))
            self.whole += character
            if len(self.whole) > 2 * HISTORY and not self.constraints:  # so that a text of any length takes no memory
                self.whole = self.whole[-HISTORY:]
            steps += self._certain(step)
            if self.ended:
                return steps
        self.state, self.position = generated.after(count - 1, row), self.position + count
        return steps

    def _state(self, generated: Generated[S], number: int, row: int) -> RecurrentState:
        return self.decoder.to_model(generated.after(number, row))

    def _character(self, token: int) -> str | None:
        """What a token completes; None while bytes of a character are missing."""
        if token < self.tokenizer.first_byte:
            return self.tokenizer.token_text(token)
        self.spelled.append(token - self.tokenizer.first_byte)
        if len(self.spelled) < sequence_length(self.spelled[0]):
            return None
        character = self.spelled.decode("utf-8")
        self.spelled.clear()
        return character

    def _certain(self, step: Step) -> list[Step]:
        """The steps that are certain to be part of the text, now that one more character is known."""
        if not self.stops and self.config.end == "length":  # nothing to wait for
            self.given += 1
            self.ended = self.given >= self.config.length
            return [step]
        self.held.append(step)
        text = self.begun + step.text
        if (found := stopping.stop_at(text, self.stops)) is not None:
            self.ended = True
            return self._give(len(self.held) - (len(text) - found))
        self.begun = self._begun(text)
        length, end = self.config.length, self.config.end
        if end == "length":
            if self.given + len(self.held) >= length:
                self.ended = True
                return self._give(length - self.given)
            return self._give(len(self.held) - len(self.begun))
        past = self.given + len(self.held) - length
        if past > 0 and stopping.ends(self.whole, end):
            self.ended = True
            return self._give(len(self.held) - stopping.trailing(self.whole, end))
        if past >= stopping.FARTHEST:
            self.ended = True
            return self._give(len(self.held))
        wait = 1 if end == "paragraph" and step.text == "\n" else 0
        return self._give(len(self.held) - max(len(self.begun), wait))

    def _begun(self, text: str) -> str:
        """The longest end of `text` that may begin a stop text."""
        return text[len(text) - stopping.held_back(text, self.stops) :]

    def _give(self, count: int) -> list[Step]:
        given, self.held = self.held[: max(count, 0)], self.held[max(count, 0) :]
        self.given += len(given)
        return given
