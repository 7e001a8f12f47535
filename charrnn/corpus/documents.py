"""Names → files: files, folders, globs, standard input and pipes, works of the catalogue. `archives.py` opens them."""

import glob
import io
import os
import re
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from charrnn.errors import Phrase, UserError, cause

Note = Callable[[str], None]  # called with one line about what is left out or was decided

SUFFIXES = {
    ".txt", ".text", ".md", ".markdown", ".xml", ".tei", ".html", ".htm", ".xhtml", ".srt", ".vtt", ".sbv",
    ".ass", ".ssa", ".sub", ".docx", ".odt", ".rtf", ".pdf", ".csv", ".tsv", ".ipynb",
}  # fmt: skip
OFFICE = {".doc", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".mobi", ".azw3"}
ENDINGS = ", ".join(sorted(SUFFIXES))
PACKED = {".gz", ".xz", ".bz2"}
ARCHIVES = {".zip", ".tar", ".tgz", ".txz", ".tbz2", ".epub"}
CHUNK = 2**20  # bytes


def silent(_line: str) -> None:
    """Ignore a note."""


def natural(name: str) -> list[list[tuple[int, str]]]:
    """Return a sort key in which chapter 2 comes before chapter 10, in folders and in file names."""
    return [
        [
            (len(number := part.lstrip("0")), number) if place % 2 else (0, part)
            for place, part in enumerate(re.split("([0-9]+)", folder))
        ]
        for folder in readable(name).split("/")
    ]


def readable(name: str) -> str:
    """Return a file's name as it can be printed: in UTF-8, or else in the page that reads best; � for controls."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        name = decoded_name(os.fsencode(name))
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def decoded_name(data: bytes) -> str:
    """Return a file's name in UTF-8, or else in the 8-bit page that reads best as Portuguese."""
    from charrnn.corpus import portuguese

    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(portuguese.choose(data, ("windows-1252", "cp850", "mac-roman", "latin-1"))[0][0])


_COLUMN = re.compile(r"(.*?\.[ct]sv(?:\.(?:gz|xz|bz2))?):(.+)", re.IGNORECASE | re.DOTALL)


def with_column(name: str) -> tuple[str, str]:
    """Return the name of a table's file and the column named after it, `dados.csv:resposta`; empty if there is none."""
    match = _COLUMN.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


class Document:
    """The bytes of one text, which can be opened any number of times."""

    def __init__(self, name: str, source: Path | bytes, format: str = "", told: Phrase | None = None) -> None:
        """Keep where a text is.

        name: as shown, such as `livros.zip/dom.txt`; source: the file, or the bytes; format: what the text was taken
        from, and `told` how, if the source is its text in UTF-8.
        """
        self.name, self.source, self.format, self.told = name, source, format, told
        self.number = ""  # what a file of this text begins with, `01-`, if its name hides its place in a book

    def open(self) -> IO[bytes]:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    @property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


def files(names: Sequence[str | Path], note: Note = silent) -> list[tuple[str, Path]]:
    """Return the files that names mean, each once, with the name to show.

    A name is a file, a folder (read recursively, chapter 2 before chapter 10), a glob, `-` for standard input, or a
    work, author or collection of the catalogue; files win over the catalogue. Raises UserError for a name that means
    nothing.
    """
    found = []
    for name in map(str, names):
        with reading("standard input" if name == "-" else name):
            found += _files(name, note)
    different = {(path.resolve(), with_column(shown)[1]): (shown, path) for shown, path in reversed(found)}
    return list(different.values())[::-1]


def _files(name: str, note: Note) -> list[tuple[str, Path]]:
    path, shown = Path(name), readable(name)
    if not name:
        raise UserError("empty-name")
    if name == "-":
        if sys.stdin is None:
            raise UserError("stdin-closed")
        return [("standard input", spooled(chunks(sys.stdin.buffer)))]
    if path.is_dir():
        return _folder(path, note)
    if path.is_fifo():
        with path.open("rb") as pipe:
            return [(shown, spooled(chunks(pipe)))]
    if path.is_file():
        return [(shown, path)]
    if path.exists():
        raise UserError("not-a-regular-file", name=name)
    if path.is_symlink():
        raise UserError("link-to-nothing", name=name)
    table, column = with_column(name)
    if column and Path(table).is_file():
        return [(readable(name), Path(table))]
    return _matching(name, note) if glob.has_magic(name) else _catalogued(name, note)


