"""In: Python loops over arrays. Out: machine code, cached on disk, and announcements of compilations.

Read `kernels.py` next, then

    translator.py    a function of Python → the language of LLVM, the compiler; `program.py`: all that it calls, too
    instructions.py  the types, values and instructions of that language
    numeric.py       what loops compute in place of NumPy's functions
    machine.py       that language → machine code, by LLVM

This file loads none of them, so a command can listen before it knows whether it needs a loop.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str], None]

_lock = threading.Lock()
_listeners: list[Listener] = []
_under_way: list[str] = []  # names of loops
_thread = threading.local()


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
