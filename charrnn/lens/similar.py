"""Where else is the memory like this? The units that are on throughout a span, and other places where they are.

(The idea is that of LSTMVis: Strobelt et al., "LSTMVis", IEEE TVCG 2018.) As tanh has no preferred sign, a unit is on
with either: at a threshold of 0.5 it is on as +1 from 0.5 upwards, and as −1 from −0.5 downwards.

    selected = on(rows, 40, 46, threshold=0.5)
    for place in places_like(rows, selected, threshold=0.5): print(text[place.start : place.stop])
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.lens.memory_map import Rows


class ActiveUnit(NamedTuple):
    """A unit that is on."""

    number: int
    sign: int  # +1 or −1


class SimilarPlace(NamedTuple):
    """A run of characters of the text."""

    start: int
    stop: int
    on: int  # how many of the selected units are on at each of its characters


def on(rows: Rows, start: int, stop: int, threshold: float) -> list[ActiveUnit]:
    """Return the units that are on at all characters start … stop − 1 of rows (h, t), by number.

    Raises UserError if the span is empty or not within the text.
    """
    if not 0 <= start < stop <= rows.shape[1]:
        raise UserError("span-out-of-text", most=rows.shape[1], start=start, stop=stop)
    return sorted(
        ActiveUnit(number, sign)
        for sign in (1, -1)
        for number in np.flatnonzero((sign * rows[:, start:stop] >= threshold).all(axis=1)).tolist()
    )


def places_like(
    rows: Rows,
    selected: Sequence[ActiveUnit],
    threshold: float,
    count: int = 20,
    length: int = 1,
    besides: tuple[int, int] | None = None,
) -> list[SimilarPlace]:
    """Return the places of a text where most of the selected units are on together, the best first.

    Best are those with most units, then the longest runs (beyond `length` characters all are alike), then the first in
    the text. A place has at least half of the units.

    Args:
        rows: (h, t), what each unit was at each character.
        selected: at least one unit.
        besides: a span (start, stop) to leave out: the one that was selected.
    """
    numbers, signs = zip(*selected, strict=True)
    lit = (rows[list(numbers)] * np.array(signs)[:, None] >= threshold).sum(axis=0)
    if besides is not None:
        lit[slice(*besides)] = 0
    places: list[SimilarPlace] = []
    for enough in range(int(lit.max()), (len(selected) - 1) // 2, -1):
        runs = _runs(lit, enough)
        for place in places:  # those that were found already, now perhaps longer
            runs = runs[(runs[:, 0] > place.start) | (runs[:, 1] < place.stop)]
        best = np.argsort(-np.minimum(runs[:, 1] - runs[:, 0], length), kind="stable")[: count - len(places)]
        places += [SimilarPlace(start, stop, enough) for start, stop in runs[best].tolist()]
        if len(places) == count:
            break
    return places


def _runs(lit: NDArray[np.integer], enough: int) -> NDArray[np.int64]:
    """Return starts and stops (n, 2) of the runs of places at which at least `enough` units are on."""
    good = np.concatenate([[False], lit >= enough, [False]])
    return np.flatnonzero(good[1:] != good[:-1]).reshape(-1, 2)
