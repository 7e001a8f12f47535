"""A network's weights as bytes for the browser: int8 where the engine has int8, everything else exact, then deflated.

The bytes hold the arrays of `arranged` one after the other, in the order of `layout`. Numbers of more than one byte
are stored as planes: first the highest byte of all, then the next, as the highest are alike and so deflate well.
docs/share.md describes the format.
"""

import zlib
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.model.weights import NetworkWeights
from charrnn.sampling.compiled.cell_steps import COMPILED
from charrnn.sampling.compiled.products import rounded

Kind = Literal["int8", "bf16", "f32"]


class PackedArray(NamedTuple):
    """An array as the page holds it."""

    name: str
    kind: Kind  # bf16: the upper halves of float32 numbers, for arrays that lose nothing by it
    shape: tuple[int, ...]
    data: bytes


def packed(model: NetworkWeights) -> tuple[list[dict[str, object]], bytes]:
    """Return the layout of the arrays (name, kind, shape), and their bytes, deflated (RFC 1951)."""
    arrays = arranged(model)
    layout: list[dict[str, object]] = [{"name": one.name, "kind": one.kind, "shape": one.shape} for one in arrays]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return layout, b"".join([*(deflate.compress(one.data) for one in arrays), deflate.flush()])


def arranged(model: NetworkWeights) -> list[PackedArray]:
    """Return the arrays of a network without counts, cell by cell as `COMPILED` arranges them.

    A network has c = l n cells of h units: layer by layer, n members in each. G: see `CompiledCell`.

        embedding           (v, embed)
        W.k, b.k            inputs (G h, i) and biases (G h,) of cell k
        U.k, scale.U.k      memory (g h, h) in int8, and the scale (g h,) of each row
        scale.W.k           (G h,), only above the first layer, where W.k is int8 as well
        output, output.bias (s, n h) and (s,)
        spelling            (256,)

    A row of integers times its scale is what `Matrices.quantized` makes of it.
    """
    config, weights = model.config, model.arrays
    parts = config.member_count
    inside = [""] if parts == 1 else [f"cells.{member}." for member in range(parts)]
    places = [f"layers.{layer}.{name}" for layer in range(config.layers) for name in inside]
    found = [_exact("embedding", weights["embedding.weight"])]
    for number, place in enumerate(places):
        inputs, memory, biases = COMPILED[config.cell].arranged(weights, place)
        found += [_exact(f"W.{number}", inputs.T)] if number < parts else _rounded(f"W.{number}", inputs)
        found += [*_rounded(f"U.{number}", memory), _exact(f"b.{number}", biases)]
    found += [_exact("output", weights["output.weight"]), _exact("output.bias", weights["output.bias"])]
    return [*found, _exact("spelling", weights["spelling"])]


def _exact(name: str, array: NDArray[np.float32]) -> PackedArray:
    whole = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    if (whole & 0xFFFF).any():
        return PackedArray(name, "f32", array.shape, _planes(whole, 4))
    return PackedArray(name, "bf16", array.shape, _planes(whole, 2))


def _planes(whole: NDArray[np.uint32], count: int) -> bytes:
    """Return the `count` highest bytes of the integers, the highest bytes of all first."""
    return b"".join((whole >> shift & 0xFF).astype(np.uint8).tobytes() for shift in (24, 16, 8, 0)[:count])


def _rounded(name: str, matrix: NDArray[np.float32]) -> list[PackedArray]:
    """Return a matrix (inputs, outputs) as rows of int8, one for each output, and their scales."""
    integers, scales = rounded(matrix[None])
    rows = np.ascontiguousarray(integers[0].T)
    return [
        PackedArray(name, "int8", rows.shape, rows.tobytes()),
        _exact(f"scale.{name}", scales[0].astype(np.float32)),
    ]
