"""What all compiled loops share: how they are compiled, one hash, and a number made of bits."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba.core import event
from numba.extending import intrinsic

from charrnn.compiled import compilation
from charrnn.paths import kernel_sources

Function = TypeVar("Function", bound=Callable[..., Any])

Number = Any
"""An integer in a kernel, of whatever width the compiler finds. (Mixed with signed ones, those of uint64 would turn to
floats: where they meet, one is converted.)"""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # three odd constants without pattern: of the golden ratio, and Stafford's
STIR = np.uint64(0xBF58476D1CE4E5B9)
SHAKE = np.uint64(0x94D049BB133111EB)
HALF = np.uint64(32)


# Without `_nrt`, numba's own counting of references, no array can be made within, but none is counted either at each
# use of a field, which took a quarter of the time.


def kernel(function: Function) -> Function:
    """Compiled at its first call, kept on disk for the next process; other threads of Python go on meanwhile."""
    compiled: Function = numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy", _nrt=False)(function)
    # What is on disk is good as long as the kernel's own file is the same, to numba, which forgets the parts.
    kept = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if kept is not None and hasattr(kept, "_source_stamp"):
        kept._source_stamp = kernel_sources()
    return compiled


def announced(name: str) -> Callable[[Function], Function]:
    """Decorate a kernel that takes seconds to compile: `compilation` then tells whoever waits, under this name."""

    def register(kernel: Function) -> Function:
        _names[kernel] = name
        return kernel

    return register


_names: dict[Any, str] = {}


class _Reporter(event.Listener):  # type: ignore[misc]
    """Hears from numba when it compiles a function, which it does only if its cache does not hold it."""

    def on_start(self, compiling: Any) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            compilation.begun(name)

    def on_end(self, compiling: Any) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            compilation.ended(name)


event.register("numba:compile", _Reporter())


def part(function: Function) -> Function:
    """A piece of a kernel that stands by itself to be read, and is compiled into its caller."""
    compiled: Function = numba.njit(nogil=True, fastmath=True, error_model="numpy", forceinline=True, _nrt=False)(
        function
    )
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
