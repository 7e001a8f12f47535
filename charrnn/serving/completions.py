"""Writing the texts of a request, in pieces, and OpenAI's JSON of them."""

import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from charrnn.config import SampleConfig
from charrnn.serving.completion_request import CompletionRequest

if TYPE_CHECKING:
    from charrnn.sampling.sampler import Sampler
    from charrnn.sampling.stopping import Step
    from charrnn.serving.log_probs import CharacterLogProb, LogProbReader

PAUSE = 0.05  # seconds between two pieces of a text
Answer = dict[str, object]
"""A value of JSON."""


@dataclass(frozen=True)
class TextPiece:
    """A part of one of the texts."""

    index: int  # of its text
    text: str
    log_probs: "list[CharacterLogProb] | None" = None
    finish: str | None = None  # of the last piece: why the text ends
    written: int = 0  # characters of it that the model wrote


def write(request: CompletionRequest, sampler: "Sampler") -> Iterator[TextPiece]:
    """Yield the texts of a request in pieces, one text after the other; each is what `charrnn sample` writes."""
    for index in range(len(request.prompts) * request.answer.n):
        prompt, config = request.prompts[index // request.answer.n], replace(request.config, seed=request.seed(index))
        yield from _text(request, prompt, config, sampler, index)


def _text(
    request: CompletionRequest, prompt: str, config: SampleConfig, sampler: "Sampler", index: int
) -> Iterator[TextPiece]:
    from charrnn.sampling.session import Session
    from charrnn.sampling.stopping import FARTHEST

    reader = _reader(request, sampler)
    if request.answer.echo:
        yield TextPiece(index, prompt, None if reader is None else reader.read(prompt))
    elif reader is not None:
        reader.skip(prompt)
    written = 0
    if config.length or config.end != "length":
        for text in _joined(Session(config).added(prompt).steps(sampler)):
            written += len(text)
            yield TextPiece(index, text, None if reader is None else reader.read(text), written=len(text))
    most = config.length + (FARTHEST if config.end != "length" else 0)
    yield TextPiece(index, "", None if reader is None else [], "length" if written >= most else "stop")


def _reader(request: CompletionRequest, sampler: "Sampler") -> "LogProbReader | None":
    if request.answer.logprobs is None:
        return None
    from charrnn.serving.log_probs import LogProbReader

    return LogProbReader(sampler, request.answer.logprobs)


def _joined(steps: "Iterable[Step]") -> Iterator[str]:
    """Yield what is written in each PAUSE."""
    text, end = "", time.monotonic() + PAUSE
    for step in steps:
        text += step.text
        if time.monotonic() >= end:
            yield text
            text, end = "", time.monotonic() + PAUSE
    if text:
        yield text


@dataclass
class Completion:
    """What is told of a request's texts: as one answer, or as one for each piece."""

    request: CompletionRequest
    model: str
    _head: Answer = field(init=False)
    _pieces: dict[int, list[TextPiece]] = field(default_factory=lambda: defaultdict(list))
    _length: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # of each text, as far as it was told
    _written: int = 0

    def __post_init__(self) -> None:
        self._head = {
            "id": f"cmpl-{uuid.uuid4().hex}", "object": "text_completion", "created": int(time.time()),
            "model": self.model,
        }  # fmt: skip

    def add(self, piece: TextPiece) -> None:
        """Take a piece, for `whole`."""
        self._pieces[piece.index].append(piece)
        self._written += piece.written

    def whole(self) -> Answer:
        """Return the answer of all pieces that were added."""
        choices = []
        for index, pieces in sorted(self._pieces.items()):
            text = "".join(piece.text for piece in pieces)
            log_probs = [one for piece in pieces for one in piece.log_probs or ()]
            told = None if pieces[-1].log_probs is None else log_probs
            choices.append(self._choice(TextPiece(index, text, told, pieces[-1].finish)))
        return {**self._head, "choices": choices, "usage": self.usage()}

    def chunk(self, piece: TextPiece) -> Answer:
        """Return one piece as an answer."""
        self._written += piece.written
        return {**self._head, "choices": [self._choice(piece)]}

    def last(self) -> Answer:
        """Return the answer that ends a stream with the numbers of characters."""
        return {**self._head, "choices": [], "usage": self.usage()}

    def usage(self) -> Answer:
        """Return the numbers of characters; each prompt counts once."""
        read = sum(map(len, self.request.prompts))
        return {"prompt_tokens": read, "completion_tokens": self._written, "total_tokens": read + self._written}

    def _choice(self, piece: TextPiece) -> Answer:
        offset = self._length[piece.index]
        self._length[piece.index] += len(piece.text)
        logprobs = None
        if piece.log_probs is not None:
            logprobs = {
                "tokens": [one.character for one in piece.log_probs],
                "token_logprobs": [one.log_prob for one in piece.log_probs],
                "top_logprobs": [one.likeliest for one in piece.log_probs],
                "text_offset": list(range(offset, offset + len(piece.log_probs))),
            }
        told = {"text": piece.text, "index": piece.index, "logprobs": logprobs, "finish_reason": piece.finish}
        return {**told, "seed": self.request.seed(piece.index)}
