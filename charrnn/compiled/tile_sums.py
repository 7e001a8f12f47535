"""The innermost loop of a product, written in LLVM's vector instructions: rows of vectors times one tile of weights.

Loops over arrays keep the sums in memory, and LLVM's vectorizer reads the tile in an order that processors do
not prefetch; both cost a factor of 2 to 5. Here the sums stay in registers, and the tile is read from its beginning to
its end, once for all rows. The sum of each output adds one input after the other, whatever the number of rows.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from charrnn.compiled.expressions import intrinsic
from charrnn.compiled.instructions import Array, Scalar
from charrnn.compiled.machine import FEATURES
from charrnn.compiled.translator import Translator

if FEATURES.get("avx512bw"):
    LANES, TILE, ROWS, SPAN, _ADD_PAIRS = 16, 128, 4, 64, "llvm.x86.avx512.pmaddw.d.512"
else:
    LANES, TILE, ROWS, SPAN, _ADD_PAIRS = 8, 64, 2, 32, "llvm.x86.avx2.pmadd.wd" if FEATURES.get("avx2") else ""
"""Numbers in a vector; outputs of a tile; rows that are multiplied at once, by so many (SPAN) of its outputs.

The sums of either, one row and TILE or ROWS and SPAN, fit in the processor's registers. So do those of MORE_ROWS and a
tile of NARROW outputs.
"""

MORE_ROWS, NARROW = 8, 32
PAIRED = bool(FEATURES.get("avx512bf16")) and not FEATURES.get("amx-bf16")
"""True if the processor multiplies pairs of bfloat16 numbers, and has no unit for matrices, which would be faster."""

AT_ONCE = 4  # inputs that are added in one turn of the loop; it divides their number, which is padded

_FLOATS, _INTEGERS = f"<{LANES} x float>", f"<{LANES} x i32>"
_PAIRS, _BYTES = f"<{2 * LANES} x i16>", f"<{2 * LANES} x i8>"
_HALVES = f"<{2 * LANES} x bfloat>"


def _all(value: str) -> str:
    """Return a constant vector of equal integers."""
    return f"<{', '.join([f'i32 {value}'] * LANES)}>"


def _splat(code: Translator, kind: str, value: str) -> str:
    """Return a vector of LANES equal values."""
    vector = f"<{LANES} x {kind}>"
    first = code.write(f"insertelement {vector} undef, {kind} {value}, i32 0")
    return code.write(f"shufflevector {vector} {first}, {vector} undef, <{LANES} x i32> zeroinitializer")


def _keep(code: Translator, stored: str) -> list[str]:
    return [stored]


def _widen_halves(code: Translator, stored: str) -> list[str]:
    """Return pairs of bfloat16 numbers, in integers of 32 bits, as two vectors of float32: the lower, the upper."""
    halves = f"shl {_INTEGERS} {stored}, {_all('16')}", f"and {_INTEGERS} {stored}, {_all('-65536')}"
    return [code.write(f"bitcast {_INTEGERS} {code.write(half)} to {_FLOATS}") for half in halves]


def _widen_bytes(code: Translator, stored: str) -> list[str]:
    return [code.write(f"sext {_BYTES} {stored} to {_PAIRS}")]


def _add_floats(code: Translator, weights: str, value: str, sums: str) -> str:
    name = f"@llvm.fmuladd.v{LANES}f32"
    code.program.declared.add(f"declare {_FLOATS} {name}({_FLOATS}, {_FLOATS}, {_FLOATS})")
    values = _splat(code, "float", value)
    return code.write(f"call {_FLOATS} {name}({_FLOATS} {weights}, {_FLOATS} {values}, {_FLOATS} {sums})")


def _add_integers(code: Translator, weights: str, value: str, sums: str) -> str:
    """Add products of pairs. value: two 16-bit integers."""
    values = code.write(f"bitcast {_INTEGERS} {_splat(code, 'i32', value)} to {_PAIRS}")
    if _ADD_PAIRS:
        code.program.declared.add(f"declare {_INTEGERS} @{_ADD_PAIRS}({_PAIRS}, {_PAIRS})")
        added = code.write(f"call {_INTEGERS} @{_ADD_PAIRS}({_PAIRS} {weights}, {_PAIRS} {values})")
        return code.write(f"add {_INTEGERS} {sums}, {added}")
    for place in range(2):
        numbers = ", ".join(f"i32 {number}" for number in range(place, 2 * LANES, 2))
        halves = []
        for both in (weights, values):
            half = code.write(f"shufflevector {_PAIRS} {both}, {_PAIRS} undef, <{LANES} x i32> <{numbers}>")
            halves.append(code.write(f"sext <{LANES} x i16> {half} to {_INTEGERS}"))
        sums = code.write(f"add {_INTEGERS} {sums}, {code.write(f'mul {_INTEGERS} {halves[0]}, {halves[1]}')}")
    return sums


def _add_halves(code: Translator, weights: str, value: str, sums: str) -> str:
    """Add products of pairs of bfloat16 numbers, each pair in an integer of 32 bits."""
    name = "@llvm.x86.avx512bf16.dpbf16ps.512"
    code.program.declared.add(f"declare {_FLOATS} {name}({_FLOATS}, {_HALVES}, {_HALVES})")
    parts = (code.write(f"bitcast {_INTEGERS} {part} to {_HALVES}") for part in (weights, _splat(code, "i32", value)))
    return code.write(f"call {_FLOATS} {name}({_FLOATS} {sums}, {', '.join(f'{_HALVES} {part}' for part in parts)})")


class _Form(NamedTuple):
    """A form in which weights are stored: the types of one input's numbers, or of a pair's in integers."""

    stored: str
    parts: int  # of LANES outputs each, in a stored vector
    value: str  # of the vector's number, or pair of numbers
    sums: str
    widen: Callable[[Translator, str], list[str]]
    add: Callable[[Translator, str, str, str], str]


_FORMS = {
    "float32": _Form(_FLOATS, 1, "float", _FLOATS, _keep, _add_floats),
    "uint16": _Form(_INTEGERS, 2, "float", _FLOATS, _widen_halves, _add_floats),
    "int8": _Form(_BYTES, 1, "i32", _INTEGERS, _widen_bytes, _add_integers),
    "int32": _Form(_INTEGERS, 1, "i32", _FLOATS, _keep, _add_halves),
}


def _at(code: Translator, address: str, kind: str, number: str) -> str:
    """Return the address of one of many values of a kind, by its number."""
    return code.write(f"getelementptr {kind}, ptr {address}, i64 {number}")


def _add_input(
    code: Translator, form: _Form, each: int, place: str, tile: str, vectors: Sequence[str],
    totals: Sequence[Sequence[str]],
) -> None:  # fmt: skip
    """Add the products of one input of each vector to their sums. each: vectors of weights of an input."""
    address = _at(code, tile, form.stored, code.write(f"mul i64 {place}, {each // form.parts}"))
    weights = []
    for number in range(len(totals[0]) // form.parts):
        stored = code.write(f"load {form.stored}, ptr {_at(code, address, form.stored, str(number))}, align 2")
        weights += form.widen(code, stored)
    for vector, of_row in zip(vectors, totals, strict=True):
        value = code.write(f"load {form.value}, ptr {_at(code, vector, form.value, place)}, align 2")
        for part, total in zip(weights, of_row, strict=True):
            before = code.write(f"load {form.sums}, ptr {total}")
            code.lines.append(f"store {form.sums} {form.add(code, part, value, before)}, ptr {total}")


def _write_loop(
    code: Translator, form: _Form, shape: tuple[int, int], size: str, tile: str, vectors: Sequence[str], sums: str
) -> None:
    """Write the loops over a tile's outputs, as many at once as fit, and its inputs. tile, vectors, sums: addresses.

    shape: vectors of LANES outputs, of the tile and at once.
    """
    whole, parts = shape
    with code.counting("0", str(whole // parts)) as span:
        totals = [[code.place(form.sums) for _ in range(parts)] for _ in vectors]
        code.lines += [f"store {form.sums} zeroinitializer, ptr {total}" for of_row in totals for total in of_row]
        before = code.write(f"mul i64 {span}, {parts // form.parts}")
        with code.counting("0", size, str(AT_ONCE)) as start:
            for number in range(AT_ONCE):
                place = code.write(f"add i64 {start}, {number}")
                _add_input(code, form, whole, place, _at(code, tile, form.stored, before), vectors, totals)
        for row, of_row in enumerate(totals):
            base = code.write(f"add i64 {code.write(f'mul i64 {span}, {parts}')}, {row * whole}")
            for number, total in enumerate(of_row):
                found = code.write(f"load {form.sums}, ptr {total}")
                to = _at(code, _at(code, sums, form.sums, base), form.sums, str(number))
                code.lines.append(f"store {form.sums} {found}, ptr {to}, align 4")


def _tile_sums(rows: int, outputs: int = TILE, at_once: int = TILE) -> Callable[..., float]:
    """Return a function that multiplies so many vectors by a tile of so many outputs."""
    shape = outputs // LANES, at_once // LANES

    def add_tile(code: Translator, tiles: Array, number: Scalar, vectors: Array, row: Scalar, sums: Array) -> None:
        """Set sums (rows, outputs) to vectors[row : row + rows] (rows, n) times a tile of (…, …, n, outputs, …)."""
        form, size = _FORMS[tiles.type.item], tiles.lengths[2]
        each = code.write(f"mul i64 {size}, {shape[0] // form.parts}")
        tile = _at(code, tiles.address, form.stored, code.write(f"mul i64 {number.text}, {each}"))
        of_rows = []
        for own in range(rows):
            place = code.write(f"add i64 {row.text}, {own}")
            of_rows.append(_at(code, vectors.address, form.value, code.write(f"mul i64 {place}, {size}")))
        _write_loop(code, form, shape, size, tile, of_rows, sums.address)

    return intrinsic(add_tile)


add_tile, add_tile_to_rows = _tile_sums(1), _tile_sums(ROWS, at_once=SPAN)
add_narrow_tile = _tile_sums(MORE_ROWS, NARROW, NARROW)
