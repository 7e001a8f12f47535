"""RTF → text: a paragraph is a line, the cells of a table's row are separated by tabs.

A document is a tree of groups in braces. A control word changes the group that it stands in: its font, and so the 8-bit
page of `\\'e3`. `\\u227` is a character by number, with a substitute for programs that do not know it. A group may be a
destination, whose text is not the document's, such as a list of fonts.
(Rich Text Format Specification, version 1.9.1, Microsoft 2008.)
"""

import codecs
import re
from typing import IO, NamedTuple

from charrnn.errors import UserError

LONGEST = 2**26  # bytes of a document
HEAD = 4096  # bytes in which a document declares its page

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{0,2})|\\([\0-\x7f])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "tab": "\t", "cell": "\t", "nestcell": "\t",
    "emdash": "—", "endash": "–", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "zwj": "\u200d", "zwnj": "\u200c",
    "~": "\xa0", "-": "\xad", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n",
}  # fmt: skip
# Destinations whose text is left out, as is that of all after \*, but for text boxes and the version in Unicode.
_LEFT_OUT = {
    "annotation", "colortbl", "fldinst", "fonttbl", "footer", "footerf", "footerl", "footerr", "footnote", "header",
    "headerf", "headerl", "headerr", "info", "nonshppict", "object", "pict", "pntext", "pntxta", "pntxtb", "rxe",
    "shprslt", "sp", "stylesheet", "tc", "template", "txe", "xe",
}  # fmt: skip
_BOXES = {"shpinst", "do", "ud"}
_CHARSETS = {  # of fonts; 1, the default, and 2, symbols, mean the document's page
    0: "cp1252", 77: "mac_roman", 78: "shift_jis", 79: "big5", 80: "euc_kr", 81: "mac_arabic", 83: "mac_greek",
    84: "mac_cyrillic", 85: "gb2312", 86: "mac_romanian", 87: "mac_cyrillic", 88: "cp874", 89: "mac_latin2",
    128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_CONTENTS = re.compile(rb"(?:[{}\s]|(?>\\[a-z]+-?\d* ?)){0,40}TOC\b")  # an instruction to make a table of contents
_ANSI_PAGE = re.compile(r"\\ansicpg(\d+)")
_MACHINE = re.compile(r"\\(mac|pca?)(?![a-z])")
_MACHINES = {"mac": "mac-roman", "pc": "cp437", "pca": "cp850"}


class _Group(NamedTuple):
    """The settings of an RTF group, which control words change until the group ends."""

    font: int | None = None
    substitutes: int = 1  # characters that stand for one given by its number
    left_out: bool = False
    outer_left_out: bool = True  # whether what is around two versions of one text is left out
    lists_fonts: bool = False
    deleted: bool = False


def rtf(name: str, stream: IO[bytes]) -> tuple[str, bool]:
    """Return the text of an RTF document, and whether its end is missing. Raises UserError if it is too long."""
    data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise UserError("document-too-long", name=name, most=LONGEST)
    text, is_cut = "", False
    while (data := data.lstrip(b"\xef\xbb\xbf \t\r\n")).startswith(b"{\\rtf"):  # several, if files were joined
        reader = _Reader(data)
        text += reader.read().strip("\n") + "\n"
        is_cut, data = bool(reader.outer), data[reader.next :]
    return text, is_cut


class _Reader:
    """The state of the parser."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.page = _declared_page(data[:HEAD].decode("ascii", "replace"))
        self.is_utf8 = _is_utf8(data)
        self.pages: dict[int, str] = {}  # of fonts
        self.default: int | None = None  # a font
        self.group = _Group()
        self.outer: list[_Group] = []
        self.out: list[str] = []
        self.held = bytearray()  # bytes of the page that are yet to be decoded: a character may have two
        self.skip = 0  # how many substitutes follow
        self.next = 0  # the place in `data`

    def read(self) -> str:
        while found := _TOKEN.match(self.data, self.next):
            self.next = found.end()
            word, number, digits, symbol, brace, plain = found.groups()
            if digits is not None:
                self._add(bytes.fromhex(digits.decode()) if len(digits) == 2 else b"")
            elif plain:
                self._plain(plain)
            elif word or symbol or brace:
                self._flush()
                self.skip = 0
                if word:
                    self._word(word.decode(), int(number) if number else None)
                elif symbol:
                    self._symbol(symbol.decode())
                elif not self._brace(brace):
                    break
        self._flush()
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _brace(self, brace: bytes) -> bool:
        """Begin or end a group; return whether the document continues."""
        if brace == b"{":
            self.outer.append(self.group)
        elif self.outer:
            self.group = self.outer.pop()
        return bool(self.outer)

    def _add(self, data: bytes) -> None:
        """Add bytes of the page, without substitutes."""
        skipped = min(self.skip, len(data))
        self.skip -= skipped
        if not (self.group.left_out or self.group.deleted):
            self.held += data[skipped:]

    def _plain(self, data: bytes) -> None:
        if self.is_utf8 and not data.isascii():
            self._flush()
            self._sign(data.decode("utf-8", "replace")[self.skip :])
            self.skip = 0
        else:
            self._add(data)

    def _flush(self) -> None:
        if self.held:
            font = self.default if self.group.font is None else self.group.font
            page = self.page if font is None else self.pages.get(font, self.page)
            self.out.append(self.held.decode(page, "replace"))
            self.held.clear()

    def _sign(self, sign: str) -> None:
        if not (self.group.left_out or self.group.deleted):
            self.out.append(sign)

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            box = _TOKEN.match(self.data, self.next)
            if not (box and box[1] and box[1].decode() in _BOXES):
                self.group = self.group._replace(left_out=True)
        else:
            self._sign(_SIGNS.get(symbol, ""))

    def _word(self, word: str, number: int | None) -> None:
        if word in _SIGNS:
            self._sign(_SIGNS[word])
        elif word in ("row", "nestrow"):
            while self.out and self.out[-1] == "\t":
                self.out.pop()
            self._sign("\n")
        elif word in ("shptxt", "dptxbxtext"):
            self._sign("\n" if self.out and not self.out[-1].endswith("\n") else "")
        elif word == "u" and number is not None:
            if 0 <= (code := number + 0x10000 * (number < 0)) < 0x10000:
                self._sign(chr(code))
            self.skip = self.group.substitutes
        elif word == "bin":
            self.next += max(number or 0, 0)
        elif word in _LEFT_OUT:
            self._leave_out(word)
        else:
            self._setting(word, number)

    def _leave_out(self, word: str) -> None:
        self.group = self.group._replace(left_out=True, lists_fonts=word == "fonttbl")
        if word == "fldinst" and self.outer and _CONTENTS.match(self.data, self.next):
            self.outer[-1] = self.outer[-1]._replace(left_out=True)  # the field around it

    def _setting(self, word: str, number: int | None) -> None:
        """Change the group's settings or, in a list of fonts, the page of one."""
        if word == "f":
            self.group = self.group._replace(font=number)
        elif word == "deff":
            self.default = number
        elif word == "uc":
            self.group = self.group._replace(substitutes=max(number or 0, 0))
        elif word == "plain":
            self.group = self.group._replace(font=None, deleted=False)
        elif word == "upr":  # {\upr{Jo?o}{\*\ud{Jo\u227?o}}}
            self.group = self.group._replace(outer_left_out=self.group.left_out, left_out=True)
        elif word == "ud":
            self.group = self.group._replace(left_out=self.group.outer_left_out)
        elif word == "deleted":
            self.group = self.group._replace(deleted=number != 0)
        elif word in ("fcharset", "cpg") and self.group.lists_fonts and self.group.font is not None:
            page = _CHARSETS.get(number or 0) if word == "fcharset" else _codec(f"cp{number}")
            self.pages.update({self.group.font: page} if page else {})


def _is_utf8(data: bytes) -> bool:
    """Return whether a document has letters of UTF-8 in place of those of its page, as some programs write."""
    try:
        return not data.isascii() and bool(data.decode())
    except UnicodeDecodeError:
        return False


def _codec(page: str) -> str:
    """Return Python's name of a page; empty if it has none, or if its letters are not those of ASCII."""
    try:
        return codecs.lookup(page).name if b"RTF".decode(page) == "RTF" else ""
    except (LookupError, UnicodeDecodeError):
        return ""


def _declared_page(head: str) -> str:
    """Return the 8-bit page that a document declares, by number or as that of a kind of computer."""
    number, machine = _ANSI_PAGE.search(head), _MACHINE.search(head)
    page = f"cp{number[1]}" if number else ""
    return _codec(page) or ("mac-roman" if page == "cp10000" else _MACHINES[machine[1]] if machine else "cp1252")
