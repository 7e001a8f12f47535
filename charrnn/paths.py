"""Where charrnn keeps what it can get again: fetched works and tokenized texts; and when compiled loops are stale."""

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charrnn.errors import UserError, cause


def root() -> Path:
    """$CHARRNN_CACHE, else charrnn's part of the user's cache directory."""
    if given := os.environ.get("CHARRNN_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("charrnn", appauthor=False)


@contextmanager
def writing() -> Iterator[None]:
    """A context in which the cache is written: where that fails, the UserError names CHARRNN_CACHE."""
    try:
        yield
    except OSError as error:
        raise UserError("cache-not-writable", folder=root(), cause=cause(error)) from None


@functools.cache
def kernel_sources() -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of each file that compiled loops are made of."""
    package = Path(__file__).parent
    files = [
        path for room in ("compiled", "ngram", "sampling/compiled") for path in sorted((package / room).rglob("*.py"))
    ]
    facts = [(file.name, file.stat()) for file in files]
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in facts)
