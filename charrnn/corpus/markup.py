"""TEI and HTML → text: paragraphs, headings and verse lines, without header, notes and scripts.

An empty line separates paragraphs, a line end verse lines. White space in a paragraph becomes one space, as both
standards define.
"""

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from html.entities import html5
from xml.parsers import expat

from charrnn.errors import UserError

XHTML, DECLARED = "http://www.w3.org/1999/xhtml", 2**11  # its name, and how far down it is declared
HTML_LIMIT = 2**25  # characters of one page
HELD = 2**20  # characters of a TEI paragraph that are collected before some are yielded

# TEI P5: the elements within a line of text. All others separate text, so that no words are joined.
TEI_INLINE = {
    "hi", "emph", "foreign", "name", "persName", "placeName", "orgName", "geogName", "rs", "date", "time", "num",
    "measure", "title", "ref", "ptr", "q", "said", "soCalled", "term", "gloss", "mentioned", "distinct", "abbr",
    "expan", "ex", "am", "corr", "sic", "orig", "reg", "choice", "seg", "s", "w", "pc", "c", "phr", "cl", "m", "anchor",
    "add", "subst", "unclear", "supplied", "gap", "damage", "milestone", "pb", "cb", "lb", "app", "lem", "author",
    "editor", "g", "formula", "surname", "forename", "roleName", "addName", "nameLink", "space", "graphic",
}  # fmt: skip
TEI_LEFT_OUT = {"teiHeader", "note", "fw", "figDesc", "del", "facsimile", "standOff", "rdg"}
TEI_NOT_CHOSEN = {"sic", "abbr", "reg"}  # in a <choice>, the correction, the full word and the old spelling are read
HTML_BLOCKS = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "section",
    "article", "tr", "table", "hr", "main", "body", "figure", "figcaption", "address", "header", "footer", "pre",
    "center", "caption", "form", "fieldset", "legend", "aside", "details", "summary", "select",
}  # fmt: skip
HTML_SPACED = {"td", "th", "option", "button"}
HTML_LEFT_OUT = {"head", "title", "script", "style", "template", "noscript", "nav", "rt", "rp", "svg"}
# Notes, references to them, and numbers of printed pages: by epub:type, by role (DPUB-ARIA), and by the usual classes.
HTML_NOTES = {"noteref", "footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "pagebreak"}
HTML_NOTE_CLASSES = {"pagenum", "pageno", "fnanchor", "footnote", "footnotes", "footnote-ref", "noteref"}


def kind(name: str, start: str) -> str:
    """Return the format of a document, "tei", "html" or "text", by its first characters, else by its name.

    Raises UserError for other XML.
    """
    lead = re.sub(r"<!--.*?-->|<\?.*?\?>", "", start, flags=re.DOTALL).lstrip("\ufeff \t\r\n")
    lower = lead[:200].lower()
    if re.match(r"<(\w+:)?tei(corpus|\.2)?[\s>]", lower):
        return "tei"
    if lower.startswith(("<!doctype html", "<html")):
        return "html"
    xml = start.lstrip("\ufeff \t\r\n").startswith("<?xml") or name.lower().endswith((".xml", ".tei"))
    if xml and lower.startswith("<!doctype"):
        return "html" if "html" in lower.split(">")[0] else "tei"
    if xml:
        root = re.match(r"<([\w:.-]+)", lead)
        raise UserError("other-xml", name=name, root=root[1]) if root else UserError("not-xml", name=name)
    return "html" if name.lower().endswith((".html", ".htm", ".xhtml")) else "text"


def declared(head: bytes) -> str | None:
    """Return the encoding in an XML declaration or an HTML meta element, if any."""
    match = re.search(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""", head[:512]) or re.search(
        rb"""<meta[^>]*?charset\s*=\s*["']?([\w.:-]+)""", head[:4096], re.IGNORECASE
    )
    if match is None:
        return None
    name = match[1].decode("ascii")
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return "windows-1252" if name.lower() in ("iso-8859-1", "latin1", "us-ascii") else name  # as in every browser


_GLUE = re.compile(r"\0[ \n]*")  # XML has no NUL


class _Blocks:
    """A collector of running text, which it divides into blocks."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.running: list[str] = []
        self.first = True
        self.begun = False  # whether some of this block is in `done`
        self.held = 0  # characters in `running`

    def add(self, text: str) -> None:
        # A non-breaking space is not white space of the markup.
        self.running.append(re.sub(r"[ \t\r\n\f]+", " ", text))
        self.held += len(self.running[-1])

    def break_line(self) -> None:
        self.running.append("\n")

    def glue(self) -> None:
        """Join the text before and after to one word."""
        while self.running and not self.running[-1].strip(" \n"):
            self.running.pop()
        self.running[-1:] = [last.rstrip(" \n") for last in self.running[-1:]]
        self.running.append("\0")

    def end(self, separator: str = "\n\n") -> None:
        """End a block, which `separator` precedes unless it is the first."""
        self._give(separator)
        self.running.clear()
        self.begun, self.held = False, 0

    def relieve(self, separator: str) -> None:
        """Move the collected part of a long block to `done`; `end` gets the same `separator` later."""
        if self.held > HELD and self.running[-1] not in (" ", "\n", "\0"):
            self._give(separator)

    def _give(self, separator: str) -> None:
        """Move all but the white space at the end, which counts only if something follows."""
        text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", _GLUE.sub("", "".join(self.running))))
        if not self.begun:
            text = text.lstrip(" \n")
        given = text.rstrip(" \n")
        if given:
            self.done.append(given if self.first or self.begun else separator + given)
            self.first, self.begun = False, True
        self.running, self.held = [text[len(given) :]], 0

    def take(self) -> str:
        text = "".join(self.done)
        self.done.clear()
        return text


def tei(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """Yield the text of a TEI document. Entities are not expanded, and nothing outside the document is read.

    Raises UserError if the XML is not well-formed or declares entities.
    """
    document = _Tei(name)
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.UseForeignDTD()  # so that `skipped` is called for every undeclared entity
    parser.SkippedEntityHandler = document.skipped
    parser.StartElementHandler, parser.EndElementHandler = document.start, document.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = document.data, document.entity
    final = True
    try:
        for piece in pieces:
            parser.Parse(piece.encode("utf-8"))
            if text := document.blocks.take():
                yield text
        parser.Parse(b"", final)
    except expat.ExpatError as error:
        found = expat.ErrorString(error.code)
        raise UserError("xml-malformed", name=name, found=found, line=error.lineno) from None
    yield document.blocks.take() + "\n"


class _Tei:
    """The state of the parser in a TEI document."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks = _Blocks()
        self.open: list[str] = []  # the open elements
        self.inside = 0  # how many of them are <text>
        self.left_out = 0  # how many of them are left out
        self.verse = False  # whether the last block was a line of the same stanza

    def start(self, element: str, attributes: dict[str, str]) -> None:
        tag = element.rpartition(" ")[2]
        self.inside += tag == "text"
        self.left_out += self._leaves_out(tag)
        if self.left_out:
            pass  # a note does not end its paragraph
        elif tag == "lb" and attributes.get("break") == "no":
            self.blocks.glue()
        elif tag == "lb":
            self.blocks.break_line()
        elif tag not in TEI_INLINE:
            self._end_block()
            self.verse = self.verse and tag == "l"
        self.open.append(tag)

    def end(self, _element: str) -> None:
        tag = self.open.pop()
        if not self.left_out and tag not in TEI_INLINE:
            self._end_block()
            self.verse = tag == "l"
        self.inside -= tag == "text"
        self.left_out -= self._leaves_out(tag)

    def data(self, text: str) -> None:
        if self.inside and not self.left_out:
            self.blocks.add(text)
            self.blocks.relieve(self._separator)

    def skipped(self, name: str, is_parameter: int) -> None:
        """Read an undeclared entity as HTML does, for old TEI files. Raises UserError if HTML has none of its name."""
        if not is_parameter:
            if name + ";" not in html5:
                raise UserError("entity-unknown", name=self.name, entity=name)
            self.data(html5[name + ";"])

    def entity(self, *_about: object) -> None:
        raise UserError("entity-declared", name=self.name)

    def _leaves_out(self, tag: str) -> bool:
        return tag in TEI_LEFT_OUT or (tag in TEI_NOT_CHOSEN and self.open[-1:] == ["choice"])

    @property
    def _separator(self) -> str:
        return "\n" if self.verse else "\n\n"

    def _end_block(self) -> None:
        self.blocks.end(self._separator)


def html(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """Yield the text of a page. Raises UserError if it is longer than HTML_LIMIT."""
    from lxml import etree  # type: ignore[import-untyped]

    parts, length = [], 0
    for piece in pieces:
        parts.append(piece)
        length += len(piece)
        if length > HTML_LIMIT:
            raise UserError("page-too-long", name=name, most=HTML_LIMIT)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    page = _ENDS.sub("<hr>", _without_cdata("".join(parts).replace("\0", "")))
    root = etree.fromstring(page.encode("utf-8"), parser) if page.strip() else None
    blocks = _Blocks()
    left_out = preformatted = 0

    def add(text: str | None) -> None:
        if text and not left_out:
            blocks.running.append(text) if preformatted else blocks.add(text)

    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        tag, step = element.tag, 1 if event == "start" else -1
        if tag in HTML_BLOCKS and not left_out:
            blocks.end()
        elif tag in HTML_SPACED:
            add(" ")
        left_out += step * (tag in HTML_LEFT_OUT or _is_note(element.attrib))
        preformatted += step * (tag == "pre")
        if event == "start":
            add(element.text)
        else:
            if tag == "br" and not left_out:
                blocks.break_line()
            add(element.tail)
    blocks.end()
    yield blocks.take() + "\n"


_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)  # the parser drops what follows; browsers show it


def _without_cdata(page: str) -> str:
    """Return a page in which the marked sections of XHTML are plain text."""
    if XHTML not in page[:DECLARED]:
        return page
    first, *rest = page.split("<![CDATA[")
    sections = ((escape(inside, quote=False), after) for inside, _, after in (one.partition("]]>") for one in rest))
    return first + "".join(itertools.chain.from_iterable(sections))


def _is_note(attributes: Mapping[str, str]) -> bool:
    meant = f"{attributes.get('epub:type', '')} {attributes.get('role', '').replace('doc-', '')}"
    return not (
        HTML_NOTES.isdisjoint(meant.split()) and HTML_NOTE_CLASSES.isdisjoint(attributes.get("class", "").split())
    )
