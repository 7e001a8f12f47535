"""Repair letters that a converter split or joined: ligatures of PDF files, and accents beside their letters.

    aﬁnal, a\\x1cnal, a\\0nal        ligatures: one sign for fi, or a sign of the font that means nothing elsewhere
    h´ a, N˜\\nao, relac¸ ˜oes      accents: signs of their own, before or after the letter
    n\\~ao, a\\c{c}\\~{a}o           tex: its commands

Where signs do not tell, the character model of Portuguese does: of the readings, the one with the fewest bits.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.portuguese import surprisals
from charrnn.corpus.repairs import Edit, disjoint
from charrnn.corpus.repairs.escapes import RTF, unmeant

Meaning = Literal["ligature", "space", "nothing", "doubtful"]
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "Ɵ": "ti", "Ʃ": "tt"}
GUESSES = ("fi", "fl", "ff", "ffi", "ffl")  # what a sign of a font may mean
KNOWN = {"\x1b": 2, "\x1c": 0, "\x1d": 1, "\x1e": 3, "\x1f": 4, "\x0e": 3, "\x0f": 4, "\uf001": 0, "\uf002": 1}
"""Index in GUESSES of what usual fonts mean by a sign."""
USUALLY = 10.0  # bits that this knowledge is worth at each place
NOISE = (
    8.0,
    6.0,
)  # bits that a ligature costs more than nothing, halfway between a real one and noise: within words, before
DOUBT = 4.0, 8.0  # bits, times the root of the number of places, by which a ligature and nothing must be likelier
SAME = 4.0  # bits by which one ligature must be likelier than the others
SAMPLE = 500  # places that are judged
_LIGATURE = re.compile("[ﬀ-ﬆƟƩ]")
_UNKNOWN = re.compile("[\\0-\x08\x0b\x0c\x0e-\x1f\x7f\x85\ue000-\uf8ff]")
_IN_WORD = re.compile(r"(?:(?<=[^\W\d_].)|(?<=[ \t\xa0—–“‘«(-].))(?=[a-zà-ÿ])", re.DOTALL)

MARKS = {
    "´": "\u0301", "ˊ": "\u0301", "`": "\u0300", "ˋ": "\u0300", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303",
    "~": "\u0303", "¨": "\u0308", "¸": "\u0327",
}  # fmt: skip
"""The combining mark of each accent that stands alone."""
CERTAIN = 4.0  # bits that joining an accent must save
USUAL = 0.2  # share of a text's accents from which a way of joining is one of its converter's
FEWEST = 3  # joined accents of a text, as a single ´ may be an apostrophe; or places of a sign that means nothing
_ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÃÀÇÉÊÍÓÔÕÚ]")
_ELISION = re.compile(r"(?<![^\W\d_])(?:[cdjlmnst]|qu|sant|mãe|o)\Z", re.IGNORECASE)
_SPACED = re.compile(r"[´ˊ`ˋˆ^˜~¨¸]")
_BASE = re.compile(r"[ \t]?\n?([^\W\d_])")
_TEX = re.compile(
    r"\\(?:(?P<sign>['`^~\"])\s?|(?P<word>[cuvH])(?:\s+|(?=\{)))"
    r"(?:\{\s*(?P<braced>\\?[a-zA-Z])\s*\}|(?P<letter>\\[ij](?![a-zA-Z])(?:\s|\{\})?|[a-zA-Z]))"
)
_TEX_MARKS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", '"': "\u0308", "c": "\u0327", "u": "\u0306",
              "v": "\u030c", "H": "\u030b"}  # fmt: skip


def find_ligatures(text: str) -> list[Edit]:
    """Return the letters of ligatures, and of controls and private signs that mean one. Each leaves fewer of those."""
    edits = [Edit(*match.span(), LIGATURES[match[0]]) for match in _LIGATURE.finditer(text)]
    for sign, meaning in meanings(text).items():
        if meaning == "ligature":
            places = [match.start() for match in re.finditer(re.escape(sign), text)]
            edits += [Edit(place, place + 1, new) for place, new in zip(places, _spelled(text, places), strict=True)]
    return disjoint(edits)


@lru_cache(maxsize=4)  # several repairs ask about one text
def meanings(text: str) -> dict[str, Meaning]:
    """Return what each control or private sign means that touches words: letters, a space, nothing; or doubtful.

    One sign means the same everywhere. Before a letter and after a mark such as ; no ligature can be.
    """
    found: dict[str, list[int]] = {}
    for match in _UNKNOWN.finditer(text):
        found.setdefault(match[0], []).append(match.start())
    known: dict[str, Meaning] = {}
    for sign, places in found.items():
        inside = [place for place in places if _IN_WORD.match(text, place + 1)]
        if 2 * len(inside) > len(places):
            known[sign] = _meaning(text, inside[:SAMPLE])
    return known


def _meaning(text: str, places: list[int]) -> Meaning:
    bits = _bits(text, [[(place, place + 1, new) for new in (*GUESSES, "", " ")] for place in places])
    within = np.array([text[place - 1 : place].isalpha() for place in places])
    ligatures = bits[:, :-2] - np.where(within, *NOISE)[:, None]
    if (known := KNOWN.get(text[places[0]])) is not None:
        ligatures[:, known] -= USUALLY
    nothing, space = bits[:, -2].sum(), np.where(within, bits[:, -1], bits[:, -2]).sum()
    doubt, noise = (margin * len(places) ** 0.5 for margin in DOUBT)
    best, second = np.partition(ligatures.sum(0), 1)[:2]
    if text[places[0]] == "\0":  # a converter's sign for every ligature
        best, second = ligatures.min(1).sum(), np.inf
    if best + doubt < min(nothing, space):
        return "ligature" if best + SAME < second else "doubtful"
    if text[places[0]] not in "\v\f\x85" and (len(places) < FEWEST or best - noise < min(nothing, space)):
        return "doubtful"  # the three signs usually end lines
    return "space" if space + noise < nothing else "nothing"


def _spelled(text: str, places: list[int]) -> list[str]:
    """Return the letters that one sign means at each of its places."""
    bits = _bits(text, [[(place, place + 1, guess) for guess in GUESSES] for place in places])
    usual = KNOWN.get(text[places[0]], int(bits.sum(0).argmin()))
    if text[places[0]] != "\0":
        return [GUESSES[usual]] * len(places)
    bits[:, usual] -= SAME
    return [GUESSES[best] for best in bits.argmin(1)]


def _bits(text: str, readings: Sequence[Sequence[tuple[int, int, str]]]) -> NDArray[np.float64]:
    """Return the bits of each reading with the word around it, (places, readings)."""
    pieces, ends = [], [0]
    for options in readings:
        for start, stop, new in options:
            piece = f"\n{_tail(text, start)}{new}{_head(text, stop)} \n"
            pieces.append(piece)
            ends.append(ends[-1] + len(piece))
    total = np.pad(np.cumsum(surprisals("".join(pieces))), (1, 0))
    return np.diff(total[ends]).reshape(len(readings), -1)


def _tail(text: str, place: int) -> str:
    return " " + re.split(r"\s", text[max(0, place - 24) : place])[-1] if text[place - 1 : place].strip() else " "


def _head(text: str, place: int) -> str:
    return re.split(r"\s", text[place : place + 24])[0]


def are_letters(text: str, places: list[int]) -> bool:
    """Return whether most signs at these places read better as accented letters than as marks between two words."""
    sample = places[:SAMPLE]
    options = [(*"áâãàçéêíóôõú", text[place] + " ", " " + text[place]) for place in sample]
    bits = _bits(text, [[(place, place + 1, new) for new in news] for place, news in zip(sample, options, strict=True)])
    return bool(2 * (bits[:, :-2].min(1) < bits[:, -2:].min(1)).sum() > len(sample))


def find_accents(text: str) -> list[Edit]:
    """Return the joins of accents with the letters before or after them. Each leaves fewer signs."""
    found = list(_SPACED.finditer(text))
    if sum(match[0] > "\x7f" for match in found) < FEWEST:
        return []
    ways = [options for match in found if len(options := _joined(text, match.start())) > 1]
    gains = _gains(text, ways)
    places = np.array([options[0][0] for options in ways], dtype=np.int64)
    signs = np.array([text[place] > "\x7f" for place in places], dtype=np.bool_)
    sure = gains[:, 1:].max(1, initial=-np.inf) >= CERTAIN
    apostrophes = np.isin(places, _apostrophes(text, places[sure & signs].tolist()))
    gains[apostrophes, 1:] = -np.inf
    sure &= ~apostrophes
    if (sure & signs).sum() < FEWEST:
        return []
    counts = np.bincount(gains[sure].argmax(1), minlength=5)
    gains[:, counts >= USUAL * counts.sum()] += CERTAIN  # one converter writes them all alike
    gains[~signs] -= CERTAIN
    best = gains.argmax(1)
    return disjoint(
        Edit(*options[way])
        for options, way, gain in zip(ways, best.tolist(), gains.max(1), strict=True)
        if way and gain >= CERTAIN
    )


def _apostrophes(text: str, places: list[int]) -> list[int]:
    """Return the places of accents that are apostrophes: d´alho, if no converter split letters.

    places: of all accents that seem to be split. A converter splits ã, ç and ê too, and leaves no letter whole.
    """
    if any(text[place] in "ˆ˜¸" for place in places):
        return []
    if _ACCENTED.search(text):
        return places
    within = [place for place in places if text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()]
    elided = [place for place in within if _ELISION.search(text, max(0, place - 5), place)]
    return within if 2 * len(elided) > len(within) else []


def _gains(text: str, ways: list[dict[int, tuple[int, int, str]]]) -> NDArray[np.float64]:
    """Return the bits that each way to read an accent saves, with the nearest letters, (n, 5); -inf where it is none.

    Other accents that stand alone are left out.
    """
    pieces, starts, ends, size = [], [], [], 0
    for options in ways:
        for start, stop, new in options.values():
            before, after = (_SPACED.sub("", part) for part in (text[max(0, start - 8) : start], text[stop : stop + 8]))
            pieces.append(f"\n\n{before}{new}{after}")
            starts.append(size + 2 + max(0, len(before) - 1))
            size += len(pieces[-1])
            ends.append(size)
    total = np.pad(np.cumsum(surprisals("".join(pieces))), (1, 0))
    costs = iter((total[ends] - total[starts]).tolist())
    gains = np.full((len(ways), 5), -np.inf)
    for place, options in enumerate(ways):
        for way in options:
            gains[place, way] = -next(costs)
    gains -= gains[:, :1].copy()
    return gains


def _joined(text: str, place: int) -> dict[int, tuple[int, int, str]]:
    """Return the ways to read the accent at a place: 0, as it is; 1 or 2, with the next letter; 3 or 4, the last."""
    mark = MARKS[text[place]]
    found = {0: (place, place + 1, text[place])}
    before, after = text[place - 1 : place], text[place + 1 : place + 3]
    if after[:1].isupper() and (before.islower() or (before.isupper() and after[1:].islower())):
        return found  # d´Oeste, O´Neill
    if (base := _BASE.match(text, place + 1)) and (letter := _composed(base[1], mark)):
        found[1] = place, base.end(), letter
        if place > 1 and text[place - 1] == " ":
            found[2] = place - 1, base.end(), letter
    if place and (letter := _composed(text[place - 1], mark)):
        found[3] = place - 1, place + 1, letter
        if text[place + 1 : place + 2] == " " and text[place + 2 : place + 3].strip():
            found[4] = place - 1, place + 2, letter
    return found


def _composed(letter: str, mark: str) -> str | None:
    letter = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    joined = unicodedata.normalize("NFC", letter + mark)
    return joined if len(joined) == 1 and joined in "áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇèìîòùûëïöñÈ" else None


def find_tex(text: str) -> list[Edit]:
    r"""Return the letters that TeX's commands write: `n\~ao`, `a\c{c}\~{a}o`, `\'{\i}`. Each leaves fewer of them."""
    edits = []
    for match in _TEX.finditer(text) if "\\" in text and not RTF.search(text) else ():
        letter = (match["braced"] or match["letter"]).strip(" \t\n{}").lstrip("\\")
        joined = unicodedata.normalize("NFC", letter + _TEX_MARKS[match["sign"] or match["word"]])
        if len(joined) == 1:
            grouped = text[match.start() - 1 : match.start()] == "{" and text[match.end() : match.end() + 1] == "}"
            edits.append(Edit(match.start() - grouped, match.end() + grouped, joined))
    return disjoint(unmeant(text, edits))
