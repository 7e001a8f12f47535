"""The n-gram model's prediction of the next symbol, as the network reads it. Loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

# Columns after those of the v symbols: statistics of the distribution, and the place on the page.
ENTROPY, GREATEST, SECOND, SEES_DOCUMENT, PLACE = range(5)
STATISTICS = PLACE  # number of columns before the place
EXTRA = PLACE + 1  # number of all these columns


class PredictionLayout(NamedTuple):
    """The columns of a prediction (…, v + EXTRA), by name."""

    symbols: int  # v: the characters and the escape

    @property
    def log_probabilities(self) -> slice:
        """Log-probabilities of the v symbols, in nats."""
        return slice(0, self.symbols)

    @property
    def statistics(self) -> slice:
        """The entropy, the two greatest log-probabilities, and 1 if document counts were used, else 0."""
        return slice(self.symbols, self.symbols + STATISTICS)

    @property
    def place(self) -> int:
        """The place on the page, an integer."""
        return self.symbols + PLACE

    @property
    def width(self) -> int:
        return self.symbols + EXTRA


class NgramPrediction(NamedTuple):
    """The prediction after each of the tokens read, and the state after the last."""

    values: Tensor  # (b, t, v + EXTRA), see PredictionLayout
    reading: Tensor  # (b, MEMORY): the state, see `ContextState`
