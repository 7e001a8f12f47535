"""The innermost loop of a product, written in LLVM's vector instructions: rows of vectors times one tile of weights.

numba's loops over arrays keep the sums in memory, and LLVM's vectorizer reads the tile in an order that processors do
not prefetch; both cost a factor of 2 to 5. Here the sums stay in registers, and the tile is read from its beginning to
its end, once for all rows. The sum of each output adds one input after the other, whatever the number of rows.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic
from numba.types import Array, Integer

_HAS = llvm.get_host_cpu_features()
if _HAS.get("avx512bw"):
    LANES, TILE, ROWS, SPAN, _ADD_PAIRS = 16, 128, 4, 64, "llvm.x86.avx512.pmaddw.d.512"
else:
    LANES, TILE, ROWS, SPAN, _ADD_PAIRS = 8, 64, 2, 32, "llvm.x86.avx2.pmadd.wd" if _HAS.get("avx2") else ""
"""Numbers in a vector; outputs of a tile; rows that are multiplied at once, by so many (SPAN) of its outputs.

The sums of either, one row and TILE or ROWS and SPAN, fit in the processor's registers.
"""

_I16, _I32 = ir.IntType(16), ir.IntType(32)
_FLOATS, _HALVES = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(_I16, LANES)
_INTEGERS, _PAIRS = ir.VectorType(_I32, LANES), ir.VectorType(_I16, 2 * LANES)
_BYTES = ir.VectorType(ir.IntType(8), 2 * LANES)


def _splat(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """Return a vector of LANES equal values."""
    kind = ir.VectorType(value.type, LANES)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, _I32(0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(_INTEGERS, [0] * LANES))


def _widen(builder: ir.IRBuilder, weights: ir.Value) -> list[ir.Value]:
    """Return pairs of bfloat16 numbers, in integers of 32 bits, as two vectors of float32: the lower, the upper."""
    lower = builder.shl(weights, ir.Constant(_INTEGERS, [16] * LANES))
    upper = builder.and_(weights, ir.Constant(_INTEGERS, [0xFFFF0000] * LANES))
    return [builder.bitcast(half, _FLOATS) for half in (lower, upper)]


def _function(builder: ir.IRBuilder, name: str, result: ir.Type, argument: ir.Type, count: int) -> ir.Function:
    """Return one of LLVM's functions of so many equal arguments."""
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [argument] * count), name)


def _add_floats(builder: ir.IRBuilder, weights: ir.Value, value: ir.Value, sums: ir.Value) -> ir.Value:
    fused = _function(builder, f"llvm.fmuladd.v{LANES}f32", _FLOATS, _FLOATS, 3)
    return builder.call(fused, [weights, _splat(builder, value), sums])


def _add_integers(builder: ir.IRBuilder, weights: ir.Value, value: ir.Value, sums: ir.Value) -> ir.Value:
    """Add products of pairs. value: two 16-bit integers."""
    values = builder.bitcast(_splat(builder, value), _PAIRS)
    if _ADD_PAIRS:
        return builder.add(sums, builder.call(_function(builder, _ADD_PAIRS, _INTEGERS, _PAIRS, 2), [weights, values]))
    for place in range(2):
        numbers = ir.Constant(_INTEGERS, list(range(place, 2 * LANES, 2)))
        pairs = (builder.shuffle_vector(both, both, numbers) for both in (weights, values))
        sums = builder.add(sums, builder.mul(*(builder.sext(half, _INTEGERS) for half in pairs)))
    return sums


class _Form(NamedTuple):
    """A form in which weights are stored: the types of one input's numbers, or of a pair's in integers."""

    stored: ir.Type
    parts: int  # of LANES outputs each, in a stored vector
    value: ir.Type  # of the vector's number, or pair of numbers
    sums: ir.Type
    widen: Callable[[ir.IRBuilder, ir.Value], list[ir.Value]]
    add: Callable[[ir.IRBuilder, ir.Value, ir.Value, ir.Value], ir.Value]


