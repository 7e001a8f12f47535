"""Repair letters of one 8-bit page that were read in another: `n„o`, `nгo`, `năo`.

The letters are replaced one by one, in the lines that gain by it, by the character model of Portuguese.
"""

import re
import unicodedata

import numpy as np

from charrnn.corpus.portuguese import surprisals
from charrnn.corpus.repairs import Edit, apply
from charrnn.corpus.repairs.code_pages import OTHER_SCRIPTS, PAGES, PORTUGUESE, REAL, code_page

GAIN = 3.0  # bits that a line must save
SUSPECTS = 3  # before one page is tried for another
STRANGE = 9.0  # bits of a sign within a word from which it is suspect
SAVED = 4.0  # bits a changed character, on average, that another page must save
PLAUSIBLE = 5.0  # bits a character of a repaired text, at most; other languages have more
SURE = 3.0  # bits that the best page must save more than the next, where there are few signs
LEFT = 0.3  # share of the suspects that another page may leave
LINES = 400  # suspect lines by which a page is chosen

PLAIN = "´`ˆ˜¨¸ı"  # which a converter split from their letters
_SIGN = rf"[^\x00-\x9f\s\u200d\u2600-\u27bf\ufe0f\ufffd\U0001f000-\U0001faff{PORTUGUESE}{PLAIN}]"
_LETTER, _HIGH = r"[^\W\d_]", r"[^\s\x00-\x7f]"
ODD = re.compile(
    rf"{_SIGN}(?:(?:(?<={_LETTER}.)|(?<={_LETTER}{_HIGH}.))(?={_HIGH}?{_LETTER})"
    rf"|(?<={_LETTER})(?:(?<={_LETTER}.)|(?={_LETTER})))"
)  # a sign within a word, or a letter beside one, neither a space nor an emoji, which no 8-bit page has; not ‹casa›
ALIEN = re.compile(
    r"[\u0590-\u06ff\u0e00-\u0e5b\ufe70-\ufefc](?:(?<=[a-zA-ZÀ-ÿ].)|(?=[a-zA-ZÀ-ÿ]))"
)  # a letter of another script within a Latin word, which no one writes
LATIN_2 = re.compile(
    r"(?<![^\W\d_])(?:[^\W\d_]*(?:ăo|ăe|őe)s?|[^\W\d_]*ĂO|[ŕŔ]s?|[ŕŔ]quel[ea]s?|(?:[Vv]oc|[Pp]orqu|qu|cr)ę|(?:voc|m|tr)ęs"
    r"|[tv]ęm)(?![^\W\d_])"
)  # Portuguese words of Windows-1252 read as Windows-1250: năo, opiniőes, ŕ, vocę
NAME = re.compile(r"[A-ZÀ-Þ][^\W\d_]*[a-zß-ÿ][^\W\d_]*|[ČŁŚŠŽ][a-z][^\W\d_]+")  # Wałęsa, Škoda
_CAPITAL_WITHIN = re.compile("[a-zß-ÿ][A-ZÀ-Þ]")
BEFORE, RUN = re.compile(r"[^ \t\n]*\Z"), re.compile(r"[^ \t\n]{1,100}")
LATIN, OTHER_LETTER = re.compile("[a-zA-ZÀ-ɏ]"), re.compile(r"[^\W\d_\0-\u024f]")


def suspects(text: str) -> list[int]:
    """Return the places of characters in words that Portuguese hardly has there, such as the „ of `n„o`.

    A sign or two prove nothing, unless they are letters of another script within a word, or of words such as `năo`. A
    letter of another Latin alphabet in a name is no suspect.
    """
    odd = [
        match.start()
        for match in ODD.finditer(text)
        if not OTHER_LETTER.match(match[0]) or LATIN.search(text, max(0, match.start() - 1), match.start() + 2)
    ]
    certain = {match.start() for match in ALIEN.finditer(text)} | {
        place for match in LATIN_2.finditer(text) for place in range(*match.span()) if text[place] > "\u00ff"
    }
    if len(odd) < SUSPECTS and not certain:
        return []
    bits = surprisals(text)
    likely = {place for place in odd if bits[place] >= STRANGE and not _is_in_name(text, place)}
    return sorted(certain | likely) if certain or len(likely) >= SUSPECTS else []


def _is_in_name(text: str, place: int) -> bool:
    """Return whether a letter of a Latin alphabet belongs to a word with a capital."""
    sign = text[place]
    if sign < "\u0100" or not sign.isalpha() or not unicodedata.name(sign, "").startswith("LATIN"):
        return False
    start = place
    while start and text[start - 1].isalpha():
        start -= 1
    return NAME.match(text, start) is not None


