"""Repair single characters: byte-order mark, line ends, normal form, controls, spaces, hyphens, quotes and dashes.

Quotes and dashes become those of Brazilian books.
"""

import re
import unicodedata

from charrnn.corpus.cleaning import newlines as newlines  # a repair, too
from charrnn.corpus.repairs import Edit

BOM = "\ufeff"
# NUL and the other controls except tab and line ends, DEL, the C1 block, Unicode's line and paragraph ends.
CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
ODD_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_JOINED = r"[©®\u0370-\u1fff\u203c\u2049\u20d0-\udfff\U0001f000-\U0001faff]"  # emoji and letters that take joiners
# Spaces without width, marks of direction, joiners, variation selectors, objects; not those of other scripts and emoji.
ZERO_WIDTH = re.compile(
    r"[\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufffc\U000e0100-\U000e01ef]"
    r"|(?<![\u0590-\u08ff])[\u200e\u200f\u202a-\u202e\u2066-\u2069](?![\u0590-\u08ff])"
    rf"|(?<!{_JOINED})(?<!{_JOINED}[\ufe0e\ufe0f])[\u200c\u200d\ufe00-\ufe0f](?!\u20e3)"
)
ODD_HYPHENS = re.compile("[‐‑−⁃﹣－]")
LONG_S = re.compile("ſ")
_LINE_ENDS = re.compile("[\v\x85\u2028\u2029]")
# Quotes that open or close in any context
_QUOTES = str.maketrans({"«": "“", "»": "”", "„": "“", "‟": "“", "‹": "‘", "›": "’", "‚": "‘", "‛": "‘"})
_QUOTE_CHARACTERS = re.compile("[«»„‟‹›‚‛]")
_STRAIGHT = re.compile("[\"'`´]")
_CLOSING = (".", ",", ";", ":", "!", "?", "…", ")", "”", "»")  # which no letter follows
_OPENING = ("“", "«", "‘", "—")
_BEFORE_OPENING = frozenset(" \t\n([{—–-“‘")
_DASHES = re.compile("[-‐‑–‒―]+")


def bom(text: str) -> tuple[str, int]:
    """Remove byte-order marks at the beginning."""
    stripped = text.lstrip(BOM)
    return stripped, len(text) - len(stripped)


def find_line_ends(text: str) -> list[Edit]:
    """Return the line ends for VT, NEL and Unicode's line and paragraph separators. Each leaves fewer of them.

    NEL (U+0085) is also the ellipsis of Windows-1252 read as Latin-1: if other such characters or spaces are near.
    """
    found = list(_LINE_ENDS.finditer(text))
    if found:
        from charrnn.corpus.repairs.letters import meanings

        words = {sign for sign, meaning in meanings(text).items() if meaning in ("ligature", "doubtful")}
        found = [match for match in found if match[0] not in words]
    nels = [match.end() for match in found if match[0] == "\x85"]
    spaced = sum(text[place : place + 1] in (" ", "\n", "\t", "”", "»", "\x94") for place in nels)
    if nels and (2 * spaced > len(nels) or re.search("[\x80-\x84\x86-\x9f]", text)):
        found = [match for match in found if match[0] != "\x85"]
    return [
        Edit(match.start(), match.end(), "" if "\n" in _beside(text, match.start(), match.end()) else "\n")
        for match in found
    ]


def _beside(text: str, start: int, stop: int) -> str:
    return text[max(0, start - 1) : start] + text[stop : stop + 1]


def nfc(text: str) -> tuple[str, int]:
    """Join each letter and its accents to one character (NFC)."""
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    lines = text.split("\n")  # a line end composes with nothing, so each line can be normalized alone
    composed = [unicodedata.normalize("NFC", line) for line in lines]
    count = sum(
        max(1, len(before) - len(after)) for before, after in zip(lines, composed, strict=True) if before != after
    )
    return "\n".join(composed), count


