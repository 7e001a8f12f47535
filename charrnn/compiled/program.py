"""Program: a function and all that it calls, in LLVM's language."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.expressions import Function, Signature, call, returned
from charrnn.compiled.instructions import (
    FLOATS,
    ITEMS,
    Array,
    ArrayType,
    Instructions,
    Scalar,
    Type,
    constant,
    slots,
)
from charrnn.compiled.translator import Translator


class Program:
    """The functions that were translated, and what they need: one for each function and list of types."""

    def __init__(self, substitutes: dict[object, Function], *, checked: bool = False) -> None:
        """substitutes: functions in place of NumPy's. checked: whether an index out of bounds ends the process."""
        self.substitutes, self.checked = substitutes, checked
        self.texts: list[str] = []
        self.declared: set[str] = set()
        self._functions: dict[tuple[Function, tuple[Type, ...]], Signature] = {}
        self._constants: dict[int, Array] = {}

    def text(self) -> str:
        return "\n".join([*sorted(self.declared), *self.texts, 'attributes #0 = { nounwind "no-builtins" }'])

    def function(self, function: Function, types: tuple[Type, ...]) -> Signature:
        """Return the translation of a function for arguments of these types."""
        if (function, types) not in self._functions:
            name = f"{function.__name__}.{len(self._functions)}"
            translator = Translator(self, function)
            self._functions[function, types] = Signature(name, None)  # none of them calls itself
            self.texts.append(translator.translate(name, types))
            self._functions[function, types] = Signature(name, translator.result)
        return self._functions[function, types]

    def entry(self, function: Function, types: tuple[Type, ...], name: str) -> tuple[str, ...]:
        """Add a function that reads its arguments from slots and writes its results behind them; return their kinds."""
        signature, start, code = self.function(function, types), 0, Instructions()
        arguments = []
        for kind in types:
            arguments.append(code.read(kind, "%slots", start))
            start += slots(kind)
        found = call(code, signature, arguments)
        kinds = (signature.result,) if isinstance(signature.result, str) else signature.result or ()
        for number, kind in enumerate(kinds):
            one = found
            if not isinstance(signature.result, str):
                one = code.write(f"extractvalue {returned(signature.result)} {found}, {number}")
            place = code.write(f"getelementptr inbounds i64, ptr %slots, i64 {start + number}")
            code.store(Scalar(kind, one), "float64" if kind in FLOATS else "int64", place)
        body = "\n".join(code.lines)
        self.texts.append(f"define void @{name}(ptr %slots) #0 {{\n{body}\nret void\n}}")
        return kinds

    def constants(self, values: NDArray[np.generic] | tuple[object, ...]) -> Array:
        """Return an array that never changes."""
        array = np.asarray(values)
        if id(values) not in self._constants:
            item, address = array.dtype.name, f"@constant.{len(self._constants)}"
            stored, kind = ITEMS[item]
            numbers = ", ".join(f"{stored} {constant(number, kind).text}" for number in array.ravel().tolist())
            self.texts.append(f"{address} = internal constant [{array.size} x {stored}] [{numbers}]")
            self._constants[id(values)] = Array(ArrayType(item, array.ndim), address, tuple(map(str, array.shape)))
        return self._constants[id(values)]
