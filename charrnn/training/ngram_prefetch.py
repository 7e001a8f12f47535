"""NgramPrefetcher: the n-gram predictions of each window, computed while the network learns from the one before."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from charrnn.data.stream import Piece, TextStream
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.model import RATE, NgramModel, start
from charrnn.ngram.prediction import NgramPrediction

BLOCKS = 16  # at least: into so many parts the text is cut, of which the one that is read is left out of the counts
MOST_PAST = 2**20  # tokens that pasts remember, in some 270 bytes each; then they begin anew, as with another text


class PrefetchState(NamedTuple):
    """Where a reader of windows stands."""

    counts: NgramModel
    reading: Tensor  # (b, r)
    documents: NDArray[np.int64]  # (b,): the text whose past each lane sees


class NgramPrefetcher:
    """Reads each window before the network does, and learns how to mix what was counted.

    Every other lane sees its own past, as a score that adapts does; the others see the counts of the other blocks only.
    The mixture learns in the first `lessons` windows; its rate falls to zero over them.
    """

    def __init__(self, known: NgramModel, stream: TextStream, lessons: int) -> None:
        self.stream = stream
        self.lessons = lessons
        longest = -(-stream.lane // stream.windows)  # tokens of a window in each lane
        lanes = max(1, stream.batch // 2)  # that see their past
        self._span = max(1, min(stream.windows, MOST_PAST // (lanes * longest)))
        self._past = DocumentCounts(self._span * longest * lanes, lanes)
        self._pool = ThreadPoolExecutor(1, "foresight")
        self._pending: Future[tuple[list[NgramPrediction], PrefetchState]] | None = None
        self._go_to(0, self._fresh(known))

    def _go_to(self, window: int, seen: PrefetchState) -> None:
        self._next, self._seen = window, seen

    def _fresh(self, known: NgramModel) -> PrefetchState:
        return PrefetchState(known, start(self.stream.batch), np.arange(self.stream.batch))

    @property
    def counts(self) -> NgramModel:
        """With the mixture as it was learned up to the window last taken."""
        return self._seen.counts

    def take(self, window: int) -> list[NgramPrediction]:
        """What is expected in the pieces of a window. Windows are taken in their order."""
        assert window == self._next, (window, self._next)
        pending = self._pending or self._pool.submit(self._learn, window, self._seen)
        expectations, seen = pending.result()
        self._go_to(window + 1, seen)
        self._pending = self._pool.submit(self._learn, window + 1, seen)
        return expectations

    def skip_to(self, window: int, known: NgramModel) -> None:
        """Stand before a window, knowing this, as if all those before it had been taken."""
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
        expectations, place = [], self.stream.place(window)
        for piece in self.stream.window(window).pieces():
            seen = self._renewed(seen, piece)
            time = piece.inputs.shape[1]
            blocks = (place[:, None] + np.arange(1, time + 1)) // block_length(len(self.stream.ids), self.stream.batch)
            known, expectation = seen.counts.learn(
                piece.inputs, piece.targets, seen.reading, rate, blocks, self._past, self._lanes(seen)
            )
            seen = PrefetchState(known, expectation.reading, seen.documents)
            expectations.append(expectation)
            place = place + time
        return expectations, seen

    def _begin(self, window: int) -> None:
        """With each pass over the text, and each span of it, the pasts begin anew."""
        if window % self.stream.windows % self._span == 0:
            self._past.clear()

    def _renewed(self, seen: PrefetchState, piece: Piece) -> PrefetchState:
        """Lanes that start anew have read nothing, and see no past but that of the text that they are in."""
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
    """Tokens in each of the blocks into which a text is cut, so that one can be left out of the counts."""
    return -(-length // max(BLOCKS, lanes))
