"""8-bit code pages, by which a text may have been written or read, and what UTF-8 looks like when it is read in one."""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

PAGES = (
    "cp1252", "cp850", "cp437", "mac-roman", "cp1250", "cp1251", "iso8859-15", "cp860", "cp1253", "cp1254", "cp1257",
    "iso8859-2", "iso8859-7", "koi8-r", "cp866",
)  # fmt: skip
"""Code pages in which a text may have been read by mistake."""
RARE = (
    "cp852", "cp1256", "cp1258", "cp1255", "cp720", "cp737", "cp775", "cp855", "cp857", "cp858", "cp861", "cp862",
    "cp863", "cp864", "cp865", "cp869", "cp874", "cp1125", "koi8-u", "kz1048", "iso8859-3", "iso8859-4", "iso8859-5",
    "iso8859-6", "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-16",
    "mac-latin2", "mac-cyrillic", "mac-greek", "mac-turkish", "mac-iceland", "mac-croatian", "mac-romanian",
)  # fmt: skip
"""Other code pages, commonest first. All are tried if a whole text was read in one, three if a part was."""
OTHER_SCRIPTS = ("cp1255", "cp1256", "cp874", "cp862", "cp720", "cp864", "iso8859-6", "iso8859-8", "iso8859-11")
"""Code pages of Arabic, Hebrew and Thai, tried where their letters stand within Latin words."""
REAL = ("cp1252", "mac-roman", "cp850", "cp860", "cp437", "iso8859-15")
"""Code pages in which a Portuguese text may have been written, beside UTF-8."""
PORTUGUESE = "áâãàçéêíóôõúüªº«»“”‘’–—…•°§ÁÂÃÀÇÉÊÍÓÔÕÚÜ€\xa0\xad\ufeff"
"""The characters that Portuguese texts have beside ASCII."""


class CodePage(NamedTuple):
    """An 8-bit page, and how UTF-8 looks when it is read in it."""

    bytes: dict[str, int]  # of each character
    sequence: re.Pattern[str]  # how a character of UTF-8 looks
    lead: str  # how the first byte of most accented letters looks: Ã
    damaged: re.Pattern[str]  # such a sign without its second, or â€ without its third
    folds: dict[str, str]  # of each second sign that NFKC replaces, the sign before
    folded: re.Pattern[str]  # where it was replaced


@cache
def code_page(name: str) -> CodePage:
    """Return a page by Python's name of it. What it leaves open is read as Latin-1, as programs do."""
    high = range(0x80, 0x100)
    table = {sign: byte for byte in high if (sign := bytes([byte]).decode(name, "ignore"))}
    lacking = {chr(byte): byte for byte in high if byte < 0xA0 or byte not in table.values()}  # read as Latin-1
    table = lacking | table
    signs = [
        "".join(re.escape(character) for character, byte in table.items() if first <= byte <= last)
        for first, last in ((0x80, 0xBF), (0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4))
    ]
    tail, *leads = signs
    sequences = (f"[{lead}][{tail}]{{{count}}}" for count, lead in enumerate(leads, 1) if lead)
    sign_of = {byte: sign for sign, byte in table.items()}
    first, second, third, fourth = (sign_of.get(byte, "\ufffd") for byte in (0xC2, 0xC3, 0xE2, 0x80))
    folds = {new: sign_of[byte] for byte in range(0x80, 0xC0) if byte in sign_of and (new := _nfkc(sign_of[byte]))}
    longest = "|".join(sorted(map(re.escape, folds), key=len, reverse=True)) or "(?!)"
    return CodePage(
        table,
        re.compile("|".join(sequences)),
        second,
        re.compile(f"{second}(?![{tail}])|{third}{fourth}[?\ufffd]?(?![{tail}])"),
        folds,
        re.compile(f"[{first}{second}{third}](?:(?<!{third})|{fourth})({longest})"),
    )


def _nfkc(sign: str) -> str:
    """Return what NFKC makes of a sign; empty if it keeps it or makes a space."""
    new = unicodedata.normalize("NFKC", sign)
    return "" if new in (sign, " ") else new
