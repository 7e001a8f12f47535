"""Word, OpenDocument and PDF → text: a paragraph is a line, an empty one an empty line.

Footnotes, comments, headers, deleted passages and tables of contents are left out. Entities are not expanded, and
nothing outside the document is read.
"""

import logging
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from charrnn.errors import Phrase, UserError

LONGEST = 2**26  # characters of a PDF's text
BLANK = 2  # empty lines in a row, at most; writers use them to fill pages
REPEATED = 0.3  # share of a PDF's pages that begin or end alike, from which these lines are no text
FEWEST = 10  # letters a page of a PDF, on average, below which its pages are pictures
CONTENTS = "contents"  # in place of a field's instruction: its result is a table of contents
MIMETYPE = 200  # bytes of an OpenDocument's type that are read
_ODF = "application/vnd.oasis.opendocument."
_PART = {"docx": r"word/document\d*\.xml", "odt": r"content\.xml"}  # where the text is


class _Rules(NamedTuple):
    text: frozenset[str]  # elements whose characters are text
    left_out: frozenset[str]


_RULES = {
    "docx": _Rules(frozenset({"t"}), frozenset({"pPr", "del", "moveFrom", "Fallback"})),
    "odt": _Rules(
        frozenset({"p", "h"}),
        frozenset({"note", "annotation", "tracked-changes", "table-of-content", "alphabetical-index", "forms", "desc"}),
    ),
}


def part(name: str, archive: zipfile.ZipFile) -> tuple[str, str] | None:
    """Return the format of an office document, "docx" or "odt", and the member with its text; None for an archive.

    Raises UserError for tables, slides and documents with a password.
    """
    names = archive.namelist()
    if "mimetype" in names and "content.xml" in names:
        with archive.open("mimetype") as stream:
            kind = stream.read(MIMETYPE).decode("ascii", "replace")
        if "META-INF/manifest.xml" in names:
            with archive.open("META-INF/manifest.xml") as stream:
                if b"encryption-data" in stream.read(2**20):
                    raise UserError("archive-unsupported", name=name, found=Phrase("asks-for-password"))
        found = "odt" if kind.startswith(f"{_ODF}text") else ""
    elif "[Content_Types].xml" in names:
        kind = next((one for one in names if one.startswith(("xl/", "ppt/"))), "")
        found = "docx"
    else:
        return None
    member = next((one for one in names if found and re.fullmatch(_PART[found], one)), None)
    if member is None:
        is_table = kind.startswith("xl/") or "spreadsheet" in kind
        about = ("a-spreadsheet", "advice-csv") if is_table else ("an-office-document", "advice-text")
        raise UserError("not-plain-text", name=name, found=Phrase(about[0]), advice=Phrase(about[1]))
    return found, member


