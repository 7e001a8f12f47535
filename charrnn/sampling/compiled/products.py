"""Matrix times vectors, which takes most of the time of drawing characters one by one.

A matrix is far larger than a core's first caches, so the time is that of reading it, once for all vectors. It is stored
in tiles of TILE outputs, each in the order in which it is read, in one of three forms:

    float32    (n, tiles, inputs, TILE), multiplied in float32
    bfloat16   (n, tiles, inputs, TILE), if that loses nothing: widened to float32, half of the bytes, the same sums;
               outputs LANES apart stand beside each other, as they are read as one integer of 32 bits
    int8       (n, tiles, inputs / 2, TILE, 2), multiplied in integers with vectors of 16 bits: a quarter of the bytes

The order of each vector's sums does not depend on the others, so a text is the same alone or in a batch.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, kernel, part
from charrnn.compiled.tile_sums import LANES, ROWS, TILE, add_tile, add_tile_to_rows
from charrnn.sampling.step_state import DEPTH, padded

Floats = NDArray[np.float32]

GREATEST = 127  # the greatest int8
SHORTEST = 2**15 - 1  # the greatest int16


class Matrices(NamedTuple):
    """n matrices of one shape, in one of the three forms; the others are empty. One type saves more compilations."""

    floats: Floats
    halves: NDArray[np.uint16]  # the upper 16 bits of float32 numbers
    bytes: NDArray[np.int8]
    scales: Floats  # (n, outputs): by which sums are multiplied; 1, but for integers

    @classmethod
    def exact(cls, matrices: Floats) -> Self:
        """Return matrices (n, inputs, outputs) in bfloat16 if they are the same in it, else in float32."""
        scales = np.ones((len(matrices), padded(matrices.shape[2], TILE)), dtype=np.float32)
        if (matrices.view(np.uint32) & 0xFFFF).any():
            return cls(_tiles(matrices), *_NOTHING[1:], scales)
        halves = (matrices.view(np.uint32) >> 16).astype(np.uint16)
        tiles = _tiles(halves)
        pairs = tiles.reshape(*tiles.shape[:3], -1, 2, LANES).swapaxes(4, 5)
        return cls(_NOTHING[0], pairs.reshape(tiles.shape), _NOTHING[2], scales)

    @classmethod
    def quantized(cls, matrices: Floats) -> Self:
        """Return matrices (n, inputs, outputs) rounded to int8, with a scale for each output."""
        integers, scales = rounded(matrices)
        tiles = _tiles(integers)
        pairs = tiles.reshape(*tiles.shape[:2], -1, 2, TILE).swapaxes(3, 4)
        whole = np.zeros((len(tiles), tiles.shape[1] * TILE), dtype=np.float32)
        whole[:, : scales.shape[1]] = scales.astype(np.float32) / shortness(padded(matrices.shape[1]))
        return cls(*_NOTHING[:2], np.ascontiguousarray(pairs), whole)


def rounded(matrices: Floats) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return matrices (n, inputs, outputs) as integers (…) times a scale for each output (n, outputs)."""
    scales = np.maximum(np.abs(matrices).max(axis=1).astype(np.float64), 1e-30) / GREATEST
    return np.rint(matrices / scales[:, None]).astype(np.int8), scales


def _tiles(matrices: NDArray[Number]) -> NDArray[Number]:
    """Return matrices (n, inputs, outputs), padded by zeros to whole tiles, as (n, tiles, inputs, TILE)."""
    n, inputs, outputs = matrices.shape
    tiles = np.zeros((n, padded(outputs, TILE) // TILE, padded(inputs, DEPTH), TILE), dtype=matrices.dtype)
    for number in range(tiles.shape[1]):
        part_ = matrices[:, :, number * TILE : (number + 1) * TILE]
        tiles[:, number, :inputs, : part_.shape[2]] = part_
    return tiles


_NOTHING = (
    np.zeros((0, 0, 0, TILE), np.float32), np.zeros((0, 0, 0, TILE), np.uint16),
    np.zeros((0, 0, 0, TILE, 2), np.int8),
)  # fmt: skip


class ProductWorkspace(NamedTuple):
    """Work space for products of b vectors."""

    sums: Floats  # (ROWS, TILE)
    totals: NDArray[np.int32]  # (ROWS, TILE)
    short: NDArray[np.int16]  # (b, inputs)

    @classmethod
    def of(cls, rows: int, inputs: int) -> Self:
        """inputs: of the widest matrix in integers."""
        sums = np.empty((ROWS, TILE), dtype=np.float32)
        return cls(sums, sums.view(np.int32), np.empty((rows, padded(inputs, DEPTH)), dtype=np.int16))


@part
def shortness(inputs: int) -> np.float32:
    """Return the factor from [−1, 1] to 16-bit integers whose sums of products fit in 32 bits."""
    return np.float32(min(SHORTEST, (2**31 - 1) // (GREATEST * inputs) - 1))


@part
def shorten(vectors: Floats, short: NDArray[np.int16]) -> None:
    """Set `short` to the vectors times their shortness, rounded to the nearest integers."""
    size = shortness(vectors.shape[1])
    for row in range(vectors.shape[0]):
        for k in range(vectors.shape[1]):
            number = vectors[row, k] * size
            short[row, k] = np.int16(number + np.float32(0.5) if number > 0 else number - np.float32(0.5))


@part
def multiply_tiles(
    tiles: NDArray[np.generic], scales: Floats, which: Number, vectors: NDArray[np.generic], products: Floats,
    sums: NDArray[np.generic],
) -> None:  # fmt: skip
    """Set the products to the sums over one matrix's tiles, times the scales (n, outputs)."""
    rows = vectors.shape[0]
    for number in range(tiles.shape[1]):
        tile, first, row = which * tiles.shape[1] + number, number * TILE, 0
        while row < rows:
            several = ROWS if row + ROWS <= rows else 1
            if several > 1:
                add_tile_to_rows(tiles, tile, vectors, row, sums)
            else:
                add_tile(tiles, tile, vectors, row, sums)
            for own in range(several):
                for n in range(TILE):
                    products[row + own, first + n] = np.float32(sums[own, n]) * scales[which, first + n]
            row += several


@kernel
def multiply(matrices: Matrices, which: Number, vectors: Floats, products: Floats, work: ProductWorkspace) -> None:
    """Set products (b, outputs) to vectors (b, inputs) @ matrix. Inputs are padded to DEPTH, outputs to TILE.

    which: number of the matrix. With int8 weights, vectors must be within [−1, 1].
    """
    scales = matrices.scales
    if len(matrices.floats) > 0:
        multiply_tiles(matrices.floats, scales, which, vectors, products, work.sums)
    elif len(matrices.halves) > 0:
        multiply_tiles(matrices.halves, scales, which, vectors, products, work.sums)
    else:
        shorten(vectors, work.short)
        multiply_tiles(matrices.bytes, scales, which, work.short, products, work.totals)
