"""Names → works, each with its clean text, piece by piece; and a spool of many. Start with `open_works`."""

import codecs
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from charrnn.corpus import csv_tables, decoding, exports, markup
from charrnn.corpus.archives import documents
from charrnn.corpus.cleaning import clean, refuse_marks
from charrnn.corpus.decoding import Encoding
from charrnn.corpus.documents import Document, Note, reading, silent
from charrnn.errors import Phrase, UserError

BLANK = "left out, there is no text in it"
SECTION = 2**22  # characters that are cleaned and repaired at a time
RAW = {
    ".json": "JSON",
    ".jsonl": "JSON",
    ".eml": "e-mail",
    ".mht": "MHTML",
    ".mhtml": "MHTML",
    ".mbox": "e-mail",
}  # by a name's ending
PIECE = 2**22  # bytes of a spool that are read at a time


class NoText(UserError):
    """A work has no text, or only white space."""


class Work:
    """One text, which can be read any number of times, in bounded memory."""

    def __init__(self, document: Document, encoding: str | None = None) -> None:
        """encoding: the user's choice; by default it is detected. Raises UserError if the document is no text."""
        self.document = document
        self.name = document.name
        self.bytes = document.size
        self.encoding = Encoding("utf-8")
        if document.format:
            return
        with reading(self.name), document.open() as stream:
            start = stream.read(4096)
            stream.seek(0)
            declared = markup.declared(start) if _may_be_markup(start) else None
            self.encoding = decoding.detect(self.name, stream, encoding, declared)

    def __repr__(self) -> str:
        return f"<Work {self.name}>"

    @cached_property
    def format(self) -> str:
        """Return what the text is taken from.

        "text", "tei", "html", "table", "notebook", "subtitles", "docx", "odt", "rtf" or "pdf".
        """
        if self.document.format:
            return self.document.format
        with reading(self.name), self.document.open() as stream:
            start = next(decoding.decode(stream, self.encoding), "")[:4096]
            return exports.kind(self.name, start) or markup.kind(self.name, start)

    @cached_property
    def table(self) -> "csv_tables.Table | None":
        """Return how the table is written, if it is one. Raises UserError if it lacks the column, or has no text."""
        if self.format != "table":
            return None
        with reading(self.name), self.document.open() as stream:
            return csv_tables.layout(self.name, decoding.decode(stream, self.encoding))

    @cached_property
    def told(self) -> Phrase | None:
        """Return what a user should know of how the text is taken from its file."""
        if self.table is not None:
            return self.table.told
        if self.format == "subtitles":
            return exports.told_of_subtitles(self.raw())
        if self.format == "notebook":
            return Phrase("read-notebook")
        raw = RAW.get(PurePath(self.name).suffix.lower())
        return self.document.told if raw is None or self.format != "text" else Phrase("read-raw", format=raw)

    @property
    def is_blank(self) -> bool:
        return not any(piece.strip() for piece in self.raw())

    def raw(self) -> Iterator[str]:
        """Yield the text in pieces: decoded, without markup, otherwise unchanged."""
        with reading(self.name), self.document.open() as stream:
            pieces = decoding.decode(stream, self.encoding)
            if self.table is not None:
                pieces = csv_tables.cells(self.name, pieces, self.table)
            elif reader := _READERS.get(self.format):
                pieces = reader(self.name, pieces)
            yield from pieces

    def text(self, fixes: Sequence[str] = (), changes: Counter[str] | None = None) -> Iterator[str]:
        """Yield the clean text in pieces, after the named repairs (see `repairs`).

        changes: receives the number of changes by each repair. Raises UserError if there is no text.
        """
        empty = True
        for section in sections(self.raw()):
            if fixes:
                from charrnn.corpus.repairs import DEFAULT, chosen, repair

                refuse_marks(section)
                section, counts = repair(section, (*DEFAULT, *fixes))  # the others read LF line ends and NFC
                if changes is not None:
                    changes.update({name: counts[name] for name in chosen(fixes)})
            section = clean(section)
            if "\0" in section:
                raise UserError("nul-characters", name=self.name)
            empty = empty and not section.strip()
            yield section
        if empty:
            raise (
                NoText("blank-file", name=self.name, size=self.bytes)
                if self.bytes
                else NoText("empty-file", name=self.name)
            )


_READERS: dict[str, Callable[[str, Iterable[str]], Iterator[str]]] = {
    "tei": markup.tei,
    "html": markup.html,
    "notebook": lambda name, pieces: iter([exports.notebook(name, pieces)]),
    "subtitles": lambda name, pieces: iter([exports.subtitles(name, pieces)]),
}


def open_works(names: Sequence[str | Path], encoding: str | None = None, note: Note = silent) -> Iterator[Work]:
    """Yield the works of names, in order; see `documents.files` for what a name may be.

    encoding: of all works; by default each is detected. note: called for what is left out, and for encodings that are
    not certain. Raises UserError if something cannot be read.
    """
    return works_in(documents(names, note), encoding, note)


def works_in(documents: Iterable[Document], encoding: str | None = None, note: Note = silent) -> Iterator[Work]:
    """Yield the work of each document that has text, or the last if none has. Raises UserError if one is no text."""
    told: set[str] = set()  # once for files that are read alike
    blank: list[Work] = []  # such as the covers of e-books
    some = False
    for document in documents:
        work = Work(document, encoding)
        if work.is_blank:
            blank.append(work)
            continue
        some = True
        if work.told is not None and str(work.told) not in told:
            told.add(str(work.told))
            note(f"{work.name}: {work.told}")
        if work.encoding.example is not None:
            note(f"{work.name}: not UTF-8; read as {work.encoding} (e.g. «{work.encoding.example}»)")
        if cut := work.encoding.cut:
            left_out = "its last byte is" if cut == 1 else f"its last {cut} bytes are"
            note(f"{work.name}: ends in the middle of a character (is the file cut off?); {left_out} left out")
        yield work
    if blank and not some:
        yield blank.pop()
    for work in blank:
        note(f"{work.name}: {BLANK}")


