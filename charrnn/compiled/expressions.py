"""What the value of an expression is, in LLVM's language: numbers, arrays, tuples, and what Python knows beforehand."""

import ast
import builtins
import inspect
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from charrnn.compiled.instructions import (
    ITEMS,
    LLVM,
    Array,
    ArrayType,
    Instructions,
    Scalar,
    Tuple,
    Value,
    common,
    constant,
)

if TYPE_CHECKING:
    from charrnn.compiled.program import Program

Function = Callable[..., object]
Emit = Callable[..., Scalar | None]
"""(function being translated, arguments) → what an intrinsic computes."""


@dataclass(frozen=True)
class Intrinsic:
    """A function that writes its own instructions."""

    emit: Emit


def intrinsic(emit: Emit) -> Callable[..., float]:
    """Make a function from what writes its instructions. It is called in kernels only."""
    return cast("Callable[..., float]", Intrinsic(emit))


@dataclass(frozen=True)
class Known:
    """Something of Python's that is known while translating: a module, a function, a constant."""

    value: object


class Variable(NamedTuple):
    """A number, or an array as its address and lengths, each in a place of its own."""

    type: str | ArrayType
    places: list[str]


class Signature(NamedTuple):
    """A translated function."""

    name: str
    result: tuple[str, ...] | str | None  # the kinds of a tuple of numbers, or of one, or None


def scalar(value: Value) -> Scalar:
    if not isinstance(value, Scalar):
        raise TypeError("this is no number")
    return value


def returned(result: tuple[str, ...] | str | None) -> str:
    if result is None:
        return "void"
    return LLVM[result] if isinstance(result, str) else f"{{ {', '.join(LLVM[kind] for kind in result)} }}"


def call(code: Instructions, signature: Signature, arguments: Sequence[Value]) -> str:
    """Write a call; return the name of its result."""
    given = []
    for value in arguments:
        if isinstance(value, Scalar):
            given.append(f"{LLVM[value.kind]} {value.text}")
        else:
            given += [f"ptr {value.address}", *(f"i64 {n}" for n in getattr(value, "lengths", ()))]
    text = f"call {returned(signature.result)} @{signature.name}({', '.join(given)})"
    if signature.result is not None:
        return code.write(text)
    code.lines.append(text)
    return ""