def paragraphs(name: str, format: str, chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a "docx" or "odt" document from its XML. Raises UserError if that is damaged or unsafe."""
    document = _Paragraphs(name, _RULES[format])
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = document.start, document.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = document.data, document.entity
    try:
        for chunk in chunks:
            parser.Parse(chunk)
            yield document.take()
        parser.Parse(b"", True)  # noqa: FBT003 - its last argument has no name
    except expat.ExpatError as error:
        found = expat.ErrorString(error.code)
        raise UserError("xml-malformed", name=name, found=found, line=error.lineno) from None
    yield document.take()


class _Paragraphs:
    """The state of the parser in an office document."""

    def __init__(self, name: str, rules: _Rules) -> None:
        self.name, self.rules = name, rules
        self.lines: list[str] = []
        self.running: list[str] = []
        self.text = self.left_out = 0  # how many open elements are text, or left out
        self.held_another = False  # whether a paragraph has ended within the open one, as text boxes do
        self.blank = BLANK  # how many empty lines came last
        self.fields: list[str] = []  # Word's open fields: their instructions, or CONTENTS
        self.instructs = False  # whether the open element holds an instruction

    def start(self, element: str, attributes: dict[str, str]) -> None:
        tag = element.rpartition(" ")[2]
        self.instructs = tag == "instrText"
        if tag == "fldChar":
            self._field(next((value for key, value in attributes.items() if key.endswith(" fldCharType")), ""))
        self.left_out += tag in self.rules.left_out
        if not self.left_out and tag in ("p", "h"):
            if self.running:
                self._end_line()
            self.held_another = False
        elif not self.left_out:
            count = next((value for key, value in attributes.items() if key.endswith(" c")), "1")
            spaces = " " * min(int(count), 100) if tag == "s" and count.isdecimal() else ""
            self.running.append(_SIGNS.get(tag, "") or spaces)
        self.text += tag in self.rules.text

    def end(self, element: str) -> None:
        tag = element.rpartition(" ")[2]
        self.instructs = False
        self.text -= tag in self.rules.text
        if not self.left_out and tag in ("p", "h"):
            if "".join(self.running).strip() or not self.held_another:
                self._end_line()
            self.running.clear()
            self.held_another = True
        self.left_out -= tag in self.rules.left_out

    def _field(self, place: str) -> None:
        """Begin a field, its result, or what follows it; the result of a field TOC is a table of contents."""
        if place == "begin":
            self.fields.append("")
        elif place == "separate" and self.fields and self.fields[-1].split()[:1] == ["TOC"]:
            self.fields[-1] = CONTENTS
            self.left_out += 1
        elif place == "end" and self.fields:
            self.left_out -= self.fields.pop() == CONTENTS

    def data(self, text: str) -> None:
        if self.instructs and self.fields and self.fields[-1] != CONTENTS:
            self.fields[-1] += text[:100]
        if self.text and not self.left_out:
            self.running.append(re.sub(r"[ \t\r\n]+", " ", text) if "p" in self.rules.text else text)

    def entity(self, *_about: object) -> None:
        raise UserError("entity-declared", name=self.name)

    def take(self) -> str:
        text = "".join(self.lines)
        self.lines.clear()
        return text

    def _end_line(self) -> None:
        line = "".join(self.running).rstrip()
        self.blank = 0 if line else self.blank + 1
        if self.blank <= BLANK:
            self.lines.append(line + "\n")
        self.running.clear()


_SIGNS = {"br": "\n", "cr": "\n", "line-break": "\n", "tab": "\t", "noBreakHyphen": "-"}


def pdf(name: str, stream: IO[bytes]) -> tuple[str, int, list[str]]:
    """Return the text layer of a PDF, its number of pages, and the running heads that were left out.

    Raises UserError if it is damaged, has a password or no text layer.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of what it repairs
    pages: list[str] = []
    length = 0
    try:
        reader = PdfReader(stream)
        locked = reader.is_encrypted and not reader.decrypt("")
        for page in () if locked else reader.pages:
            pages.append(page.extract_text().strip("\n"))
            length += len(pages[-1])
            if length > LONGEST:
                raise UserError("document-too-long", name=name, most=LONGEST)
    except UserError:
        raise
    except Exception as error:  # a parser of a format without end: it has no common error
        needs_more = type(error).__name__ == "DependencyError"  # a cipher of another library
        raise UserError("pdf-needs-cipher" if needs_more else "document-damaged", name=name) from None
    if locked:
        raise UserError("archive-unsupported", name=name, found=Phrase("asks-for-password"))
    if sum(map(str.isalpha, "".join(pages))) < FEWEST * max(len(pages), 1):
        raise UserError("pdf-without-text", name=name)
    kept, heads = _without_margins(pages)
    text = "\n".join(kept) + "\n"
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), len(pages), heads


def _without_margins(pages: list[str]) -> tuple[list[str], list[str]]:
    """Return the pages without page numbers and running heads, and these heads.

    A head is a line that stands as it is on many pages, first or last. A line that differs from page to page, as the
    number of a chapter or a date does, stays.
    """
    lines, heads = [[line for line in page.split("\n") if line.strip()] for page in pages], dict[str, None]()
    for place in (0, 0, -1, -1):  # a head of two lines at most, and such a foot
        margins = [page[place].strip() if page else "" for page in lines]
        keys = [_margin(line, number) for number, line in enumerate(margins)]
        alike = Counter(keys)
        for page, line, key in zip(lines, margins, keys, strict=True):
            if page and alike[key] >= max(3, REPEATED * len(pages)):
                del page[place]
                if isinstance(key, str):
                    heads[line] = None
    return ["\n".join(page) for page in lines], list(heads)


def _margin(line: str, page: int) -> str | int:
    """Return what a margin has in common with others: for a page number, how far it is ahead of the page's place."""
    found = _PAGE_NUMBER.fullmatch(line)
    return line if found is None else int(found[1]) - page


_PAGE_NUMBER = re.compile(
    r"\W*(?:p[áa]g(?:ina|\.)?|page|p\.)?\s*([0-9]{1,5})(?:\s*(?:/|de|of)\s*[0-9]+)?\W*", re.IGNORECASE
)