def read_file(name: str | Path, encoding: str | None = None, fixes: Sequence[str] = (), note: Note = silent) -> str:
    """Return the clean text of one file, or of all texts of a folder, an archive or a collection.

    Raises UserError if it cannot be read or has no text.
    """
    return read_files([name], encoding, fixes, note)


def read_files(
    names: Iterable[str | Path], encoding: str | None = None, fixes: Sequence[str] = (), note: Note = silent
) -> str:
    """Return several files as one text, in the given order, joined by a newline."""
    return "\n".join("".join(work.text(fixes)) for work in open_works(list(names), encoding, note))


def sections(pieces: Iterable[str], size: int = SECTION) -> Iterator[str]:
    """Yield the same text in new pieces, cut at empty lines if possible, else at line ends.

    A text without line ends is cut before a character that does not combine with the one before it. So cleaning the
    sections equals cleaning the whole. A section has at most twice `size` characters, if there are such places.
    """
    held: list[str] = []
    length, enough = 0, 2 * size
    for piece in itertools.chain.from_iterable(_slices(piece, size) for piece in pieces):
        held.append(piece)
        length += len(piece)
        if length >= enough:
            text = "".join(held)
            while len(text) >= 2 * size and (cut := _cut(text, size)):
                yield text[:cut]
                text = text[cut:]
            held, length = [text], len(text)
            enough = 2 * max(size, length)  # if nothing can be cut, try again with twice as much text
    if length:
        yield "".join(held)


def _slices(piece: str, size: int) -> Iterator[str]:
    return (piece[start : start + size] for start in range(0, len(piece), size))


# Between these characters, a line end ends for certain. Each pattern is searched from its window's end.
_LINE_ENDS = (
    re.compile(r".*(?:(?:\n\n|\n\r\n)(?=[^\r])|(?:\r\r|\r\n\r)(?=[^\r\n]))", re.DOTALL),  # an empty line
    re.compile(r".*(?:\n(?=[^\r])|\r(?=[^\r\n]))", re.DOTALL),
)
# ASCII, Latin, Greek, Cyrillic, kana, ideographs and Hangul syllables combine with nothing before them; CR LF stays
# together.
_STARTS = re.compile(
    "(?<!\r)[\t\x20-\x7e\u00a0-\u02ff\u0370-\u0482\u048a-\u0588\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3]"
)


def _cut(text: str, size: int) -> int:
    """Return a place near `size` where the text may be cut; 0 if there is none."""
    for end in _LINE_ENDS:
        if found := end.match(text, size // 2, 2 * size):
            return found.end()
    starts = _STARTS.search(text, size)
    return starts.start() if starts else 0


def _may_be_markup(start: bytes) -> bool:
    return start.lstrip(b" \t\r\n").startswith(b"<")


@dataclass(frozen=True)
class Span:
    """A span of the spool: a work, or a part of one."""

    name: str
    start: int  # in bytes
    stop: int
    characters: int
    sha256: str  # of the whole work's text, which identifies copies


class Spool:
    """The clean text of many works in one UTF-8 file, so that memory stays bounded, and the places of the works.

    A newline separates works. It belongs to the later one, as if every work were read after an empty prompt.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spans: list[Span] = []
        self.changes: Counter[str] = Counter()  # how often each repair changed something

    def fill(self, works: Iterable[Work], fixes: Sequence[str] = (), note: Note = silent) -> None:
        """Append the clean text of works; `note` is called for empty ones. Raises NoText if all are empty."""
        empty: list[tuple[str, NoText]] = []
        with self.path.open("ab") as file:
            for work in works:
                start, characters, digest = file.tell(), 0, hashlib.sha256()
                if self.spans:
                    characters += file.write(b"\n")
                try:
                    for piece in work.text(fixes, self.changes):
                        data = piece.encode("utf-8")
                        digest.update(data)
                        file.write(data)
                        characters += len(piece)
                except NoText as error:
                    empty.append((work.name, error))
                    file.truncate(start)
                    file.seek(start)
                    continue
                self.spans.append(Span(work.name, start, file.tell(), characters, digest.hexdigest()))
        if empty and not self.spans:
            raise empty[-1][1]
        for name, _ in empty:
            note(f"{name}: {BLANK}")

    @property
    def characters(self) -> int:
        return sum(span.characters for span in self.spans)

    def text(self, span: Span) -> Iterator[str]:
        """Yield the text of a span in pieces."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.path.open("rb") as file:
            file.seek(span.start)
            left = span.stop - span.start
            while left:
                data = file.read(min(PIECE, left))
                left -= len(data)
                yield decoder.decode(data, not left)

    def cut(self, characters: int) -> tuple[list[Span], list[Span]]:
        """Return all spans in two parts, of which the second has the last `characters` characters."""
        before = list(self.spans)
        after: list[Span] = []
        while before and characters >= before[-1].characters:
            after.insert(0, before.pop())
            characters -= after[0].characters
        if characters:
            span = before.pop()
            with self.path.open("rb") as file:
                size = min(4 * characters, span.stop - span.start)
                file.seek(span.stop - size)
                tail = file.read(size).decode("utf-8", "ignore")[-characters:]
            place = span.stop - len(tail.encode("utf-8"))
            before.append(Span(span.name, span.start, place, span.characters - characters, span.sha256))
            after.insert(0, Span(span.name, place, span.stop, characters, span.sha256))
        return before, after
