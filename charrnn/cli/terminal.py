"""Texts on a terminal, whose control characters could move the cursor, recolour the screen or type commands.

On a terminal each control character is shown as a sign; files and pipes get it as it is.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STREAMS = ("stdin", "stdout", "stderr")  # by their descriptors: 0, 1, 2
CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}  # ESC → ␛
CONTROLS |= {0x7F: "␡"} | dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "�")
"""The sign of each control character: of ASCII, of Latin-1, and of those that reverse the direction of a line."""


def harmless(text: str) -> str:
    """Return a text with a sign for each control character except tab and line feed."""
    return text.translate(CONTROLS)


class HarmlessStream(io.TextIOWrapper):
    """A terminal that is written to without control characters."""

    def __init__(self, terminal: io.TextIOWrapper) -> None:
        super().__init__(
            terminal.buffer, encoding=terminal.encoding, errors=terminal.errors, line_buffering=True, write_through=True
        )
        self.rich_proxied_file = terminal  # where rich writes, which needs control sequences of its own

    def write(self, text: str, /) -> int:
        return super().write(harmless(text))


def guard() -> None:
    """Set standard output and standard error to UTF-8, and guard them if they are terminals.

    What is closed leads nowhere instead: the next file to be opened would else take its place, and what is said.
    """
    for name in STREAMS:
        if getattr(sys, name) is None:
            nowhere = os.fdopen(os.open(os.devnull, os.O_RDWR), "w", encoding="utf-8", closefd=False)
            if name != "stdin":  # which commands refuse to read
                setattr(sys, name, nowhere)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, HarmlessStream):
            stream.reconfigure(encoding="utf-8", errors="replace")  # whatever the terminal's code page
            if stream.isatty():
                setattr(sys, name, HarmlessStream(stream))


@contextmanager
def unheard() -> Iterator[None]:
    """A context in which messages that nobody reads any more, as in `2>&1 | head`, lead nowhere and end nothing."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def note(line: str) -> None:
    """Write a line to standard error."""
    with unheard():
        print(line.replace("\n", "␊") if sys.stderr.isatty() else line, file=sys.stderr, flush=True)
