r"""Undo what programs write for characters and around them: entities, escapes, markup.

n&atilde;o, &#231;, &amp;ccedil;            entities
\u00e3, n=C3=A3o, n%C3%A3o, n\xe3o, \'e3    escapes: JSON, quoted-printable, URLs, Python, RTF
n\303\243o, n\u{e3}o, n\e3 o, n%u00e3o      escapes: C (octal), JavaScript and Rust, CSS, old JavaScript
n+AOM-o                                 escapes: UTF-7, of old e-mail
n<U+00E3>o, n<c3><a3>o, nU+00E3o, n\N{…}o   escapes: R, pagers and editors, Python's names
=?utf-8?Q?n=C3=A3o?=                    escapes: a header of an e-mail
<i>não</i>, [[Lisboa|cidade]], '''não'''    markup: HTML and wiki
"""

import html
import re
import statistics
import unicodedata
from bisect import bisect
from collections.abc import Callable
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html.entities import html5

from charrnn.corpus.repairs import Edit, apply, disjoint

FEWEST = 3  # escapes of one kind; one alone may be meant
STRANGE = 13.0  # bits of a decoded letter, in the middle, from which the signs were no codes: a=B0, 30%CD
_ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÃÀÇÉÊÍÓÔÕÚ]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BARE_ENTITY = re.compile(
    r"&(?:[AEIOUaeiou](?:acute|grave|circ|uml)|[ANOano]tilde|[Cc]cedil|nbsp|ord[fm]|[lr](?:aquo|[ds]quo)"
    r"|[mn]dash|hellip|#(?:1[6-9]\d|2[0-5]\d|8\d{3}))(?!;|\w*=|(?<=\d)\d)"
)  # as old pages have it, without a semicolon
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+")


def find_entities(text: str) -> list[Edit]:
    """Return the characters that HTML's entities mean. Each leaves fewer ampersands, or fewer characters."""
    if "&" not in text:
        return []
    edits = []
    for match in [*_ENTITY.finditer(text), *_BARE_ENTITY.finditer(text)]:
        name = match[0][1:]
        if name[0] != "#" and name not in html5 and name + ";" not in html5:
            continue
        new = html.unescape(match[0] if match[0].endswith(";") else match[0] + ";")
        if new != match[0] and "\ufffd" not in new and (new.isprintable() or new in "\n\t\xa0\xad"):
            edits.append(Edit(*match.span(), new))
    return disjoint(edit for edit in edits if not _is_named(text, edit))


def _is_named(text: str, edit: Edit) -> bool:
    """Return whether a text speaks of an entity, beside its letter: `&eacute; means é`."""
    before, after = text[max(0, edit.start - 40) : edit.start], text[edit.stop : edit.stop + 40]
    if not edit.new.isalpha() or before[-1:].isalpha() or after[:1].isalpha():
        return False
    return re.search(rf"(?<!\w){edit.new}(?!\w)", f"{before} {after}") is not None


def unmeant(text: str, edits: list[Edit]) -> list[Edit]:
    """Return the edits after letters, and in lines without plain accents. Others are meant: `\\u00e3 means ã`.

    A program writes all letters of a line in its codes.
    """
    kept = []
    stop, is_plain = -1, False
    for edit in sorted(edits):
        if edit.start >= stop:
            stop = text.find("\n", edit.start) % (len(text) + 1)
            is_plain = _ACCENTED.search(text, text.rfind("\n", 0, edit.start) + 1, stop) is not None
        if not is_plain or text[edit.start - 1 : edit.start].isalpha():
            kept.append(edit)
    return kept


def _reads(text: str, edits: list[Edit]) -> bool:
    """Return whether there are several decoded letters, in several words, that Portuguese has at those places."""
    from charrnn.corpus.portuguese import surprisals

    places, moved = [], 0
    for edit in edits:
        places += [edit.start + moved + place for place, sign in enumerate(edit.new) if sign > "\x7f"]
        moved += len(edit.new) - (edit.stop - edit.start)
    if len(places) < FEWEST or len({text[max(0, edit.start - 3) : edit.stop + 3] for edit in edits}) < FEWEST:
        return False
    codes = sum(len(_HIGH.findall(text, edit.start, edit.stop)) for edit in edits)
    is_utf8 = codes > 1.5 * len(places)  # which happens by no chance
    return is_utf8 or statistics.median(surprisals(apply(text, edits))[places]) < STRANGE