class Expressions(Instructions):
    """Writes the expressions of one function."""

    def __init__(self, program: "Program", function: Function) -> None:
        super().__init__()
        self.program, self.function = program, function
        closed = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        self.outside = {**function.__globals__, **{name: cell.cell_contents for name, cell in closed}}
        self.variables: dict[str, Variable | Tuple] = {}

    def value(self, node: ast.expr) -> "Value | Known":
        found: Value | Known = getattr(self, f"get_{type(node).__name__}")(node)
        return found

    def settled(self, value: "Value | Known") -> Value:
        """Return a value, where a constant of Python's may be known."""
        if not isinstance(value, Known):
            return value
        found = value.value
        if isinstance(found, np.generic):
            return constant(found.item(), ITEMS[found.dtype.name][1])
        if isinstance(found, bool | int | float):
            return constant(found)
        if isinstance(found, np.ndarray | tuple):
            return self.program.constants(found)
        raise TypeError(f"{found} is no value")

    def number(self, node: ast.expr) -> Scalar:
        return scalar(self.settled(self.value(node)))

    def array(self, node: ast.expr) -> Array:
        value = self.settled(self.value(node))
        if not isinstance(value, Array):
            raise TypeError("this is no array")
        return value

    def truth(self, node: ast.expr) -> Scalar:
        return self.convert(self.number(node), "b1")

    def get_Constant(self, node: ast.Constant) -> Known:
        return Known(node.value)

    def get_Name(self, node: ast.Name) -> "Value | Known":
        variable = self.variables.get(node.id)
        if variable is None:
            return Known(self.outside[node.id] if node.id in self.outside else getattr(builtins, node.id))
        if isinstance(variable, Tuple):
            return variable
        kind, places = variable
        if isinstance(kind, str):
            return Scalar(kind, self.write(f"load {LLVM[kind]}, ptr {places[0]}"))
        address = self.write(f"load ptr, ptr {places[0]}")
        return Array(kind, address, tuple(self.write(f"load i64, ptr {place}") for place in places[1:]))

    def get_Attribute(self, node: ast.Attribute) -> "Value | Known":
        of = self.value(node.value)
        if isinstance(of, Known):
            return Known(getattr(of.value, node.attr))
        if isinstance(of, Tuple):
            return self.field(of, of.type.names.index(node.attr))
        if isinstance(of, Array) and node.attr == "shape":
            return Known(tuple(Scalar("i64", length) for length in of.lengths))
        raise TypeError("a number has no attributes")

    def item(self, of: "Value | Known", number: int) -> "Value | Known":
        if isinstance(of, Tuple):
            return self.field(of, number)
        if isinstance(of, Known) and isinstance(of.value, tuple):
            found = of.value[number]
            return found if isinstance(found, Scalar | Array | Tuple | Known) else Known(found)
        raise TypeError("only a tuple has items that are known")

    def get_Tuple(self, node: ast.Tuple) -> Known:
        return Known(tuple(self.value(one) for one in node.elts))

    def get_Subscript(self, node: ast.Subscript) -> "Value | Known":
        of = self.value(node.value)
        if isinstance(of, Tuple) or (isinstance(of, Known) and isinstance(node.slice, ast.Constant)):
            return self.item(of, ast.literal_eval(node.slice))
        item, address = self.place_of(node)
        array = self.array(node.value)
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        lengths = array.lengths[len(indices) :]
        if isinstance(indices[-1], ast.Slice):
            lengths = (self._length(indices[-1], array.lengths[len(indices) - 1]), *lengths)
        return Array(ArrayType(item, len(lengths)), address, lengths) if lengths else self.load(item, address)

    def _length(self, part: ast.Slice, whole: str) -> str:
        """Return the length of a slice."""
        stop = Scalar("i64", whole) if part.upper is None else self.convert(self.number(part.upper), "i64")
        return stop.text if part.lower is None else self.compute("Sub", stop, self.number(part.lower)).text

    def place_of(self, node: ast.Subscript) -> tuple[str, str]:
        """Return the item and the address of a number in an array, or of the first one of many."""
        array = self.array(node.value)
        nodes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        indices = []
        for one, length in zip(nodes, array.lengths, strict=False):
            if isinstance(one, ast.Slice):
                indices.append("0" if one.lower is None else self.convert(self.number(one.lower), "i64").text)
                continue
            index = self.number(one)
            if index.literal is not None and index.literal < 0:
                index = self.compute("Add", Scalar("i64", length), index)
            index = self.convert(index, "i64")
            if self.program.checked:
                self._check(index, length)
            indices.append(index.text)
        return array.type.item, self.address(array, indices)

    def _check(self, index: Scalar, length: str) -> None:
        wrong, right = self.label(), self.label()
        self.branch(Scalar("b1", self.write(f"icmp ult i64 {index.text}, {length}")), right, wrong)
        self.begin(wrong)
        self.program.declared.add("declare void @llvm.trap()")
        self.lines += ["call void @llvm.trap()", "unreachable"]
        self.begin(right)

    def get_UnaryOp(self, node: ast.UnaryOp) -> Scalar:
        if isinstance(node.op, ast.Not):
            return self._opposite(self.truth(node.operand))
        value = self.number(node.operand)
        assert isinstance(node.op, ast.USub)
        if value.literal is not None:
            return constant(-value.literal)
        return self.compute("Sub", constant(0, value.kind), value)

    def get_BinOp(self, node: ast.BinOp) -> Scalar:
        one, other = self.number(node.left), self.number(node.right)
        if one.literal is not None and other.literal is not None:
            found: bool | int | float = FOLDED[type(node.op).__name__](one.literal, other.literal)
            return constant(found)
        return self.compute(type(node.op).__name__, one, other)

    def get_Compare(self, node: ast.Compare) -> Scalar:
        found, left = constant(number=True), self.value(node.left)
        for operation, right in zip(node.ops, node.comparators, strict=True):
            other = self.value(right)
            if isinstance(operation, ast.In | ast.NotIn):
                one = self._among(scalar(self.settled(left)), other)
                one = one if isinstance(operation, ast.In) else self._opposite(one)
            else:
                name = type(operation).__name__
                one = self.compute(name, scalar(self.settled(left)), scalar(self.settled(other)))
            found, left = self.compute("BitAnd", found, one), other
        return found

    def _among(self, value: Scalar, others: "Value | Known") -> Scalar:
        assert isinstance(others, Known)
        assert isinstance(others.value, tuple)
        found = constant(number=False)
        for number in range(len(others.value)):
            other = scalar(self.settled(self.item(others, number)))
            found = self.compute("BitOr", found, self.compute("Eq", value, other))
        return found

    def _opposite(self, value: Scalar) -> Scalar:
        return self.compute("BitXor", value, constant(number=True))

    def get_BoolOp(self, node: ast.BoolOp) -> Scalar:
        end, is_and, known = self.label(), isinstance(node.op, ast.And), []
        for one in node.values[:-1]:
            value, further = self.truth(one), self.label()
            known.append(f"[ {'false' if is_and else 'true'}, %{self.block} ]")
            self.branch(value, *((further, end) if is_and else (end, further)))
            self.begin(further)
        value = self.truth(node.values[-1])
        known.append(f"[ {value.text}, %{self.block} ]")
        self.begin(end)
        return Scalar("b1", self.write(f"phi i1 {', '.join(known)}"))

    def get_IfExp(self, node: ast.IfExp) -> Scalar | Array:
        yes, no, end = self.label(), self.label(), self.label()
        self.branch(self.truth(node.test), yes, no)
        self.begin(yes)
        one, one_from, mark = self.settled(self.value(node.body)), self.block, len(self.lines)
        self.jump(end)
        self.begin(no)
        other = self.settled(self.value(node.orelse))
        if isinstance(one, Scalar) and isinstance(other, Scalar):
            kind = common(one, other)
            other = self.convert(other, kind)
            later, self.lines = self.lines, []
            one = self.convert(one, kind)  # now that the kind of both is known
            self.lines = later[:mark] + self.lines + later[mark:]
        other_from = self.block
        self.begin(end)

        def either(kind: str, a: str, b: str) -> str:
            return self.write(f"phi {kind} [ {a}, %{one_from} ], [ {b}, %{other_from} ]")

        if isinstance(one, Scalar) and isinstance(other, Scalar):
            return Scalar(kind, either(LLVM[kind], one.text, other.text))
        if not (isinstance(one, Array) and isinstance(other, Array) and one.type == other.type):
            raise TypeError("either array must be of one type")
        address = either("ptr", one.address, other.address)
        lengths = (either("i64", *both) for both in zip(one.lengths, other.lengths, strict=True))
        return Array(one.type, address, tuple(lengths))

    def get_Call(self, node: ast.Call) -> Scalar | Known:
        called = self.value(node.func)
        assert isinstance(called, Known)
        arguments = [self.settled(self.value(one)) for one in node.args]
        emit = called.value.emit if isinstance(called.value, Intrinsic) else SIMPLE.get(called.value)
        if emit is not None:
            return emit(self, *arguments) or Known(None)
        function = inspect.unwrap(cast("Function", self.program.substitutes.get(called.value, called.value)))
        types = tuple(value.kind if isinstance(value, Scalar) else value.type for value in arguments)
        signature = self.program.function(function, types)
        text = call(self, signature, arguments)
        return Scalar(signature.result, text) if isinstance(signature.result, str) else Known(None)


