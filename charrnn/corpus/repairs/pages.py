"""Remove page numbers and running heads.

Chapters have numbers too, and lines may repeat. But pages break sentences: the line before a page number has no end,
and the next one begins with a small letter. A form feed marks a page as well. In verse without stops and capitals, the
line before the number of a stanza or a chapter looks the same; so breaks must be rarer elsewhere, and pages long.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable

from charrnn.corpus.repairs import Edit

FEWEST = 3  # numbers or heads of a series
LONG = 20  # characters of a page's last line, at least; a list of words has no pages
APART = 500  # characters between two heads or numbers, at least: the median of a page's length is well above
BROKEN = 0.2  # share of the other gaps between lines that break sentences, from which breaks prove no page
VERSE = 70  # characters of a line, on average, above which a text without margins is no verse
_NUMBER = re.compile(r"(?:p(?:ág|g)?\.? ?)?[-–—\[(|•· ]{0,4}(\d{1,4})[-–—\])|•·. ]{0,4}(?:(?:/|de) ?\d{1,4})?", re.I)
_ROMAN = re.compile(r"[-–—\[( ]{0,4}([ivxl]{1,7})[-–—\]) ]{0,4}")
_HEADING = re.compile(r"(?:cap[íi]tulo|soneto|canto|parte|livro|ato|cena|carta)\b", re.I)  # of the text, not the page
_NO_HEAD = re.compile(r"[\d\s.·•|\[\]()–—-]+")
TURNS = 0.3  # share of the lines that name their speakers, in a chat or a play
_TURN = re.compile(r"\W{0,3}(?:\d{1,2}/\d{1,2}/\d{2,4}|[^\W\d_][^:\n]{0,30}: \S)")
_ENDED = re.compile(r"[.!?…:;][”»\"')\]]{0,3}$|[”»\"*]$")


def find_pages(text: str) -> list[Edit]:
    """Return the removals of page numbers and running heads, one for each run of them. Each leaves fewer lines.

    A sentence that a page broke continues in the next line.
    """
    page = _Lines(text)
    numbers, heads = _found(page)
    return page.without(numbers | heads)


def places(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the spans of page numbers, and those of running heads."""
    page = _Lines(text)
    numbers, heads = _found(page)
    return page.spans(numbers), page.spans(heads)


