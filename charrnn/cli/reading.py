"""Texts from the command line, from files and from standard input, read as `charrnn score` reads them."""

import codecs
import contextlib
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

from charrnn.cli.terminal import note
from charrnn.config import CorpusConfig
from charrnn.errors import UserError


def file_or_text(given: str, how: CorpusConfig) -> str:
    """Return the text of a file, of a work of the catalogue, or of standard input (`-`); else the given text itself.

    A single word with the ending of a text, such as `livro.txt`, must be a file. Raises UserError if it cannot be read.
    """
    from charrnn.corpus import clean, documents, read_file
    from charrnn.corpus.catalogue import is_catalogue_name

    endings = documents.SUFFIXES | documents.PACKED | documents.ARCHIVES
    is_name = given == "-" or _is_file(given)
    if len(given.split()) == 1:
        ending = PurePath(documents.with_column(given)[0]).suffix.lower()
        is_name = is_name or ending in endings or (":" in given and is_catalogue_name(given))
    if not is_name:
        return clean(given)
    if given != "-":
        note(f"reading the text {given}")
    return read_file(given, how.encoding, how.repairs, note)


def _is_file(name: str) -> bool:
    with contextlib.suppress(OSError, ValueError):  # a long text is no name
        return Path(name).is_file()
    return False


def prompt_of(file: str, encoding: str | None) -> str:
    """Return the text of a file or of standard input (`-`), without the line end that editors put at its end."""
    from charrnn.corpus import read_file

    return read_file(file, encoding, note=note).removesuffix("\n")


def lines(encoding: str | None) -> Iterator[str]:
    """Yield the lines of standard input as they come, without their ends, each decoded as a text of its own.

    Raises UserError for a line in no encoding that is certain.
    """
    from charrnn.corpus.decoding import MARKS, WIDE

    if sys.stdin is None:
        raise UserError("stdin-closed")
    read = iter(sys.stdin.buffer.readline, b"")
    first = next(read, b"")
    mark, name = next(((mark, name) for mark, name in MARKS if first.startswith(mark)), (b"", encoding))
    pieces = itertools.chain([first.removeprefix(mark)], read)
    decoded = _wide(pieces, name) if name in (*WIDE, "utf-16", "utf-32") else _decoded(pieces, encoding)
    return (line.rstrip("\r\n") for line in decoded)


def _decoded(raw_lines: Iterable[bytes], encoding: str | None) -> Iterator[str]:
    from charrnn.corpus.documents import Document, silent
    from charrnn.corpus.works import works_in

    tell: Callable[[str], None] = note
    for raw in raw_lines:
        if raw.isascii() or (encoding is None and _is_utf8(raw)):
            yield raw.decode("utf-8")
        else:
            for work in works_in([Document("standard input", raw)], encoding, tell):
                yield "".join(work.text())
            tell = silent  # the encoding is told once


def _is_utf8(raw: bytes) -> bool:
    with contextlib.suppress(UnicodeError):
        return bool(raw.decode("utf-8"))
    return False


def _wide(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Yield lines of UTF-16 or UTF-32, in which a line does not end with the byte of a line feed."""
    decoder, text = codecs.getincrementaldecoder(encoding)("replace"), ""
    for piece in pieces:
        *whole, text = (text + decoder.decode(piece)).split("\n")
        yield from whole
    if text:
        yield text
