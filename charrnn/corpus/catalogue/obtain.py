"""Get works of the catalogue: from the cache, else from the folder CHARRNN_CORPORA, else from the network."""

import hashlib
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from charrnn.corpus.catalogue import CatalogueEntry, cache, select
from charrnn.errors import Phrase, UserError, cause

Progress = Callable[[CatalogueEntry, int, int], None]  # the work being downloaded, its bytes so far, its bytes in all
Note = Callable[[str], None]  # called with one line for the user

ZIPS = (".zip",)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
TAR_LIMIT = 4 << 30  # bytes, unpacked: no collection is so large, and reading on would seem to hang


@dataclass(frozen=True)
class Fetched:
    """The works that were found and those that were not, each in the order of the request."""

    found: dict[CatalogueEntry, Path]  # in the cache, verified
    missing: dict[CatalogueEntry, Phrase]  # with the reason

    def skipped(self) -> list[str]:
        """Return a line about the missing works for each reason."""
        titles: dict[str, list[str]] = {}
        for entry, reason in self.missing.items():
            titles.setdefault(str(reason), []).append(entry.title)
        count = len(self.found) + len(self.missing)
        return [f"skipped {len(t)} of {count} works: {'; '.join(t)}. Why: {reason}" for reason, t in titles.items()]


def obtain(
    name: str, mirror: str | None = None, progress: Progress | None = None, note: Note | None = None
) -> list[tuple[CatalogueEntry, Path]]:
    """Return the works of a name with their verified files; `note` is called for those that are missing.

    Raises UserError if the name means no work, or if none of its works is found.
    """
    fetched = fetch(select(name), mirror, progress, note)
    require(name, fetched)
    if note:
        for line in fetched.skipped():
            note(line)
    return list(fetched.found.items())


def require(name: str, fetched: Fetched) -> None:
    """Raise UserError unless at least one of the works of `name` was found."""
    works = select(name)
    if not any(entry in fetched.found for entry in works):
        reason = fetched.missing[works[0]]
        if len(works) == 1:
            raise UserError("work-unavailable", name=name, title=works[0].title, reason=reason)
        raise UserError("works-unavailable", name=name, count=len(works), reason=reason)


def fetch(
    entries: Sequence[CatalogueEntry],
    mirror: str | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
) -> Fetched:
    """Get works; a missing one hinders no other.

    mirror: an http(s) address to ask instead of the works' own: MIRROR/<collection>/<file>. progress: called during
    downloads. note: called for what cannot be read in CHARRNN_CORPORA. Raises UserError if the mirror is no address.
    """
    if mirror and urlsplit(mirror).scheme not in ("http", "https"):
        raise UserError("not-an-address", setting="--mirror", found=mirror)
    found = {entry: path for entry in entries if (path := cache.find(entry))}
    wanted = [entry for entry in entries if entry not in found]
    if wanted and (stick := os.environ.get("CHARRNN_CORPORA")):
        for entry, data in search(Path(stick), wanted, note or (lambda line: None)):
            found[entry] = cache.store(entry, data)
    wanted = [entry for entry in wanted if entry not in found]
    missing = _from_network(wanted, mirror, progress, found) if wanted else {}
    return Fetched({entry: found[entry] for entry in entries if entry in found}, missing)


def _from_network(
    wanted: Sequence[CatalogueEntry], mirror: str | None, progress: Progress | None, found: dict[CatalogueEntry, Path]
) -> dict[CatalogueEntry, Phrase]:
    """Download works and add them to `found`; return the others with the reason."""
    import requests

    missing: dict[CatalogueEntry, Phrase] = {}
    silent: dict[str, Phrase] = {}  # hosts that do not answer, and why: they are not asked for other works
    with requests.Session() as session:
        for entry in wanted:
            url = f"{mirror.rstrip('/')}/{entry.collection}/{entry.file}" if mirror else entry.address
            host = urlsplit(url).netloc
            if host in silent:
                missing[entry] = silent[host]
                continue

            def report(done: int, entry: CatalogueEntry = entry) -> None:
                if progress:
                    progress(entry, done, entry.bytes)

            try:
                found[entry] = cache.download(session, url, entry, report)
            except cache.Unreachable as error:
                silent[host] = missing[entry] = error
            except cache.Refused as error:
                missing[entry] = error
    return missing


def search(folder: Path, wanted: Iterable[CatalogueEntry], note: Note) -> Iterator[tuple[CatalogueEntry, bytes]]:
    """Yield the wanted works anywhere under a folder, under any name, as files or in archives, with their bytes.

    Only what has the size of a wanted work is hashed. Archives come last, the smallest first; each is read once, and
    none after all works are found. What cannot be read is skipped, and `note` is called.
    """
    missing = {entry.sha256: entry for entry in wanted}
    sizes = {entry.bytes for entry in missing.values()}
    files = sorted((path.name.lower().endswith(ZIPS + TARS), size, path) for path, size in _files(folder, note))
    for is_archive, size, path in files:
        if not missing:
            return
        try:
            if size in sizes:
                candidates: Iterable[bytes] = [path.read_bytes()]
            elif is_archive:
                candidates = (_in_zip if path.name.lower().endswith(ZIPS) else _in_tar)(path, sizes, note)
            else:
                continue
            for data in candidates:
                if entry := missing.pop(hashlib.sha256(data).hexdigest(), None):
                    yield entry, data
        except Exception as error:  # a damaged archive can fail in any way
            why = cause(error) if isinstance(error, OSError) and error.errno else "damaged"
            note(f"{path}: skipped, it cannot be read ({why})")


def _files(folder: Path, note: Note) -> Iterator[tuple[Path, int]]:
    """Yield all regular files under a folder with their sizes in bytes; links to files count, links to folders not."""
    if not folder.is_dir():
        note(f"CHARRNN_CORPORA: expected a folder, found none at {folder}")
        return
    for parent, _, names in os.walk(folder, onerror=lambda error: note(f"{error.filename}: skipped ({cause(error)})")):
        for name in names:
            path = Path(parent, name)
            try:
                status = path.stat()
            except OSError:  # a broken link
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status.st_size


def _in_zip(path: Path, sizes: Collection[int], _note: Note) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.file_size in sizes and not member.flag_bits & 1:  # bit 0: encrypted
                yield archive.read(member)


def _in_tar(path: Path, sizes: Collection[int], note: Note) -> Iterator[bytes]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.offset > TAR_LIMIT:
                note(f"{path}: only its first {TAR_LIMIT >> 30} GiB were searched")
                return
            if member.isreg() and member.size in sizes and (file := archive.extractfile(member)):
                yield file.read()
