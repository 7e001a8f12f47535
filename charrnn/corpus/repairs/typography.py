"""One way of writing quotes, and one of writing dashes, as Brazilian books print them."""

import re

from charrnn.corpus.repairs.edits import Edit, disjoint, settle

# What opens or closes, whatever stands around it.
_QUOTES = str.maketrans({"«": "“", "»": "”", "„": "“", "‟": "“", "‹": "‘", "›": "’", "‚": "‘", "‛": "‘"})
_QUOTE_CHARACTERS = re.compile("[«»„‟‹›‚‛]")
_STRAIGHT = re.compile("[\"'`´]")
_BEFORE_OPENING = frozenset(" \t\n([{—–-“‘")
_DASHES = re.compile(
    r"(?<![-‐‑])[-‐‑]{2,3}(?![-‐‑])"  # two or three hyphens; more are a rule across the page
    r"|[‐‑]"  # Unicode's hyphens
    r"|[–‒―]"
    r"|(?<=[^\W_][,;:.!?…)”\"]) - (?=\S)|(?<=[^\W_]) - (?=[^\W\d_])"  # a hyphen that stands between spaces
    r"|^-(?: (?=[^\W\d_])|(?=[A-ZÀ-Þ]))",  # and one that opens a turn of dialogue
    re.MULTILINE,
)


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
    edits = (Edit(match.start(), match.end(), _dash(match)) for match in _DASHES.finditer(text))
    return disjoint(edit for edit in edits if edit.new != text[edit.start : edit.stop])


def _dash(match: "re.Match[str]") -> str:
    found, text = match[0], match.string
    if found in "‐‑":
        return "-"
    if found in "–‒":
        around = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        return "–" if all(side.isdigit() for side in around) else "—"
    if found == " - ":
        return " — "
    return "— " if found in ("-", "- ") else "—"