def translated(text: str) -> list[Edit]:
    """Return the edits that replace the characters of one 8-bit page by those of another, line by line."""
    places = suspects(text)
    if not places:
        return []
    lines = {(text.rfind("\n", 0, place) + 1, _line_end(text, place)) for place in places}
    sample = "\n".join(text[start:stop] for start, stop in sorted(lines)[:LINES])
    if len(re.findall("[a-zA-Z]", sample)) < len(re.findall(r"[^\x00-\x7f\s]", sample)):
        return []  # another script, whose words are made of such signs
    wrong, swap = _best_swap(sample, clearly=len(places) < SUSPECTS)
    if not swap:
        return []
    is_certain = ALIEN.search(text) is not None or LATIN_2.search(text) is not None
    edits = _in_lines(text, swap, None if is_certain else wrong)
    if len(suspects(apply(text, edits))) > len(places) * LEFT:
        return []  # another page, or several: what it explains would read as sound
    if len(places) < SUSPECTS:
        return edits
    letters = {text[edit.start] for edit in edits}  # one alone may be a printer's, such as the ö of “attençöes”
    words = {_word(text, edit.start) for edit in edits}  # and one word a name: Ångström
    if not is_certain and (len(letters) < 2 or len(words) < SUSPECTS):
        return []
    return edits if len(edits) >= max(SUSPECTS, len(places) / 2) else []


def _word(text: str, place: int) -> str:
    """Return the word around a place, in small letters."""
    start, stop = run_around(text, place, place)
    return re.sub(r"\W", "", text[start:stop]).lower()


def run_around(text: str, start: int, stop: int) -> tuple[int, int]:
    """Return where the run of signs around `text[start:stop]` begins and ends, at most 100 characters away."""
    left, right = BEFORE.search(text[max(0, start - 100) : start]), RUN.match(text, stop)
    assert left is not None
    return start - len(left[0]), right.end() if right else stop


def _best_swap(sample: str, *, clearly: bool) -> tuple[str, dict[int, str]]:
    """Return the page that saves most bits if its characters are read in another, and what each means; none if too few.

    clearly: another reading must save SURE bits less.
    """
    before = surprisals(sample).sum()
    gains: dict[str, tuple[float, str, dict[int, str]]] = {}
    for wrong in PAGES + OTHER_SCRIPTS * (ALIEN.search(sample) is not None):
        table = code_page(wrong).bytes
        for right in REAL:
            swap = {
                ord(character): new
                for character, byte in table.items()
                if (new := bytes([byte]).decode(right, "ignore")) and new != character
            }
            changed = sum(ord(character) in swap for character in sample if character > "\x7f")
            reading = sample.translate(swap) if changed and right != wrong else sample
            if reading not in gains:
                gain = float(before - surprisals(reading).sum())
                if gain > SAVED * changed and surprisals(reading.lower()).mean() < PLAUSIBLE:
                    gains[reading] = gain, wrong, swap
    best, second = sorted([0.0, 0.0, *(gain for gain, *_ in gains.values())])[:-3:-1]
    if not gains or (clearly and best - second < SURE):
        return PAGES[0], {}
    return max(gains.values(), key=lambda found: found[0])[1:]


def _line_end(text: str, place: int) -> int:
    stop = text.find("\n", place)
    return stop if stop >= 0 else len(text)


def _in_lines(text: str, swap: dict[int, str], page: str | None) -> list[Edit]:
    """Return the replacements of characters, in the lines that they save bits.

    page: where no letter alone proves it, that in which the text was read; a line with a letter that it lacks, or in
    which a capital would come within a word, was not.
    """
    new = text.translate(swap)  # as long as before
    saved = np.pad(np.cumsum(surprisals(text) - surprisals(new)), (1, 0))
    edits = []
    start = 0
    while start < len(text):
        stop = _line_end(text, start)
        if saved[stop] - saved[start] > GAIN and (page is None or _is_of(page, text[start:stop], new[start:stop])):
            edits += [Edit(n, n + 1, new[n]) for n in range(start, stop) if text[n] != new[n]]
        start = stop + 1
    return edits


def _is_of(page: str, line: str, repaired: str) -> bool:
    """Return whether a page has all letters of a line, and the repaired line has no new capital within a word."""
    known = code_page(page).bytes
    return all(sign in known for sign in line if sign > "\x7f" and sign.isalpha()) and (
        len(_CAPITAL_WITHIN.findall(repaired)) <= len(_CAPITAL_WITHIN.findall(line))
    )
