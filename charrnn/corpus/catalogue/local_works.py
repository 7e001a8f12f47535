"""Find works of the catalogue in a folder, such as a USB stick, by what they hold and not by what they are called."""

import hashlib
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from charrnn.corpus.catalogue.entries import CatalogueEntry
from charrnn.errors import cause

ZIPS = (".zip",)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
TAR_LIMIT = 4 << 30  # bytes, unpacked: no collection is so large, and reading on would seem to hang


def search(
    folder: Path, wanted: Iterable[CatalogueEntry], note: Callable[[str], None]
) -> Iterator[tuple[CatalogueEntry, bytes]]:
    """The wanted works that are anywhere under `folder`, as files or in archives, each once, with its bytes.

    Only what has the size of a wanted work is hashed. Archives come last and the smallest first; each is read once,
    and none any more when all works are found. What cannot be read is skipped and told to `note`.
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


def _files(folder: Path, note: Callable[[str], None]) -> Iterator[tuple[Path, int]]:
    """All regular files under `folder` with their sizes in bytes; links to files count, links to folders do not."""
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


def _in_zip(path: Path, sizes: Collection[int], note: Callable[[str], None]) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.file_size in sizes and not member.flag_bits & 1:  # bit 0: encrypted
                yield archive.read(member)


def _in_tar(path: Path, sizes: Collection[int], note: Callable[[str], None]) -> Iterator[bytes]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.offset > TAR_LIMIT:
                note(f"{path}: only its first {TAR_LIMIT >> 30} GiB were searched")
                return
            if member.isreg() and member.size in sizes and (file := archive.extractfile(member)):
                yield file.read()