_FORMS = {
    numba.float32: _Form(_FLOATS, 1, ir.FloatType(), _FLOATS, lambda _, stored: [stored], _add_floats),
    numba.uint16: _Form(_INTEGERS, 2, ir.FloatType(), _FLOATS, _widen, _add_floats),
    numba.int8: _Form(
        _BYTES, 1, _I32, _INTEGERS, lambda builder, stored: [builder.sext(stored, _PAIRS)], _add_integers
    ),
}


def _at(builder: ir.IRBuilder, pointer: ir.Value, kind: ir.Type, number: ir.Value) -> ir.Value:
    """Return a pointer to one of many values of a kind, by its number."""
    return builder.gep(builder.bitcast(pointer, kind.as_pointer()), [number])


def _write_loop(
    builder: ir.IRBuilder, form: _Form, size: ir.Value, tile: ir.Value, vectors: Sequence[ir.Value], sums: ir.Value
) -> None:
    """Write the loops over a tile's outputs, as many at once as fit, and its inputs. tile, vectors, sums: pointers."""
    index, whole = ir.IntType(64), TILE // LANES
    parts = whole if len(vectors) == 1 else SPAN // LANES
    with cgutils.for_range(builder, index(whole // parts)) as span:
        zero = ir.Constant(form.sums, [0] * LANES)
        totals = [[cgutils.alloca_once_value(builder, zero) for _ in range(parts)] for _ in vectors]
        before = builder.mul(span.index, index(parts // form.parts))
        with cgutils.for_range(builder, size) as loop:
            first = builder.add(before, builder.mul(loop.index, index(whole // form.parts)))
            places = [builder.add(first, index(number)) for number in range(parts // form.parts)]
            stored = [builder.load(_at(builder, tile, form.stored, place), align=2) for place in places]
            weights = [part for vector in stored for part in form.widen(builder, vector)]
            for vector, of_row in zip(vectors, totals, strict=True):
                value = builder.load(_at(builder, vector, form.value, loop.index), align=2)
                for part, total in zip(weights, of_row, strict=True):
                    builder.store(form.add(builder, part, value, builder.load(total)), total)
        for row, of_row in enumerate(totals):
            for number, total in enumerate(of_row):
                place = builder.add(builder.mul(span.index, index(parts)), index(row * whole + number))
                builder.store(builder.load(total), _at(builder, sums, form.sums, place), align=4)


def _tile_sums(rows: int) -> Callable[..., None]:
    """Return a function that multiplies so many vectors by a tile."""

    @intrinsic  # type: ignore[untyped-decorator]
    def add_tile(
        typing: object, tiles: Array, number: Integer, vectors: Array, row: Integer, sums: Array
    ) -> tuple[object, Callable[..., ir.Value]]:
        """Set sums (rows, TILE) to vectors[row : row + rows] (rows, n) times one of the tiles (…, …, n, TILE, …)."""
        kinds, form = (tiles, number, vectors, row, sums), _FORMS[tiles.dtype]

        def generate(
            context: BaseContext, builder: ir.IRBuilder, signature: object, arguments: Sequence[ir.Value]
        ) -> ir.Value:
            stack, inputs, outputs = (
                context.make_array(kinds[place])(context, builder, arguments[place]) for place in (0, 2, 4)
            )
            size = builder.extract_value(stack.shape, 2)
            parts = builder.mul(size, size.type(TILE // LANES // form.parts))
            tile = _at(builder, stack.data, form.stored, builder.mul(arguments[1], parts))
            places = [builder.mul(builder.add(arguments[3], size.type(own)), size) for own in range(rows)]
            of_rows = [_at(builder, inputs.data, form.value, place) for place in places]
            _write_loop(builder, form, size, tile, of_rows, outputs.data)
            return context.get_dummy_value()

        return numba.void(*kinds), generate

    loop: Callable[..., None] = add_tile
    return loop


add_tile, add_tile_to_rows = _tile_sums(1), _tile_sums(ROWS)