_BYTE, _LATER = r"\\{1,2}u00", r"(?:\\{1,2}u00[89abAB][0-9a-fA-F])"
_JSON = re.compile(
    rf"{_BYTE}(?:[cC][2-9a-fA-F]|[dD][0-9a-fA-F]){_LATER}|{_BYTE}[eE][0-9a-fA-F]{_LATER}{{2}}|{_BYTE}[fF][0-4]{_LATER}{{3}}|"
    r"\\{1,2}u[dD][89abAB][0-9a-fA-F]{2}\\{1,2}u[dD][c-fC-F][0-9a-fA-F]{2}|\\{1,2}u[0-9a-fA-F]{4}"
    r"|\\{1,2}U000[01][0-9a-fA-F]{4}|\\{1,2}[ux]\{[0-9a-fA-F]{2,6}\}|%u[0-9a-fA-F]{4}"
)
_REST = re.compile(r"""\\[nrt"'/]""")
_QUOTED = re.compile(r"(?:=[0-9A-Fa-f]{2}(?:=[ \t]*\n(?==[0-9A-Fa-f]{2}))?)+")
_SOFT_BREAK = re.compile(r"=[ \t]*\n")
_WORD = r"=\?[\w-]{1,40}\?[QqBb]\?[!->@-~]{1,200}\?="
_HEADER = re.compile(rf"{_WORD}(?:\s{{1,9}}{_WORD}){{0,99}}")  # RFC 2047: spaces between encoded words mean nothing
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_HIGH = re.compile("[=%][89A-Fa-f][0-9A-Fa-f]")
_BYTES = re.compile(r"(?:\\{1,2}x[0-9A-Fa-f]{2})+")
_RTF_BYTES = re.compile(r"(?:\\'[0-9a-f]{2})+")
_OCTAL = re.compile(r"(?:\\{1,2}[23][0-7]{2})+")
_CSS = re.compile(r"\\(?:0{0,3}[a-fA-F][0-9a-fA-F](?![0-9a-fA-F]) ?|0000[a-fA-F][0-9a-fA-F]|20[12][0-9a-fA-F] ?)")
_NAMED = re.compile(r"\\N\{[A-Z][A-Z -]{3,80}\}|<U\+[0-9A-Fa-f]{4,8}>")
_POINT = re.compile(r"U\+00[A-F][0-9A-F]|U\+20[12][0-9A-F]")
_ANGLE = re.compile(r"(?:<[89a-fA-F][0-9a-fA-F]>)+|<20[12][0-9a-fA-F]>")
_UTF7 = re.compile(r"\+[A-I][A-Za-z0-9+/]{2,}-?")  # from U+0000 to U+23FF
RTF = re.compile(r"\\'(?:[0-9][0-9a-f]|[a-f][0-9])")  # as in \'e3, unlike TeX's \'e


def find_escapes(text: str) -> list[Edit]:
    r"""Return the characters that escapes mean, of each kind that a text has often.

    Each leaves fewer of \=%+<, or fewer characters.
    """
    if not any(sign in text for sign in "\\=%+<"):
        return []
    edits: list[Edit] = []
    for of_kind in (_kept(_JSON, text, _utf16), _kept(_BYTES, text, _decoded)):
        edits += of_kind if len(of_kind) >= FEWEST else []
    if edits:
        edits += _kept(_REST, text, lambda escape: {"n": "\n", "r": "", "t": "\t"}.get(escape[1], escape[1]))
    named = _kept(_NAMED, text, _named)
    edits += named if len(named) >= FEWEST else []
    headers = [match.span() for match in _HEADER.finditer(text)]
    edits += _kept(_HEADER, text, _header)
    if _reads(text, quoted := _outside(headers, _kept(_QUOTED, text, _decoded))):
        edits += quoted
        breaks = [Edit(*match.span(), "") for match in _SOFT_BREAK.finditer(text)]
        edits += unmeant(text, _outside(headers, breaks))
    links = [match.span() for match in _URL.finditer(text)] if "%" in text else []
    outside = _outside(links, _kept(_PERCENT, text, _decoded))
    if _reads(text, outside):
        edits += outside
        if text.count("+") > 3 * text.count(" "):
            edits += [Edit(*match.span(), " ") for match in re.finditer(r"\+", text)]
    for pattern, meaning in ((_OCTAL, _octal), (_CSS, _css), (_UTF7, _utf7), (_POINT, _named), (_ANGLE, _angle)):
        if _reads(text, found := _kept(pattern, text, meaning)):
            edits += found
    if RTF.search(text) and len(found := _kept(_RTF_BYTES, text, _decoded)) >= FEWEST:
        edits += found
    return disjoint(edits)


