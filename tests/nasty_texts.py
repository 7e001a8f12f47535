"""Files with the faults of real ones, made from one clean text, for testing how texts are read and repaired."""

import gzip
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping

PAGE, MARGIN = 30, 56  # lines of a printed page; characters of its longest line
_SYLLABLE = re.compile(r"(?<=[aeiouáéíóúãõâê])(?=[bcdfglmnprstvz][aeiouáéíóúãõâê])")
_GREETINGS = "— Bom dia — disse-lhe a vizinha.\n\n"

HEADER = """The Project Gutenberg EBook of Contos, by Anonymous

This eBook is for the use of anyone anywhere at no cost and with almost no restrictions whatsoever.

Title: Contos

Language: Portuguese

*** START OF THE PROJECT GUTENBERG EBOOK CONTOS ***

Produced by Two Volunteers and the Online Distributed
Proofreading Team at https://www.pgdp.net

"""
FOOTER = """

End of Project Gutenberg's Contos, by Anonymous

*** END OF THE PROJECT GUTENBERG EBOOK CONTOS ***

Updated editions will replace the previous one--the old editions will be renamed.
"""
TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>Contos</title></titleStmt></fileDesc>
</teiHeader><text><body><div type="chapter"><head>Primeira parte</head>
<p>Era uma <choice><sic>caza</sic><corr>casa</corr></choice> amarela, de jane<lb break="no"/>las <hi>verdes</hi>,
<pb n="2"/>que ninguém abria<note>Nota do editor.</note>. Coração &amp; pão.</p>
<lg><l>O mar não sabe escrever,</l><l>mas assina cada areia</l></lg>
<fw type="header">CONTOS</fw>{paragraphs}</div></body></text></TEI>
"""
PAGE_OF_HTML = """<!DOCTYPE html>
<html lang="pt"><head><meta charset="iso-8859-1"><title>Contos</title><style>p {{ color: red }}</style></head>
<body><nav><a href="/">In&iacute;cio</a></nav><script>document.write("n&atilde;o")</script>
<h1>Contos &amp; hist&oacute;rias</h1><p>N&atilde;o, cora&#231;&#xE3;o: p&atilde;o&nbsp;com<br>
manteiga &mdash; e caf&eacute;.
<table><tr><td>um</td><td>dois</td></tr></table><!-- nada -->{paragraphs}<pre>  verso
    recuado</pre></body></html>
"""
CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
OPF = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>
<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml"
media-type="application/xhtml+xml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>"""

OPTIONS = {  # of `charrnn corpus clean`, which make some of the refused files readable
    "nul.txt": ["--fix", "controls"],
    "cp850.txt": ["--encoding", "cp850"],
    "utf-16-without-bom.txt": ["--encoding", "utf-16-le"],
    "half-mixed.txt": ["--encoding", "mixed"],
}