class _Lines:
    """The lines of a text with their places; `feeds` are the lines with a form feed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.raw = text.split("\n")
        self.lines = [line.strip() for line in self.raw]
        self.starts = [0]
        for line in self.raw:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.feeds = {number for number, line in enumerate(self.raw) if line.startswith("\f") or line.endswith("\f")}

    def around(self, number: int, taken: set[int]) -> tuple[int | None, int | None]:
        """Return the nearest lines before and after that have text and are not `taken`."""
        before = _nearest(range(number - 1, max(-1, number - 12), -1), self.lines, taken)
        after = _nearest(range(number + 1, min(len(self.lines), number + 12)), self.lines, taken)
        return before, after

    def neighbours(self, number: int, taken: set[int]) -> tuple[str, str]:
        """Return the text of the lines `around`."""
        before, after = self.around(number, taken)
        return "" if before is None else self.lines[before], "" if after is None else self.lines[after]

    def breaks_sentence(self, number: int, taken: set[int]) -> bool:
        before, after = self.around(number, taken)
        if before is None or after is None:
            return False
        upper, lower = self.lines[before], self.lines[after]
        return len(upper) >= LONG and not _ENDED.search(upper) and lower[:1].islower()

    def at_feed(self, number: int, taken: set[int]) -> bool:
        """Return whether the line has a form feed, or one separates it from the text beside it."""
        before, after = self.around(number, taken)
        near = range(number if before is None else before + 1, (number if after is None else after) + 1)
        return any(line in self.feeds for line in near)

    def spans(self, taken: set[int]) -> list[tuple[int, int]]:
        return [(self.starts[number], self.starts[number] + len(self.raw[number])) for number in sorted(taken)]

    def without(self, taken: set[int]) -> list[Edit]:
        edits: list[Edit] = []
        done = -1
        for number in sorted(taken):
            if number <= done:
                continue
            first, last = number, number
            while first > 0 and not self.lines[first - 1]:
                first -= 1
            while last + 1 < len(self.lines) and (not self.lines[last + 1] or last + 1 in taken):
                last += 1
            done = last
            count = sum(line in taken for line in range(number, last + 1))
            start = self.starts[first]
            stop = min(self.starts[last + 1], len(self.text))
            if first > 0 and last + 1 < len(self.lines):
                broken = not _ENDED.search(self.lines[first - 1]) and self.lines[last + 1][:1].islower()
                blank = any(not self.lines[line] for line in range(first, last + 1))
                new = "\n" if blank and not broken else ""
            else:
                new = ""
            edits.append(Edit(start, stop, new, count))
        return edits


def _nearest(numbers: Iterable[int], lines: list[str], taken: set[int]) -> int | None:
    return next((number for number in numbers if lines[number] and number not in taken), None)


def _found(page: _Lines) -> tuple[set[int], set[int]]:
    """Return the numbers of the lines that are page numbers, and of those that are running heads."""
    if sum(map(bool, map(_TURN.match, page.lines))) > TURNS * sum(map(bool, page.lines)):
        return set(), set()  # a chat, a play: its lines repeat, and no page breaks them
    series, repeated = _series(page), _repeated(page)
    others = {number for lines in itertools.chain(series, repeated) for number in lines}  # no text for pages to break
    numbers: set[int] = set()
    for lines in series:
        broken = sum(page.breaks_sentence(number, others) or page.at_feed(number, others) for number in lines)
        if broken < max(2, 0.15 * len(lines)):
            continue
        feeds = sum(page.at_feed(number, others) for number in lines)
        if 2 * feeds < len(lines) and (_apart(page, lines) < APART or _may_be_verse(page, others)):
            continue  # stanzas or chapters
        numbers.update(lines)
    heads: set[int] = set()
    for lines in repeated:
        at_page = [number for number in lines if _at_page(page, number, numbers, others)]
        if len({page.neighbours(number, others) for number in at_page}) < 0.8 * len(at_page):
            continue  # the text around it repeats too: a copy or a refrain
        if len(at_page) >= max(2, 0.25 * len(lines)) and _apart(page, lines) >= APART:
            heads.update(number for number in lines if number >= at_page[0])  # before it: the title page
    return numbers, heads - numbers


def _apart(page: _Lines, lines: list[int]) -> int:
    """Return the median number of characters between two lines of a series."""
    gaps = sorted(page.starts[b] - page.starts[a] for a, b in itertools.pairwise(lines))
    return gaps[len(gaps) // 2]


def _may_be_verse(page: _Lines, others: set[int]) -> bool:
    """Return whether sentences go on across other empty lines, or lines are short and reach no margin."""
    blank = [n for n, line in enumerate(page.lines) if not line and n and page.lines[n - 1] and n - 1 not in others]
    gaps = [n for n in blank if page.around(n, set())[1] not in others]
    if len(gaps) >= FEWEST and sum(page.breaks_sentence(n, set()) for n in gaps) >= BROKEN * len(gaps):
        return True
    inked = [len(line) for line in page.lines if line]
    if sum(inked) > VERSE * len(inked):
        return False
    from charrnn.corpus.repairs.unwrap import find_unwrap

    return not find_unwrap(page.text)


def _series(page: _Lines) -> list[list[int]]:
    """Return the lines that are only a number, by series of numbers that increase by 1 to 3."""
    series: list[list[int]] = []
    last: dict[tuple[bool, int], list[int]] = {}  # the series that ended with this number
    for number, line in enumerate(page.lines):
        if not line or len(line) > 24:
            continue
        arabic, roman = _NUMBER.fullmatch(line), _ROMAN.fullmatch(line)
        if arabic:
            kind, value = False, int(arabic[1])
        elif roman:
            kind, value = True, _value(roman[1])
        else:
            continue
        before = (last.pop((kind, value - step), None) for step in (1, 2, 3))
        found = next((lines for lines in before if lines is not None), None)
        if found is None:
            found = []
            series.append(found)
        found.append(number)
        last[kind, value] = found
    return [lines for lines in series if len(lines) >= FEWEST]


def _repeated(page: _Lines) -> list[list[int]]:
    """Return the short lines that differ in a number only and begin as a head does, by their text."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(page.lines):
        if 3 <= len(line) <= 80 and not line[0].islower() and not _HEADING.match(line):
            key = _NO_HEAD.sub(" ", line).strip().upper()
            if len(key) >= 3:
                places[key].append(number)
    return [lines for lines in places.values() if len(lines) >= FEWEST]


def _at_page(page: _Lines, number: int, numbers: set[int], others: set[int]) -> bool:
    """Return whether a line is beside a page number, within a sentence, or at a form feed."""
    before, after = page.around(number, others)
    near = range(number if before is None else before + 1, number + 1 if after is None else after)
    beside = any(line in numbers for line in near)
    return beside or page.breaks_sentence(number, others) or page.at_feed(number, others)


_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}


def _value(roman: str) -> int:
    digits = [_ROMAN_DIGITS[digit] for digit in roman]
    return sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True))
