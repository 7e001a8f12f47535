"""Distilling: a network learns from a teacher's predictions of its text, beside the text itself.

    L = −(1 − w) log S_t[next] − w Σ_s Q_t[s] log S_t[s]        Q_t: the teacher's distribution

(Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015, at temperature 1.) For a given Q_t the
second sum is least where S_t = Q_t. Here s is a symbol: a character, or the escape, which stands for all bytes.
"""

import json
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charrnn.config import SampleConfig
from charrnn.corpus.catalogue import is_catalogue_name
from charrnn.data.dataset import Source, TrainingText
from charrnn.data.stream import Piece, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.ngram.prediction import NgramPrediction
from charrnn.sampling.session_file import fingerprint
from charrnn.storage import checkpoint, registry, saved_model, tensor_file
from charrnn.training.ngram_prefetch import block_length

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel

PASSAGE, SIDE_BY_SIDE = 4000, 16  # characters of a text that a teacher writes; texts that it writes at once
MOST = 2**28  # bytes of predictions that are kept; windows after these are learned from the text alone


class Taught(NamedTuple):
    """The teacher's predictions of a window."""

    weight: float  # w
    chances: Tensor  # (b, t, s): Q


class Teacher:
    """A trained model's predictions along a text, window by window, computed once and kept for later passes.

    They depend on the place in the text only: a resumed run computes them again.
    """

    def __init__(self, directory: Path, text: TrainingText, stream: TextStream, rows: slice, weight: float) -> None:
        """Load the model in a directory.

        Its counts of the very text that it teaches are left out block by block, as in its own training; else its
        predictions would be the text. Raises UserError for what is no model.

        Args:
            text: the student's, with its vocabulary.
            stream: the windows of a pass that the student reads.
            rows: the lanes that it teaches.
            weight: w.
        """
        self.directory, self.weight = directory, weight
        with torch.random.fork_rng(devices=()):  # the student's weights do not depend on it
            self._model, own = checkpoint.load(directory)
        self._model.requires_grad_(requires_grad=False)
        self._as_own = _tokens_of(text.tokenizer, own)  # (v,): the teacher's token for each of the student's
        self._symbols, self._escape = text.tokenizer.first_byte, own.first_byte
        self._stream, self._rows = stream, rows
        self._counts = self._without_blocks(text)
        self._state = self._model.initial_state(len(range(stream.batch)[rows]))
        self._known: list[Tensor] = []  # (b, t, s) of each window, float16: log-probabilities
        whole = 2 * (self._symbols + 1) * stream.lane * len(self._state.recent)
        self.windows = min(stream.windows, max(1, stream.windows * MOST // whole))  # of each pass

    def taught(self, index: int) -> Taught | None:
        """Return the predictions of window `index`; None beyond those that are kept."""
        place = index % self._stream.windows
        if place >= self.windows:
            return None
        while len(self._known) <= place:
            self._known.append(self._read(len(self._known)))
        return Taught(self.weight, self._known[place].float().softmax(dim=-1))

    @cached_property
    def seconds(self) -> float:
        """The time of predicting the windows of a pass, in the faster number format, measured on the first one."""
        from charrnn.training.probe import has_bf16  # which reads this module

        times, before, device = [], self._state, self._model.device.type
        for bf16 in (False, has_bf16(self._model)) * 2:
            began = time.perf_counter()
            with torch.autocast(device, torch.bfloat16, enabled=bf16):
                self._read(0)
            times.append(time.perf_counter() - began)
            self._state = before
        return min(times) * self.windows

    def windows_in(self, time: float, each: float) -> float:
        """Return how many windows a student reads in a time, of which each takes it so long, both in seconds."""
        alone = self.seconds / self.windows
        return max(time / (each + alone), (time - self.seconds) / each)

    @cached_property
    def sha256(self) -> str:
        """The hash of the model."""
        return fingerprint(self.directory)

    def to(self, device: torch.device) -> "Teacher":
        self._model.to(device)
        self._as_own, self._state = self._as_own.to(device), self._state.to(device)
        return self

    def _without_blocks(self, text: TrainingText) -> "NgramModel | None":
        """Return its counts, ready to leave out blocks of the text, if this is the text that they counted."""
        counts = self._model.counts
        if counts is None or text.sha256 not in registry.card(self.directory):
            return None
        from charrnn.ngram.model import CountOptions

        ids = self._as_own.numpy()[text.train.ids]
        options = CountOptions(self._block, torch.get_num_threads(), most=len(ids))
        return counts.with_blocks(ids, options)

    @property
    def _block(self) -> int:
        return block_length(len(self._stream.ids), self._stream.batch)

    @torch.no_grad()
    def _read(self, index: int) -> Tensor:
        """Return the log-probabilities (b, t, s) of the student's symbols after each token of the next window."""
        window = self._stream.window(index).rows(self._rows)
        place, found, fresh = self._stream.place(index)[self._rows], [], self._model.initial_state(len(window.inputs))
        for piece in window.pieces():
            if piece.fresh:
                anew = torch.zeros(len(window.inputs), dtype=torch.bool)
                anew[list(piece.fresh)] = True
                self._state = self._state.renewed(anew.to(self._model.device), fresh)
            read = self._model.unroll(self._own(piece.inputs), self._state, self._predictions(piece, place))
            self._state, place = read.state.detach(), place + piece.inputs.shape[1]
            logits = self._model.logits(read).float()
            escape = logits[..., self._escape :].logsumexp(dim=-1, keepdim=True)
            found.append(torch.cat([logits[..., self._as_own[: self._symbols]], escape], dim=-1))
        return torch.cat(found, dim=1).log_softmax(dim=-1).half()

    def _own(self, tokens: Tensor) -> Tensor:
        return self._as_own[tokens.to(self._as_own.device)]

    def _predictions(self, piece: Piece, place: NDArray[np.int64]) -> NgramPrediction | None:
        """Return the n-gram predictions without the counts of the block that is read; None to leave out nothing."""
        if self._counts is None:
            return None
        from charrnn.ngram.document_counts import STATIC, DocumentCounts

        inputs, targets = self._own(piece.inputs), self._own(piece.targets)
        blocks = (place[:, None] + np.arange(1, inputs.shape[1] + 1)) // self._block
        static = np.full(len(place), STATIC)
        return self._counts.learn(inputs, targets, self._state.reading, 0.0, blocks, DocumentCounts(0), static)[1]


def soft_loss(logits: Tensor, chances: Tensor) -> Tensor:
    """Return the mean nats, (), that the symbols cost if they come as `chances` (b, t, s) say.

    logits: (n, b, t, s), of each member.
    """
    wanted = chances.to(logits.device).expand(logits.shape)
    return nn.functional.cross_entropy(logits.flatten(0, -2), wanted.flatten(0, -2))


def _tokens_of(student: CharTokenizer, teacher: CharTokenizer) -> Tensor:
    """Return the teacher's token (v,) for each of the student's: of a character that it spells by bytes, the first."""
    texts: Iterator[str] = map(student.token_text, range(student.vocab_size))
    place = {teacher.token_text(token): token for token in range(teacher.vocab_size)}
    return torch.tensor([place.get(text, teacher.first_byte + text.encode("utf-8")[0]) for text in texts])


def written_by(directory: Path, seconds: float) -> Iterator[str]:
    """Yield texts that a model writes, at temperature 1: as it predicts. Ends when the time is over.

    For teaching without a text at hand; they are drawn side by side in the compiled engine.
    """
    from charrnn.sampling import Sampler

    began, number = time.perf_counter(), 0
    sampler = Sampler(*saved_model.read(directory), engine="f32")
    config = SampleConfig(length=PASSAGE, temperature=1.0, end="paragraph")
    while number == 0 or time.perf_counter() - began < seconds:
        yield from sampler.generate_together("", config, range(number, number + SIDE_BY_SIDE))
        number += SIDE_BY_SIDE


def source_of(directory: Path) -> Source | None:
    """Return the text that a model was trained on, if its run names texts that are still there."""
    try:
        with tensor_file.opened(directory / saved_model.STATE) as file:
            source = Source.from_json(json.loads(file.metadata["run"])["source"])
    except (UserError, OSError, KeyError, TypeError, ValueError):
        return None
    here = all(Path(name).exists() or is_catalogue_name(name) for name in (*source.names, source.valid) if name)
    return source if here else None
