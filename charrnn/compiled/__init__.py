"""In: Python loops over arrays. Out: machine code, cached on disk, and announcements of compilations.

Read `kernels.py` next, then

    translator.py    a function of Python → the language of LLVM, the compiler; `program.py`: all that it calls, too
    expressions.py   what its expressions compute
    instructions.py  the types, values and instructions of that language
    numeric.py       what loops compute in place of NumPy's functions
    machine.py       that language → machine code, by LLVM

This file loads none of them, so a command can listen, or look for machine code, before it needs a loop.
"""

import functools
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from charrnn import paths

Listener = Callable[[str], None]

_lock = threading.Lock()
_listeners: list[Listener] = []
_under_way: list[str] = []  # names of loops
_thread = threading.local()


def aside(*arguments: object) -> None:
    """Run `python -m` with these arguments in a process that may outlive this one. Raises OSError."""
    import subprocess  # which most commands need not load

    process = subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()  # else it would be left as a zombie


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener` with a name ("counts", "engine") when the loops of that name start compiling, in any thread.

    Each name is reported once; at once if its loops are already compiling. Cached loops are not reported.
    """
    heard: set[str] = set()

    def once(name: str) -> None:
        if name not in heard:
            heard.add(name)
            listener(name)

    with _lock:
        _listeners.append(once)
        names = list(_under_way)
    try:
        for name in names:
            once(name)
        yield
    finally:
        with _lock:
            _listeners.remove(once)


def begun(name: str) -> None:
    """Report that loops start compiling. Compilations within others, in one thread, are not reported."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    if _thread.depth > 1:
        return
    with _lock:
        _under_way.append(name)
        listeners = list(_listeners)
    for listener in listeners:
        listener(name)


def ended(name: str) -> None:
    """Report that these loops are compiled."""
    _thread.depth -= 1
    if _thread.depth > 0:
        return
    with _lock:
        _under_way.remove(name)


@functools.cache
def folder_of(module: str) -> Path:
    """Return the folder of a module's machine code for its present sources and all they import; remove older ones.

    It exists once the module's loops have begun to be compiled.
    """
    own, given = paths.PACKAGE / "__pycache__", os.environ.get("CHARRNN_LOOPS")
    base = Path(given) if given else own if _is_writable(own) else paths.root() / "loops"
    folder = base / f"{module}-{paths.sources_of(module)}"
    for old in base.glob(f"{module}-*") if not folder.exists() else ():
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _is_writable(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)
