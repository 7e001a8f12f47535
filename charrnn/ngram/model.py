"""NgramModel: the n-gram model of a training text, as one value: the hasher of contexts, the counts, the mixture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import CLASS, CLASSES_SEEN, MEMORY, SAMPLE, ContextHasher, Contexts, ContextState
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.layout import PAGE_PLACES, Page
from charrnn.ngram.mixing import Prediction
from charrnn.ngram.prediction import SEES_DOCUMENT, NgramPrediction, PredictionLayout
from charrnn.ngram.saved_arrays import SavedArrays
from charrnn.ngram.tables import EarlierCounts, Tables
from charrnn.ngram.vocabulary import CLASSES, MOST_SYMBOLS, Alphabet, Symbols, WordClasses

if TYPE_CHECKING:
    from torch import Tensor

    from charrnn.data.stream import Paragraphs

RATE = 4e-4  # initial learning rate of the mixture's weights
FEW = 2**22
"""Tokens of which all contexts are counted, at about 10 bytes each on disk. Of a text n times as long, contexts with
fewer than about n occurrences are dropped, so that the tables hardly grow. Training takes up to 150 bytes a token."""
TIMES = 6  # weight of each token of a text that is added to earlier counts
STARTS = 64  # the most paragraphs that are counted as if they began a text
LARGEST = 1000.0  # beyond all numbers of a prediction: log-probabilities, entropy, place
MOST_WIDTH = 2**24  # of a symbol or a margin, in `layout.UNIT`
MOST_EARLIER = 8  # tokens of an added text, at most, for each bucket of the earlier counts, which it shares


Sample = tuple[Symbols, NDArray[np.int64], list[int]]
"""Symbols (m,), the block of each, and the places where a new text begins."""


@dataclass(frozen=True)
class CountOptions:
    """How a training text is counted."""

    block: int  # tokens of each block, which `learn` can leave out
    threads: int = 1
    most: int = FEW  # tokens that are counted; of a longer text, the end of each block
    size: float | None = None  # bytes of the saved tables, reached by dropping the rarest contexts; default: see FEW
    paragraphs: Paragraphs | None = None
    """Some are counted as if they began a text, so that the continuation of the empty prompt is known."""

    def sample(self, ids: NDArray[np.integer], alphabet: Alphabet) -> Sample:
        """Return the part of a text of tokens (n,) that is counted."""
        share = min(1.0, self.most / len(ids))
        wholes = [np.asarray(ids[start : start + self.block]) for start in range(0, len(ids), self.block)]
        pieces = [whole[len(whole) - math.floor(share * len(whole)) :] for whole in wholes]
        blocks = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
        text = alphabet.clip(np.concatenate(pieces))
        return text, blocks, [] if self.paragraphs is None else self.paragraphs.some(text, STARTS).tolist()

    def count(self, sample: Sample, reader: ContextHasher, earlier: EarlierCounts | None = None) -> Tables:
        text, blocks, starts = sample
        level = max(1.0, len(text) / FEW)
        tables = Tables.count(reader, text, blocks, starts, threads=self.threads, level=level, earlier=earlier)
        return tables if self.size is None else tables.pruned(self.size)


@dataclass(frozen=True)
class NgramModel:
    """The counts of a training text, and the mixture that predicts from them."""

    reader: ContextHasher
    tables: Tables
    mixture: ContextMixer
    past: DocumentCounts | None = None  # counts of the document that `expect` uses too; not saved

    @classmethod
    def count(cls, ids: NDArray[np.integer], reader: ContextHasher, options: CountOptions) -> Self:
        """Count a text of tokens (n,); the mixture is untrained."""
        tables = options.count(options.sample(ids, reader.alphabet), reader)
        return cls(reader, tables, ContextMixer.start(reader.alphabet.symbols))

    def with_text(self, ids: NDArray[np.integer], characters: str, options: CountOptions) -> Self:
        """Return the model with the counts of another text of tokens (n,) added, with weight TIMES.

        If the text is much longer than the earlier ones, their counts are dropped. `characters` is a vocabulary that
        begins with the characters of this model.
        """
        alphabet = Alphabet.of(characters)
        page = Page.fit(alphabet.clip(np.asarray(ids[:SAMPLE])), alphabet)
        reader = ContextHasher(alphabet, self.reader.words, page)
        room = MOST_EARLIER * 2 ** int(self.tables.lists.bits.max())  # the number of buckets does not change
        sample, earlier = options.sample(ids, alphabet), None
        if len(sample[0]) <= room:
            earlier = EarlierCounts(self.tables, TIMES, reader.empty_prompt() if sample[2] else {})
        tables = options.count(sample, reader, earlier)
        return replace(self, reader=reader, tables=tables, mixture=self.mixture.grown(alphabet.symbols), past=None)

    def with_blocks(self, ids: NDArray[np.integer], options: CountOptions) -> Self:
        """Return a saved and loaded model, ready to be trained further on the text (n,) that it counted last."""
        text, blocks, starts = options.sample(ids, self.reader.alphabet)
        return replace(self, tables=self.tables.with_blocks(self.reader, text, blocks, starts, options.threads))

    @property
    def symbols(self) -> int:
        return self.tables.symbols

    def expect(self, tokens: Tensor, reading: Tensor) -> NgramPrediction:
        """Predict the symbol after each of `tokens` (b, t), from the training text and `self.past`.

        reading: (b, MEMORY), the state before the tokens.
        """
        contexts, after = self._read(tokens, reading)
        prediction = self.mixture.predict(self.tables, contexts.rows(), past=self.past)
        return _as_columns(prediction, contexts.places, 0.0 if self.past is None else 1.0, after)

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
        """Predict each target from the tokens before it, then learn from it; return the new model and predictions.

        Args:
            tokens: (b, t).
            targets: (b, t), the tokens that came. The mixture and `past` learn from each after its prediction.
            reading: (b, MEMORY), the state before the tokens.
            rate: learning rate of the mixture's weights.
            blocks: (b, t), the block of the training text that is left out for each token; −1 for none.
            past: counts of the documents.
            lanes: (b,), the document of each lane of the batch, or STATIC for lanes without document counts.
        """
        contexts, after = self._read(tokens, reading)
        time = tokens.shape[1]
        mixture, prediction = self.mixture.learn(
            self.tables, contexts.rows(), self._clip(targets).T.ravel().astype(np.int64), rate,
            blocks=blocks.T.ravel(), past=past, lanes=np.tile(lanes, time),
        )  # fmt: skip
        seen = np.where(lanes == STATIC, 0.0, 1.0).astype(np.float32)[:, None]
        return replace(self, mixture=mixture), _as_columns(prediction, contexts.places, seen, after)

    def remember(
        self, tokens: Tensor, targets: Tensor, reading: Tensor, past: DocumentCounts, lanes: NDArray[np.integer]
    ) -> Tensor:
        """Count the targets in `past` as `learn` does, without predicting; return the state after `tokens`."""
        contexts, after = self._read(tokens, reading)
        past.read(contexts.rows().keys, self._clip(targets).T.ravel(), np.tile(lanes, tokens.shape[1]))
        return after

    def _clip(self, tokens: Tensor) -> Symbols:
        return self.reader.alphabet.clip(tokens.cpu().numpy())

    def _read(self, tokens: Tensor, reading: Tensor) -> tuple[Contexts, Tensor]:
        import torch

        contexts, after = self.reader.read(ContextState(reading.cpu().numpy().view(np.uint64)), self._clip(tokens))
        return contexts, torch.from_numpy(after.memory.view(np.int64)).to(reading.device)

    def arrays(self, *, ready: bool = False) -> dict[str, NDArray[np.generic]]:
        """Return everything but the mixture, for saving; `from_arrays` reads it. ready: as the loops read it."""
        words, page = self.reader.words, self.reader.page
        tables = self.tables.ready() if ready else self.tables.arrays()
        printed = {} if page is None else {"page.widths": page.widths, "page.margin": np.array([page.margin])}
        return {
            **{f"tables.{name}": array for name, array in tables.items()},
            "words.hashes": words.hashes,
            "words.classes": words.classes,
            "words.count": np.array([words.count]),
            "wrapped": np.array([int(page is not None)]),
            **printed,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], characters: str, *, ready: bool = False) -> Self:
        """Return what `arrays` saved, with an untrained mixture.

        Raises KeyError for a missing array, UserError for arrays that cannot have been saved for these characters. Of
        `ready` tables only the shapes are checked.
        """
        saved, alphabet = SavedArrays(arrays), Alphabet.of(characters)
        if alphabet.symbols > MOST_SYMBOLS:
            raise UserError("counts-other-alphabet", expected=MOST_SYMBOLS, found=alphabet.symbols)
        restored = Tables.from_ready if ready else Tables.from_arrays
        tables = restored(arrays, "tables.", alphabet.symbols)
        count = saved.number("words.count", 0, CLASSES)
        hashes = saved.take("words.hashes", np.uint64)
        classes = saved.take_within("words.classes", np.uint16, 0, count - 1, len(hashes))
        if not (hashes[:-1] < hashes[1:]).all():
            raise UserError("counts-order", key="words.hashes")
        page, has_words = None, max(alphabet.space, alphabet.line) < alphabet.symbols
        if saved.number("wrapped", 0, int(has_words)):
            page = Page.unknown(alphabet.symbols)
            if {"page.widths", "page.margin"} & arrays.keys():  # earlier versions saved neither
                widths = saved.take_within("page.widths", np.int64, 0, MOST_WIDTH, alphabet.symbols)
                page = Page(widths, saved.number("page.margin", 0, MOST_WIDTH))
        reader = ContextHasher(alphabet, WordClasses(hashes, classes, count), page)
        return cls(reader, tables, ContextMixer.start(alphabet.symbols))

    def accepts(self, reading: NDArray[np.int64], expected: NDArray[np.float32]) -> bool:
        """Return whether a saved state (b, MEMORY) and prediction (b, v + EXTRA) may be this model's.

        Their shapes must be right; checked is what the compiled loops use as an index, and that numbers are ordinary.
        """
        memory, place = reading.view(np.uint64), expected[:, PredictionLayout(self.symbols).place]
        classes = memory[:, CLASS : CLASS + CLASSES_SEEN]
        return bool(
            (classes <= self.reader.words.count + 2).all()
            and (np.abs(expected) < LARGEST).all()
            and ((place >= 0) & (place < PAGE_PLACES) & (place == np.floor(place))).all()
        )

    def weights(self) -> dict[str, Tensor]:
        """Return the mixture's parameters, which are saved beside a network's weights."""
        import torch

        return {name: torch.from_numpy(array) for name, array in self.mixture.arrays().items()}

    def with_weights(self, weights: Mapping[str, Tensor]) -> Self:
        return replace(
            self, mixture=ContextMixer.from_arrays({name: tensor.numpy() for name, tensor in weights.items()})
        )

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # a value, and a large one


def start(lanes: int) -> Tensor:
    """Return the state (lanes, MEMORY) before the beginning of a text."""
    import torch

    return torch.zeros(lanes, MEMORY, dtype=torch.int64)


def _as_columns(
    prediction: Prediction, places: NDArray[np.uint8], seen: float | NDArray[np.float32], reading: Tensor
) -> NgramPrediction:
    """Return rows (t · b, …) as columns (b, t, v + EXTRA). seen: whether document counts were used."""
    import torch

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
