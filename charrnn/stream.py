"""TextStream: a long text as contiguous lanes, read window by window.

lane 0 │ N o   m e i o │   d o   c a m … │          each row of the batch is one lane
lane 1 │ d e   p o i s │   v e i o   a … │          window k+1 of a lane continues window k
         window 0        window 1
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from charrnn.errors import UserError
from charrnn.tokens import Ids

MINIMUM = 64  # characters (tokens) below which no training makes sense


class Window(NamedTuple):
    """What one update reads."""

    inputs: Tensor  # (b, t)
    targets: Tensor  # (b, t): the tokens after the inputs
    starts: tuple[tuple[int, tuple[int, ...]], ...]  # (time, lanes): there the state of these lanes starts anew

    def rows(self, lanes: slice) -> "Window":
        """The window of some of the lanes, which are numbered anew; its pieces are cut where those of all are."""
        of = range(len(self.inputs))[lanes]
        starts = tuple((time, tuple(lane - of.start for lane in fresh if lane in of)) for time, fresh in self.starts)
        return Window(self.inputs[lanes], self.targets[lanes], starts)

    def pieces(self) -> Iterator["Piece"]:
        """The window, cut where lanes start anew."""
        fresh = dict(self.starts)
        for start, stop in pairwise(sorted({0, *fresh, self.inputs.shape[1]})):
            yield Piece(self.inputs[:, start:stop], self.targets[:, start:stop], fresh.get(start, ()))


class Piece(NamedTuple):
    """A part of a window in which all lanes read on."""

    inputs: Tensor  # (b, t)
    targets: Tensor  # (b, t)
    fresh: tuple[int, ...]  # lanes that start anew before it


class TextStream:
    """`window(k)` is a pure function of the count k of windows read so far, so that resuming needs only k."""

    def __init__(
        self,
        ids: Ids,
        batch: int,
        window: int,
        works: Sequence[int] = (),
        edition: Callable[[int], Ids] | None = None,
    ) -> None:
        """ids: (n,) token ids of the whole text; batch: lanes; window: the longest window, in tokens; works: the
        places in ids at which the state is to start anew, ascending; edition: what is read, (n,), in each pass over
        the text, by a pure function of the number of passes before; default: the text itself.

        Raises UserError if the text is too short for so many lanes.
        """
        self.ids = ids
        self.batch = batch
        self.edition = edition or (lambda _: ids)
        self.works = np.asarray(works, dtype=np.int64)
        self.lane = (len(ids) - 1) // batch  # the token after the last one read is still needed as a target
        if self.lane < 1:
            raise UserError(f"text: expected at least {batch + 1} tokens for {batch} lanes, found {len(ids)}")
        self.windows = -(-self.lane // window)  # in one pass over the text

    def window(self, count: int) -> Window:
        """Window `count`. In the first one of a pass all lanes start anew.

        Lanes are cut into windows of equal length (to within one token), so that none is a leftover.
        """
        start, stop = self._bounds(count)
        lanes = range(0, self.batch * self.lane, self.lane)
        ids = self.edition(count // self.windows)
        rows = np.stack([ids[lane + start : lane + stop + 1] for lane in lanes]).astype(np.int64)
        tokens = torch.from_numpy(rows)
        return Window(tokens[:, :-1], tokens[:, 1:], self._starts(start, stop, lanes))

    def place(self, count: int) -> npt.NDArray[np.int64]:
        """(b,): where in ids the lanes' parts of window `count` begin."""
        return np.arange(self.batch, dtype=np.int64) * self.lane + self._bounds(count)[0]

    def _bounds(self, count: int) -> tuple[int, int]:
        position = count % self.windows
        return position * self.lane // self.windows, (position + 1) * self.lane // self.windows

    def _starts(self, start: int, stop: int, lanes: range) -> tuple[tuple[int, tuple[int, ...]], ...]:
        found = {0: set(range(self.batch))} if start == 0 else {}
        bounds = np.searchsorted(self.works, [(lane + start, lane + stop) for lane in lanes])
        for row, (first, last) in enumerate(bounds.tolist()):
            for place in self.works[first:last].tolist():
                found.setdefault(place - lanes[row] - start, set()).add(row)
        return tuple((time, tuple(sorted(rows))) for time, rows in sorted(found.items()))


def fitted(characters: int, batch: int, window: int) -> tuple[int, int]:
    """Batch and window shrunk so that a short text still gives each lane some windows to carry state over.

    Raises UserError below a text of MINIMUM tokens.
    """
    if characters < MINIMUM:
        raise UserError(f"text: expected at least {MINIMUM} characters to train on, found {characters}")
    while batch > 1 and characters < 8 * batch * window:
        batch //= 2
    while window > 8 and characters < 8 * window:
        window //= 2
    return batch, window
