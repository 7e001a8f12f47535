"""Names → documents: files, folders, globs, compressed files, archives, standard input, works of the catalogue.

Nothing is ever unpacked under a name that an archive chooses, and nothing unpacks to more than it may.
"""

import bz2
import glob
import gzip
import io
import lzma
import os
import posixpath
import struct
import sys
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

from charrnn.errors import Phrase, UserError, cause

Note = Callable[[str], None]  # told, in one line, what is left out or decided on the way

SUFFIXES = {".txt", ".text", ".md", ".markdown", ".xml", ".tei", ".html", ".htm", ".xhtml"}
ENDINGS = ", ".join(sorted(SUFFIXES))
PACKED = {".gz", ".xz", ".bz2"}
ARCHIVES = {".zip", ".tar", ".tgz", ".txz", ".tbz2", ".epub"}
FOREIGN = {  # by their first bytes: what people have texts in, but is none
    b"%PDF": Phrase("a-pdf"), b"{\\rtf": Phrase("an-rtf"), b"\xd0\xcf\x11\xe0": Phrase("a-word-document"),
    b"7z\xbc\xaf": Phrase("a-7z-archive"), b"Rar!": Phrase("a-rar-archive"), b"\x89PNG": Phrase("an-image"),
    b"\xff\xd8\xff": Phrase("an-image"), b"GIF8": Phrase("an-image"),
}  # fmt: skip
IN_MEMORY = 2**25  # bytes of an unpacked document above which it waits on disk
FREE, RATIO = 2**26, 200  # what a file may unpack to: 64 MiB, or 200 times its size. Text packs 2 to 10 times.
CHUNK = 2**20
CONTAINER = "META-INF/container.xml"  # that an e-book has, and that names the list of its chapters
LISTING = 2**22  # bytes of such a list that are read


def silent(_line: str) -> None:
    """The note that nobody hears."""


class Document:
    """The bytes of one text, to be opened any number of times."""

    def __init__(self, name: str, source: Path | bytes) -> None:
        """name: as shown, such as `livros.zip/dom.txt`; source: where the bytes are, or the bytes."""
        self.name, self.source = name, source

    def open(self) -> IO[bytes]:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    @property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


def files(names: Sequence[str | Path], note: Note = silent) -> list[tuple[str, Path]]:
    """The files that `names` stand for, each with the name to show.

    A name is a file, a folder (read recursively, in name order), a glob, `-` for standard input, or a work,
    author or collection of the catalogue. What exists under that name wins over the catalogue.

    Raises UserError for a name that stands for nothing.
    """
    found = []
    for name in map(str, names):
        with reading("standard input" if name == "-" else name):
            found += _files(name, note)
    return list({path.resolve(): (shown, path) for shown, path in reversed(found)}.values())[::-1]  # each once


def documents(names: Sequence[str | Path], note: Note = silent) -> Iterator[Document]:
    """The documents in `files(names)`, archives opened. Raises UserError if one is damaged or unsafe."""
    for shown, path in files(names, note):
        yield from unpack(shown, path, note)


def unpack(shown: str, path: Path, note: Note = silent) -> Iterator[Document]:
    """The documents in one file: itself, or what is in it. Raises UserError if it is damaged or unsafe."""
    with _unpacking(shown), path.open("rb") as file:
        head = file.read(6)
        file.seek(0)
        if (kind := next((kind for start, kind in FOREIGN.items() if head.startswith(start)), None)) is not None:
            raise UserError("not-plain-text", name=shown, found=kind)
        if head.startswith((b"PK\3\4", b"PK\5\6")):
            yield from _zip(shown, path, note)
            return
        stream = _unpacked(file, head, shown, path.stat().st_size)
        start = stream.read(512)
        if start[257:262] == b"ustar":
            file.seek(0)
            yield from _tar(shown, _unpacked(file, head, shown, path.stat().st_size), path.stat().st_size, note)
        elif stream is file:
            yield Document(shown, path)
        else:
            yield Document(shown, _kept(_chain(start, iter(lambda: stream.read(CHUNK), b""))))


def _files(name: str, note: Note) -> list[tuple[str, Path]]:
    path = Path(name)
    if not name:
        raise UserError("empty-name")
    if name == "-":
        if sys.stdin is None:
            raise UserError("stdin-closed")
        return [("standard input", _spooled(sys.stdin.buffer))]
    if path.is_dir():
        return _folder(path, note)
    if path.is_fifo():
        with path.open("rb") as pipe:
            return [(name, _spooled(pipe))]
    if path.exists():
        if not path.is_file():
            raise UserError("not-a-regular-file", name=name)
        return [(name, path)]
    if path.is_symlink():
        raise UserError("link-to-nothing", name=name)
    if glob.has_magic(name):
        matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 - absolute ones too
        found = [(str(match), match) for match in matches if match.is_file()]
        if not found:  # a pattern of folders
            found = [file for match in matches if match.is_dir() for file in _folder(match, note)]
        if not found:
            raise UserError("no-file-of-pattern", name=name)
        return found
    return _catalogued(name, note)


