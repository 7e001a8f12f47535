"""TextStream: a long text as contiguous lanes, read window by window.

lane 0 │ N o   m e i o │   d o   c a m … │          each row of the batch is one lane
lane 1 │ d e   p o i s │   v e i o   a … │          window k+1 of a lane continues window k
         window 0        window 1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from charrnn.data.tokenizer import CharTokenizer, Ids
from charrnn.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

MINIMUM = 64  # characters (tokens) of the shortest training text
EXAMINED = 2**22  # tokens at the beginning of a text that are examined for how paragraphs begin
ENDING = 0.05  # share of lines, at least, that must end a sentence for paragraphs to begin only after one
EVERY, TUNED_EVERY = 16, 2
"""In one of EVERY windows, lanes that reach a paragraph start it from the empty state; after a warm start in one of
TUNED_EVERY, as few steps are left to unlearn how earlier texts began. Such a window is read in two pieces, which takes
up to a tenth more time."""


class Paragraphs(NamedTuple):
    """A rule that finds the newlines before paragraphs, after which a text could begin."""

    newline: int
    open: npt.NDArray[np.bool_]  # (v,): tokens that leave a sentence open when a newline follows

    @classmethod
    def of(cls, ids: Ids, tokenizer: CharTokenizer) -> Self | None:
        """Return the rule for a text (n,); None if its vocabulary has no newline.

        Paragraphs begin after the end of a sentence, as lines may end within one. If hardly any line ends one, as in a
        list of words, each line is a paragraph.
        """
        if (newline := tokenizer.characters.find("\n")) < 0:
            return None
        none, open_ = np.zeros((2, tokenizer.vocab_size), dtype=bool)
        open_[: tokenizer.first_byte] = [character.isalnum() or character in ",;" for character in tokenizer.characters]
        text = np.asarray(ids[:EXAMINED])
        lines, ends = (int(cls(newline, which).begin(text).sum()) for which in (none, open_))
        return cls(newline, open_ if ends > ENDING * lines else none)

    def begin(self, ids: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Return which of the tokens (…, n), without the first and the last, are such newlines: (…, n − 2)."""
        before, here, after = ids[..., :-2], ids[..., 1:-1], ids[..., 2:]
        begins: npt.NDArray[np.bool_] = (here == self.newline) & (after != self.newline) & ~self.open[before]
        return begins

    def some(self, ids: npt.NDArray[np.integer], most: int) -> npt.NDArray[np.int64]:
        """Return the places of some of these newlines in a text (n,), evenly spread: at most half, at most `most`."""
        places = np.flatnonzero(self.begin(ids)) + 1
        step = max(2, -(-len(places) // most))
        return places[step // 2 :: step]


class Window(NamedTuple):
    """The tokens that one update reads."""

    inputs: Tensor  # (b, t)
    targets: Tensor  # (b, t): the tokens after the inputs
    starts: tuple[tuple[int, tuple[int, ...]], ...]  # (time, lanes) at which other texts begin
    paragraph: tuple[int, tuple[int, ...]] = (0, ())  # (time, lanes) of paragraphs read as if they began a text

    def rows(self, lanes: slice) -> Window:
        """Return the window of some lanes, renumbered from 0; it is cut into pieces where the whole window is."""
        of = range(len(self.inputs))[lanes]

        def among(fresh: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(lane - of.start for lane in fresh if lane in of)

        starts = tuple((time, among(fresh)) for time, fresh in self.starts)
        time, fresh = self.paragraph
        return Window(self.inputs[lanes], self.targets[lanes], starts, (time, among(fresh)))

    def pieces(self) -> Iterator[Piece]:
        """Cut the window where lanes start anew."""
        begun, (time, lanes) = dict(self.starts), self.paragraph
        for start, stop in pairwise(sorted({0, *begun, time, self.inputs.shape[1]})):
            other = begun.get(start, ())
            fresh = tuple(sorted({*other, *(lanes if start == time else ())}))
            yield Piece(self.inputs[:, start:stop], self.targets[:, start:stop], fresh, other)


class Piece(NamedTuple):
    """A part of a window within which no lane starts anew."""

    inputs: Tensor  # (b, t)
    targets: Tensor  # (b, t)
    fresh: tuple[int, ...]  # lanes whose state is emptied before it
    other: tuple[int, ...]  # those of them in which another text begins


class TextStream:
    """A text in lanes. `window(k)` is a pure function of k, the number of windows before it.

    So resuming needs only k.
    """

    def __init__(
        self,
        ids: Ids,
        batch: int,
        window: int,
        works: Sequence[int] = (),
        ids_of_pass: Callable[[int], Ids] | None = None,
        paragraphs: Paragraphs | None = None,
        every: int = EVERY,
    ) -> None:
        """Raises UserError if the text is too short for so many lanes.

        Args:
            ids: (n,), the whole text.
            batch: lanes.
            window: the longest window, in tokens.
            works: indices in ids at which lanes start anew, ascending.
            ids_of_pass: a pure function from the number of earlier passes to the ids (n,) to read; default: `ids`.
            paragraphs: how they begin; in one of `every` windows some are read from the empty state, as text after an
                empty prompt is.
        """
        self.ids = ids
        self.batch = batch
        self.ids_of_pass = ids_of_pass or (lambda _: ids)
        self.works = np.asarray(works, dtype=np.int64)
        self.paragraphs, self.every = paragraphs, every
        self.lane = (len(ids) - 1) // batch  # the token after the last one read is still needed as a target
        if self.lane < 1:
            raise UserError("text-too-short-for-batch", least=batch + 1, batch=batch, found=len(ids))
        self.windows = -(-self.lane // window)  # in one pass over the text

    def window(self, index: int) -> Window:
        """Return window `index`. All lanes start anew in the first of a pass; in some others those at a paragraph do.

        Lanes are cut into windows of equal length (to within one token), so that none is a leftover.
        """
        import torch

        start, stop = self._bounds(index)
        lanes = range(0, self.batch * self.lane, self.lane)
        ids = self.ids_of_pass(index // self.windows)
        rows = np.stack([ids[lane + start : lane + stop + 1] for lane in lanes]).astype(np.int64)
        tokens = torch.from_numpy(rows)
        starts, paragraph = self._starts(start, stop, lanes), self._paragraph(index, rows)
        return Window(tokens[:, :-1], tokens[:, 1:], starts, paragraph)

    def place(self, index: int) -> npt.NDArray[np.int64]:
        """Return the indices in ids, (b,), at which the lanes of window `index` begin."""
        return np.arange(self.batch, dtype=np.int64) * self.lane + self._bounds(index)[0]

    def _bounds(self, index: int) -> tuple[int, int]:
        position = index % self.windows
        return position * self.lane // self.windows, (position + 1) * self.lane // self.windows

    def _starts(self, start: int, stop: int, lanes: range) -> tuple[tuple[int, tuple[int, ...]], ...]:
        found = {0: set(range(self.batch))} if start == 0 else {}
        bounds = np.searchsorted(self.works, [(lane + start, lane + stop) for lane in lanes])
        for row, (first, last) in enumerate(bounds.tolist()):
            for place in self.works[first:last].tolist():
                found.setdefault(place - lanes[row] - start, set()).add(row)
        return tuple((time, tuple(sorted(rows))) for time, rows in sorted(found.items()))

    def _paragraph(self, index: int, rows: npt.NDArray[np.int64]) -> tuple[int, tuple[int, ...]]:
        """Return the time at which most lanes begin a paragraph, and these lanes, in one of `every` windows; else none.

        The choice depends on the window's number, so that another pass over the text draws others.
        """
        group, number = divmod(index, self.every)
        if self.paragraphs is None or number != np.random.default_rng(group).integers(self.every):
            return 0, ()
        begins = self.paragraphs.begin(rows)
        if not begins.any():
            return 0, ()
        time = int(begins.sum(axis=0).argmax())
        return time + 1, tuple(np.flatnonzero(begins[:, time]).tolist())


def fitted(characters: int, batch: int, window: int) -> tuple[int, int]:
    """Return batch and window, reduced for a short text so that each lane has some windows to carry state over.

    Raises UserError for a text of fewer than MINIMUM characters.
    """
    if characters < MINIMUM:
        raise UserError("text-too-short-to-train", least=MINIMUM, found=characters)
    while batch > 1 and characters < 8 * batch * window:
        batch //= 2
    while window > 8 and characters < 8 * window:
        window //= 2
    return batch, window
