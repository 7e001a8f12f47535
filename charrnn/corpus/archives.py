"""Files → documents: plain files, compressed ones, and the texts in archives and e-books.

No file is unpacked under a name that an archive chooses, and nothing unpacks to more than a limit.
"""

import bz2
import gzip
import lzma
import posixpath
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar, cast
from urllib.parse import unquote

from charrnn.corpus.documents import (
    ENDINGS,
    SUFFIXES,
    Document,
    Note,
    Readable,
    chunks,
    decoded_name,
    files,
    natural,
    readable,
    reading,
    silent,
    spooled,
    tell_skipped,
)
from charrnn.errors import Phrase, UserError

FOREIGN = (  # first bytes of files that are no text, and the codes of what they are and of what to do
    (rb"\xd0\xcf\x11\xe0", "a-word-document", "advice-docx"),
    (rb"7z\xbc\xaf", "a-7z-archive", "advice-unpack"),
    (rb"Rar!\x1a", "a-rar-archive", "advice-unpack"),
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|8BPS\0|\0\0\x01\0|RIFF....WEBP|\0\0\0.ftyp(?:heic|mif1|avif)",
        "an-image",
        "advice-ocr",
    ),
    (
        rb"ID3[\x02-\x04]|OggS\0|fLaC\0|\xff\xfb|\x1aE\xdf\xa3|RIFF....(?:WAVE|AVI )|\0\0\0.ftyp",
        "a-recording",
        "advice-transcribe",
    ),
    (rb"\x7fELF", "a-program", "advice-text"),
    (rb"SQLite format 3\0", "a-database", "advice-csv"),
)
DAMAGED = (
    EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
    ValueError, IndexError, struct.error,  # raised by the libraries for senseless names and headers
)  # fmt: skip
_TOLD = {"docx": "read-docx", "odt": "read-odt", "rtf": "read-rtf", "pdf": "read-pdf"}  # codes of messages
ZIP = b"PK\3\4", b"PK\5\6"
IN_MEMORY = 2**25  # bytes of an unpacked document above which it is kept on disk
FREE, RATIO = 2**26, 200  # a file may unpack to 64 MiB, or to 200 times its size; text packs 2 to 10 times
CONTAINER = "META-INF/container.xml"  # in e-books; names the list of the chapters
ENCRYPTION = "META-INF/encryption.xml"  # in e-books; names what is encrypted, such as fonts
LISTING = 2**22  # bytes of such a list that are read

Member = TypeVar("Member", zipfile.ZipInfo, tarfile.TarInfo)
Order = list[list[tuple[int, str]]]  # of names, see `natural`


def documents(names: Sequence[str | Path], note: Note = silent) -> Iterator[Document]:
    """Yield the documents in the files of these names. Raises UserError if one is damaged or unsafe."""
    for shown, path in files(names, note):
        yield from unpack(shown, path, note)


def unpack(shown: str, path: Path, note: Note = silent) -> Iterator[Document]:
    """Yield the documents in one file: itself, or its members. Raises UserError if it is damaged or unsafe."""
    with _unpacking(shown), path.open("rb") as file:
        head = file.read(6)
        file.seek(0)
        if head.startswith(ZIP):
            document = _as_text(Document(shown, path))
            yield from [document] if document.format else _zip(shown, path, note)
            return
        size = path.stat().st_size
        stream = _unpacked(file, head, shown, size)
        start = stream.read(512)
        if start[257:262] == b"ustar":
            file.seek(0)
            yield from _tar(shown, _unpacked(file, head, shown, size), size, note)
        elif stream is file:
            yield _as_text(Document(shown, path))
        else:
            yield _as_text(Document(shown, _kept(chain([start], chunks(stream)))))


def _as_text(document: Document) -> Document:
    """Return the text of a PDF, an RTF or an office document; any other document as it is.

    Raises UserError for what is no text.
    """
    from charrnn.corpus import office
    from charrnn.corpus.rtf import rtf

    name = document.name
    with document.open() as stream:
        head = stream.read(512)
        stream.seek(0)
        for start, found, advice in FOREIGN:
            if re.match(start, head, re.DOTALL):
                raise UserError("not-plain-text", name=name, found=Phrase(found), advice=Phrase(advice))
        head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith(b"{\\rtf"):
            text, is_cut = rtf(name, stream)
            return _taken(name, "rtf", [text], cut=Phrase("rtf-cut") if is_cut else "")
        if head.startswith(b"%PDF"):
            text, pages, heads = office.pdf(name, stream)
            left = Phrase("pdf-heads", heads="; ".join(repr(head[:60]) for head in heads[:3])) if heads else ""
            return _taken(name, "pdf", [text], pages=pages, heads=left)
        if not head.startswith(ZIP):
            return document
        with zipfile.ZipFile(stream) as archive:
            if (part := office.part(name, archive)) is None:
                return document
            format, member = part
            with archive.open(member) as content:
                xml = _Budget(name, document.size).counted(content)
                return _taken(name, format, office.paragraphs(name, format, xml))


def _taken(name: str, format: str, pieces: Iterable[str], **facts: object) -> Document:
    kept = _kept(piece.encode("utf-8", "replace") for piece in pieces)
    return Document(name, kept, format, Phrase(_TOLD[format], **facts))


