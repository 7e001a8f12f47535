"""The cache directory; safe reading and durable writing of files; hashes of the sources of compiled loops."""

import errno
import functools
import hashlib
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from charrnn.errors import UserError, cause

PACKAGE = Path(__file__).parent
OLD = ".charrnn-old"  # ends the name of a folder while another takes its place
STALE = 3600.0  # seconds after which a temporary file is one that a killed process left
_IMPORT = re.compile(r"^from (charrnn[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)  # parsing takes ten times as long
LARGEST_LOG = 2**27  # bytes: a line each second for a week


def root() -> Path:
    """Return $CHARRNN_CACHE, or else charrnn's folder in the user's cache directory."""
    if given := os.environ.get("CHARRNN_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("charrnn", appauthor=False)


def secret() -> bytes:
    """Return 32 random bytes of this cache directory, which tell its own runs from those of others."""
    path = root() / "secret"
    with suppress(OSError):
        if len(found := read(path, 32)) == 32:
            return found
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, os.urandom(32))
        path.chmod(0o600)
        return read(path, 32)  # another process may have been quicker


def is_unicode(name: str) -> bool:
    """Return whether a file's name is Unicode: on Linux it may be any bytes, as in archives of old systems."""
    try:
        return bool(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def is_loop(path: Path) -> bool:
    """Return whether links of a path lead to themselves: it is nowhere to be found, but nothing can be made there."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


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
        if (row := json_row(line)) is not None or line is not lines[-1]:
            yield row


def json_row(line: bytes) -> dict[str, object] | None:
    """Return the JSON object in a line, or None if there is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


# Files and folders that a crash or a power cut leaves as they were before or as they should be


def write(path: Path, data: bytes) -> None:
    """Replace a file by these bytes, durably."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that durably takes the place of `path` if the block succeeds; else `path` stays as it was.

    What killed processes left of earlier attempts is removed after an hour.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}{path.suffix}")
    remove_stale(path.parent, f".{path.name}-*{path.suffix}")
    try:
        with temporary.open("wb") as file:
            yield file
        move(temporary, path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the name that the user knows
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


def move(source: Path, target: Path) -> None:
    """Give a finished file the name `target`, in place of a file that has it, durably."""
    sync(source)
    source.replace(target)
    sync(target.parent)


def replace_folder(new: Path, target: Path) -> None:
    """Give a finished folder the name `target`, in place of a folder that has it, durably.

    There is a moment without either; `restore` ends it if the process was killed then.
    """
    for path in [*new.rglob("*"), new]:
        sync(path)
    restore(target)
    old = _hidden(target)
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:  # also Ctrl-C
        with suppress(OSError):
            old.rename(target)
        raise
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def is_around_us(folder: Path) -> bool:
    """Return whether a folder is the working directory or holds it: replaced, it would be gone from under the shell."""
    return Path.cwd().is_relative_to(folder.resolve())


def restore(target: Path) -> None:
    """Undo or complete a `replace_folder` that was killed. Where there is nothing to do, it only looks."""
    with suppress(OSError, ValueError):  # the latter for a path without a name
        if (old := _hidden(target)).is_dir():
            if target.exists() and any(target.iterdir()):
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.rename(target)
                sync(target.parent)


def _hidden(target: Path) -> Path:
    """Return the name of a folder while another takes its place."""
    return target.with_name(f".{target.name}{OLD}")


def remove_stale(folder: Path, pattern: str, age: float = STALE) -> None:
    """Remove the files and folders of a pattern that nothing was written to for so many seconds."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime >= age:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def sync(path: Path) -> None:
    """Wait until a file or the names in a folder are on the disk. (Windows cannot open folders, and needs it not.)"""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that has no such thing
            raise
    finally:
        os.close(handle)


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
    for module, listed in _IMPORT.findall(source.decode()):
        parts = re.sub("#.*", "", listed).strip("() ").split(",")
        names += [module, *(f"{module}.{part.split()[0]}" for part in parts if part.strip())]
    return tuple(names)
