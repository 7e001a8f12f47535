"""Remove what Project Gutenberg adds to a book: header, licence, and the credit to its producers.

    The Project Gutenberg EBook of Dom Casmurro, by Machado de Assis  a header begins
    *** START OF THE PROJECT GUTENBERG EBOOK DOM CASMURRO ***         and ends (since about 2000)
    *END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*  (before)
    End of the Project Gutenberg EBook of Dom Casmurro                a footer begins
    *** END OF THIS PROJECT GUTENBERG EBOOK DOM CASMURRO ***

A file may hold several ebooks.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from charrnn.corpus.repairs import Edit

LONGEST = 40_000  # characters of a header or footer; the licence has about 19,000

_WORDS = re.compile("gutenberg|small print|free plain vanilla|full licen[sc]e", re.I)
_KINDS = {
    "start": re.compile(r"\s*(?:\*{1,3}\s*START\s*(?:OF|:).{0,20}GUTENBERG|\*END[\s*]*THE SMALL PRINT)", re.I),
    "stop": re.compile(
        r"\s*(?:\*{1,3}\s*END\s*OF.{0,20}GUTENBERG|End of (?:the |this )?Project Gutenberg"
        r"|\*{3}\s*START:? FULL LICEN[SC]E)",
        re.I,
    ),
    "header": re.compile(r"\s*(?:\**(?:The )?Project Gutenberg(?:['’]s)? |\*\*Welcome To The World of)", re.I),
}
_CREDIT = re.compile(
    r"\s{0,50}(?:(?:This e-?(?:book|text) was )?(?:Produced|Prepared|Transcribed) by|E-?text prepared by)[^\n]{0,200}"
    r"(?:\n[^\n]{1,200}){0,12}(?=\n\n)",
    re.I,
)


class _Mark(NamedTuple):
    kind: str
    start: int
    stop: int


def find_gutenberg(text: str) -> list[Edit]:
    """Return the removals of headers, footers and credits. Each leaves fewer lines that mark one."""
    marks = list(_marks(text))
    kept: list[tuple[int, int]] = []
    begin: int | None = 0  # where the book continues; None: outside of books
    for place, mark in enumerate(marks):
        if mark.kind == "start":
            if begin is not None and not _is_header(text, begin, mark.start, marks[:place]):
                kept.append((begin, mark.start))
            begin = _past_credit(text, mark.stop)
        elif begin is not None:
            kept.append((begin, mark.start))
            follower = marks[place + 1].start if place + 1 < len(marks) else len(text)
            begin = mark.stop if follower - mark.start > LONGEST else None  # too long for a footer: a stray line
    if begin is not None:
        kept.append((begin, len(text)))
    return _gaps(text, kept) if marks else []


def _marks(text: str) -> Iterator[_Mark]:
    """Yield the marking lines in order; a header's first line only if the end of the header follows."""
    found: list[_Mark] = []
    for word in _WORDS.finditer(text):
        start = text.rfind("\n", max(0, word.start() - 80), word.start()) + 1
        if (not start and word.start() > 80) or (found and start < found[-1].stop):
            continue
        stop = text.find("\n", start, start + 400)
        stop = stop if stop >= 0 else min(start + 400, len(text))
        kind = next((kind for kind, pattern in _KINDS.items() if pattern.match(text, start, stop)), None)
        if kind:
            found.append(_Mark(kind, start, stop))
    start_after: int | None = None
    checked = []
    for mark in reversed(found):
        if mark.kind != "header":
            start_after = mark.start if mark.kind == "start" else None
        if mark.kind != "header" or (start_after is not None and start_after - mark.start <= LONGEST):
            checked.append(mark)
    return reversed(checked)


def _is_header(text: str, begin: int, stop: int, before: list[_Mark]) -> bool:
    """Return whether `text[begin:stop]`, before a header's last line, is a header and not part of a book."""
    in_a_book = bool(before) and before[-1].kind == "start"
    return stop - begin <= LONGEST and (not in_a_book or "gutenberg" in text[begin:stop].lower())


def _past_credit(text: str, place: int) -> int:
    credit = _CREDIT.match(text, place)
    return credit.end() if credit else place


def _gaps(text: str, kept: list[tuple[int, int]]) -> list[Edit]:
    """Return the removals of all but the kept spans, with the line ends around them."""
    edits: list[Edit] = []
    last = 0
    for begin, end in [*kept, (len(text), len(text))]:
        if begin > last:
            start, stop = last, begin
            while start > (edits[-1].stop if edits else 0) and text[start - 1].isspace():
                start -= 1
            while stop < len(text) and text[stop] == "\n":
                stop += 1
            new = "" if not start else "\n" if stop == len(text) else "\n\n\n"
            edits.append(Edit(start, stop, new))
        last = end
    return edits
