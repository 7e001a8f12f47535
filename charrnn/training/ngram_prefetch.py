"""NgramPrefetcher: n-gram predictions of each window, computed while the network trains on the window before."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from charrnn.data.stream import Piece, TextStream
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.model import RATE, NgramModel, start
from charrnn.ngram.prediction import NgramPrediction

BLOCKS = 16  # parts of the text, at least: a part is predicted by the counts of all others
MOST_PAST = 2**20  # tokens of the documents' own past, some 270 bytes each; then the past is cleared


class PrefetchState(NamedTuple):
    """The n-gram model's state between two windows."""

    counts: NgramModel
    reading: Tensor  # (b, r)
    documents: NDArray[np.int64]  # (b,): the document whose past each lane sees


class NgramPrefetcher:
    """Predicts each window before the network reads it, and trains the context mixer.

    Every other lane also sees its own past, as in an adaptive score; the others see only the counts of other blocks.
    The mixer learns in the first `lessons` windows; its learning rate falls to zero over them.
    """

    def __init__(self, known: NgramModel, stream: TextStream, lessons: int) -> None:
        self.stream = stream
        self.lessons = lessons
        longest = -(-stream.lane // stream.windows)  # tokens of a window in each lane
        lanes = max(1, stream.batch // 2)  # that see their past
        self._span = max(1, min(stream.windows, MOST_PAST // (lanes * longest)))
        self._past = DocumentCounts(self._span * longest * lanes, lanes)
        self._pool = ThreadPoolExecutor(1, "n-gram")
        self._pending: Future[tuple[list[NgramPrediction], PrefetchState]] | None = None
        self._go_to(0, self._fresh(known))

    def _go_to(self, window: int, seen: PrefetchState) -> None:
        self._next, self._seen = window, seen

    def _fresh(self, known: NgramModel) -> PrefetchState:
        return PrefetchState(known, start(self.stream.batch), np.arange(self.stream.batch))

    @property
    def counts(self) -> NgramModel:
        """The n-gram model, with the mixer trained up to the window last taken."""
        return self._seen.counts

    def take(self, window: int) -> list[NgramPrediction]:
        """Return the predictions for the pieces of a window. Windows must be taken in order."""
        assert window == self._next, (window, self._next)
        pending = self._pending or self._pool.submit(self._learn, window, self._seen)
        predictions, seen = pending.result()
        self._go_to(window + 1, seen)
        self._pending = self._pool.submit(self._learn, window + 1, seen)
        return predictions

    def skip_to(self, window: int, known: NgramModel) -> None:
        """Continue before a window with this n-gram model, as if all earlier windows had been taken."""
        assert self._pending is None
        seen = self._fresh(known)
        for earlier in range(window - window % self.stream.windows, window):
            self._begin(earlier)
            for piece in self.stream.window(earlier).pieces():
                seen = self._renewed(seen, piece)
                lanes = self._lanes(seen)
                reading = known.remember(piece.inputs, piece.targets, seen.reading, self._past, lanes)
                seen = seen._replace(reading=reading)
        self._go_to(window, seen)

    def _learn(self, window: int, seen: PrefetchState) -> tuple[list[NgramPrediction], PrefetchState]:
        self._begin(window)
        if window % self.stream.windows == 0:  # each pass is read as the first one is
            seen = seen._replace(documents=np.arange(self.stream.batch))
        rate = RATE * max(0.0, 1.0 - window / self.lessons)
        predictions, place = [], self.stream.place(window)
        for piece in self.stream.window(window).pieces():
            seen = self._renewed(seen, piece)
            time = piece.inputs.shape[1]
            blocks = (place[:, None] + np.arange(1, time + 1)) // block_length(len(self.stream.ids), self.stream.batch)
            known, prediction = seen.counts.learn(
                piece.inputs, piece.targets, seen.reading, rate, blocks, self._past, self._lanes(seen)
            )
            seen = PrefetchState(known, prediction.reading, seen.documents)
            predictions.append(prediction)
            place = place + time
        return predictions, seen

    def _begin(self, window: int) -> None:
        """Clear the past at the start of each pass over the text, and of each span of it."""
        if window % self.stream.windows % self._span == 0:
            self._past.clear()

    def _renewed(self, seen: PrefetchState, piece: Piece) -> PrefetchState:
        """Empty the state of the lanes that start anew; where another document begins, its past is empty."""
        if not piece.fresh:
            return seen
        lanes = list(piece.fresh)
        reading, documents = seen.reading.clone(), seen.documents.copy()
        reading[lanes] = 0
        documents[list(piece.other)] += self.stream.batch
        return PrefetchState(seen.counts, reading, documents)

    @staticmethod
    def _lanes(seen: PrefetchState) -> NDArray[np.int64]:
        return np.where(np.arange(len(seen.documents)) % 2, seen.documents, STATIC)


def block_length(length: int, lanes: int) -> int:
    """Return the tokens of a block; each block can be left out of the counts."""
    return -(-length // max(BLOCKS, lanes))
