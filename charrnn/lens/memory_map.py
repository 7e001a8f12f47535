"""The memory as a map: a row for each unit, a column for each character; the rows' order, and places that are alike.

Places are alike where all units together are: `alike`. Or where the same units are on: `places_like`. (That idea is of
LSTMVis: Strobelt et al., "LSTMVis", IEEE TVCG 2018.) As tanh has no preferred sign, a unit is on with either: at a
threshold of 0.5 it is on as +1 from 0.5 upwards, and as −1 from −0.5 downwards.

    rows = units(found)
    selected = on(rows, 40, 46, threshold=0.5)
    for place in places_like(rows, selected, threshold=0.5): print(text[place.start : place.stop])
    for place in alike(rows, 40, 46).places: print(text[place.start : place.stop], place.cosine)
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.lens.tracing import Trace

Part = Literal["hidden", "cell"]
Rows = NDArray[np.float32]  # (h, t)
Order = NDArray[np.int64]  # (h,): unit numbers, from the top

USUAL = 95  # percent of all places that are less similar to a span than those that are told


def units(found: Trace, part: Part = "hidden", layer: int = -1) -> Rows:
    """Return each unit of a layer at each character, (h, t). Raises UserError for a part that the cell lacks."""
    values = getattr(found, part)[:, layer]
    if values.shape[1] == 0:
        raise UserError("no-cell-memory", found=part)
    return np.ascontiguousarray(values.T, dtype=np.float32)


def standardized(rows: Rows) -> Rows:
    """Return rows of mean 0 and length 1, whose products are Pearson's correlations; constant rows become 0."""
    centred = rows - rows.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    constant = length <= 1e-6 * (1e-6 + np.abs(rows).max(axis=1, keepdims=True)) * np.sqrt(rows.shape[1])
    result: Rows = np.where(constant, 0, centred / np.where(constant, 1, length)).astype(np.float32)
    return result


def by_variance(rows: Rows) -> Order:
    """Return the units by variance, the largest first."""
    return np.argsort(-rows.var(axis=1), kind="stable")


def by_correlation(rows: Rows, values: NDArray[np.floating]) -> Order:
    """Return the units by their correlation with a property, values (t,), from the largest to the smallest."""
    return np.argsort(-correlations(rows, values), kind="stable")


def by_similarity(rows: Rows) -> Order:
    """Return the units in an order in which similar ones are neighbours; constant ones come last.

    Rows are sorted by the Fiedler vector of the graph whose edges are 1 + the correlation of two rows (Atkins, Boman &
    Hendrickson, "A spectral algorithm for seriation", 1998). Its sign, and so the direction, is arbitrary.
    """
    whole = standardized(rows)
    moving = np.flatnonzero(whole.any(axis=1))
    if len(moving) < 3:
        return np.concatenate([moving, np.setdiff1d(np.arange(len(rows)), moving)])
    together = 1 + (whole[moving] @ whole[moving].T).astype(np.float64)  # 0 … 2
    np.fill_diagonal(together, 0)
    laplacian = np.diag(together.sum(axis=1)) - together
    _, vectors = np.linalg.eigh(laplacian)
    order = moving[np.argsort(vectors[:, 1], kind="stable")]
    return np.concatenate([order, np.setdiff1d(np.arange(len(rows)), moving)])


def correlations(rows: Rows, values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return Pearson's correlation (h,) of each unit with a property, values (t,); 0 where one is constant."""
    result: NDArray[np.float32] = standardized(rows) @ standardized(np.asarray(values, np.float32)[None])[0]
    return result


class ActiveUnit(NamedTuple):
    """A unit that is on, with its sign."""

    number: int
    sign: int  # +1 or −1


class SimilarPlace(NamedTuple):
    """A run of characters of the text."""

    start: int
    stop: int
    on: int  # how many of the selected units are on at each of its characters


class AlikePlace(NamedTuple):
    """A run of as many characters as the span has that it resembles."""

    start: int
    stop: int
    cosine: float  # 1 for the same memory, 0 for an unrelated one


class Resemblance(NamedTuple):
    """The places that resemble a span more than `usual` and 0, the most similar first; none overlaps another or it."""

    places: list[AlikePlace]
    usual: float  # the cosine that USUAL % of all places stay below


def alike(rows: Rows, start: int, stop: int, count: int = 20) -> Resemblance:
    """Return the places of a text where the memory is most as it is at characters start … stop − 1 of rows (h, t).

    Compared is the mean of each unit over the characters, less its mean over the text: a unit that is always on makes
    no two places alike. Raises UserError if the span is empty or not within the text.
    """
    _check_span(rows, start, stop)
    length = stop - start
    sums = np.cumsum(np.pad(rows - rows.mean(axis=1, keepdims=True), ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    windows = sums[:, length:] - sums[:, :-length]
    windows /= np.maximum(np.linalg.norm(windows, axis=0), 1e-9)
    cosines = windows[:, start] @ windows
    free = np.ones(len(cosines), dtype=bool)
    free[max(0, start - length + 1) : stop] = False
    usual = float(np.percentile(cosines[free], USUAL)) if free.any() else 1.0
    places: list[AlikePlace] = []
    while len(places) < count and free.any():
        best = int(np.where(free, cosines, -np.inf).argmax())
        if cosines[best] < max(usual, 0.0):  # in a short text, all places may be unlike the span
            break
        places.append(AlikePlace(best, best + length, float(cosines[best])))
        free[max(0, best - length + 1) : best + length] = False
    return Resemblance(places, usual)


def _check_span(rows: Rows, start: int, stop: int) -> None:
    if not 0 <= start < stop <= rows.shape[1]:
        raise UserError("span-out-of-text", most=rows.shape[1], start=start, stop=stop)


def on(rows: Rows, start: int, stop: int, threshold: float) -> list[ActiveUnit]:
    """Return the units that are on at all characters start … stop − 1 of rows (h, t), by number.

    Raises UserError if the span is empty or not within the text.
    """
    _check_span(rows, start, stop)
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