def _catalogued(name: str, note: Note) -> list[tuple[str, Path]]:
    from charrnn.corpus.catalogue import entries, obtain

    if not entries.is_catalogue_name(name):
        raise UserError("no-such-text", name=name, close=entries.close(name))
    return [(f"{entry.collection}:{entry.id}", path) for entry, path in obtain.obtain(name, note=note)]


def _folder(folder: Path, note: Note) -> list[tuple[str, Path]]:
    """The texts and archives under a folder; hidden ones are passed over, others are told of."""
    found, skipped = [], []

    def unreadable(error: OSError) -> None:
        note(f"{error.filename}: left out ({cause(error)})")

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if name.startswith("."):
                continue
            if path.is_file() and path.stat().st_size and (_readable(name) or path.suffix.lower() in ARCHIVES):
                found.append((str(path), path))
            else:
                skipped.append(str(path.relative_to(folder)))
    _tell_skipped(str(folder), skipped, note)
    if not found:
        raise UserError("folder-without-texts", name=folder, endings=ENDINGS)
    return found


def _readable(name: str) -> bool:
    """Whether a name found in a folder or an archive is that of a text."""
    path = PurePosixPath(name.lower())
    return path.suffix in SUFFIXES or (path.suffix in PACKED and PurePosixPath(path.stem).suffix in SUFFIXES | {".tar"})


def _tell_skipped(place: str, skipped: list[str], note: Note) -> None:
    if skipped:
        some = ", ".join(skipped[:3]) + (", …" if len(skipped) > 3 else "")
        what = (
            "file, which is empty or no text by its name"
            if len(skipped) == 1
            else "that are empty or no texts by their names"
        )
        note(f"{place}: left out {len(skipped):,} {what} ({some})")


def _members(shown: str, members: Iterable[tuple[str, int, Any]], note: Note) -> Iterator[tuple[str, Any]]:
    """The texts among an archive's members, given as (name, size, member).

    Raises UserError if a name leads out of the archive or none is a text.
    """
    found, skipped = 0, []
    for name, size, member in members:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise UserError("member-outside", name=shown, member=name)
        if any(part.startswith((".", "__MACOSX", "META-INF")) for part in path.parts):
            continue
        if size and path.suffix.lower() in SUFFIXES:
            found += 1
            yield "".join(c if c.isprintable() else "\ufffd" for c in f"{shown}/{path}"), member
        else:
            skipped.append(str(path))
    _tell_skipped(shown, skipped, note)
    if not found:
        raise UserError("archive-without-texts", name=shown, endings=ENDINGS)


def _zip(shown: str, path: Path, note: Note) -> Iterator[Document]:
    budget = _Budget(shown, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        members = sorted(archive.infolist(), key=_reading_order(shown, archive, note))
        entries = ((info.filename, info.file_size, info) for info in members if not info.is_dir())
        for name, info in _members(shown, entries, note):
            with archive.open(info) as stream:
                yield Document(name, _kept(budget.counted(stream)))


def _reading_order(shown: str, archive: zipfile.ZipFile, note: Note) -> Callable[[zipfile.ZipInfo], tuple[int, str]]:
    """By name; in an e-book (EPUB) by the order of its chapters. Raises UserError for an office document."""
    names = archive.namelist()
    if "[Content_Types].xml" in names or "content.xml" in names:
        raise UserError("not-plain-text", name=shown, found=Phrase("an-office-document"))
    order = _chapters(shown, archive, note) if CONTAINER in names else {}
    return lambda info: (order.get(info.filename, len(order)), info.filename)


def _chapters(shown: str, archive: zipfile.ZipFile, note: Note) -> dict[str, int]:
    """The members of an e-book by their places in it; none, and `note` is told, if its lists make no sense."""
    from lxml import etree  # type: ignore[import-untyped]

    safe = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)

    def listed(name: str) -> Any:
        with archive.open(name) as stream:
            root = etree.fromstring(stream.read(LISTING), safe)
        if root is None:
            raise LookupError(name)
        return root

    try:
        package = str(listed(CONTAINER).xpath("//@full-path")[0])
        book = listed(package)
    except (etree.LxmlError, LookupError):
        note(f"{shown}: the order of its chapters cannot be read; they are taken by their names")
        return {}
    address = {item.get("id"): item.get("href") for item in book.xpath("//*[local-name()='item']")}
    hrefs = [unquote(address.get(item.get("idref")) or "") for item in book.xpath("//*[local-name()='itemref']")]
    folder = posixpath.dirname(package)
    return {posixpath.normpath(posixpath.join(folder, href)): number for number, href in enumerate(hrefs)}


