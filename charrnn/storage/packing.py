"""A model as one file, `name.charrnn`: a zip of its directory without `training/`, for a stick, a chat, a class.

Only what `pack` writes is read: the files of a model, each once, within the size of its kind, uncompressed or deflated.
Anything else is refused before a byte is written. No torch needed.
"""

import functools
import hashlib
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from charrnn import paths
from charrnn.errors import Phrase, UserError, cause, refusal
from charrnn.storage.registry import LARGEST_CARD, LARGEST_JSON, named_after

SIZES = {
    "config.json": LARGEST_JSON,
    "tokenizer.json": 2**23,
    "tokenizer_config.json": LARGEST_JSON,
    "generation_config.json": LARGEST_JSON,
    "README.md": LARGEST_CARD,
    "learning_curve.png": 2**22,
    "metrics.jsonl": 2**24,
    "passages.safetensors": 2**24,
    "counts.safetensors": 2**29,
    "counts.safetensors.gz": 2**26,
    "model.safetensors": 2**31,
}
"""The files of a model that others get, each with the most bytes that it may have."""

NEEDED = ("config.json", "tokenizer.json", "model.safetensors")
MOST_SHRUNK = 50  # times: numbers shrink by a third, a log ten times, a bomb a thousand times
LARGEST_DIRECTORY = 2**12  # bytes of a pack's list of files, which takes 800
KEPT = 8  # packs that stay unpacked in the cache
BLOCK = 2**20  # bytes read at once
_END = struct.Struct("<4s4H2LH")  # the end of a zip: signature, disks and counts, size and place of the list, comment
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can state: the same model gives the same bytes


def pack(directory: Path, file: Path) -> None:
    """Write a model into a file, durably. The same model gives the same bytes (with the same zlib).

    Raises UserError if a part is missing or larger than `unpack` accepts, or if the file cannot be written.
    """
    try:
        with paths.replacing(file) as target:
            write(directory, target)
    except OSError as error:
        raise UserError("system-refused", name=error.filename or file, cause=cause(error)) from None


def write(directory: Path, target: IO[bytes]) -> None:
    """Write a model into an open file. Raises UserError, or OSError from the disk."""
    found = contents(directory)
    with zipfile.ZipFile(target, "w", allowZip64=False) as archive:
        for name, path in found.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16  # on Windows, too
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".gz", ".png")) else zipfile.ZIP_DEFLATED
            with paths.opened(path) as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, BLOCK)


def contents(directory: Path) -> dict[str, Path]:
    """Return the files of a model that others get, by name. Raises UserError if one is missing or too large."""
    found = {}
    for name, most in SIZES.items():
        path = directory / name
        if name in NEEDED or path.exists():
            try:
                size = path.stat().st_size
            except OSError as error:
                raise UserError("system-refused", name=path, cause=cause(error)) from None
            if size > most:
                raise UserError("part-too-large", path=path, most=most, found=size)
            if _leads_out(path):
                raise UserError("part-leads-out", path=path)
            found[name] = path
    if "counts.safetensors" in found:  # which is read where both are
        found.pop("counts.safetensors.gz", None)
    return found


def _leads_out(path: Path) -> bool:
    """Return whether a file of a model is a link to a file elsewhere, which its owner may not mean to give away.

    The hub's cache keeps the files of all versions of a model in one folder beside them.
    """
    target, home = path.resolve().parent, path.parent.resolve()
    return target not in (home, home.parent.parent / "blobs")


def unpack(file: Path, directory: Path) -> None:
    """Make a model directory, new or in place of an empty one, from a pack. It appears when it is complete.

    All of the model is read first. Raises UserError if that fails, or if `directory` holds anything.
    """
    from charrnn.storage import saved_model

    paths.restore(directory)
    if paths.is_around_us(directory):
        raise UserError("folder-around-us", folder=directory)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UserError("unpack-name-taken", folder=directory)
    with _unpacked(file, directory) as new:
        try:
            saved_model.read(new)
        except UserError as error:
            if isinstance(inner := error.facts.get("path"), Path):
                error.facts["path"] = inner.name  # not where it is unpacked
            raise UserError("pack-unusable", path=file, found=error) from None
        paths.replace_folder(new, directory)