def controls(text: str) -> tuple[str, int]:
    """Remove control characters; a form feed becomes a newline, unless it is beside one.

    Those that stand for spaces become spaces. Characters of the C1 block were Windows-1252 read as Latin-1, and become
    what they were (dashes, quotes).
    """
    if not CONTROLS.search(text):
        return text, 0
    from charrnn.corpus.repairs.letters import meanings

    spaces = {sign for sign, meaning in meanings(text).items() if meaning == "space"}
    return CONTROLS.subn(lambda match: _control(match, spaces), text)


def _control(match: "re.Match[str]", spaces: set[str]) -> str:
    character, text = match[0], match.string
    if character in "\f\v\u2028\u2029":
        return "" if "\n" in _beside(text, match.start(), match.end()) else "\n"
    if "\x80" <= character <= "\x9f":
        return character.encode("latin-1").decode("windows-1252", errors="ignore")
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    between = before in _CLOSING and (after.isalpha() or after in _OPENING)
    return " " if between or character in spaces else ""


def spaces(text: str) -> tuple[str, int]:
    """Turn non-breaking and other odd spaces into a space; remove spaces without width and other invisible marks.

    Joiners, variation selectors and marks of direction stay where other scripts and emoji need them.
    """
    text, odd = ODD_SPACES.subn(" ", text)
    text, without_width = ZERO_WIDTH.subn("", text)
    return text, odd + without_width


def odd_hyphens(text: str) -> tuple[str, int]:
    """Turn Unicode's hyphens and minus signs into the hyphen of the keyboard."""
    return ODD_HYPHENS.subn("-", text)


def long_s(text: str) -> tuple[str, int]:
    """Turn the long s of old prints into s."""
    return LONG_S.subn("s", text)


def quotes(text: str) -> tuple[str, int]:
    """Turn quotes into “double” and ‘single’ ones, and the apostrophe into ’.

    « » „ ‟ and straight double quotes become “ ”, by the characters around them; ‹ › ‚ ‛ become ‘ ’. A straight single
    quote, ` and ´ become ’ after a letter or digit and before a letter (`d'água`, `'stá`), else ‘.
    """
    text, count = _QUOTE_CHARACTERS.subn(lambda match: match[0].translate(_QUOTES), text)
    text, straight = _STRAIGHT.subn(_curved, text)
    return text, count + straight


def _curved(match: "re.Match[str]") -> str:
    text, place = match.string, match.start()
    before, after = text[place - 1 : place] if place else "\n", text[place + 1 : place + 2]
    opens = before in _BEFORE_OPENING and not (after.isspace() or not after)
    if match[0] == '"':
        return "“" if opens else "”"
    if not opens:
        return "’"
    partner = re.compile(r"[^\n]{0,200}?[^\s\w]?'(?!\w)").match(text, place + 1)
    return "‘" if partner else "’"


def find_dashes(text: str) -> list[Edit]:
    """Return the edits that put a travessão — for -- --- – ― and for a hyphen between spaces or before a turn.

    – stays between digits (1890–1900), where ‒ becomes it; Unicode's hyphens ‐ ‑ become -. Each edit leaves fewer
    characters other than -, — and a – between digits.
    """
    edits = (_dash(text, match.start(), match.end()) for match in _DASHES.finditer(text))
    return [edit for edit in edits if edit and edit.new != text[edit.start : edit.stop]]


def _dash(text: str, start: int, stop: int) -> Edit | None:
    """Return the edit of a run of hyphens and dashes; None if it is a hyphen or a rule across the page."""
    found = text[start:stop]
    before, after = text[start - 1 : start], text[stop : stop + 1]
    if found == "-":
        if before == " " and after == " " and text[stop + 1 : stop + 2].isalpha() and not text[start - 2].isdigit():
            return Edit(start, stop, "—")
        if before in ("", "\n") and (text[stop + 1 : stop + 2].isalpha() if after == " " else after.isupper()):
            return Edit(start, stop, "—" if after == " " else "— ")  # a turn of dialogue
        return None
    if set(found) <= set("-‐‑"):
        return Edit(start, stop, "-" if stop - start == 1 else "—") if stop - start <= 3 else None
    if len(found) == 1 and found in "–‒" and before.isdigit() and after.isdigit():
        return Edit(start, stop, "–")
    return Edit(start, stop, "—")
