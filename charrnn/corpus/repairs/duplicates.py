"""Remove later copies of long passages.

Only letters and digits are compared, without case, so that other line ends and quotes hide no copy. Every run of 64 of
them is hashed, by a few sums over the whole text. The smallest of each 97 neighbouring hashes is kept, so that every
passage of 160 letters is found. Runs with equal hashes are then compared letter by letter. A song's refrain is no copy.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.fingerprints import MULTIPLIER, WIDTH, hashes_of_passages
from charrnn.corpus.repairs import Edit, disjoint

SHORTEST = 160  # letters and digits, about 200 characters of prose
REFRAIN = 480  # letters and digits of a refrain, at most
STANZA = 6  # times as long as the refrain: what lies between the beginnings of two, at most
VERSE = 120  # characters of a line of verse, at most
_WINDOW = SHORTEST - WIDTH + 1  # neighbouring hashes, of which the smallest is kept


class RepeatedPassage(NamedTuple):
    """A span of a text, `text[start:stop]`, that repeats `text[first:first_stop]`."""

    start: int
    stop: int
    first: int
    first_stop: int
    at_once: bool  # no letter between the two


def find_duplicates(text: str) -> list[Edit]:
    """Return the removals of later copies of at least SHORTEST letters. Each leaves fewer letters.

    A copy that follows its original at once is removed entirely; from others only whole lines are.
    """
    edits = []
    for passage in passages(text):
        if passage.at_once:
            edits.append(Edit(passage.first_stop, passage.stop, ""))
            continue
        start, stop = _whole_lines(text, passage)
        if sum(map(str.isalnum, text[start:stop])) < SHORTEST:
            continue
        while text[stop : stop + 1] == "\n" and (not start or text[start - 2 : start] == "\n\n"):
            stop += 1  # one empty line is enough where the copy stood
        edits.append(Edit(start, stop, ""))
    return disjoint(edits)


def _whole_lines(text: str, passage: RepeatedPassage) -> tuple[int, int]:
    """Return the span of the lines within a passage that hold no other letters."""
    start = text.rfind("\n", 0, passage.start) + 1
    if _has_letters(text[start : passage.start]):  # the line began before the copy did
        start = _after_newline(text, passage.start)
    stop = _after_newline(text, passage.stop)
    if _has_letters(text[passage.stop : stop]):
        stop = text.rfind("\n", 0, passage.stop) + 1
    return start, stop


def _has_letters(text: str) -> bool:
    return any(map(str.isalnum, text))


def _after_newline(text: str, place: int) -> int:
    return (text.find("\n", place) + 1) or len(text)


def passages(text: str) -> list[RepeatedPassage]:
    """Return the later copies of passages of at least SHORTEST letters, in order, none within another."""
    places, letters = _letters(text)
    if len(letters) < 2 * SHORTEST:
        return []
    hashes = hashes_of_passages(letters)
    hashes = (hashes ^ (hashes >> np.uint64(29))) * MULTIPLIER
    sample = np.flatnonzero(_smallest(hashes))
    sample = sample[np.argsort(hashes[sample], kind="stable")]  # equal hashes side by side, in the order of the text
    equal = np.append(False, np.diff(hashes[sample]) == 0)
    first_of = sample[np.maximum.accumulate(np.where(equal, 0, np.arange(len(sample))))]
    # A run that repeats before a passage could end is a litany.
    (again,) = np.nonzero(equal & (np.diff(sample, prepend=0) >= SHORTEST))
    found: list[RepeatedPassage] = []
    done = 0  # letters before this belong to a copy already
    for rank in again[np.argsort(sample[again])]:
        later = int(sample[rank])
        if later < done:
            continue
        candidates = {int(sample[rank - 1]), int(first_of[rank])}
        length, start, first = max(_match(letters, before, later, done) for before in candidates)
        if length < SHORTEST:
            continue
        done = start + length
        if np.any(hashes[start + 1 : start + SHORTEST] == hashes[start]):  # a litany, or a line of xxxx
            continue
        ends = [int(places[last]) + 1 for last in (done - 1, first + length - 1)]
        passage = RepeatedPassage(int(places[start]), ends[0], int(places[first]), ends[1], first + length == start)
        is_near = later - sample[rank - 1] <= STANZA * length
        if not (is_near and length <= REFRAIN and _is_verse(text, passage)):
            found.append(passage)
    return found


def _is_verse(text: str, passage: RepeatedPassage) -> bool:
    """Return whether whole lines of a passage are several short ones that no margin broke.

    Most begin with a capital letter, or one could have taken the next one's first word.
    """
    lines = [line for line in text[slice(*_whole_lines(text, passage))].splitlines() if line.strip()]
    longest = max(map(len, lines), default=0)
    uneven = any(len(f"{one} {after.split()[0]}") <= longest for one, after in pairwise(lines))
    capitals = sum(line.lstrip(' \t—–-“«"')[:1].isupper() for line in lines)
    return len(lines) > 1 and longest <= VERSE and (uneven or 2 * capitals > len(lines))


def _letters(text: str) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the places of the letters and digits, and their codes in lower case, each (n,)."""
    codes = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    lower = np.zeros(0x110000, dtype=np.uint32)
    for code in np.flatnonzero(np.bincount(codes, minlength=1)):
        character = chr(code)
        if character.isalnum():
            lower[code] = ord(character.lower()[0])
    folded = lower[codes]
    places = np.flatnonzero(folded)
    return places, folded[places].astype(np.uint64)


def _smallest(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which hashes are the smallest of some window of _WINDOW neighbours, (n,)."""
    least = _sliding(np.minimum, hashes)
    most = _sliding(np.maximum, np.pad(least, _WINDOW - 1))
    return np.equal(most, hashes)


def _sliding(best: np.ufunc, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the minimum or maximum of each window of _WINDOW neighbours, (n - _WINDOW + 1,)."""
    length = 1
    while 2 * length <= _WINDOW:
        values = best(values[:-length], values[length:])
        length *= 2
    rest = _WINDOW - length
    result: NDArray[np.uint64] = best(values[: len(values) - rest], values[rest:])
    return result


def _match(letters: NDArray[np.uint64], first: int, later: int, done: int) -> tuple[int, int, int]:
    """Return length, later and first place of the longest equal passages around two places, without overlap."""
    back = _equal(letters[:first][::-1], letters[done:later][::-1])
    first, later = first - back, later - back
    return min(_equal(letters[first:], letters[later:]), later - first), later, first


def _equal(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> int:
    """Return the length of the common beginning of `a` and `b`."""
    length, step, most = 0, 256, min(len(a), len(b))
    while length < most:
        stop = min(length + step, most)
        different = a[length:stop] != b[length:stop]
        if different.any():
            return length + int(different.argmax())
        length, step = stop, 4 * step
    return most