FOLDED: dict[str, Callable[..., bool | int | float]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv, "Pow": operator.pow,
    "FloorDiv": operator.floordiv, "LShift": operator.lshift, "RShift": operator.rshift, "BitAnd": operator.and_,
    "BitOr": operator.or_, "BitXor": operator.xor,
}  # fmt: skip


def _length_of(code: Expressions, array: Array) -> Scalar:
    return Scalar("i64", array.lengths[0])


def _cast(kind: str) -> Emit:
    return lambda code, value: replace(code.convert(value, kind), literal=None)


def _either(comparison: str) -> Emit:
    """Return what gives the first of two numbers if the comparison holds, else the second."""

    def emit(code: Expressions, one: Scalar, other: Scalar) -> Scalar:
        kind = common(one, other)
        one, other = code.convert(one, kind), code.convert(other, kind)
        return code.choose(code.compute(comparison, one, other), one, other)

    return emit


def _absolute(code: Expressions, value: Scalar) -> Scalar:
    kind = value.kind
    return code.choose(code.compute("Lt", value, constant(0)), code.compute("Sub", constant(0, kind), value), value)


SIMPLE: dict[object, Emit] = {
    len: _length_of, min: _either("Lt"), max: _either("Gt"), abs: _absolute,
    int: _cast("i64"), float: _cast("f64"), bool: _cast("b1"),
    np.int16: _cast("i32"), np.uint16: _cast("i64"), np.int32: _cast("i32"), np.int64: _cast("i64"),
    np.uint64: _cast("u64"), np.float32: _cast("f32"), np.float64: _cast("f64"),
}  # fmt: skip
"""What is written in place of a call. Integers of 16 bits are not cut before they are stored."""