def _kept(pattern: re.Pattern[str], text: str, meaning: Callable[[str], str | None]) -> list[Edit]:
    """Return an edit for each match with a meaning, in order, but for those that are meant."""
    found = ((match, meaning(match[0])) for match in pattern.finditer(text))
    return unmeant(text, [Edit(*match.span(), new) for match, new in found if new is not None])


def _outside(spans: list[tuple[int, int]], edits: list[Edit]) -> list[Edit]:
    """Return the edits that begin in none of the spans, which are in order."""
    starts, stops = [start for start, _ in spans], [0, *(stop for _, stop in spans)]
    return [edit for edit in edits if edit.start >= stops[bisect(starts, edit.start)]]


def _header(words: str) -> str | None:
    """Return the text of encoded words of an e-mail's header."""
    try:
        new = str(make_header(decode_header(words)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return None
    return new if new.isprintable() and "\ufffd" not in new else None


def _utf16(escape: str) -> str | None:
    if "U" in escape or "{" in escape:
        code = int(re.split("[U{]", escape)[1].rstrip("}"), 16)
        return chr(code) if code < 0x110000 and chr(code).isprintable() else None
    codes = [int(code[:4], 16) for code in escape.split("u")[1:]]
    if len(codes) > 1 and max(codes) < 0x100:  # bytes of UTF-8, each as a character, as Facebook exports them
        return _text(bytes(codes))
    new = b"".join(code.to_bytes(2, "big") for code in codes).decode("utf-16-be", "replace")
    return new if (new.isprintable() or new in "\n\t\xa0\xad") and new != "\ufffd" else None


def _octal(escape: str) -> str | None:
    return _text(bytes(int(byte, 8) for byte in re.findall("[0-7]{3}", escape)))


def _css(escape: str) -> str | None:
    new = chr(int(escape[1:], 16))
    return new if new.isalpha() or new in "«»\xa0–—‘’“”•…" else None


def _angle(escape: str) -> str | None:
    return chr(int(escape[1:-1], 16)) if escape.startswith("<20") else _decoded(escape)


def _named(escape: str) -> str | None:
    """Return the character that its name or its number means."""
    try:
        if escape.startswith("\\N"):
            return unicodedata.lookup(escape[3:-1])
        new = chr(int(escape.strip("<U+>"), 16))
    except (KeyError, ValueError, OverflowError):
        return None
    return new if new.isprintable() or new in "\xa0\xad" else None


def _utf7(escape: str) -> str | None:
    try:
        new = escape.encode().decode("utf-7")
    except UnicodeDecodeError:
        return None
    return new if new.isprintable() and not new.isascii() else None


def _decoded(escape: str) -> str | None:
    return _text(bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", escape))))


def _text(data: bytes) -> str | None:
    """Return what bytes mean in UTF-8, or else in Windows-1252."""
    try:
        new = data.decode("utf-8")
    except UnicodeDecodeError:
        new = data.decode("cp1252", "replace")
    new = new.replace("\r\n", "\n").replace("\r", "\n")
    return new if all(one.isprintable() or one in "\n\t\xa0\xad" for one in new) and "\ufffd" not in new else None


_BLOCKS = "p|div|h[1-6]|li|ul|ol|dl|dt|dd|blockquote|section|article|tr|table|hr|body|html|center|pre|tbody"
_INLINE = (
    "a|abbr|b|big|br|cite|code|del|em|font|i|img|ins|q|s|small|span|strike|strong|sub|sup|tt|u|td|th|ref|nowiki|poem"
)
_ATTRIBUTE = r"""\s+[A-Za-z-]+(?:\s?=\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\s<>"']{1,300}))"""
_TAG = re.compile(rf"<(/?)({_BLOCKS}|{_INLINE})(?:{_ATTRIBUTE}){{0,20}}\s?/?>", re.IGNORECASE)
_ALONE = {"br", "hr", "img"}
_FIRST = {"p", "li", "dt", "dd", "tr", "td", "th"}  # which need no closing tag, but begin lines
_COMMENT = re.compile(r"<!--.{0,2000}?-->|<!(?:DOCTYPE|doctype)[^<>]{0,300}>", re.DOTALL)
_SIGNS = re.compile(r"<|\[\[|\[http|\[/?[biBI]\]|\[/?[a-z]+[]=]|\{\{|''|^==", re.MULTILINE)  # how any of them begins
_REFERENCE = re.compile(r"<ref[^<>/]{0,200}>[^<]{0,2000}</ref>", re.IGNORECASE)
_ITALIC = re.compile(r"(?<!')'{2}([^'\n]{1,500})'{2}(?!')")
_WIKI = (  # the last group of a match is what stays
    re.compile(r"\[\[(?:file|image|arquivo|ficheiro|imagem|categor(?:ia|y)):[^\[\]\n]{0,500}\]\]\n?", re.IGNORECASE),
    re.compile(r"\[\[(?![a-z]+:)(?:[^\[\]|\n]{0,200}\|)?([^\[\]|\n]{1,200})\]\]", re.IGNORECASE),
    re.compile(r"\[https?://[^\s\[\]]{1,500}(?: ([^\[\]\n]{0,200}))?\]"),
    re.compile(r"\{\{[^{}|]{1,100}\|[^{}|=]{1,60}=[^{}]{0,2000}\}\}\n?"),  # others may hold text
    re.compile(r"^={2,6} ?([^=\n]{1,200}?) ?={2,6}[ \t]*$", re.MULTILINE),
    re.compile(r"(?<!')'{3}([^'\n]{1,500})'{3}(?!')"),
    _ITALIC,
)
_BB = re.compile(r"\[(/?)(b|i|u|s|quote|url|img|size|color|center)(?:=[^\[\]\n]{0,100})?\]", re.IGNORECASE)


def find_markup(text: str) -> list[Edit]:
    """Return the removals of HTML's tags and of wiki's signs, where a text has several. Each leaves fewer of them."""
    if not _SIGNS.search(text):
        return []
    edits = [Edit(*match.span(), "") for match in [*_REFERENCE.finditer(text), *_COMMENT.finditer(text)]]
    tags = list(_TAG.finditer(text))
    closed = {match[2].lower() for match in tags if match[1]}
    for match in tags:
        tag = match[2].lower()
        begins = text[match.start() - 1 : match.start()] in ("", "\n", ">")
        if tag not in closed | _ALONE and not (tag in _FIRST and begins):
            continue  # a < b and c > d
        beside = "\n" in (text[match.start() - 1 : match.start()] or "\n", text[match.end() : match.end() + 1] or "\n")
        ends = (tag == "br" or (match[1] and re.fullmatch(_BLOCKS, tag))) and not beside
        edits.append(Edit(*match.span(), "\n" if ends else ""))
    for pattern in _WIKI:
        for match in pattern.finditer(text):
            if pattern is _ITALIC and not edits:
                continue  # quotation marks of a typewriter
            start, stop = match.span(match.lastindex or 0) if match.lastindex else (match.end(), match.end())
            edits += [Edit(match.start(), start, "")] + [Edit(stop, match.end(), "", 0)] * (stop < match.end())
    tags = list(_BB.finditer(text))
    closed = {match[2].lower() for match in tags if match[1]}
    edits += [Edit(*match.span(), "") for match in tags if match[2].lower() in closed]
    return disjoint(edits) if len(edits) >= FEWEST else []