def _tar(shown: str, stream: Any, packed: int, note: Note) -> Iterator[Document]:
    budget = _Budget(shown, packed)  # apart from the stream's own: a sparse member is longer than what it takes up
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        entries = ((member.name, member.size, member) for member in archive if member.isfile())
        for name, member in _members(shown, entries, note):
            content = archive.extractfile(member)
            assert content is not None  # isfile() said so
            yield Document(name, _kept(budget.counted(content)))


class _Budget:
    """How many bytes may still come out of a file of `packed` bytes."""

    def __init__(self, shown: str, packed: int) -> None:
        self.shown, self.packed, self.limit = shown, packed, max(FREE, RATIO * packed)
        self.left = self.limit

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise UserError("unpacks-too-large", name=self.shown, packed=self.packed, limit=self.limit)

    def counted(self, stream: Any) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK):
            self.spend(len(chunk))
            yield chunk


class _Counted:
    """A stream to be read once, that spends its budget."""

    def __init__(self, stream: Any, budget: _Budget) -> None:
        self.stream, self.budget = stream, budget

    def read(self, size: int) -> bytes:
        data: bytes = self.stream.read(size)
        self.budget.spend(len(data))
        return data


def _unpacked(file: IO[bytes], head: bytes, shown: str, size: int) -> Any:
    """The file itself, or what its compression holds, known by its first bytes."""
    if head.startswith(b"\x1f\x8b"):
        stream: Any = gzip.GzipFile(fileobj=file)
    elif head == b"\xfd7zXZ\0":
        stream = lzma.LZMAFile(file)  # noqa: SIM115 - closed with the file
    elif head.startswith(b"BZh"):
        stream = bz2.BZ2File(file)
    else:
        return file
    return _Counted(stream, _Budget(shown, size))


def _chain(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def _kept(chunks: Iterable[bytes]) -> bytes | Path:
    """The bytes in memory if they are few, else in a temporary file."""
    some, size, rest = [], 0, iter(chunks)
    for chunk in rest:
        some.append(chunk)
        size += len(chunk)
        if size > IN_MEMORY:
            return _spooled(_Joined(b"".join(some), rest))
    return b"".join(some)


class _Joined:
    """Bytes and the chunks that follow them, as a stream."""

    def __init__(self, head: bytes, chunks: Iterator[bytes]) -> None:
        self.chunks = _chain(head, chunks)

    def read(self, _size: int) -> bytes:
        return next(self.chunks, b"")


class _Temporary(type(Path())):  # type: ignore[misc]
    """A path whose file goes when nobody holds the path any more."""


def _spooled(stream: Any) -> Path:
    with _temporary():
        descriptor, name = tempfile.mkstemp(prefix="charrnn-")
    path: Path = _Temporary(name)
    weakref.finalize(path, Path(name).unlink, missing_ok=True)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while chunk := memoryview(stream.read(CHUNK)):
            with _temporary():
                while chunk:
                    chunk = chunk[file.write(chunk) :]
    return path


@contextmanager
def _temporary() -> Iterator[None]:
    """A context in which a temporary file is written: where that fails, the UserError names TMPDIR."""
    try:
        yield
    except OSError as error:
        raise UserError("temporary-not-writable", folder=tempfile.gettempdir(), cause=cause(error)) from None


DAMAGED = (
    EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile,
    ValueError, IndexError, struct.error,  # what the libraries raise for names and headers that make no sense
)  # fmt: skip


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """A context in which a text is read: what the operating system refuses is told in one line."""
    try:
        yield
    except OSError as error:
        raise _unreadable(shown, error) from None


def _unreadable(shown: str, error: OSError) -> UserError:
    return UserError("text-unreadable", name=error.filename or shown, cause=cause(error))


@contextmanager
def _unpacking(shown: str) -> Iterator[None]:
    """A context in which a file is unpacked: damage, too, is told in one line."""
    try:
        yield
    except DAMAGED:
        raise UserError("archive-damaged", name=shown) from None
    except (NotImplementedError, RuntimeError) as error:  # how zipfile tells of passwords and rare methods
        found = Phrase("asks-for-password" if "password" in str(error) else "rare-compression")
        raise UserError("archive-unsupported", name=shown, found=found) from None
    except OSError as error:
        if error.errno is None:  # bz2 tells of damage in this way
            raise UserError("archive-damaged", name=shown) from None
        raise _unreadable(shown, error) from None
