"""The n-gram model's prediction of the next symbol, and in which column of it each number stands.

Loads no numba: a network reads predictions whether or not loops are compiled.
"""

from typing import NamedTuple

from torch import Tensor

# Columns after those of the v symbols: how sure the n-gram model is, and the place on the page.
ENTROPY, GREATEST, SECOND, SEES_DOCUMENT, PLACE = range(5)
STATISTICS = PLACE  # the columns before it
EXTRA = PLACE + 1  # all of them


class PredictionLayout(NamedTuple):
    """The columns of a prediction (…, v + EXTRA), by name."""

    symbols: int  # v: the characters, and the escape

    @property
    def log_probabilities(self) -> slice:
        """The logarithms of the probabilities of the v symbols."""
        return slice(0, self.symbols)

    @property
    def statistics(self) -> slice:
        """The entropy, the two greatest logarithms, and 1 if the document's own past is seen, else 0."""
        return slice(self.symbols, self.symbols + STATISTICS)

    @property
    def place(self) -> int:
        """The place on the page: a whole number."""
        return self.symbols + PLACE

    @property
    def width(self) -> int:
        return self.symbols + EXTRA


class NgramPrediction(NamedTuple):
    """What the n-gram model expects after each of the tokens read, and what it must remember of them."""

    values: Tensor  # (b, t, v + EXTRA), see PredictionLayout
    reading: Tensor  # (b, MEMORY): after the last token
