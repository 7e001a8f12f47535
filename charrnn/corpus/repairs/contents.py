"""Remove tables of contents: a title, and lines that stand in the text again, as its headings."""

import re

from charrnn.corpus.repairs import Edit

FEWEST, MOST = 3, 600  # entries of a table
AGAIN = 0.8  # share of the entries that stand in the text again, at least: some are worded otherwise there
ANCHORS = 3  # the text begins with one of so many first entries
LONG = 90  # characters of an entry, on average, at most
TITLE = re.compile(r"(?:índice|indice|sumário|(?:table of )?contents)[.:]?", re.IGNORECASE)
_PAGE = re.compile(r"(?:[.·…_]{2}|\s)[\s.·…_]{0,200}\d{1,4}$")  # dots, and the number of a page


def find_contents(text: str) -> list[Edit]:
    """Return the removals of tables of contents, with their titles. Each leaves fewer titles of such tables."""
    found = [(match.start(), match[0].strip()) for match in re.finditer(r"[^\s][^\n]*", text)]
    titles = [number for number, (_, line) in enumerate(found) if TITLE.fullmatch(line)]
    if not titles:
        return []
    lines = [_PAGE.sub("", line).rstrip(" .·…_").casefold() for _, line in found]
    last = {line: number for number, line in enumerate(lines)}
    first = {line: number for number, line in reversed(list(enumerate(lines)))}
    edits: list[Edit] = []
    for title in titles:
        start = found[title][0]
        if edits and start < edits[-1].stop:
            continue
        if stop := _body(lines, title + 1, last):
            edits.append(Edit(start, found[stop][0], ""))
        elif _are_headings(rest := lines[title + 1 :][: MOST + 1], [first[line] < title for line in rest]):
            edits.append(Edit(start, len(text), ""))  # a table at the end
    return edits


def _body(lines: list[str], begin: int, last: dict[str, int]) -> int | None:
    """Return the line with which the text begins after a table of contents, or None if line `begin` begins none."""
    for anchor in range(begin, min(begin + ANCHORS, len(lines))):
        try:
            stop = lines.index(lines[anchor], anchor + FEWEST, begin + MOST)
        except ValueError:
            continue
        entries = lines[begin:stop]
        if _are_headings(entries, [last[line] >= stop for line in entries]):
            return stop
    return None


def _are_headings(entries: list[str], again: list[bool]) -> bool:
    """Return whether lines can be the entries of a table. again: which of them stand in the text again."""
    length = sum(map(len, entries))
    return FEWEST <= len(entries) <= MOST and sum(again) >= AGAIN * len(entries) and length <= LONG * len(entries)
