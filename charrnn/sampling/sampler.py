"""Sampler: prompt → state → steps → text."""

import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar, cast

import numpy as np

from charrnn.config import SampleConfig
from charrnn.config.in_notebook import Displayed
from charrnn.corpus import clean
from charrnn.corpus.documents import Note, silent
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model.state import AnyState
from charrnn.model.weights import NetworkWeights
from charrnn.sampling import filters
from charrnn.sampling.constraints import Constraint, parted
from charrnn.sampling.decoder import Decoder, DrawRequest, usable
from charrnn.sampling.filters import HISTORY, Logits, with_seed
from charrnn.sampling.stopping import GrowingText, Step

if TYPE_CHECKING:
    from charrnn.model.network import CharRNN

CHUNK = 128  # most tokens drawn by one call of the decoder
PAUSE = 0.04  # longest time (s) that one call should take
S = TypeVar("S")


class Alternative(NamedTuple):
    """A character, "" for all those together that the vocabulary lacks, and two probabilities."""

    character: str
    before: float  # as the model predicts it
    after: float  # as it is drawn: temperature, filters and constraints applied


class Sample(Displayed, str):
    """A text that was drawn. prompt: what it continues; config: how it was drawn, with its seed."""

    prompt: str
    config: SampleConfig

    def __new__(cls, text: str, prompt: str = "", config: SampleConfig | None = None) -> Self:
        sample = super().__new__(cls, text)
        sample.prompt, sample.config = prompt, config or SampleConfig()
        return sample


