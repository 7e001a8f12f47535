"""The types and values of a loop, and the instructions of LLVM that compute them, written as text.

    kind    b1, i32, i64, u64, f32, f64: a number while it is computed; smaller integers are widened when they are read
    item    a number in an array, by NumPy's name: uint16, float32, …

A number of Python's takes the kind of the other operand, and kinds that would lose digits do not mix, as in NumPy.
"""

import struct
from dataclasses import dataclass, replace
from typing import NamedTuple

Python = bool | int | float
LLVM = {"b1": "i1", "i32": "i32", "i64": "i64", "u64": "i64", "f32": "float", "f64": "double"}
ITEMS = {  # item → (how LLVM stores it, its kind)
    "bool": ("i8", "b1"), "int8": ("i8", "i64"), "uint8": ("i8", "i64"), "int16": ("i16", "i64"),
    "uint16": ("i16", "i64"), "int32": ("i32", "i32"), "uint32": ("i32", "i64"), "int64": ("i64", "i64"),
    "uint64": ("i64", "u64"), "float32": ("float", "f32"), "float64": ("double", "f64"),
}  # fmt: skip
FLOATS, UNSIGNED = ("f32", "f64"), ("u64", "b1")
OPERATIONS = {  # by the names of Python's syntax: of integers, of unsigned ones, of floats
    "Add": ("add", "add", "fadd"), "Sub": ("sub", "sub", "fsub"), "Mult": ("mul", "mul", "fmul"),
    "Div": ("", "", "fdiv"), "FloorDiv": ("sdiv", "udiv", ""), "LShift": ("shl", "shl", ""),
    "RShift": ("ashr", "lshr", ""), "BitAnd": ("and", "and", ""), "BitOr": ("or", "or", ""),
    "BitXor": ("xor", "xor", ""),
    "Lt": ("icmp slt", "icmp ult", "fcmp fast olt"), "LtE": ("icmp sle", "icmp ule", "fcmp fast ole"),
    "Gt": ("icmp sgt", "icmp ugt", "fcmp fast ogt"), "GtE": ("icmp sge", "icmp uge", "fcmp fast oge"),
    "Eq": ("icmp eq", "icmp eq", "fcmp fast oeq"), "NotEq": ("icmp ne", "icmp ne", "fcmp fast one"),
}  # fmt: skip


class ArrayType(NamedTuple):
    """An array in C order."""

    item: str
    dimensions: int


class TupleType(NamedTuple):
    """A tuple, named or not, whose numbers stand one after the other in memory, 8 bytes each."""

    names: tuple[str, ...]
    fields: tuple["Type", ...]


Type = str | ArrayType | TupleType


def slots(kind: Type) -> int:
    """Return how many numbers of 8 bytes hold a value: an array is its address and its lengths."""
    if isinstance(kind, ArrayType):
        return 1 + kind.dimensions
    return sum(map(slots, kind.fields)) if isinstance(kind, TupleType) else 1


@dataclass(frozen=True)
class Scalar:
    """A number. literal: of Python's, where it is one."""

    kind: str
    text: str  # how LLVM names it
    literal: Python | None = None


@dataclass(frozen=True)
class Array:
    """An array, by its address and the lengths of its dimensions."""

    type: ArrayType
    address: str
    lengths: tuple[str, ...]


@dataclass(frozen=True)
class Tuple:
    """A tuple, by its address."""

    type: TupleType
    address: str


Value = Scalar | Array | Tuple


def constant(number: Python, kind: str = "") -> Scalar:
    """Return a number of Python's, or one of a kind."""
    if not kind:
        kind = "b1" if isinstance(number, bool) else "f64" if isinstance(number, float) else "i64"
        return replace(constant(number, kind), literal=number)
    if kind == "b1":
        return Scalar(kind, "true" if number else "false")
    if kind not in FLOATS:
        return Scalar(kind, str((int(number) + 2**63) % 2**64 - 2**63))
    exact = struct.unpack("f", struct.pack("f", number))[0] if kind == "f32" else float(number)
    return Scalar(kind, "0x" + struct.pack(">d", exact).hex().upper())


