"""TextStream: a long text as contiguous lanes, read window by window.

lane 0 │ N o   m e i o │   d o   c a m … │          each row of the batch is one lane
lane 1 │ d e   p o i s │   v e i o   a … │          window k+1 of a lane continues window k
         window 0        window 1
"""

import torch
from torch import Tensor

from charrnn.errors import UserError

MINIMUM = 64  # characters (tokens) below which no training makes sense


class TextStream:
    """`window(k)` is a pure function of the count k of windows read so far, so that resuming needs only k."""

    def __init__(self, ids: Tensor, batch: int, window: int) -> None:
        """ids: (n,) token ids of the whole text; batch: lanes; window: the longest window, in tokens.

        Raises UserError if the text is too short for so many lanes.
        """
        self.ids = ids.long()
        self.batch = batch
        self.lane = (len(ids) - 1) // batch  # the token after the last one read is still needed as a target
        if self.lane < 1:
            raise UserError(f"text: expected at least {batch + 1} tokens for {batch} lanes, found {len(ids)}")
        self.windows = -(-self.lane // window)  # in one pass over the text

    def window(self, count: int) -> tuple[Tensor, Tensor, bool]:
        """The inputs (b, t) and targets (b, t) of window `count`, and whether its lanes start anew.

        Lanes are cut into windows of equal length (to within one token), so that none is a leftover.
        """
        position = count % self.windows
        start, stop = (index * self.lane // self.windows for index in (position, position + 1))
        starts = torch.arange(self.batch, device=self.ids.device)[:, None] * self.lane
        indices = starts + torch.arange(start, stop, device=self.ids.device)
        return self.ids[indices], self.ids[indices + 1], position == 0


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