class Sampler:
    """Draws text from a model. It holds no state of a text: states go in, and new ones come out."""

    def __init__(
        self, model: "CharRNN | NetworkWeights", tokenizer: CharTokenizer, engine: str = "eager", note: Note = silent
    ) -> None:
        """Choose the decoder.

        Args:
            model: a network, or its weights, which `saved_model.read` gives without loading torch.
            engine: "eager", the model's own forward; "f32" or "int8", a compiled loop with such weights; or "auto",
                that in f32, which begins by slower code if it has never been compiled, while the fast code is.
            note: is told if the model's cell has no such step; its own forward then draws.

        Raises UserError if the weights would not give numbers as logits.
        """
        weights = model if isinstance(model, NetworkWeights) else NetworkWeights.of(model)
        weights.refuse_non_finite()
        self.model = model
        self.tokenizer = tokenizer
        self.allowed = AllowedTokens(tokenizer)
        self.decoder = self._decoder(weights, engine, note)

    def _decoder(self, weights: NetworkWeights, engine: str, note: Note) -> Decoder[object]:
        if engine != "eager":
            from charrnn.sampling.compiled import COMPILED, Engine  # loads LLVM

            if weights.config.cell in COMPILED:
                precision = "f32" if engine == "auto" else engine
                return _opaque(Engine(weights, self.tokenizer, precision, hasty=engine == "auto"))
            note(f"the cell {weights.config.cell} has no compiled step: texts come more slowly")
        from charrnn.sampling.eager import Eager

        return _opaque(Eager(self.network, self.tokenizer))

    def __repr__(self) -> str:
        return f"Sampler({self.model.name}, {self.tokenizer!r})"

    @cached_property
    def network(self) -> "CharRNN":
        """The network, for all that reads more than logits; loads torch."""
        from charrnn.model.network import CharRNN

        return CharRNN.of(self.model) if isinstance(self.model, NetworkWeights) else self.model

    def with_decoder(self, decoder: Decoder[S]) -> Self:
        """Return a sampler that draws through another decoder."""
        other = copy(self)
        other.decoder = _opaque(decoder)
        return other

    def stream(
        self,
        prompt: str = "",
        config: SampleConfig | None = None,
        state: AnyState | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> Iterator[str]:
        """Yield what follows `prompt`, character by character. See `read` for `state`, `steps` for the rest."""
        for step in self.steps(self.read(prompt, state), config, clean(prompt), constraints=constraints):
            yield step.text

    def generate(
        self,
        prompt: str = "",
        config: SampleConfig | None = None,
        state: AnyState | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> Sample:
        """Return what follows `prompt` as one string, which a notebook shows after its prompt."""
        seeded = with_seed(config or SampleConfig())
        return Sample("".join(self.stream(prompt, seeded, state, constraints)), clean(prompt), seeded)

    def generate_together(
        self, prompt: str, config: SampleConfig, seeds: Sequence[int], constraints: Sequence[Constraint] = ()
    ) -> list[str]:
        """Return what `generate` gives for each of these seeds, drawn side by side."""
        return self.branches(self.read(prompt), config, seeds, clean(prompt), constraints=constraints)

    def branches(
        self,
        state: AnyState,
        config: SampleConfig,
        seeds: Sequence[int],
        before: str = "",
        position: int = 0,
        constraints: Sequence[Constraint] = (),
        written: int = 0,
    ) -> list[str]:
        """Return the texts that `steps` gives for each of these seeds, drawn side by side."""
        texts = [
            GrowingText(
                self.decoder, self.tokenizer, state, replace(config, seed=seed), before, position, constraints, written
            )
            for seed in seeds
        ]
        found = ["" for _ in seeds]
        while going := [number for number, text in enumerate(texts) if not text.ended]:
            rows = [texts[number] for number in going]
            for number, steps in zip(going, self._write(rows, 1 if constraints else CHUNK), strict=True):
                found[number] += "".join(step.text for step in steps)
        return found

    def read(self, text: str, state: AnyState | None = None) -> AnyState:
        """Return the state after reading `text` (NFC) from `state`; by default from a newline, as the empty prompt.

        Characters that the vocabulary lacks are read as their bytes; none is dropped. Raises UserError for a
        lone surrogate.
        """
        text = clean(text)
        if state is None:
            text, begin = "\n" + text, self.decoder.start()
        else:
            begin = self.decoder.from_model(state)
        return self.decoder.to_model(self.decoder.read(self.tokenizer.encode_array(text), begin))

    def predict(self, state: AnyState) -> Logits:
        """Return the logits (v,) of the next token of one text, nothing ruled out."""
        return usable(self.decoder.predict(self.decoder.from_model(state))).reshape(-1)

    def steps(
        self,
        state: AnyState,
        config: SampleConfig | None = None,
        before: str = "",
        position: int = 0,
        constraints: Sequence[Constraint] = (),
        written: int = 0,
    ) -> Iterator[Step]:
        """Yield a Step for each character that is drawn from a state of one text, until it ends as `config` says.

        A stop text is not given out, nor is a character that might still begin one. The seed fixes the text.

        Args:
            before: the text that was read, as it was read (see `clean`), for constraints and filters that look back.
            position: number of tokens drawn before, of a text that is continued.
            written: number of characters at the end of `before` that were drawn: a stop text may begin in these.

        Raises:
            UserError: where the constraints rule out every next token.
        """
        seeded = with_seed(config or SampleConfig())
        text = GrowingText(self.decoder, self.tokenizer, state, seeded, before, position, constraints, written)
        count = 1
        while not text.ended:
            began = time.perf_counter()
            steps = self._write([text], 1 if constraints else count)[0]
            pause = time.perf_counter() - began
            count = max(1, count // 2) if pause > PAUSE else min(CHUNK, 2 * count) if pause < PAUSE / 2 else count
            yield from steps

    def rule_out(self, logits: Logits, text: str, constraints: Sequence[Constraint]) -> Logits:
        """Return `logits` (v,) with −inf for what may not follow `text`: what is illegal or against a constraint."""
        logits = np.where(self.allowed.mask(parted(text)[1]), logits, -np.inf)
        for constraint in constraints:
            logits = constraint(text, logits)
        return logits

    def alternatives(
        self, text: str, logits: Logits, config: SampleConfig, constraints: Sequence[Constraint] = ()
    ) -> list[Alternative]:
        """Return every character that may follow `text`, the model's likeliest first, from the logits (v,) there.

        Where the constraints leave nothing, nothing is drawn: all probabilities after them are 0.
        """
        before = filters.probabilities(self.rule_out(logits, text, ()))
        left, bias = self.rule_out(logits, text, constraints), filters.bias_of(config, self.tokenizer)
        after = np.zeros_like(before)
        if np.isfinite(left).any():
            history = self.tokenizer.encode_array(text[-HISTORY:])[-HISTORY:]
            after = filters.probabilities(filters.apply(left if bias is None else left + bias, config, history))
        known = len(self.tokenizer.characters)
        found = [
            Alternative(*one) for one in zip(self.tokenizer.characters, before.tolist(), after.tolist(), strict=False)
        ]
        found.append(Alternative("", float(before[known:].sum()), float(after[known:].sum())))
        return sorted(found, key=lambda one: -one.before)

    def _write(self, texts: list[GrowingText[S]], count: int) -> list[list[Step]]:
        """Draw `count` tokens for each of some texts of one configuration; return the steps now certain of each."""
        first, decoder = texts[0], texts[0].decoder
        count = int(min(count, max(text.missing() for text in texts)))
        history = np.stack([text.history() for text in texts]) if filters.looks_back(first.config) else None
        state = first.state if len(texts) == 1 else decoder.stack([text.state for text in texts])
        logits = None
        if first.constraints:
            logits = usable(decoder.predict(state))
            for row, text in enumerate(texts):
                logits[row] = self.rule_out(logits[row], text.so_far(), text.constraints)
                if not np.isfinite(logits[row]).any():
                    raise UserError("nothing-left", after=text.whole[-20:])
        seeds, positions = [text.seed for text in texts], [text.position for text in texts]
        request = DrawRequest(first.config, seeds, positions, first.bias, history, logits)
        generated = decoder.write(state, count, request)
        return [text.take(generated, row) for row, text in enumerate(texts)]


def _opaque(decoder: Decoder[S]) -> Decoder[object]:
    """Return a decoder whose states only it looks into: whichever it is, a Sampler hands them back as they came."""
    return cast("Decoder[object]", decoder)
