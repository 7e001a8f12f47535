"""From Python to LLVM's language: functions over arrays, in the small part of Python in which the loops are written.

    numbers, arrays in C order, tuples of both      x + y, a[i, j], a[i:], tuple.field, len, min, max, np.int64, …
    if, for … in range, while, break, continue      calls of other such functions

`expressions.py` writes what a statement computes. The kinds of variables follow from the arguments, so a function is
translated anew for each list of types. Indices are not checked, unless that is asked for, and only constant ones may be
negative.
"""

import ast
import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from charrnn.compiled.expressions import Expressions, Function, Known, Variable, returned, scalar
from charrnn.compiled.instructions import LLVM, Array, ArrayType, Scalar, Tuple, Type, Value, common, slots

if TYPE_CHECKING:
    from charrnn.compiled.program import Program


@functools.cache
def _definitions(file: str) -> dict[int, ast.FunctionDef]:
    """Return the functions of a file by their first lines."""
    tree = ast.parse(Path(file).read_bytes())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {min([node.lineno, *(one.lineno for one in node.decorator_list)]): node for node in found}


class Translator(Expressions):
    """Translates one function for arguments of some types."""

    def __init__(self, program: "Program", function: Function) -> None:
        super().__init__(program, function)
        self.definition = _definitions(function.__code__.co_filename)[function.__code__.co_firstlineno]
        self.result: tuple[str, ...] | str | None = None
        self.loops: list[tuple[str, str]] = []  # labels for continue and break

    def translate(self, name: str, types: tuple[Type, ...]) -> str:
        given = []
        for number, (argument, kind) in enumerate(zip(self.definition.args.args, types, strict=True)):
            own = f"%a{number}"
            if isinstance(kind, str):
                given.append(f"{LLVM[kind]} {own}")
                self.assign(argument.arg, Scalar(kind, own))
            elif isinstance(kind, ArrayType):
                lengths = tuple(f"{own}.{n}" for n in range(kind.dimensions))
                given += [f"ptr {own}", *(f"i64 {length}" for length in lengths)]
                self.assign(argument.arg, Array(kind, own, lengths))
            else:
                given.append(f"ptr noalias readonly dereferenceable({8 * slots(kind)}) {own}")
                self.variables[argument.arg] = Tuple(kind, own)
        self.body(self.definition.body)
        self.jump("end")
        body = "\n".join(["start:", *self.entry, "br label %body", "body:", *self.lines, "end:"])
        end = f"ret {returned(self.result)} {'' if self.result is None else 'zeroinitializer'}"
        head = f"define internal {returned(self.result)} @{name}({', '.join(given)}) #0"
        return f"{head} {{\n{body}\n{end}\n}}"

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            try:
                getattr(self, f"do_{type(statement).__name__}")(statement)
            except Exception as error:
                if not hasattr(error, "__notes__"):
                    error.add_note(f"{self.function.__module__}, line {statement.lineno}: {ast.unparse(statement)}")
                raise

    def do_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else a docstring
            self.value(node.value)

    def do_Assign(self, node: ast.Assign) -> None:
        value = node.value
        if isinstance(value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple):
            found = [self.value(one) for one in value.elts]
            for target, one in zip(node.targets[0].elts, found, strict=True):
                self.set(target, one)
            return
        found_one = self.value(value)
        for target in node.targets:
            self.set(target, found_one)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        assert node.value is not None
        self.set(node.target, self.value(node.value))

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        operation = type(node.op).__name__
        if isinstance(node.target, ast.Name):
            before = self.number(node.target)
            self.assign(node.target.id, self.compute(operation, before, self.number(node.value)))
            return
        assert isinstance(node.target, ast.Subscript)
        item, address = self.place_of(node.target)
        self.store(self.compute(operation, self.load(item, address), self.number(node.value)), item, address)

    def do_If(self, node: ast.If) -> None:
        yes, no, end = self.label(), self.label(), self.label()
        self.branch(self.truth(node.test), yes, no)
        self.begin(yes)
        self.body(node.body)
        self.jump(end)
        self.begin(no)
        self.body(node.orelse)
        self.begin(end)

    def do_While(self, node: ast.While) -> None:
        test, body, end = self.label(), self.label(), self.label()
        self.begin(test)
        self.branch(self.truth(node.test), body, end)
        self.begin(body)
        self.loops.append((test, end))
        self.body(node.body)
        self.loops.pop()
        self.jump(test)
        self.begin(end)

    def do_For(self, node: ast.For) -> None:
        assert isinstance(node.iter, ast.Call)
        assert isinstance(node.target, ast.Name)
        bounds = [self.convert(self.number(one), "i64").text for one in node.iter.args]
        start, stop, step = ["0", *bounds, "1"] if len(bounds) == 1 else [*bounds, "1"][:3]
        with self.counting(start, stop, step) as number:
            self.assign(node.target.id, Scalar("i64", number))
            self.body(node.body)

    @contextmanager
    def counting(self, start: str, stop: str, step: str = "1") -> Iterator[str]:
        """Repeat what is written in the block for each number of a range; yield how LLVM names it."""
        counter = self.place("i64")
        test, body, after, end = (self.label() for _ in range(4))
        self.lines.append(f"store i64 {start}, ptr {counter}")
        self.begin(test)
        now = self.write(f"load i64, ptr {counter}")
        order = "sgt" if step.startswith("-") else "slt"
        self.branch(Scalar("b1", self.write(f"icmp {order} i64 {now}, {stop}")), body, end)
        self.begin(body)
        self.loops.append((after, end))
        yield now
        self.loops.pop()
        self.begin(after)
        self.lines.append(f"store i64 {self.write(f'add nsw i64 {now}, {step}')}, ptr {counter}")
        self.jump(test)
        self.begin(end)

    def do_Break(self, node: ast.Break) -> None:
        self.jump(self.loops[-1][1])

    def do_Continue(self, node: ast.Continue) -> None:
        self.jump(self.loops[-1][0])

    def do_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.lines.append("ret void")
        elif isinstance(node.value, ast.Tuple):
            values = [self.number(one) for one in node.value.elts]
            self.result = tuple(value.kind for value in values)
            text = "undef"
            for number, value in enumerate(values):
                kinds = returned(self.result)
                text = self.write(f"insertvalue {kinds} {text}, {LLVM[value.kind]} {value.text}, {number}")
            self.lines.append(f"ret {returned(self.result)} {text}")
        else:
            value = self.number(node.value)
            self.result = value.kind if self.result is None else self.result
            assert isinstance(self.result, str)
            self.lines.append(f"ret {LLVM[self.result]} {self.convert(value, self.result).text}")

    def set(self, target: ast.expr, value: "Value | Known") -> None:
        """Assign a value to a variable, to variables, or to places in an array."""
        if isinstance(target, ast.Name):
            self.assign(target.id, value)
        elif isinstance(target, ast.Tuple):
            for number, one in enumerate(target.elts):
                self.set(one, self.item(value, number))
        else:
            assert isinstance(target, ast.Subscript)
            new = scalar(self.settled(value))
            if isinstance(target.slice, ast.Slice):
                self._fill(self.array(target), new)
            else:
                item, address = self.place_of(target)
                self.store(new, item, address)

    def _fill(self, array: Array, value: Scalar) -> None:
        """Set all numbers of a row."""
        with self.counting("0", *array.lengths) as number:
            self.store(value, array.type.item, self.address(array, [number]))

    def assign(self, name: str, given: "Value | Known") -> None:
        value = self.settled(given)
        if isinstance(value, Tuple):
            self.variables[name] = value
            return
        kind = value.kind if isinstance(value, Scalar) else value.type
        if name not in self.variables:
            llvm = [LLVM[kind]] if isinstance(kind, str) else ["ptr", *["i64"] * kind.dimensions]
            self.variables[name] = Variable(kind, [self.place(one) for one in llvm])
        variable = self.variables[name]
        fits = isinstance(variable, Variable) and (kind == variable.type or isinstance(value, Scalar))
        if not isinstance(variable, Variable) or not fits:
            raise TypeError(f"{name} was of another kind, and is {kind} here")
        if isinstance(value, Scalar) and isinstance(variable.type, str):
            if common(Scalar(variable.type, ""), value) != variable.type:
                raise TypeError(f"{name} was {variable.type}, and is {kind} here")
            text = self.convert(value, variable.type).text
            self.lines.append(f"store {LLVM[variable.type]} {text}, ptr {variable.places[0]}")
        elif isinstance(value, Array):
            self.lines.append(f"store ptr {value.address}, ptr {variable.places[0]}")
            for length, place in zip(value.lengths, variable.places[1:], strict=True):
                self.lines.append(f"store i64 {length}, ptr {place}")