def _matching(pattern: str, note: Note) -> list[tuple[str, Path]]:
    """Return the files that match a glob or, if none does, those in the folders that match."""
    names = sorted(glob.glob(pattern, recursive=True), key=natural)  # noqa: PTH207 - absolute ones too
    matches = [Path(match) for match in names]
    found = [(readable(str(match)), match) for match in matches if match.is_file()]
    found = found or [file for match in matches if match.is_dir() for file in _folder(match, note)]
    if not found:
        raise UserError("no-file-of-pattern", name=pattern)
    return found


def _catalogued(name: str, note: Note) -> list[tuple[str, Path]]:
    from charrnn.corpus import catalogue
    from charrnn.corpus.catalogue.obtain import obtain

    if not catalogue.is_catalogue_name(name):
        raise UserError("no-such-text", name=name, close=catalogue.close(name))
    return [(f"{entry.collection}:{entry.id}", path) for entry, path in obtain(name, note=note)]


def _folder(folder: Path, note: Note) -> list[tuple[str, Path]]:
    """Return the texts and archives under a folder; `note` is called for others that are not hidden."""
    found, skipped = [], []

    def unreadable(error: OSError) -> None:
        note(f"{error.filename}: left out ({cause(error)})")

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural)
        for name in sorted((name for name in names if not name.startswith(".")), key=natural):
            path = Path(root, name)
            if path.is_file() and path.stat().st_size and _is_text_or_archive(name):
                found.append((readable(str(path)), path))
            else:
                skipped.append(readable(str(path.relative_to(folder))))
    tell_skipped(readable(str(folder)), skipped, note)
    if not found:
        raise UserError("folder-without-texts", name=folder, endings=ENDINGS)
    return found


def _is_text_or_archive(name: str) -> bool:
    path = PurePosixPath(name.lower())
    packed = path.suffix in PACKED and PurePosixPath(path.stem).suffix in SUFFIXES | {".tar"}
    return packed or path.suffix in SUFFIXES | ARCHIVES


def tell_skipped(place: str, skipped: list[str], note: Note) -> None:
    """Call `note` about the files that were left out of a folder or an archive, if any."""
    if skipped:
        some = ", ".join(skipped[:3]) + (", …" if len(skipped) > 3 else "")
        what = (
            "file, which is empty or no text by its name"
            if len(skipped) == 1
            else "that are empty or no texts by their names"
        )
        office = any(PurePosixPath(name.lower()).suffix in OFFICE for name in skipped)
        how = "; save documents as .docx, .odt, .epub or .txt and tables as .csv to include them" if office else ""
        note(f"{place}: left out {len(skipped):,} {what} ({some}){how}")


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes: ...


def chunks(stream: Readable) -> Iterator[bytes]:
    """Yield the bytes of a stream, CHUNK at a time."""
    return iter(lambda: stream.read(CHUNK), b"")


class _Temporary(type(Path())):  # type: ignore[misc]
    """A path whose file is deleted with the path."""


def spooled(chunks: Iterable[bytes]) -> Path:
    """Return a temporary file with these bytes. Raises UserError if it cannot be written."""
    with _temporary():
        descriptor, name = tempfile.mkstemp(prefix="charrnn-")
    path: Path = _Temporary(name)
    weakref.finalize(path, Path(name).unlink, missing_ok=True)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        for chunk in chunks:
            rest = memoryview(chunk)
            with _temporary():
                while rest:
                    rest = rest[file.write(rest) :]
    return path


@contextmanager
def _temporary() -> Iterator[None]:
    """A context that writes a temporary file: on failure, the UserError names TMPDIR."""
    try:
        yield
    except OSError as error:
        raise UserError("temporary-not-writable", folder=tempfile.gettempdir(), cause=cause(error)) from None


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """A context that reads a text: an error of the operating system becomes a UserError."""
    try:
        yield
    except OSError as error:
        raise UserError("text-unreadable", name=error.filename or shown, cause=cause(error)) from None
