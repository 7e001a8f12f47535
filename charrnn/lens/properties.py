"""Properties of a text that a unit might follow: text → one number for each character, (t,).

The number at t holds when text[t] has just been read, like H_t. Some properties depend on that character alone, X_t;
others can only be known by remembering earlier ones.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

DASHES = "—–―"
VOWELS = frozenset("aeiou")
# A mark that is not closed within 1,000 characters opens nothing.
_QUOTED = re.compile(r"«[^«»]{0,1000}»|“[^“”]{0,1000}”|\"[^\"]{0,1000}\"")
_BRACKETED = re.compile(r"\([^()]{0,1000}\)")


class Property(NamedTuple):
    name: str
    of: Callable[[str], Values]
    remembered: bool  # whether it depends on more than the character just read


def space(text: str) -> Values:
    """Mark white space within lines by 1."""
    return _where(text, lambda character: character.isspace() and character != "\n")


def newline(text: str) -> Values:
    return _where(text, lambda character: character == "\n")


def vowel(text: str) -> Values:
    """Mark vowels by 1, with or without an accent."""
    return _where(text, lambda character: unicodedata.normalize("NFD", character)[0].lower() in VOWELS)


def accent(text: str) -> Values:
    """Mark letters with a diacritic by 1: á, ã, ç."""
    return _where(text, lambda character: character.isalpha() and len(unicodedata.normalize("NFD", character)) > 1)


def capital(text: str) -> Values:
    return _where(text, str.isupper)


def quotes(text: str) -> Values:
    """Mark quotations by 1, from the opening mark to the last character before the closing one."""
    return _within(text, _QUOTED)


def parentheses(text: str) -> Values:
    """Mark what is in parentheses by 1, from ( to the last character before )."""
    return _within(text, _BRACKETED)


def speech(text: str) -> Values:
    """Mark direct speech by 1: in a line that begins with a dash (travessão), from there to the next dash.

    After that dash the narrator speaks, up to another dash or the end of the line.
    """
    found: list[NDArray[np.bool_]] = []
    for line in text.split("\n"):
        dashes = np.cumsum([character in DASHES for character in f"{line}\n"])
        found.append((dashes % 2 == 1) & line.lstrip().startswith(tuple(DASHES)))
        found[-1][-1] = False
    return np.concatenate(found)[: len(text)].astype(np.float32)


def position_in_word(text: str) -> Values:
    """Count letters: 1 at the first of a word, 2 at the second; 0 between words."""
    return _since(_where(text, lambda character: not character.isalpha()))


def position_in_line(text: str) -> Values:
    """Count characters from the beginning of a line, which has 1; a line end has 0."""
    return _since(newline(text))


PROPERTIES = {
    found.name: found
    for found in (
        Property("space", space, remembered=False),
        Property("newline", newline, remembered=False),
        Property("vowel", vowel, remembered=False),
        Property("accent", accent, remembered=False),
        Property("capital", capital, remembered=False),
        Property("quotes", quotes, remembered=True),
        Property("speech", speech, remembered=True),
        Property("parentheses", parentheses, remembered=True),
        Property("position_in_word", position_in_word, remembered=True),
        Property("position_in_line", position_in_line, remembered=True),
    )
}


def _where(text: str, test: Callable[[str], bool]) -> Values:
    known = {character: test(character) for character in set(text)}
    return np.array([known[character] for character in text], dtype=np.float32)


def _within(text: str, pattern: re.Pattern[str]) -> Values:
    values = np.zeros(len(text), dtype=np.float32)
    for match in pattern.finditer(text):
        values[match.start() : match.end() - 1] = 1
    return values


def _since(marks: Values) -> Values:
    """Return the number of characters since the last mark, or the beginning; 0 at a mark."""
    places = np.arange(1, len(marks) + 1)
    return (places - np.maximum.accumulate(np.where(marks > 0, places, 0), axis=0)).astype(np.float32)