def opened(file: Path) -> Path:
    """Return the directory in the cache that holds the content of a pack, checked anew if the file has changed."""
    try:
        status = file.stat()
        folder = _opened(file, status.st_size, status.st_mtime_ns)
        if not folder.is_dir():  # another process has unpacked many since
            _opened.cache_clear()
            folder = _opened(file, status.st_size, status.st_mtime_ns)
        return folder
    except OSError as error:
        raise UserError("system-refused", name=error.filename or file, cause=cause(error)) from None


@functools.lru_cache(maxsize=KEPT)  # a command finds its model several times
def _opened(file: Path, _size: int, _modified: int) -> Path:
    from filelock import FileLock

    with paths.opened(file) as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()[:32]  # type: ignore[arg-type]
    kept = paths.root() / "packs"
    folder = kept / digest / named_after(file.name)  # the model is called like the file
    with paths.writing():
        kept.mkdir(parents=True, exist_ok=True)
    with paths.writing(), FileLock(kept / "lock"):
        if not folder.is_dir():
            with _unpacked(file, folder) as new:
                paths.replace_folder(new, folder)
        os.utime(folder.parent)
        for old in sorted(kept.glob("[0-9a-f]*"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return folder


@contextmanager
def _unpacked(file: Path, directory: Path) -> Iterator[Path]:
    """Yield a folder beside `directory` with the files of a pack; what is left of it at the end is removed."""
    with _checked(file) as (archive, entries):
        directory.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_stale(directory.parent, ".unpacked-*")
        new = Path(tempfile.mkdtemp(prefix=".unpacked-", dir=directory.parent))
        new.chmod(0o755)
        try:
            try:
                for name, entry in entries.items():
                    _write_part(file, archive, entry, new / name)
            except OSError as error:
                error.filename = str(directory)  # a full disk is that one, not the pack's
                raise
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _write_part(file: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Unpack a file, no further than its size in the list, and check its sum."""
    left = entry.file_size
    try:
        with archive.open(entry) as packed, target.open("xb") as copy:
            while block := packed.read(min(BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    raise EOFError
                copy.write(block)
        if left:
            raise EOFError
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise UserError("pack-damaged", path=file) from None


@contextmanager
def _checked(file: Path) -> Iterator[tuple[zipfile.ZipFile, Mapping[str, zipfile.ZipInfo]]]:
    """Open a pack, and yield it with its entries. Raises UserError for anything that `pack` does not write."""
    try:
        with paths.opened(file) as source:
            _check_end(file, source)
            try:
                archive = zipfile.ZipFile(source)
            except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
                raise UserError("pack-damaged", path=file) from None
            with archive:
                yield archive, _entries(file, archive)
    except OSError as error:
        error.filename = error.filename or str(file)
        raise refusal(error) from None


def _check_end(file: Path, source: IO[bytes]) -> None:
    """Refuse a file whose list of files does not stand at its end and is not as short as a pack's.

    zipfile would read a list of any length, and looks for one in the whole file.
    """
    begin, size = source.read(4), source.seek(0, os.SEEK_END)
    if begin != b"PK\3\4":
        raise UserError("not-a-pack", path=file)
    source.seek(max(size - LARGEST_DIRECTORY, 0))
    tail = source.read(LARGEST_DIRECTORY)
    signature, disk, first_disk, here, count, length, place, comment = _END.unpack(tail[-_END.size :].rjust(_END.size))
    if signature != b"PK\5\6" or comment or disk or first_disk or here != count or place + length + _END.size != size:
        raise UserError("pack-damaged", path=file)
    if count > len(SIZES) or length > LARGEST_DIRECTORY - _END.size or b"PK\6\7" in tail:  # zip64 lists more
        raise UserError("pack-foreign", path=file, found=Phrase("pack-entries", count=count))
    source.seek(0)


def _entries(file: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the entries of a pack by name. Raises UserError for what no model has."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
        if name not in SIZES or name in entries or entry.flag_bits & 1 or kind not in (0, stat.S_IFREG):
            raise UserError("pack-foreign", path=file, found=repr(name[:80]))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UserError("pack-foreign", path=file, found=repr(name))
        if entry.file_size > SIZES[name]:
            raise UserError("part-too-large", path=f"{file}: {name}", most=SIZES[name], found=entry.file_size)
        if entry.file_size > MOST_SHRUNK * max(entry.compress_size, LARGEST_JSON):
            raise UserError("pack-bomb", path=file, name=name, found=entry.file_size, packed=entry.compress_size)
        entries[name] = entry
    if missing := [name for name in NEEDED if name not in entries]:
        raise UserError("pack-incomplete", path=file, missing=", ".join(missing))
    return entries
