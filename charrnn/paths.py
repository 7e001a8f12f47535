"""The cache directory, for what can be made again; safe reading of files; hashes of the sources of compiled loops."""

import ast
import errno
import functools
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from charrnn.errors import UserError, cause

PACKAGE = Path(__file__).parent
LARGEST_LOG = 2**27  # bytes: a line each second for a week


def root() -> Path:
    """Return $CHARRNN_CACHE, or else charrnn's folder in the user's cache directory."""
    if given := os.environ.get("CHARRNN_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("charrnn", appauthor=False)


@contextmanager
def writing() -> Iterator[None]:
    """Turn an OSError while the cache is written into a UserError that names CHARRNN_CACHE."""
    try:
        yield
    except OSError as error:
        raise UserError("cache-not-writable", folder=root(), cause=cause(error)) from None


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a regular file for reading. Raises OSError for anything else: a pipe would wait, a device never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            raise OSError(errno.EISDIR if stat.S_ISDIR(kind) else errno.ENXIO, "not a file", str(path))
        with open(handle, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(handle)


def read(path: Path, most: int) -> bytes:
    """Return the contents of a regular file. Raises OSError, also if it holds more than `most` bytes."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size <= most and len(data := file.read(most + 1)) <= most:
            return data
    raise OSError(errno.E2BIG, f"more than {most:,} bytes", str(path))


def read_json(path: Path, most: int) -> object:
    """Return the value in a JSON file of at most `most` bytes. Raises OSError, or ValueError if it is damaged."""
    try:
        return json.loads(read(path, most))
    except RecursionError:
        raise ValueError(f"{path}: nested too deeply") from None


def rows(path: Path) -> Iterator[dict[str, object] | None]:
    """Yield the JSON object in each line of a log, or None for a line without one.

    A half-written last line is left out, and of an enormous log all but its end. Raises OSError.
    """
    with opened(path) as file:
        start = max(os.fstat(file.fileno()).st_size - LARGEST_LOG, 0)
        file.seek(start)
        lines = file.read(LARGEST_LOG).split(b"\n")  # splitlines() also splits at rarer line ends, which samples hold
    for line in lines[start > 0 :]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield row
        elif line is not lines[-1]:
            yield None


def sources_of(module: str) -> str:
    """Return a hash of the sources of a module of charrnn and of all modules that it imports, directly or not.

    `charrnn.errors` is left out, since it only holds texts.
    """
    found: dict[Path, bytes] = {}
    _collect(module, found)
    named = (f"{file.relative_to(PACKAGE)}\0".encode() + text for file, text in sorted(found.items()))
    return hashlib.sha256(b"\0".join(named)).hexdigest()[:16]


def _collect(module: str, found: dict[Path, bytes]) -> None:
    base = PACKAGE.parent.joinpath(*module.split("."))
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    if file in found or not file.is_file() or module.startswith("charrnn.errors"):
        return
    found[file] = file.read_bytes()
    for name in _imports(found[file]):
        _collect(name, found)


@functools.cache
def _imports(source: bytes) -> tuple[str, ...]:
    """Return the modules of charrnn that a source imports, and the imported names, which may be modules, too."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("charrnn"):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)
