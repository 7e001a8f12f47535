"""Get one file over HTTP: verified by pooch, resumed where an earlier attempt was cut off."""

import logging
from collections.abc import Callable
from http.client import IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from charrnn.corpus.catalogue.cache import PART
from charrnn.corpus.catalogue.entries import CatalogueEntry
from charrnn.errors import Phrase, cause

if TYPE_CHECKING:
    from requests import Response, Session

TIMEOUT = (4.0, 20.0)  # seconds to wait for a connection, per address of the host, and for the next bytes
ATTEMPTS = 5  # how often a download that is cut off goes on at once
CHUNK = 1 << 16  # bytes


class Unreachable(Phrase, Exception):
    """The host does not answer, or asks to be left alone: it is no use to ask it for other files."""


class Refused(Phrase, Exception):
    """This file cannot be had from the host, or is not what it should be."""


def download(session: "Session", url: str, entry: CatalogueEntry, folder: Path, report: Callable[[int], None]) -> Path:
    """Download a work into `folder` and verify its SHA-256.

    What an earlier call left in `folder` / PART is not asked for again; a file that then does not match is asked for
    anew, once. `report` is told how many bytes are there. Raises Unreachable or Refused; after a cut, PART stays,
    after a mismatch nothing does.
    """
    import pooch  # type: ignore[import-untyped]

    pooch.get_logger().setLevel(logging.WARNING)  # the library tells its progress by `report` alone
    part = folder / PART

    def fill(url: str, output_file: str, _: object) -> None:
        _complete(session, url, part, entry.bytes, report)
        part.replace(output_file)

    for resumed in [True, False] if part.exists() else [False]:
        try:
            return Path(pooch.retrieve(url, f"sha256:{entry.sha256}", fname=entry.file, path=folder, downloader=fill))
        except ValueError:  # from pooch, which has deleted the file: its hash does not match
            if not resumed:
                raise Refused("host-has-other-file", host=_host(url), digest=entry.sha256[:12]) from None
    raise AssertionError


def _complete(session: "Session", url: str, part: Path, size: int, report: Callable[[int], None]) -> None:
    """Bring `part` to its full length, over several connections if need be, as long as each brings something."""
    from requests import RequestException

    if _length(part) > size:  # of another file
        part.unlink()
    for attempt in range(1, ATTEMPTS + 1):
        before = _length(part)
        if before == size:
            return
        try:
            with _answer(session, url, part) as response:
                _receive(response, part, size, report)
            return
        except RequestException as error:
            silent = isinstance(_root(error), TimeoutError)
            if silent or attempt == ATTEMPTS or _length(part) <= before:
                raise (Unreachable if silent else Refused)(
                    "host-broke-off", host=_host(url), received=_length(part), size=size, cause=_why(error)
                ) from None


def _answer(session: "Session", url: str, part: Path) -> "Response":
    """The server's answer, whose body continues `part`; where the server has no such rest, `part` is gone."""
    from requests import RequestException

    have = _length(part)
    headers = {"Accept-Encoding": "identity"}  # bytes are counted as the file has them, not as gzip sends them
    try:
        response = session.get(
            url, headers=headers | ({"Range": f"bytes={have}-"} if have else {}), stream=True, timeout=TIMEOUT
        )
    except RequestException as error:
        raise Unreachable("host-unreachable", host=_host(url), cause=_why(error)) from None
    fits = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    if have and not (response.status_code == 206 and fits):
        part.unlink()
        if response.status_code in (206, 416):  # another range than asked for, or none: ask for all of it
            response.close()
            return _answer(session, url, part)
    if response.status_code not in (200, 206):
        response.close()
        raise (Unreachable if response.status_code in (429, 503) else Refused)(
            "host-refuses", host=_host(url), status=response.status_code, reason=response.reason
        )
    return response


def _receive(response: "Response", part: Path, size: int, report: Callable[[int], None]) -> None:
    with part.open("ab") as file:
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            report(min(file.tell(), size))
            if file.tell() > size:  # so it is another file, and its hash will not match
                return


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _root(error: BaseException) -> BaseException:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


def _why(error: Exception) -> Phrase | str:
    """What went wrong at the bottom of it."""
    root = _root(error)
    if isinstance(root, IncompleteRead):
        return Phrase("connection-closed")
    return cause(root) if isinstance(root, OSError) else str(root) or type(root).__name__
