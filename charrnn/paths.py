"""The cache directory, for what can be made again, and hashes of the sources that compiled loops depend on."""

import ast
import functools
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charrnn.errors import UserError, cause

PACKAGE = Path(__file__).parent


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
