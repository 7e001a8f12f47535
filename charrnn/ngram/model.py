"""NgramModel: all that was counted in a training text, as one value: how texts are read, the tables, the mixture."""

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrnn.data.stream import Paragraphs
from charrnn.ngram import word_classes
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import MEMORY, Alphabet, ContextHasher, Contexts, ContextState, WordClasses
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.layout import symbol_widths
from charrnn.ngram.layout.line_layout import Page
from charrnn.ngram.mixing import Prediction
from charrnn.ngram.prediction import SEES_DOCUMENT, NgramPrediction, PredictionLayout
from charrnn.ngram.tables import Tables

RATE = 4e-4  # of the mixture's weights at first
FEW = 2**22
"""Tokens of which all contexts are counted, in some 10 bytes each on disk; of n times as many, the rarer are dropped,
so that the tables hardly grow. While training, they take up to 150 bytes of memory for each token."""
TIMES = 6  # how often each token counts of a text that is counted beside earlier ones: it is what is meant
STARTS = 64  # paragraphs of a text, at most, that are counted as if they began it
MOST_EARLIER = 8  # times as many tokens may be counted beside earlier ones, whose buckets they share


@dataclass(frozen=True)
class NgramModel:
    """What was counted, and the mixture that makes one prediction of it."""

    reader: ContextHasher
    tables: Tables
    mixture: ContextMixer
    past: DocumentCounts | None = None  # of a text that `expect` knows beside the training text; not saved

    @classmethod
    def of(
        cls,
        ids: NDArray[np.integer],
        reader: ContextHasher,
        block: int,
        threads: int = 1,
        most: int = FEW,
        size: float | None = None,
        paragraphs: Paragraphs | None = None,
    ) -> Self:
        """Count a text of tokens (n,), in blocks of that many, of which `learn` leaves one out.

        most: tokens that are counted, of a longer text the end of each block; size: bytes that the tables are to
        take on disk, by dropping the rarest contexts; default: see FEW; paragraphs: how they begin; some are counted
        as if they began a text, so that it is known what follows the empty prompt.
        """
        text, blocks, starts = _cut(ids, reader, block, most, paragraphs)
        tables = Tables.count(reader, text, blocks, threads, max(1.0, len(text) / FEW), starts=starts)
        return cls(
            reader, tables if size is None else tables.thrifty(size), ContextMixer.start(reader.alphabet.symbols)
        )

    def beside(
        self,
        ids: NDArray[np.integer],
        characters: str,
        block: int,
        threads: int = 1,
        most: int = FEW,
        size: float | None = None,
        paragraphs: Paragraphs | None = None,
    ) -> Self:
        """These counts, and those of another text of tokens (n,), as `of` counts it, each several times.

        characters: those of a vocabulary that begins as the one of these counts. They are forgotten if the other text
        is much longer.
        """
        alphabet = Alphabet.of(characters)
        page = symbol_widths.fit(alphabet.clip(np.asarray(ids[:FEW])), alphabet)
        reader = ContextHasher(alphabet, self.reader.words, page)
        text, blocks, starts = _cut(ids, reader, block, most, paragraphs)
        room = MOST_EARLIER * 2 ** int(self.tables.lists.bits.max())  # as the tables' buckets stay those that there are
        earlier = self.tables if len(text) <= room else None
        level, times = max(1.0, len(text) / FEW), 1 if earlier is None else TIMES
        forgotten = reader.empty_prompt() if starts else None
        tables = Tables.count(reader, text, blocks, threads, level, earlier, times, starts, forgotten)
        tables = tables if size is None else tables.thrifty(size)
        return replace(self, reader=reader, tables=tables, mixture=self.mixture.grown(alphabet.symbols), past=None)

    def again(
        self,
        ids: NDArray[np.integer],
        block: int,
        threads: int = 1,
        most: int = FEW,
        paragraphs: Paragraphs | None = None,
    ) -> Self:
        """Counts as `of` or `beside` gave them for this text, when they have been saved and read."""
        text, blocks, starts = _cut(ids, self.reader, block, most, paragraphs)
        return replace(self, tables=self.tables.with_blocks(self.reader, text, blocks, threads, starts))

    @property
    def symbols(self) -> int:
        return self.tables.symbols

    def expect(self, tokens: Tensor, reading: Tensor) -> NgramPrediction:
        """What comes after each of `tokens` (b, t), read from `reading`, by the training text and `self.past`."""
        contexts, after = self._read(tokens, reading)
        prediction = self.mixture.predict(self.tables, contexts.rows(), past=self.past)
        return _expectation(prediction, contexts.places, 0.0 if self.past is None else 1.0, after)

    def learn(
        self,
        tokens: Tensor,
        targets: Tensor,
        reading: Tensor,
        rate: float,
        blocks: NDArray[np.integer],
        past: DocumentCounts,
        lanes: NDArray[np.integer],
    ) -> tuple[Self, NgramPrediction]:
        """`expect`, and what is known after each of `targets` (b, t) has come in its turn.

        The mixture learns from the targets, at `rate`, and `past` counts them; both know of a target only when it has
        been predicted. blocks: (b, t), which block of the training text is left out for each token, −1 for none;
        lanes: (b,), the text that each lane's past is of, or STATIC for those that see none.
        """
        contexts, after = self._read(tokens, reading)
        time = tokens.shape[1]
        mixture, prediction = self.mixture.learn(
            self.tables, contexts.rows(), self._clip(targets).T.ravel().astype(np.int64), rate,
            blocks=blocks.T.ravel(), past=past, lanes=np.tile(lanes, time),
        )  # fmt: skip
        seen = np.where(lanes == STATIC, 0.0, 1.0).astype(np.float32)[:, None]
        return replace(self, mixture=mixture), _expectation(prediction, contexts.places, seen, after)

    def remember(
        self, tokens: Tensor, targets: Tensor, reading: Tensor, past: DocumentCounts, lanes: NDArray[np.integer]
    ) -> Tensor:
        """What `learn` leaves behind in `past`, without predicting; the reading after `tokens`."""
        contexts, after = self._read(tokens, reading)
        past.read(contexts.rows().keys, self._clip(targets).T.ravel(), np.tile(lanes, tokens.shape[1]))
        return after

    def _clip(self, tokens: Tensor) -> NDArray[np.uint16]:
        return self.reader.alphabet.clip(tokens.cpu().numpy())

    def _read(self, tokens: Tensor, reading: Tensor) -> tuple[Contexts, Tensor]:
        contexts, after = self.reader.read(_reading(reading), self._clip(tokens))
        return contexts, torch.from_numpy(after.memory.view(np.int64)).to(reading.device)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What the counting gave, for saving, without the mixture; `from_arrays` reads it."""
        words, page = self.reader.words, self.reader.page
        printed = {} if page is None else {"page.widths": page.widths, "page.margin": np.array([page.margin])}
        return {
            **{f"tables.{name}": array for name, array in self.tables.arrays().items()},
            "words.hashes": words.hashes,
            "words.classes": words.classes,
            "words.count": np.array([words.count]),
            "wrapped": np.array([int(page is not None)]),
            **printed,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], characters: str) -> Self:
        """Raises KeyError if one is missing, ValueError if they do not fit together or are of another vocabulary."""
        prefix = "tables."
        tables = Tables.from_arrays(
            {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        )
        words = WordClasses(arrays["words.hashes"], arrays["words.classes"], int(arrays["words.count"][0]))
        alphabet = Alphabet.of(characters)
        if tables.symbols != alphabet.symbols:
            raise ValueError(f"counts of {tables.symbols} symbols instead of {alphabet.symbols}")
        if len(words.hashes) != len(words.classes):
            raise ValueError(f"{len(words.classes)} classes of {len(words.hashes)} words")
        page = Page.unknown(alphabet.symbols) if arrays["wrapped"][0] else None
        if {"page.widths", "page.margin"} & arrays.keys():  # those of earlier versions lack both
            page = Page(arrays["page.widths"], int(arrays["page.margin"][0]))
            if len(page.widths) != alphabet.symbols:
                raise ValueError(f"{len(page.widths)} widths of {alphabet.symbols} symbols")
        reader = ContextHasher(alphabet, words, page)
        return cls(reader, tables, ContextMixer.start(alphabet.symbols))

    def weights(self) -> dict[str, Tensor]:
        """What the mixture learned, for saving beside a network's weights."""
        return {name: torch.from_numpy(array) for name, array in self.mixture.arrays().items()}

    def with_weights(self, weights: dict[str, Tensor]) -> Self:
        return replace(
            self, mixture=ContextMixer.from_arrays({name: tensor.numpy() for name, tensor in weights.items()})
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a value, and a large one


def _cut(
    ids: NDArray[np.integer], reader: ContextHasher, block: int, most: int, paragraphs: Paragraphs | None
) -> tuple[NDArray[np.uint16], NDArray[np.integer], list[int]]:
    """The symbols of a text that are counted, `most` of them; their blocks; where they are counted as a beginning."""
    share = min(1.0, most / len(ids))
    wholes = [np.asarray(ids[start : start + block]) for start in range(0, len(ids), block)]
    pieces = [whole[len(whole) - math.floor(share * len(whole)) :] for whole in wholes]
    blocks = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    text = reader.alphabet.clip(np.concatenate(pieces))
    return text, blocks, [] if paragraphs is None else paragraphs.some(text, STARTS).tolist()


def reader_of(ids: NDArray[np.integer], characters: str) -> ContextHasher:
    """How to read texts like this one, of tokens (n,) of a vocabulary of `characters`."""
    alphabet = Alphabet.of(characters)
    text = alphabet.clip(np.asarray(ids[:FEW]))
    page = symbol_widths.fit(text, alphabet)
    return ContextHasher(alphabet, word_classes.fit(text, alphabet, page), page)


def start(lanes: int) -> Tensor:
    """The reading of `lanes` texts of which nothing was read yet."""
    return torch.zeros(lanes, MEMORY, dtype=torch.int64)


def _reading(tensor: Tensor) -> ContextState:
    return ContextState(tensor.cpu().numpy().view(np.uint64))


def _expectation(prediction: Prediction, places: NDArray[np.uint8], seen: Any, reading: Tensor) -> NgramPrediction:
    """Rows (t · b, …) as (b, t, …), as `places` are."""
    lanes, time = places.shape
    log_probabilities, statistics = prediction
    symbols = log_probabilities.shape[1]
    layout = PredictionLayout(symbols)
    values = np.empty((lanes, time, layout.width), dtype=np.float32)
    values[..., layout.log_probabilities] = log_probabilities.reshape(time, lanes, symbols).swapaxes(0, 1)
    values[..., symbols : symbols + SEES_DOCUMENT] = statistics.reshape(time, lanes, -1).swapaxes(0, 1)
    values[..., symbols + SEES_DOCUMENT] = seen
    values[..., layout.place] = places
    return NgramPrediction(torch.from_numpy(values).to(reading.device), reading)
