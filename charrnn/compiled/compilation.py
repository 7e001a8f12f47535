"""Notices for whoever waits while loops are compiled: kernels report here, commands and the page listen.

Loads no numba, so that a command can listen before it knows whether it needs any loop.
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
    """Call `listener` with the name of loops ("counts", "engine") before they are compiled; at once, if they just are.

    Once for each name, in whichever thread compiles. Loops that numba has in its cache are loaded without a word.
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
    """Report that the compilation of these loops begins; within that of others, in this thread, it is part of that."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    if _thread.depth > 1:
        return
    with _lock:
        _under_way.append(name)
        listeners = list(_listeners)
    for listener in listeners:
        listener(name)


def ended(name: str) -> None:
    """Report that it has ended."""
    _thread.depth -= 1
    if _thread.depth > 0:
        return
    with _lock:
        _under_way.remove(name)
