"""Kernels: loops over arrays, written in Python, that run as machine code, which is kept on disk.

`translator.py` writes such a function in LLVM's language; `machine.py` has LLVM compile it.
"""

import ctypes
import functools
import hashlib
import struct
import threading
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from charrnn import compiled as notices
from charrnn import paths
from charrnn.compiled.expressions import intrinsic
from charrnn.compiled.hashing import GOLDEN, HALF, SHAKE, STIR
from charrnn.compiled.instructions import ArrayType, Scalar, TupleType, Type
from charrnn.compiled.program import Program
from charrnn.compiled.translator import Translator

Function = TypeVar("Function", bound=Callable[..., object])
T = TypeVar("T")

Slots: TypeAlias = "array[int]"
"""Numbers of 8 bytes, one after the other, as machine code reads its arguments and writes its results."""

Number = Any
"""An integer in a kernel, of any width. uint64 does not mix with signed integers: convert one of them."""

_RESULTS = bytes(8 * 8)  # space for the most results
PATIENCE = 60.0  # seconds after which a compilation that was begun elsewhere counts as lost
_lock = threading.RLock()


class _Code(NamedTuple):
    """A kernel's machine code, for arguments of some types."""

    run: Callable[[int], None]  # takes the address of the slots
    kinds: list[str]  # of the results
    better: Path | None  # the file that will hold faster code


