"""The steps of a training run, and announcements of them to whoever waits. Imports no torch."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, get_args

Stage = Literal[
    "starting", "reading", "choosing", "counting", "probing", "comparing", "learning", "calibrating", "writing"
]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In order. Some runs leave some out: counting, or choosing the model to start from."""

# Environment variables of a process that a Workshop started: when it was ordered, in POSIX seconds, and where its steps
# are to be written.
ORDERED, WRITTEN = "CHARRNN_ORDERED", "CHARRNN_STEPS"

Listener = Callable[[Stage, float | None], None]
_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener` with each step that a run of this process enters, and with the seconds left, if known."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def enter(stage: Stage, left: float | None = None) -> None:
    """Announce that a run enters a step, and so leaves the one before. left: seconds until the run ends, if known."""
    for listener in _listeners:
        listener(stage, left)


def ordered(now: float) -> float:
    """Return the POSIX time at which this process was ordered; `now` if nobody says."""
    try:
        return min(float(os.environ[ORDERED]), now)
    except (KeyError, ValueError):
        return now


def telling() -> AbstractContextManager[None]:
    """A context in which each step is written down for the Workshop that started this process, if one did."""

    def tell(stage: Stage, left: float | None) -> None:
        if path := os.environ.get(WRITTEN):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{stage} {time.time()} {'' if left is None else left}\n")

    return listening(tell)
