"""Compilation of loops: decorators over numba, the disk cache, announcements; and a hash that all loops share."""

import functools
import os
import shutil
import threading
from collections.abc import Callable, Sequence
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
from charrnn.compiled.hashing import GOLDEN, HALF, SHAKE, STIR

Function = TypeVar("Function", bound=Callable[..., object])

Number = Any
"""An integer in a kernel, of any width. uint64 mixed with signed integers would become a float: convert one of them."""

_lock = threading.Lock()


# Without `_nrt`, numba's reference counting, loops cannot create arrays; counting took a quarter of the time.
_OPTIONS = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile a function at its first call, cache the machine code on disk, and run it without the GIL."""
    with _lock:  # numba reads the setting while decorating
        before, config.CACHE_DIR = config.CACHE_DIR, str(_folder(function.__module__))
        try:
            compiled: Function = numba.njit(cache=True, no_cfunc_wrapper=True, **_OPTIONS)(function)
        finally:
            config.CACHE_DIR = before
    return compiled


@functools.cache
def _folder(module: str) -> Path:
    """Return the cache folder of a module's machine code for its present sources; remove older ones.

    numba's own cache checks only the kernel's file, and misses changes of imported parts and constants.
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
    """Announce the compilation of a slow kernel to the listeners of `charrnn.compiled`, by this name."""

    def register(kernel: Function) -> Function:
        _names[kernel] = name
        return kernel

    return register


_names: dict[object, str] = {}


class _Reporter(event.Listener):  # type: ignore[misc]
    """Announces the compilations of numba, which omits those of cached functions."""

    def on_start(self, compiling: event.Event) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            notices.begun(name)

    def on_end(self, compiling: event.Event) -> None:
        if name := _names.get(compiling.data["dispatcher"]):
            notices.ended(name)


event.register("numba:compile", _Reporter())


def part(function: Function) -> Function:
    """Compile a function into the kernels that call it. From Python, only its `py_func` may be called.

    It has no wrapper for Python: those of functions with many arrays were half of all that was compiled.
    """
    compiled: Function = numba.njit(
        forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS
    )(function)  # fmt: skip
    return compiled


@part
def mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """Return the 64-bit hash of a hash and one more value (with the finalizer of MurmurHash3)."""
    state = (state * GOLDEN) ^ (value + GOLDEN)
    state = (state ^ (state >> HALF)) * STIR
    state = (state ^ (state >> HALF)) * SHAKE
    return state ^ (state >> HALF)


@intrinsic  # type: ignore[untyped-decorator]
def float_of(typing: object, bits: object) -> tuple[object, Callable[..., ir.Value]]:
    """Return the float32 with the bits of an int32."""

    def generate(context: object, builder: ir.IRBuilder, signature: object, arguments: Sequence[ir.Value]) -> ir.Value:
        return builder.bitcast(arguments[0], ir.FloatType())

    return numba.float32(numba.int32), generate
