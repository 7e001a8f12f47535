"""One way of writing quotes, and one of writing dashes, as Brazilian books print them."""

import re

from charrnn.corpus.repairs.edits import Edit, settle

# What opens or closes, whatever stands around it.
_QUOTES = str.maketrans({"«": "“", "»": "”", "„": "“", "‟": "“", "‹": "‘", "›": "’", "‚": "‘", "‛": "‘"})
_QUOTE_CHARACTERS = re.compile("[«»„‟‹›‚‛]")
_STRAIGHT = re.compile("[\"'`´]")
_BEFORE_OPENING = frozenset(" \t\n([{—–-“‘")
_DASHES = re.compile("[-‐‑–‒―]+")


def quotes(text: str) -> tuple[str, int]:
    """“Double” and ‘single’ quotes; the apostrophe is ’.

    “ ” take the place of « » „ ‟ and of straight quotes by what stands around them; ‘ ’ that of ‹ › ‚ ‛. A straight
    single quote, ` and ´ become ’ after a letter or digit and before a letter (`d'água`, `'stá`), else ‘.
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


def dashes(text: str) -> tuple[str, int]:
    """The travessão — for what stands in its place: -- --- – ― and a hyphen between spaces or before a turn.

    – stays between digits (1890–1900), where ‒ becomes it. Unicode's hyphens ‐ ‑ become -.
    """
    return settle(find_dashes, text)


def find_dashes(text: str) -> list[Edit]:
    """Dashes to be changed. Each edit leaves fewer characters that are neither - nor — nor a – between digits."""
    edits = (_dash(text, match.start(), match.end()) for match in _DASHES.finditer(text))
    return [edit for edit in edits if edit and edit.new != text[edit.start : edit.stop]]


def _dash(text: str, start: int, stop: int) -> Edit | None:
    """What becomes of a run of hyphens and dashes; None if it is a hyphen or a rule across the page."""
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