def readable(good: str) -> dict[str, bytes]:
    """Return the names and contents of files that can be read without options.

    good: clean prose of at least 9,000 characters; a paragraph is a line, with an empty line after it.
    """
    paragraphs = [line for line in good.split("\n") if line]
    marked = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs[:12])
    lines = good.split("\n")
    return {
        "windows-1252.txt": good.encode("cp1252"),
        "utf-16.txt": b"\xff\xfe" + good.encode("utf-16-le"),
        "mojibake.txt": "\n".join(_misread(line) if n % 6 == 2 else line for n, line in enumerate(lines)).encode(),
        "printed.txt": "\n".join(_pages(wrapped(paragraphs, MARGIN))).encode(),
        "gutenberg.txt": (HEADER + "\n".join(wrapped(map(_typed, paragraphs), 72)) + FOOTER).encode(),
        "tei.xml": TEI.format(paragraphs=marked).encode(),
        "page.html": PAGE_OF_HTML.format(paragraphs=marked).encode("cp1252"),
        "book.epub": _zip({
            "META-INF/container.xml": CONTAINER.encode(), "OEBPS/book.opf": OPF.encode(),
            "OEBPS/a.xhtml": f"<html><body>{marked}</body></html>".encode(),
            "OEBPS/b.xhtml": "<html><body><h1>Primeiro</h1><p>Capítulo um.</p></body></html>".encode(),
        }),
        "texts.zip": _zip({
            "contos/um.txt": good.encode(), "contos/dois.txt": good[:2000].encode("cp1252"),
            "contos/.hidden.txt": b"hidden", "contos/capa.png": b"\x89PNG",
        }),
        "duplicates.txt.gz": gzip.compress("\n\n".join(paragraphs[:9] + paragraphs[2:9] + paragraphs[8:14]).encode()),
        "controls.txt": _with_controls(lines).encode(),
        "line-ends.txt": good.replace("\n\n", "\r\n\r\n\f", 5).replace("\n\n", "\r\r", 9).encode("utf-8-sig"),
        "combining.txt": unicodedata.normalize("NFD", good).encode(),
        "lost.txt": (4 * _GREETINGS + _with_losses(good) + "\nE disselhe adeus.\n").encode(),
        "cut-off.txt": good[:2000].encode() + "ã".encode()[:1],
        "foreign.txt": (good[:3000] + "\n" + HEADER + "Il était une fois un roi et une reine. " * 9).encode(),
    }  # fmt: skip


def refused(good: str) -> dict[str, bytes]:
    """Return the names and contents of files that are refused without options."""
    return {
        "nul.txt": good[:2000].replace(" ", "\0 ", 3).encode(),
        "cp850.txt": good.translate(str.maketrans("—“”’…", '-""\'.')).encode("cp850"),
        "utf-16-without-bom.txt": good.encode("utf-16-le"),
        "half-mixed.txt": good[:2000].encode() + "coração".encode("cp1252"),
        "other.xml": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "damaged.zip": b"PK\3\4" + bytes(40),
        "blank.txt": b" \n\n ",
    }


def _misread(text: str) -> str:
    """Decode UTF-8 as Windows-1252, and bytes that it does not define as Latin-1."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def _typed(text: str) -> str:
    """Replace typographic signs: straight quotes, two hyphens for a dash, three dots."""
    return text.translate(str.maketrans({"—": "--", "“": '"', "”": '"', "’": "'", "…": "..."}))


def wrapped(paragraphs: Iterable[str], margin: int) -> list[str]:
    """Break indented paragraphs into lines of about `margin` characters, and words at syllables, with hyphens."""
    lines = []
    for paragraph in paragraphs:
        line = "   "
        for word in paragraph.split(" "):
            room = margin - len(line) - 1
            places = [match.start() for match in _SYLLABLE.finditer(word) if 2 <= match.start() < room]
            if len(word) <= room:
                line += " " + word
            elif places and "-" not in word:
                lines.append(f"{line} {word[: places[-1]]}-")
                line = word[places[-1] :]
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return lines


def _pages(lines: list[str]) -> list[str]:
    """Divide lines into pages with running heads, page numbers and form feeds."""
    printed = []
    for number, start in enumerate(range(0, len(lines), PAGE), 1):
        head = "CONTOS DA SERRA" if number % 2 else "AUTOR ANÔNIMO"
        printed += [("\f" if number > 1 else "") + head, "", *lines[start : start + PAGE], "", f"— {number + 8} —", ""]
    return printed


def _with_controls(lines: list[str]) -> str:
    """Insert a control character, a soft hyphen, an odd space or a zero-width character into each long line."""
    signs = ["\x1b", "\xad", "\xa0", "\u200b", "\u2009", "\u2028", "\x85", "\x97", "\ufeff", "\u202f"]
    return "\n".join(
        line[:20] + signs[n // 2 % len(signs)] + line[20:] if len(line) > 40 else line for n, line in enumerate(lines)
    )


def _with_losses(text: str) -> str:
    """Replace some accented letters by ? and U+FFFD, as faulty converters do."""
    return text.replace("ã", "?", 12).replace("ç", "\ufffd", 6).replace("é", "?", 4)


def _zip(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()
