"""Which unit follows which property of a text, and whether by more than chance.

Among hundreds of units, one resembles any property by chance. So the best unit's correlation r with a property is
compared with what the best unit reaches when the property is shifted along the text (cyclically): the shifted property
has the same rhythm but is unrelated to the text. `chance` is the 99.9th percentile of the greatest |r| over all units,
for 1,000 shifts. A finding is a unit above it, and is confirmed if on a second text the same unit, with the same sign,
is above chance there. Two choices are conservative: shifts by less than a tenth of the text are left out, as a property
resembles its own neighbourhood; and chance on the second text is again that of the best of all units, although only one
is tested.

A finding does not show that the unit is necessary for the property, or that no other has it (for that, intervene). And
a unit that follows a property of the character just read (`Property.remembered` is False) need not remember anything.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.lens.memory_map import Rows, correlations, standardized

Values = NDArray[np.float32]

SHIFTS = 1000
PERCENTILE = 99.9
LEAST = 100  # characters of a text, at least
BLOCK = 64  # units that are correlated at once, which bounds memory

Verdict = Literal["absent", "chance", "unconfirmed", "confirmed"]

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


class PropertyMatch(NamedTuple):
    """How well a unit follows a property on one text."""

    correlation: float  # Pearson's r, with its sign
    chance: float  # |r| that the best unit reaches by chance
    shifts: int  # shifts by which chance was estimated

    @property
    def above(self) -> bool:
        return abs(self.correlation) > self.chance


@dataclass(frozen=True)
class UnitFinding:
    """The best unit for a property. here: on the text where it was found; there: the same unit on a second text.

    None where the property is constant in a text; `there` also where no second text was given.
    """

    followed: Property
    unit: int  # −1 if here is None
    here: PropertyMatch | None
    there: PropertyMatch | None

    @property
    def verdict(self) -> Verdict:
        if self.here is None:
            return "absent"
        if not self.here.above:
            return "chance"
        agrees = self.there and self.there.above and self.there.correlation * self.here.correlation > 0
        return "confirmed" if agrees else "unconfirmed"


def findings(
    rows: Rows,
    text: str,
    second: tuple[Rows, str] | None = None,
    properties: Iterable[Property] = PROPERTIES.values(),
) -> list[UnitFinding]:
    """Return the best unit for each property of a text whose units were `rows` (h, t). second: another text, likewise.

    Raises UserError if a text is shorter than 100 characters.
    """
    properties = list(properties)
    here = _matches(rows, text, properties, {})
    units = {name: unit for name, (unit, _) in here.items()}
    there = {} if second is None else _matches(*second, properties, units)
    return [
        UnitFinding(followed, *here.get(followed.name, (-1, None)), there.get(followed.name, (-1, None))[1])
        for followed in properties
    ]


def in_halves(rows: Rows, text: str, properties: Iterable[Property] = PROPERTIES.values()) -> list[UnitFinding]:
    """Return `findings` in the first half of a text, confirmed in its second."""
    half = len(text) // 2
    return findings(rows[:, :half], text[:half], (rows[:, half:], text[half:]), properties)


def chances(rows: Rows, values: Values) -> tuple[NDArray[np.float32], int]:
    """Return the |r| (p,) that the best unit reaches by chance for properties, values (p, t), and the shifts tried."""
    shifts = _shifts(rows.shape[1])
    spectra = torch.fft.rfft(torch.from_numpy(standardized(values))).conj()
    greatest = torch.zeros(values.shape)
    whole = standardized(rows)
    for start in range(0, len(whole), BLOCK):
        block = torch.fft.rfft(torch.from_numpy(whole[start : start + BLOCK]))
        for spectrum, most in zip(spectra, greatest, strict=True):
            # Circular cross-correlation: at s, of each unit with the property shifted by s characters.
            shifted = torch.fft.irfft(block * spectrum, n=rows.shape[1])
            torch.maximum(most, shifted.abs_().amax(dim=0), out=most)
    return np.percentile(greatest.numpy()[:, shifts], PERCENTILE, axis=1).astype(np.float32), len(shifts)


def _shifts(time: int) -> NDArray[np.int64]:
    """Return the shifts to try: all if they are few, else a fixed random choice."""
    if time < LEAST:
        raise UserError("text-too-short-to-correlate", least=LEAST, found=time)
    far = np.arange(time // 10, time - time // 10 + 1)
    return far if len(far) <= SHIFTS else np.random.default_rng(0).choice(far, SHIFTS, replace=False)


def _matches(
    rows: Rows, text: str, properties: list[Property], units: dict[str, int]
) -> dict[str, tuple[int, PropertyMatch | None]]:
    """Return for each property that varies in the text a unit, of `units` or else the best, and how well it follows."""
    values = {followed.name: followed.of(text) for followed in properties}
    values = {name: found for name, found in values.items() if len(found) and found.min() < found.max()}
    if not values:
        return {}
    by_chance, shifts = chances(rows, np.stack(list(values.values())))
    matches: dict[str, tuple[int, PropertyMatch | None]] = {}
    for (name, found), chance in zip(values.items(), by_chance.tolist(), strict=True):
        reached = correlations(rows, found)
        unit = units.get(name, int(np.abs(reached).argmax()))
        matches[name] = unit, PropertyMatch(float(reached[unit]), chance, shifts)
    return matches
