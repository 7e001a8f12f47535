"""Works in the cache: whole and verified, or absent; and their downloads into it.

ROOT/corpora/<collection>/<file>     the works
ROOT/corpora/.unfinished/<id>.lock   lets one process at a time fetch a work
ROOT/corpora/.unfinished/<id>/       what has arrived of it; removed when the work is complete

pooch verifies and places a download; the transfer is ours, as pooch 1.9 restarts a download that was cut off.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from charrnn import paths
from charrnn.corpus.catalogue import CatalogueEntry
from charrnn.errors import Phrase, cause

if TYPE_CHECKING:
    from requests import Response, Session

PART = "part"  # the unfinished file that a later download continues
TIMEOUT = (4.0, 20.0)  # seconds until a connection, per address of the host, and until the next bytes
ATTEMPTS = 5  # how often a download that is cut off is continued at once
CHUNK = 1 << 16  # bytes


class Unreachable(Phrase, Exception):
    """The host does not answer, or asks for a pause: requests for other files would fail as well."""


class Refused(Phrase, Exception):
    """The host does not give this file, or gives another."""


def folder() -> Path:
    """Return the folder of all fetched works."""
    return paths.root() / "corpora"


def place(entry: CatalogueEntry) -> Path:
    """Return the path of a work, whether or not it is there."""
    return folder() / entry.collection / entry.file


def find(entry: CatalogueEntry) -> Path | None:
    """Return the path of a work's file if it is there and verified, else None."""
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
    """A folder to fetch a work in, for one process at a time; others wait for their turn.

    Only `PART` remains of what a killed process left there. Look into the cache again inside: the process before may
    have put the work there. Raises UserError if the cache cannot be written.
    """
    from filelock import FileLock

    workplace = folder() / ".unfinished" / entry.id
    lock = workplace.with_name(f"{entry.id}.lock")
    with paths.writing():
        workplace.parent.mkdir(parents=True, exist_ok=True)
    with paths.writing(), FileLock(lock):
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
                with suppress(OSError):  # not empty: a part to continue
                    workplace.rmdir()
    if done:  # a process that waited for this lock finds the work in the cache, so the lock can go
        with suppress(OSError):
            lock.unlink()


def put(entry: CatalogueEntry, file: Path) -> Path:
    """Move a verified file of `unfinished` to its place, where it appears whole."""
    path = place(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    paths.move(file, path)
    return path


def store(entry: CatalogueEntry, data: bytes) -> Path:
    """Put a work, given by its verified bytes, into the cache."""
    with unfinished(entry) as workplace:
        if path := find(entry):
            return path
        copy = workplace / "copy"
        copy.write_bytes(data)
        return put(entry, copy)


def download(session: "Session", url: str, entry: CatalogueEntry, report: Callable[[int], None]) -> Path:
    """Download a work into the cache, unless another process just did, and return its path.

    A part from an earlier call is continued; if the whole then has another SHA-256, it is downloaded anew, once.
    report: called with the number of bytes that have arrived. Raises Unreachable or Refused; after a cut the part
    stays, after a mismatch nothing does.
    """
    import pooch  # type: ignore[import-untyped]

    pooch.get_logger().setLevel(logging.WARNING)
    with unfinished(entry) as workplace:
        if path := find(entry):
            return path
        part = workplace / PART

        def transfer(url: str, output_file: str, _: object) -> None:
            _complete(session, url, part, entry.bytes, report)
            part.replace(output_file)

        for resumed in [True, False] if part.exists() else [False]:
            try:
                known = f"sha256:{entry.sha256}"
                return put(entry, Path(pooch.retrieve(url, known, entry.file, workplace, downloader=transfer)))
            except ValueError:  # raised by pooch, which has deleted the file: its hash does not match
                if not resumed:
                    raise Refused("host-has-other-file", host=_host(url), digest=entry.sha256[:12]) from None
        raise AssertionError


def _complete(session: "Session", url: str, part: Path, size: int, report: Callable[[int], None]) -> None:
    """Complete `part`, over several connections if necessary, as long as each brings something."""
    from requests import RequestException

    if _length(part) > size:  # a part of another file
        part.unlink()
    for attempt in range(1, ATTEMPTS + 1):
        before = _length(part)
        if before == size:
            return
        try:
            with _answer(session, url, part) as response, part.open("ab") as file:
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    report(min(file.tell(), size))
                    if file.tell() > size:  # another file, whose hash will not match
                        return
            return
        except RequestException as error:
            silent = isinstance(_root(error), TimeoutError)
            if silent or attempt == ATTEMPTS or _length(part) <= before:
                raise (Unreachable if silent else Refused)(
                    "host-broke-off", host=_host(url), received=_length(part), size=size, cause=_why(error)
                ) from None


def _answer(session: "Session", url: str, part: Path) -> "Response":
    """Return the server's answer, whose body continues `part`; if the server lacks that rest, `part` is removed."""
    from requests import RequestException

    have = _length(part)
    headers = {"Accept-Encoding": "identity"}  # bytes of the file, not of its compression
    try:
        response = session.get(
            url, headers=headers | ({"Range": f"bytes={have}-"} if have else {}), stream=True, timeout=TIMEOUT
        )
    except RequestException as error:
        raise Unreachable("host-unreachable", host=_host(url), cause=_why(error)) from None
    fits = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    if have and not (response.status_code == 206 and fits):
        part.unlink()
        if response.status_code in (206, 416):  # another range, or none: ask for all of it
            response.close()
            return _answer(session, url, part)
    if response.status_code not in (200, 206):
        response.close()
        raise (Unreachable if response.status_code in (429, 503) else Refused)(
            "host-refuses", host=_host(url), status=response.status_code, reason=response.reason
        )
    return response


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _root(error: BaseException) -> BaseException:
    """Return the error at the bottom of the chain."""
    while below := error.__cause__ or error.__context__:
        error = below
    return error


def _why(error: Exception) -> Phrase | str:
    root = _root(error)
    if isinstance(root, IncompleteRead):
        return Phrase("connection-closed")
    return cause(root) if isinstance(root, OSError) else str(root) or type(root).__name__
