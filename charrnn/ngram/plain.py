"""PlainCounts: the predictions of an n-gram model for the decoder in numpy."""

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.model import NgramModel


class PlainCounts:
    """Predicts as `NgramModel.expect` does."""

    def __init__(self, counts: NgramModel) -> None:
        self.counts = counts

    def expect(
        self, tokens: NDArray[np.int64], reading: NDArray[np.uint64]
    ) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
        """Return the predictions (b, t, v + EXTRA) after each of `tokens` (b, t), and the state after the last."""
        import torch

        found = self.counts.expect(torch.from_numpy(tokens), torch.from_numpy(reading.view(np.int64)))
        return found.values.numpy(), found.reading.numpy().view(np.uint64)