def _members(shown: str, members: Iterable[tuple[str, int, Member]], note: Note) -> Iterator[tuple[str, Member]]:
    """Yield the texts among an archive's members, given as (name, size, member), with the names to show.

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
            yield readable(f"{shown}/{path}"), member
        else:
            skipped.append(readable(str(path)))
    tell_skipped(shown, skipped, note)
    if not found:
        raise UserError("archive-without-texts", name=shown, endings=ENDINGS)


def _zip(shown: str, path: Path, note: Note) -> Iterator[Document]:
    budget = _Budget(shown, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        members = sorted(archive.infolist(), key=_reading_order(shown, archive, note))
        entries = ((_name(info), info.file_size, info) for info in members if not info.is_dir())
        texts = list(_members(shown, entries, note))
        if not {info.filename for _, info in texts}.isdisjoint(_encrypted(archive)):
            raise UserError("archive-unsupported", name=shown, found=Phrase("encrypted-chapters"))
        names = [natural(PurePosixPath(name).name) for name, _ in texts]
        in_order = all(one < other for one, other in pairwise(names))
        digits = 0 if in_order or CONTAINER not in archive.namelist() else max(2, len(str(len(names))))
        for number, (name, info) in enumerate(texts, 1):
            with archive.open(info) as stream:
                document = _as_text(Document(name, _kept(budget.counted(stream))))
            document.number = f"{number:0{digits}}-" if digits else ""
            yield document


def _encrypted(archive: zipfile.ZipFile) -> set[str]:
    """Return the names of an e-book's encrypted members."""
    if ENCRYPTION not in archive.namelist():
        return set()
    with archive.open(ENCRYPTION) as stream:
        return {
            unquote(uri)
            for uri in re.findall(r'\bURI\s*=\s*["\']([^"\']+)', stream.read(LISTING).decode("utf-8", "replace"))
        }


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name, which old programs write in the code page of their computer."""
    if info.flag_bits & 0x800:  # in UTF-8
        return info.filename
    return decoded_name(info.filename.encode("cp437", "replace"))


def _reading_order(shown: str, archive: zipfile.ZipFile, note: Note) -> Callable[[zipfile.ZipInfo], tuple[int, Order]]:
    """Return the sort key of the members: the name or, in an e-book (EPUB), the chapter."""
    order = _chapters(shown, archive, note) if CONTAINER in archive.namelist() else {}
    return lambda info: (order.get(info.filename, len(order)), natural(_name(info)))


def _chapters(shown: str, archive: zipfile.ZipFile, note: Note) -> dict[str, int]:
    """Return the positions of an e-book's members; none, after calling `note`, if its lists make no sense."""
    from lxml import etree  # type: ignore[import-untyped]

    safe = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)

    def listed(name: str) -> "etree._Element":
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
    order = {posixpath.normpath(posixpath.join(folder, href)): number for number, href in enumerate(hrefs)}
    if missing := order.keys() - archive.namelist():
        note(f"{shown}: lacks {len(missing)} of its {len(order)} chapters, such as {readable(min(missing))}")
    return order


def _tar(shown: str, stream: Readable, packed: int, note: Note) -> Iterator[Document]:
    """Yield the texts of a tape archive, which is read once, in the natural order of their names."""
    budget = _Budget(shown, packed)  # apart from the stream's own: a sparse member is longer than what it takes up
    found, held = [], 0
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as archive:
        entries = ((member.name, member.size, member) for member in archive if member.isfile())
        for name, member in _members(shown, entries, note):
            content = archive.extractfile(member)
            assert content is not None  # as isfile() is true
            document = _as_text(Document(name, _kept(budget.counted(content))))
            if isinstance(document.source, bytes):
                held += document.size
                if held > IN_MEMORY:
                    document.source = spooled([document.source])
            found.append(document)
    yield from sorted(found, key=lambda document: natural(document.name))


class _Budget:
    """The number of bytes that a file of `packed` bytes may still unpack to."""

    def __init__(self, shown: str, packed: int) -> None:
        self.shown, self.packed, self.limit = shown, packed, max(FREE, RATIO * packed)
        self.left = self.limit

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise UserError("unpacks-too-large", name=self.shown, packed=self.packed, limit=self.limit)

    def counted(self, stream: Readable) -> Iterator[bytes]:
        for chunk in chunks(stream):
            self.spend(len(chunk))
            yield chunk


class _Counted:
    """A stream whose bytes are taken from a budget."""

    def __init__(self, stream: Readable, budget: _Budget) -> None:
        self.stream, self.budget = stream, budget

    def read(self, size: int, /) -> bytes:
        data = self.stream.read(size)
        self.budget.spend(len(data))
        return data


def _unpacked(file: IO[bytes], head: bytes, shown: str, size: int) -> Readable:
    """Return the file itself or, by its first bytes, its decompressed content."""
    stream: Readable
    if head.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=file)
    elif head == b"\xfd7zXZ\0":
        stream = lzma.LZMAFile(file)  # noqa: SIM115 - closed with the file
    elif head.startswith(b"BZh"):
        stream = bz2.BZ2File(file)
    else:
        return file
    return _Counted(stream, _Budget(shown, size))


def _kept(content: Iterable[bytes]) -> bytes | Path:
    """Return the bytes or, if they are many, a temporary file of them."""
    some, size, rest = [], 0, iter(content)
    for chunk in rest:
        some.append(chunk)
        size += len(chunk)
        if size > IN_MEMORY:
            return spooled(chain([b"".join(some)], rest))
    return b"".join(some)


@contextmanager
def _unpacking(shown: str) -> Iterator[None]:
    """A context that unpacks a file: damage and errors of the operating system become a UserError."""
    try:
        with reading(shown):
            try:
                yield
            except OSError as error:
                if error.errno is None:  # how bz2 reports damage
                    raise UserError("archive-damaged", name=shown) from None
                raise
    except DAMAGED:
        raise UserError("archive-damaged", name=shown) from None
    except (NotImplementedError, RuntimeError) as error:  # how zipfile reports passwords and rare methods
        found = Phrase("asks-for-password" if "password" in str(error) else "rare-compression")
        raise UserError("archive-unsupported", name=shown, found=found) from None
