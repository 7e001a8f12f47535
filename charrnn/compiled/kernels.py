"""What all compiled loops share: how they are compiled, one hash, and a number made of bits."""

import functools
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import config
from numba.core import event
from numba.extending import intrinsic

from charrnn import compiled as notices
from charrnn import paths

Function = TypeVar("Function", bound=Callable[..., Any])

Number = Any
"""An integer in a kernel, of whatever width the compiler finds. (Mixed with signed ones, those of uint64 would turn to
floats: where they meet, one is converted.)"""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # three odd constants without pattern: of the golden ratio, and Stafford's
STIR = np.uint64(0xBF58476D1CE4E5B9)
SHAKE = np.uint64(0x94D049BB133111EB)
HALF = np.uint64(32)

_lock = threading.Lock()


# Without `_nrt`, numba's own reference counting, a loop can make no array, but none is counted at each use of a field
# either, which took a quarter of the time.
_OPTIONS = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile a function at its first call, and keep the machine code on disk; other Python threads run meanwhile."""
    with _lock:  # numba reads the setting when it decorates
        before, config.CACHE_DIR = config.CACHE_DIR, str(_folder(function.__module__))
        try:
            compiled: Function = numba.njit(cache=True, **_OPTIONS)(function)
        finally:
            config.CACHE_DIR = before
    return compiled


@functools.cache
def _folder(module: str) -> Path:
    """Return where a module's machine code is kept, for just these sources; what older ones left there is removed.

    numba itself looks at the kernel's own file only, and overlooks changes of the parts and constants that it imports.
    """
    own = paths.PACKAGE / "__pycache__"
    base = Path(config.CACHE_DIR) if config.CACHE_DIR else own if _is_writable(own) else paths.root() / "loops"
    folder = base / f"{module}-{paths.sources_of(module)}"
    for old in base.glob(f"{module}-*") if not folder.exists() else ():
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _is_writable(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)


def announced(name: str) -> Callable[[Function], Function]:
    """Decorate a kernel that takes seconds to compile: listeners of `charrnn.compiled` hear of it, under this name."""

    def register(kernel: Function) -> Function:
        _names[kernel] = name
        return kernel

    return register


_names: dict[Any, str] = {}


class _Reporter(event.Listener):  # type: ignore[misc]
    """Hears from numba when it compiles a function, which it does only if its cache does not hold it."""

    def on_start(self, compiling: Any) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            notices.begun(name)

    def on_end(self, compiling: Any) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            notices.ended(name)


event.register("numba:compile", _Reporter())


def part(function: Function) -> Function:
    """A piece of a kernel that stands by itself to be read, and is compiled into its caller."""
    compiled: Function = numba.njit(forceinline=True, **_OPTIONS)(function)
    return compiled


@part
def mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """A hash of 64 bits, all of them good, of a hash and one more value (the finish is that of MurmurHash3)."""
    state = (state * GOLDEN) ^ (value + GOLDEN)
    state = (state ^ (state >> HALF)) * STIR
    state = (state ^ (state >> HALF)) * SHAKE
    return state ^ (state >> HALF)


@intrinsic  # type: ignore[untyped-decorator]
def float_of(typing: Any, bits: Any) -> Any:
    """The float32 whose bits are those of an int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return numba.float32(numba.int32), generate
