"""The memory as a picture: a row for each unit, a column for each character; and in which order the rows stand."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.lens.tracing import Trace

Part = Literal["hidden", "cell"]
Rows = NDArray[np.float32]  # (h, t)
Order = NDArray[np.int64]  # (h,): unit numbers, from the top


def units(found: Trace, part: Part = "hidden", layer: int = -1) -> Rows:
    """What each unit of a layer was at each character: (h, t). Raises UserError for a part that the cell lacks."""
    values = getattr(found, part)[:, layer]
    if values.shape[1] == 0:
        raise UserError("no-cell-memory", found=part)
    return np.ascontiguousarray(values.T, dtype=np.float32)


def standardized(rows: Rows) -> Rows:
    """Each row with mean 0 and length 1, so that products of rows are Pearson's correlations; constant ones are 0."""
    centred = rows - rows.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    constant = length <= 1e-6 * (1e-6 + np.abs(rows).max(axis=1, keepdims=True)) * np.sqrt(rows.shape[1])
    result: Rows = np.where(constant, 0, centred / np.where(constant, 1, length)).astype(np.float32)
    return result


def by_variance(rows: Rows) -> Order:
    """The units that move most first."""
    return np.argsort(-rows.var(axis=1), kind="stable")


def by_correlation(rows: Rows, values: NDArray[np.floating]) -> Order:
    """From the unit that goes most with a property, values (t,), to the one that goes most against it."""
    return np.argsort(-correlations(rows, values), kind="stable")


def by_similarity(rows: Rows) -> Order:
    """Units that do alike stand together; those that never change come last.

    Rows are sorted by the Fiedler vector of the graph whose edges are how much two of them go together
    (Atkins, Boman & Hendrickson, "A spectral algorithm for seriation", 1998). One of the two directions is as good.
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
    """Pearson's correlation of each unit with a property, values (t,): (h,); 0 where one of the two is constant."""
    result: NDArray[np.float32] = standardized(rows) @ standardized(np.asarray(values, np.float32)[None])[0]
    return result