def common(one: Scalar, other: Scalar) -> str:
    """Return the kind in which two numbers are computed with."""
    if one.literal is not None and other.literal is None:
        one, other = other, one
    a, b = one.kind, other.kind
    if other.literal is not None and one.literal is None:
        if b == "f64" and a not in FLOATS:
            return "f64"
        return "i64" if a == "b1" and b != "b1" else a
    if a == b:
        return a
    if a in FLOATS or b in FLOATS:
        return "f64"
    if "u64" in (a, b) and "b1" not in (a, b):
        raise TypeError("uint64 does not mix with signed integers: convert one of them")
    return "u64" if "u64" in (a, b) else "i64"


class Instructions:
    """The instructions of one function, while they are written."""

    def __init__(self) -> None:
        self.entry: list[str] = []  # what is done once, first
        self.lines: list[str] = []
        self.block = "start"
        self._names = 0
        self._fields: dict[tuple[str, int], Value] = {}

    def name(self) -> str:
        self._names += 1
        return f"%v{self._names}"

    def label(self) -> str:
        return self.name()[1:]

    def write(self, instruction: str) -> str:
        """Append an instruction; return the name of its result."""
        name = self.name()
        self.lines.append(f"{name} = {instruction}")
        return name

    def begin(self, label: str) -> None:
        """Begin a block, to which the one before leads unless it has ended."""
        self.jump(label)
        self.lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str) -> None:
        """End the block by a jump, unless it has ended."""
        if not self.lines or not self.lines[-1].startswith(("br ", "ret ", "unreachable")):
            self.lines.append(f"br label %{label}")

    def branch(self, condition: Scalar, yes: str, no: str) -> None:
        self.lines.append(f"br i1 {condition.text}, label %{yes}, label %{no}")

    def place(self, kind: str) -> str:
        """Return a place in memory for a variable; LLVM puts it in a register."""
        name = self.name()
        self.entry.append(f"{name} = alloca {kind}")
        return name

    def convert(self, value: Scalar, kind: str) -> Scalar:
        """Return a number in another kind; integers of more digits are cut."""
        if value.literal is not None:
            return constant(value.literal, kind)
        was, is_whole = value.kind, value.kind not in FLOATS
        if was == kind or {was, kind} == {"i64", "u64"}:
            return Scalar(kind, value.text)
        if kind == "b1":
            zero = constant(0, was).text
            return Scalar(kind, self.write(f"{'icmp ne' if is_whole else 'fcmp une'} {LLVM[was]} {value.text}, {zero}"))
        if is_whole and kind in FLOATS:
            verb = "uitofp" if was in UNSIGNED else "sitofp"
        elif is_whole:
            verb = "zext" if was == "b1" else "sext" if was == "i32" else "trunc"
        elif kind in FLOATS:
            verb = "fpext" if kind == "f64" else "fptrunc"
        else:
            verb = "fptoui" if kind == "u64" else "fptosi"
        return Scalar(kind, self.write(f"{verb} {LLVM[was]} {value.text} to {LLVM[kind]}"))

    def compute(self, operation: str, one: Scalar, other: Scalar) -> Scalar:
        """Return the result of an operation, or of a comparison."""
        kind = common(one, other)
        verbs = OPERATIONS[operation]
        is_comparison = "cmp" in verbs[0]
        if operation == "Div" and kind not in FLOATS:
            kind = "f64"
        elif kind == "b1" and not operation.startswith("Bit"):
            kind = "i64"
        a, b = self.convert(one, kind), self.convert(other, kind)
        if operation == "FloorDiv":
            return self._divide(a, b)
        verb = verbs[2 if kind in FLOATS else 1 if kind in UNSIGNED else 0]
        assert verb, (operation, kind)
        verb += " fast" if kind in FLOATS and not is_comparison else ""
        return Scalar("b1" if is_comparison else kind, self.write(f"{verb} {LLVM[kind]} {a.text}, {b.text}"))

    def _divide(self, a: Scalar, b: Scalar) -> Scalar:
        """Return the quotient of integers, rounded down. Nothing divided by zero is an error: it is divided by 1."""
        zero, llvm = constant(0, a.kind), LLVM[a.kind]
        b = self.choose(self.compute("Eq", b, zero), constant(1, a.kind), b)
        if a.kind in UNSIGNED:
            return Scalar(a.kind, self.write(f"udiv {llvm} {a.text}, {b.text}"))
        quotient = Scalar(a.kind, self.write(f"sdiv {llvm} {a.text}, {b.text}"))
        rest = self.compute("Sub", a, self.compute("Mult", quotient, b))
        other_sign = self.compute("Lt", self.compute("BitXor", rest, b), zero)
        down = self.compute("BitAnd", self.compute("NotEq", rest, zero), other_sign)
        return self.compute("Sub", quotient, self.convert(down, a.kind))

    def choose(self, condition: Scalar, yes: Scalar, no: Scalar) -> Scalar:
        """Return one of two numbers of a kind, both of which are computed."""
        llvm = LLVM[yes.kind]
        return Scalar(yes.kind, self.write(f"select i1 {condition.text}, {llvm} {yes.text}, {llvm} {no.text}"))

    def address(self, array: Array, indices: list[str]) -> str:
        """Return the address of what the first indices of an array select."""
        place = "0"
        for number, length in enumerate(array.lengths):
            if number > 0:
                place = self.write(f"mul nsw i64 {place}, {length}")
            if number < len(indices):
                place = self.write(f"add nsw i64 {place}, {indices[number]}")
        return self.write(f"getelementptr inbounds {ITEMS[array.type.item][0]}, ptr {array.address}, i64 {place}")

    def load(self, item: str, address: str) -> Scalar:
        stored, kind = ITEMS[item]
        text = self.write(f"load {stored}, ptr {address}")
        if stored != LLVM[kind] and kind != "b1":
            text = self.write(f"{'zext' if item[0] == 'u' else 'sext'} {stored} {text} to {LLVM[kind]}")
        return Scalar(kind, self.write(f"icmp ne i8 {text}, 0") if kind == "b1" else text)

    def store(self, value: Scalar, item: str, address: str) -> None:
        stored, kind = ITEMS[item]
        text = self.convert(value, kind).text
        if stored != LLVM[kind]:
            text = self.write(f"{'zext' if kind == 'b1' else 'trunc'} {LLVM[kind]} {text} to {stored}")
        self.lines.append(f"store {stored} {text}, ptr {address}")

    def field(self, of: Tuple, number: int) -> Value:
        """Return a field of a tuple. Tuples never change, so it is read first of all."""
        if (of.address, number) not in self._fields:
            kind, start = of.type.fields[number], sum(map(slots, of.type.fields[:number]))
            self.lines, self.entry = self.entry, self.lines
            self._fields[of.address, number] = self.read(kind, of.address, start)
            self.lines, self.entry = self.entry, self.lines
        return self._fields[of.address, number]

    def read(self, kind: Type, address: str, start: int) -> Value:
        """Return the value that stands in some slots from an address on."""
        place = self.write(f"getelementptr inbounds i64, ptr {address}, i64 {start}")
        if isinstance(kind, TupleType):
            return Tuple(kind, place)
        if isinstance(kind, ArrayType):
            array = self.write(f"load ptr, ptr {place}")
            lengths = (self.read("i64", address, start + 1 + number) for number in range(kind.dimensions))
            return Array(kind, array, tuple(length.text for length in lengths if isinstance(length, Scalar)))
        if kind == "b1":
            return self.convert(Scalar("i64", self.write(f"load i64, ptr {place}")), kind)
        return Scalar(kind, self.write(f"load {LLVM[kind]}, ptr {place}"))
