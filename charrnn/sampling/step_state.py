"""StepState: a `RecurrentState` as the fast decoders keep it, so that one goes on where another stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from charrnn.config import ModelConfig
from charrnn.model.state import AnyState, Arrays, RecurrentState

DEPTH = 8  # the compiled products read so many numbers of a vector at once


@dataclass(frozen=True)
class StepState:
    """The state of b texts: a value. A network has c = l n cells of h units: layer by layer, n members in each."""

    carried: NDArray[np.float32]  # (c, parts, b, h), h padded to a multiple of DEPTH
    recent: NDArray[np.int64]  # (b, 3)
    reading: NDArray[np.uint64]  # (b, r)
    expected: NDArray[np.float32]  # (b, s + EXTRA), see `ngram.prediction`

    @classmethod
    def of(cls, state: AnyState, config: ModelConfig) -> Self:
        given, members = state.arrays(), config.member_count
        hidden: NDArray[np.float32] = np.array(given.layers)  # (l, parts, b, n h)
        cells = np.concatenate(np.split(hidden, members, axis=-1), axis=1)  # (l, n parts, b, h)
        width = cells.shape[-1]
        carried = np.zeros((config.layers * members, hidden.shape[1], hidden.shape[2], padded(width)), np.float32)
        carried[..., :width] = cells.reshape(*carried.shape[:3], width)
        return cls(carried, given.recent, given.reading.view(np.uint64), given.expected.astype(np.float32, copy=False))

    def recurrent(self, config: ModelConfig) -> RecurrentState[Arrays]:
        cells = self.carried[..., : config.hidden_size // config.member_count]
        members = cells.reshape(-1, config.member_count, *cells.shape[1:])  # (l, n, parts, b, h)
        layers = np.concatenate(list(members.swapaxes(0, 1)), axis=-1)
        reading = self.reading.copy().view(np.int64)
        return RecurrentState(tuple(map(tuple, layers)), self.recent.copy(), reading, self.expected.copy())

    def row(self, index: int) -> Self:
        """Return the state of one text."""
        one = slice(index, index + 1)
        return type(self)(self.carried[:, :, one], self.recent[one], self.reading[one], self.expected[one])

    @classmethod
    def joined(cls, states: Sequence[Self]) -> Self:
        """Return the state of several texts, side by side."""
        return cls(
            np.concatenate([state.carried for state in states], axis=2),
            *(np.concatenate([getattr(state, name) for state in states]) for name in ("recent", "reading", "expected")),
        )


def padded(size: int, multiple: int = DEPTH) -> int:
    return -(-size // multiple) * multiple
