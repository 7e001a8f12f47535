"""Where fetched works are kept. A work is there whole and verified, or it is not there.

ROOT/corpora/<collection>/<file>     the works
ROOT/corpora/.unfinished/<id>.lock   one process at a time gets a work
ROOT/corpora/.unfinished/<id>/       what it has got of it so far; gone when the work is there
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from charrnn import paths as places
from charrnn.corpus.catalogue.entries import CatalogueEntry

PART = "part"  # the one unfinished file that a later download goes on with


def folder() -> Path:
    """The folder of all fetched works."""
    return places.root() / "corpora"


def place(entry: CatalogueEntry) -> Path:
    """Where the work is kept, whether or not it is there."""
    return folder() / entry.collection / entry.file


def find(entry: CatalogueEntry) -> Path | None:
    """The work's file if it is there and is what the catalogue says; a damaged one counts as not there."""
    path = place(entry)
    try:
        if path.stat().st_size != entry.bytes:
            return None
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
    return path if digest == entry.sha256 else None


@contextmanager
def unfinished(entry: CatalogueEntry) -> Iterator[Path]:
    """A folder to get one work in, for one process at a time; others wait here for their turn.

    Of what an earlier, killed process left there, only `PART` is still there. Whoever comes in should look into the
    cache again: the process before may have put the work there. Raises UserError if the cache cannot be written.
    """
    from filelock import FileLock

    workplace = folder() / ".unfinished" / entry.id
    lock = workplace.with_name(f"{entry.id}.lock")
    with places.writing():
        workplace.parent.mkdir(parents=True, exist_ok=True)
    with places.writing(), FileLock(lock):
        workplace.mkdir(exist_ok=True)
        for path in workplace.iterdir():
            if path.name != PART:
                path.unlink()
        try:
            yield workplace
        finally:
            if done := find(entry) is not None:
                shutil.rmtree(workplace, ignore_errors=True)
            else:
                with suppress(OSError):  # not empty: something to go on with
                    workplace.rmdir()
    if done:  # who waited for this very lock finds the work in the cache, so that nobody needs it any more
        with suppress(OSError):
            lock.unlink()


def put(entry: CatalogueEntry, file: Path) -> Path:
    """Move a verified file of `unfinished` to its place, where it appears whole."""
    path = place(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    return file.replace(path)


def store(entry: CatalogueEntry, data: bytes) -> Path:
    """Put a work into the cache. `data` are its bytes, verified."""
    with unfinished(entry) as workplace:
        if path := find(entry):
            return path
        copy = workplace / "copy"
        copy.write_bytes(data)
        return put(entry, copy)
