"""Matrix times vectors, which takes most of the time of drawing characters one by one.

A matrix is far larger than a core's first caches, so the time is that of reading it, once for all vectors. It is stored
in the order in which it is read:

    float32   tiles (outputs / TILE, inputs / DEPTH, DEPTH, TILE), multiplied in float32
    int8      rows (outputs, inputs), multiplied in integers with vectors of 16 bits: a quarter of the bytes

The order of each vector's sums does not depend on the others, so a text is the same alone or in a batch.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import kernel, part

Floats = NDArray[np.float32]


def padded(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple


class Matrix(NamedTuple):
    """A matrix in one of the two forms; the other is empty. One type for both saves a second compilation."""

    tiles: Floats
    rows: NDArray[np.int8]
    scales: Floats  # (outputs,): of the rows

    @classmethod
    def exact(cls, matrix: NDArray[np.floating]) -> Self:
        """Return a matrix (inputs, outputs) in float32, padded by zeros to whole tiles."""
        inputs, outputs = matrix.shape
        whole = np.zeros((padded(inputs, DEPTH), padded(outputs, TILE)), dtype=np.float32)
        whole[:inputs, :outputs] = matrix
        tiles = np.ascontiguousarray(whole.reshape(len(whole) // DEPTH, DEPTH, -1, TILE).transpose(2, 0, 1, 3))
        return cls(tiles, np.zeros((0, 0), np.int8), np.zeros(0, np.float32))

    @classmethod
    def quantized(cls, matrix: NDArray[np.floating]) -> Self:
        """Return a matrix (inputs, outputs) rounded to int8, with a scale for each output."""
        inputs, outputs = matrix.shape
        scales = np.maximum(np.abs(matrix).max(axis=0), 1e-30) / GREATEST
        rows = np.zeros((outputs, padded(inputs, DEPTH)), dtype=np.int8)
        rows[:, :inputs] = np.rint(matrix / scales).T
        return cls(np.zeros((0, 0, DEPTH, TILE), np.float32), rows, scales.astype(np.float32))


TILE = 128  # outputs that are summed at once
DEPTH = 8  # inputs that are added at once
GREATEST = 127  # the greatest int8
SHORTEST = 2**15 - 1  # the greatest int16


@part
def shortness(inputs: int) -> np.float32:
    """Return the factor from [−1, 1] to 16-bit integers whose sums of products fit in 32 bits."""
    return np.float32(min(SHORTEST, (2**31 - 1) // (GREATEST * inputs) - 1))


@part
def accumulate(sums: Floats, tile: Floats, v: Floats, k: int) -> None:
    """Add v[k : k + DEPTH] @ tile (DEPTH, TILE) to sums (TILE,)."""
    a, b, c, d, e, f, g, h = v[k], v[k + 1], v[k + 2], v[k + 3], v[k + 4], v[k + 5], v[k + 6], v[k + 7]
    for n in range(TILE):
        sums[n] += (
            a * tile[0, n] + b * tile[1, n] + c * tile[2, n] + d * tile[3, n]
            + e * tile[4, n] + f * tile[5, n] + g * tile[6, n] + h * tile[7, n]
        )  # fmt: skip


@part
def multiply_tiles(tiles: Floats, vectors: Floats, products: Floats, sums: Floats) -> None:
    for number in range(tiles.shape[0]):
        for row in range(len(vectors)):  # rows of `products` may evict one another from the cache
            for n in range(TILE):
                sums[row, n] = np.float32(0)
        for block in range(tiles.shape[1]):
            for row in range(len(vectors)):
                accumulate(sums[row], tiles[number, block], vectors[row], block * DEPTH)
        for row in range(len(vectors)):
            for n in range(TILE):
                products[row, number * TILE + n] = sums[row, n]


@part
def multiply_rows(
    rows: NDArray[np.int8], scales: Floats, vectors: Floats, products: Floats, short: NDArray[np.int16]
) -> None:  # fmt: skip
    size = shortness(rows.shape[1])
    for row in range(len(vectors)):
        for k in range(rows.shape[1]):
            number = vectors[row, k] * size
            short[row, k] = np.int16(number + np.float32(0.5) if number > 0 else number - np.float32(0.5))
    for n in range(rows.shape[0]):
        weights = rows[n]
        for row in range(len(vectors)):
            inputs = short[row]
            sum_ = np.int32(0)
            for k in range(weights.shape[0]):  # in 32 bits, this becomes one instruction for 16 weights
                sum_ = np.int32(sum_ + np.int32(weights[k]) * np.int32(inputs[k]))
            products[row, n] = np.float32(sum_) * (scales[n] / size)


@kernel
def multiply(
    weights: Matrix, vectors: Floats, products: Floats, sums: Floats, short: NDArray[np.int16]
) -> None:  # fmt: skip
    """Set products (b, outputs) to vectors (b, inputs) @ matrix. Inputs are padded to DEPTH, outputs to TILE.

    With int8 weights, vectors must be within [−1, 1]. sums (b, TILE) and short (b, inputs) are work space.
    """
    if len(weights.tiles) > 0:
        multiply_tiles(weights.tiles, vectors, products, sums)
    else:
        multiply_rows(weights.rows, weights.scales, vectors, products, short)
