"""Repairs of single characters: byte-order mark, line ends, normal form, controls, odd spaces."""

import re
import unicodedata

BOM = "\ufeff"
# NUL, the other controls but tab and line ends, DEL, the C1 block, Unicode's own line and paragraph ends.
CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
ODD_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
ZERO_WIDTH = re.compile(r"[\u180e\u200b\u2060\ufeff]")


def bom(text: str) -> tuple[str, int]:
    """Without byte-order marks at the beginning."""
    stripped = text.lstrip(BOM)
    return stripped, len(text) - len(stripped)


def newlines(text: str) -> tuple[str, int]:
    r"""Each \r\n and each lone \r becomes \n."""
    count = text.count("\r")
    return (text.replace("\r\n", "\n").replace("\r", "\n"), count) if count else (text, 0)


def nfc(text: str) -> tuple[str, int]:
    """Each letter and its accents as one character (NFC)."""
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    lines = text.split("\n")  # a line end composes with nothing, so each line has a normal form of its own
    composed = [unicodedata.normalize("NFC", line) for line in lines]
    count = sum(
        max(1, len(before) - len(after)) for before, after in zip(lines, composed, strict=True) if before != after
    )
    return "\n".join(composed), count


def controls(text: str) -> tuple[str, int]:
    """Without control characters.

    A form feed, a vertical tab and Unicode's line ends become a newline, unless they stand beside one. What stands
    in the C1 block was Windows-1252 read as Latin-1, and becomes what it was (dashes, quotes). The rest goes.
    """
    return CONTROLS.subn(_control, text)


def _control(match: "re.Match[str]") -> str:
    character, text = match[0], match.string
    if character in "\f\v\u2028\u2029":
        beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        return "" if "\n" in beside else "\n"
    if "\x80" <= character <= "\x9f":
        return character.encode("latin-1").decode("windows-1252", errors="ignore")
    return ""


def spaces(text: str) -> tuple[str, int]:
    """Non-breaking and other odd spaces become a space; spaces without width go.

    The joiners U+200C and U+200D stay: other scripts and emoji are spelled with them.
    """
    text, odd = ODD_SPACES.subn(" ", text)
    text, without_width = ZERO_WIDTH.subn("", text)
    return text, odd + without_width