class Kernel:
    """A function that runs as machine code, without the GIL; compiled at its first call for each list of types.

    Arrays must be in C order. Tuples of arrays, numbers and tuples are passed as they are.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        functools.update_wrapper(self, function)  # so that other kernels find the function
        self.function = function
        self.announced = ""  # the name by which listeners are told that it is compiled
        self.from_disk = 0  # how often its machine code was found there
        self._code: dict[tuple[Type, ...], _Code] = {}

    def __call__(self, *arguments: object) -> object:
        return self._run(arguments, hasty=False)

    def at_once(self, *arguments: object) -> object:
        """Do the same without waiting: by slow code, until another process has compiled the fast one."""
        return self._run(arguments, hasty=True)

    def _run(self, arguments: tuple[object, ...], *, hasty: bool) -> object:
        slots = array("q")
        types = tuple([_flatten(argument, slots) for argument in arguments])
        code = self._code.get(types)
        if code is None or (code.better and (not hasty or code.better.exists())):
            with _lock:
                code = self._code[types] = self._load(types, hasty=hasty)
        given = len(slots)
        slots.frombytes(_RESULTS)
        code.run(slots.buffer_info()[0])
        found = [_result(slots[given + number], kind) for number, kind in enumerate(code.kinds)]
        return tuple(found) if len(found) > 1 else found[0] if found else None

    def _load(self, types: tuple[Type, ...], *, hasty: bool) -> _Code:
        from charrnn.compiled import machine  # loads LLVM

        facts = repr((self.function.__qualname__, types, machine.FACTS))
        file = (
            notices.folder_of(self.function.__module__)
            / f"{self.function.__name__}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
        )
        better = None
        try:
            saved = file.read_bytes()
            self.from_disk += 1
        except OSError:
            head, text = self._translated(types)
            with suppress(OSError):  # where nothing can be kept, it is compiled again next time
                file.parent.mkdir(parents=True, exist_ok=True)
            if hasty:
                better = file
                saved = head.encode() + b"\n" + machine.compiled(text, hasty=True)
                with suppress(OSError):
                    _compile_elsewhere(f"{head}\n{text}", file)
            else:
                with suppress(OSError):
                    _source_of(file).touch()  # so that no other process compiles the same in the background
                saved = head.encode() + b"\n" + self._compiled(text)
                with suppress(OSError):
                    paths.write(file, saved)
                    _source_of(file).unlink(missing_ok=True)
        kinds, code = saved.split(b"\n", maxsplit=1)
        run = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(machine.address(code, "run"))
        return _Code(run, kinds.decode().split(), better)

    def _translated(self, types: tuple[Type, ...]) -> tuple[str, str]:
        """Return the kinds of the results, and the program for arguments of these types."""
        from charrnn.compiled import machine, numeric

        program = Program(numeric.SUBSTITUTES, checked=machine.CHECKED)
        kinds = program.entry(self.function, types, "run")
        return " ".join(kinds), program.text()

    def _compiled(self, text: str) -> bytes:
        from charrnn.compiled import machine

        if self.announced:
            notices.begun(self.announced)
        try:
            return machine.compiled(text)
        finally:
            if self.announced:
                notices.ended(self.announced)


def _source_of(file: Path) -> Path:
    """Return the file that exists while a process compiles into another file."""
    return file.with_suffix(".ll")


def _compile_elsewhere(program: str, file: Path) -> None:
    """Compile a program into a file by a process of its own, unless one does so already. Raises OSError."""
    source = _source_of(file)
    if source.exists() and time.time() - source.stat().st_mtime < PATIENCE:
        return
    source.write_text(program, encoding="utf-8")
    notices.aside("charrnn.compiled.machine", source, file)


def kernel(function: Function) -> Function:
    """Make a function a Kernel."""
    return cast("Function", Kernel(function))


def at_once(slow: Function) -> Function:
    """Return a kernel that does not wait until it is compiled; see `Kernel.at_once`."""
    assert isinstance(slow, Kernel)
    return cast("Function", slow.at_once)


def announced(name: str) -> Callable[[Function], Function]:
    """Announce the compilation of a slow kernel to the listeners of `charrnn.compiled`, by this name."""

    def register(slow: Function) -> Function:
        assert isinstance(slow, Kernel)
        slow.announced = name
        return slow

    return register


def part(function: Function) -> Function:
    """Mark a function that is compiled into the kernels that call it. From Python, it runs as it is."""
    return function


class Packed(NamedTuple):
    """A value as it is passed to kernels. Arrays must keep their memory, which `value` does."""

    type: Type
    slots: Slots
    value: object


def packed(value: T) -> T:
    """Return a value that many calls are given, in a form that is quicker to pass; it is of no other use."""
    slots = array("q")
    return cast("T", Packed(_flatten(value, slots), slots, value))


def _flatten(value: object, slots: Slots) -> Type:
    """Append the numbers of 8 bytes that hold a value; return its type."""
    if isinstance(value, np.ndarray):
        slots.append(value.__array_interface__["data"][0])
        slots.extend(value.shape)
        assert value.flags.c_contiguous, "arrays must be in C order"
        return _array_type(value.dtype, value.ndim)
    if isinstance(value, Packed):
        slots.extend(value.slots)
        return value.type
    if isinstance(value, tuple):
        return TupleType(getattr(value, "_fields", ()), tuple([_flatten(item, slots) for item in value]))
    if isinstance(value, float | np.floating):
        is_single = isinstance(value, np.float32)
        slots.append(int.from_bytes(struct.pack("f" if is_single else "d", value), "little", signed=True))
        return "f32" if is_single else "f64"
    assert isinstance(value, int | np.integer | np.bool_), value
    slots.append((int(value) + 2**63) % 2**64 - 2**63)
    return "b1" if isinstance(value, bool | np.bool_) else "u64" if isinstance(value, np.uint64) else "i64"


@functools.cache
def _array_type(dtype: np.dtype[np.generic], dimensions: int) -> ArrayType:
    return ArrayType(dtype.name, dimensions)


def _result(bits: int, kind: str) -> int | float | bool:
    if kind in ("f32", "f64"):
        found: float = struct.unpack("d", struct.pack("q", bits))[0]
        return found
    return bool(bits) if kind == "b1" else bits % 2**64 if kind == "u64" else bits


@part
def mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """Return the 64-bit hash of a hash and one more value (with the finalizer of MurmurHash3)."""
    state = (state * GOLDEN) ^ (value + GOLDEN)
    state = (state ^ (state >> HALF)) * STIR
    state = (state ^ (state >> HALF)) * SHAKE
    return state ^ (state >> HALF)


@intrinsic
def float_of(code: Translator, bits: Scalar) -> Scalar:
    """Return the float32 with the bits of an int32."""
    return Scalar("f32", code.write(f"bitcast i32 {bits.text} to float"))


@intrinsic
def half_of(code: Translator, number: Scalar) -> Scalar:
    """Return the bits of the bfloat16 nearest to a float32."""
    half = code.write(f"bitcast bfloat {code.write(f'fptrunc float {number.text} to bfloat')} to i16")
    return Scalar("i64", code.write(f"sext i16 {half} to i64"))
