"""TEI and HTML → text: paragraphs, headings and verse lines; no header, no notes, no scripts.

Paragraphs are parted by an empty line, verse lines by a line end. White space inside a paragraph counts as one space,
as both standards have it.
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from charrnn.errors import UserError

HTML_LIMIT = 2**25  # characters of one page

# TEI P5, the elements of ELTeC and what else novels are commonly encoded with.
TEI_BLOCKS = {
    "p", "head", "ab", "lg", "sp", "speaker", "stage", "item", "label", "row", "trailer", "opener", "closer", "salute",
    "signed", "dateline", "byline", "docTitle", "titlePart", "docAuthor", "docImprint", "docDate", "epigraph", "quote",
    "div", "argument", "postscript", "bibl",
}  # fmt: skip
TEI_LEFT_OUT = {"teiHeader", "note", "fw", "figDesc", "del", "facsimile", "standOff"}
TEI_NOT_CHOSEN = {"sic", "abbr", "reg"}  # in a <choice>: the correction, the full word, the old spelling are read
HTML_BLOCKS = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "section",
    "article", "tr", "table", "hr", "main", "body", "figcaption", "address", "header", "footer", "pre",
}  # fmt: skip
HTML_LEFT_OUT = {"head", "script", "style", "template", "noscript", "nav", "svg", "math", "iframe", "object"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def kind(name: str, start: str) -> str:
    """The format of a document, "tei", "html" or "text", by its first characters, else by its name.

    Raises UserError for XML of another kind.
    """
    lead = re.sub(r"<!--.*?-->|<\?.*?\?>", "", start, flags=re.DOTALL).lstrip("\ufeff \t\r\n")
    lower = lead[:200].lower()
    if re.match(r"<(\w+:)?tei(corpus)?[\s>]", lower):
        return "tei"
    if lower.startswith(("<!doctype html", "<html")):
        return "html"
    xml = start.lstrip("\ufeff \t\r\n").startswith("<?xml") or name.lower().endswith((".xml", ".tei"))
    if xml and lower.startswith("<!doctype"):
        return "html" if "html" in lower.split(">")[0] else "tei"
    if xml:
        root = re.match(r"<([\w:.-]+)", lead)
        raise UserError(f"{name}: expected TEI, HTML or plain text, found " + (
            f"XML of another kind (<{root[1]}>)" if root else "something else under the name of XML"
        ))  # fmt: skip
    return "html" if name.lower().endswith((".html", ".htm", ".xhtml")) else "text"


def declared(head: bytes) -> str | None:
    """The encoding that an XML declaration or an HTML meta element names, if any."""
    match = re.search(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""", head[:512]) or re.search(
        rb"""<meta[^>]*?charset\s*=\s*["']?([\w.:-]+)""", head[:4096], re.IGNORECASE
    )
    if match is None:
        return None
    name = match[1].decode("ascii")
    return "windows-1252" if name.lower() in ("iso-8859-1", "latin1") else name  # as every browser takes it


class _Blocks:
    """Collects running text and gives it out as blocks."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.running: list[str] = []
        self.first = True

    def add(self, text: str) -> None:
        # The non-breaking space is a character like others, no white space of the markup.
        self.running.append(re.sub(r"[ \t\r\n\f]+", " ", text))

    def break_line(self) -> None:
        self.running.append("\n")

    def end(self, separator: str = "\n\n") -> None:
        """What was collected is one block; `separator` stands before it if it is not the first."""
        block = re.sub(r" *\n *", "\n", re.sub(r" +", " ", "".join(self.running))).strip(" \n")
        self.running.clear()
        if block:
            self.done.append(block if self.first else separator + block)
            self.first = False

    def take(self) -> str:
        text = "".join(self.done)
        self.done.clear()
        return text


def tei(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """The text of a TEI document. Entities are not expanded, nothing outside the document is read.

    Raises UserError if the XML is not well-formed or declares entities.
    """
    document = _Tei(name)
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler = document.start, document.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = document.data, document.entity
    try:
        for piece in pieces:
            parser.Parse(piece.encode("utf-8"), False)
            if text := document.blocks.take():
                yield text
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        found = f"{expat.ErrorString(error.code)} at line {error.lineno:,}"
        raise UserError(f"{name}: expected well-formed XML, found {found}") from None
    yield document.blocks.take() + "\n"


class _Tei:
    """What the parser meets, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks = _Blocks()
        self.open: list[str] = []  # the elements around
        self.inside = 0  # how many of them are <text>
        self.left_out = 0  # how many of them are left out
        self.verse = False  # whether the last block was a line of the stanza that goes on here

    def start(self, element: str, _attributes: dict[str, str]) -> None:
        tag = element.rpartition(" ")[2]
        self.inside += tag == "text"
        self.left_out += self._leaves_out(tag)
        if self.left_out:
            pass  # a note does not end the paragraph that it stands in
        elif tag == "l" or tag in TEI_BLOCKS:
            self._end_block()
            self.verse = self.verse and tag == "l"
        elif tag == "lb":
            self.blocks.break_line()
        self.open.append(tag)

    def end(self, _element: str) -> None:
        tag = self.open.pop()
        if not self.left_out and (tag == "l" or tag in TEI_BLOCKS):
            self._end_block()
            self.verse = tag == "l"
        self.inside -= tag == "text"
        self.left_out -= self._leaves_out(tag)

    def data(self, text: str) -> None:
        if self.inside and not self.left_out:
            self.blocks.add(text)

    def entity(self, *_about: object) -> None:
        raise UserError(f"{self.name}: expected XML without entity declarations, found one")

    def _leaves_out(self, tag: str) -> bool:
        return tag in TEI_LEFT_OUT or (tag in TEI_NOT_CHOSEN and self.open[-1:] == ["choice"])

    def _end_block(self) -> None:
        self.blocks.end("\n" if self.verse else "\n\n")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks = _Blocks()
        self.left_out: list[str] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HTML_LEFT_OUT:
            self.left_out.append(tag)
        elif tag == "body":
            self.left_out.clear()  # whatever the head left open
        if tag == "br":
            self.blocks.break_line()
        elif tag in HTML_BLOCKS:
            self.blocks.end()
        self.preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in self.left_out:
            del self.left_out[self.left_out.index(tag) :]
        if tag in HTML_BLOCKS:
            self.blocks.end()
        self.preformatted = max(0, self.preformatted - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self.left_out:
            return
        if self.preformatted:
            self.blocks.running.append(data)
        else:
            self.blocks.add(data)


def html(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """The text of a page. Raises UserError if it is longer than any page should be."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > HTML_LIMIT:
            raise UserError(f"{name}: expected a page of at most {HTML_LIMIT:,} characters, found a longer one")
    page = _Page()
    page.feed(text)
    page.close()
    page.blocks.end()
    yield page.blocks.take() + "\n"
