"""Hard-wrapped lines joined to paragraphs; verse, headings, turns of dialogue and lists keep their lines.

A line that its writer ended is shorter than the margin: the next line's first word would have fitted on it. A line
that was only wrapped is full. So the margin is what must be known, for each part of the text, to within a letter.

Witnesses are pairs of lines of which the first has no end and the second goes on with a small letter: such a pair
was wrapped, whatever the margin. Each says that the margin lies between its first line's width and that width with
the next line's first word. The margins that contradict the fewest witnesses, and change as rarely as may be, are
found by dynamic programming; "no margin" is one of the possibilities, and stands for verse and for texts that are
not wrapped. Widths are those of a typewriter or of the font that the witnesses agree with best.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.repairs.edits import Edit, settle
from charrnn.corpus.repairs.line_widths import FONTS, widths

Floats = NDArray[np.float64]

SHORT = 12  # characters of a line that says nothing of a margin
FEWEST = 6  # witnesses; with fewer nothing is done
MARGINS = np.arange(30, 200, 0.5)  # that a text can have, in widths of the digit 0
SLACK = 0.08  # share of the margin by which a witness contradicts it entirely
# What having no margin costs per witness; contradicting one costs up to 1. Wrapped prose costs less than 0.1 on average
# (also if nobody knows its font), verse that begins its lines with small letters 0.24 and more.
UNWRAPPED = 0.17
BEGIN = 1.0  # what having a margin costs at the beginning
CHANGE = 4.0  # what a change of the margin costs
NEAR = 0.25  # how far from the margin still counts as full

_CLOSERS = "”»’\"')]*"
_OPENERS = "“«‘\"'(["
_TURN = re.compile(r"(?:[—–―]|-(?=\s))\s*(.?)", re.DOTALL)
_SPEAKER = re.compile(r"[A-ZÀ-Þ]{3}[A-ZÀ-Þ .]{0,30}[.:]?\s?[—(]")  # of a play: PROMETEU. — Não.
_ITEM = re.compile(r"[•▪·*]\s|\d{1,3}[.)]\s|[\d\W_]+$")


class Pair(NamedTuple):
    """Two neighbouring lines that hold text: their first and last characters that are no spaces, as places."""

    begin: int  # where the upper line begins, with its indent
    first: int
    last: int
    next_begin: int
    next_first: int
    next_last: int
    block: int  # the number of empty lines before


def unwrap(text: str) -> tuple[str, int]:
    """Each hard-wrapped paragraph as one line. Line ends between paragraphs stay as they are."""
    return settle(find, text)


def find(text: str) -> list[Edit]:
    """The line ends within paragraphs. Each edit leaves one line fewer."""
    if len(text) < SHORT * text.count("\n"):  # a list of words
        return []
    pairs = _pairs(text)
    is_witness = np.array([_is_witness(text, pair) for pair in pairs], dtype=np.bool_)
    long = np.array([pair.last - pair.begin >= SHORT for pair in pairs], dtype=np.bool_)
    witnesses = np.flatnonzero(is_witness & long)
    if len(witnesses) < FEWEST:
        return []
    narrow, wide = _measured(text, pairs, _best_font(text, [pairs[place] for place in witnesses]))
    margins, _ = find_margins(narrow[witnesses], wide[witnesses])
    full = _full(narrow, wide, witnesses, margins)
    # Where nearly all turns of dialogue begin after an empty line, a dash that does not is none.
    turns = sum(_TURN.match(text, pair.next_first) is not None for pair in pairs)
    turns_parted = turns * 5 < len(re.findall(r"^[ \t]*[—–―-] ", text, re.MULTILINE))
    joined = full & np.array([_goes_on(text, pair, turns_parted) for pair in pairs])
    if np.isnan(margins).mean() < 0.5:  # where wrapping is the rule, a short line without end was broken by accident
        block = np.array([pair.block for pair in pairs])  # but a stanza, none of whose lines is full, stays as it is
        joined |= is_witness & np.isin(block, block[full])
    return [_join(text, pair) for pair, join in zip(pairs, joined, strict=True) if join]


def _pairs(text: str) -> list[Pair]:
    pairs: list[Pair] = []
    above: tuple[int, int, int] | None = None
    begin = block = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            first = begin + line.index(stripped[0])
            here = begin, first, first + len(stripped) - 1
            if above:
                pairs.append(Pair(*above, *here, block))
            above = here
        else:
            above = None
            block += 1
        begin += len(line) + 1
    return pairs


def _is_witness(text: str, pair: Pair) -> bool:
    end = text[pair.last]
    return (end.isalnum() or end in ",;-") and text[pair.next_first].islower()


def _goes_on(text: str, pair: Pair, turns_parted: bool) -> bool:
    """Whether the lower line, beneath a full one, can belong to the same paragraph."""
    upper, lower = text[pair.first : pair.last + 1], text[pair.next_first : pair.next_last + 1]
    if pair.next_first - pair.next_begin > pair.first - pair.begin:
        return False  # an indent begins a paragraph
    bare = upper.rstrip(_CLOSERS)
    ended = bare[-1:] in (".", "!", "?", "…", ":")
    if turn := _TURN.match(lower):
        return turns_parted or turn[1].islower() or not ended
    if _SPEAKER.match(lower) or _ITEM.match(lower):
        return not ended
    return _is_heading(upper) == _is_heading(lower) or (_is_heading(lower) and not ended)


def _is_heading(line: str) -> bool:
    """Whether a line is in capitals."""
    return line.isupper() and sum(map(str.isalpha, line)) > 1


def _best_font(text: str, witnesses: list[Pair]) -> str:
    """The font by whose widths a sample of the witnesses contradict each other least."""
    third = len(witnesses) // 3
    sample = [pair for part in range(3) for pair in witnesses[part * third : (part + 1) * third][:300]] or witnesses
    return min(FONTS, key=lambda font: find_margins(*_measured(text, sample, font))[1])


def _measured(text: str, pairs: list[Pair], font: str) -> tuple[Floats, Floats]:
    """The width of each pair's upper line, and of that with the first word of the lower one, (n,) each."""
    lines: list[str] = []
    for pair in pairs:
        space = text.find(" ", pair.next_first, pair.next_last)
        word = text[pair.next_first : space if space >= 0 else pair.next_last + 1]
        lines += text[pair.begin : pair.last + 1], f" {word}"
    joined = "".join(lines)
    codes = np.frombuffer(joined.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    table = np.zeros(0x110000)
    present = np.flatnonzero(np.bincount(codes))
    table[present] = widths(font, "".join(map(chr, present)))
    starts = np.cumsum([0, *map(len, lines[:-1])])
    narrow, more = np.add.reduceat(table[codes], starts).reshape(-1, 2).T
    return narrow, narrow + more


def find_margins(narrow: Floats, wide: Floats) -> tuple[Floats, float]:
    """The margin at each witness, (n,), NaN where there is none; and what all of it costs.

    narrow, wide: (n,), between which the margin lies if a witness is right. The cheapest path through the margins,
    one per witness, costs BEGIN, CHANGE per change, the contradictions, and UNWRAPPED for each without a margin.
    """
    count, states = len(narrow), len(MARGINS) + 1
    score = np.full(states, BEGIN)
    score[-1] = 0.0
    cheapest = np.zeros(count, dtype=np.int64)  # the state that a change to any other comes from
    stays: list[NDArray[np.uint8]] = []  # which states are cheapest from themselves, as bits
    for begin in range(0, count, 4096):
        costs = np.full((len(narrow[begin : begin + 4096]), states), UNWRAPPED)
        over = np.maximum(narrow[begin : begin + 4096, None] - MARGINS, MARGINS - wide[begin : begin + 4096, None])
        np.clip(over / (SLACK * MARGINS), 0, 1, out=costs[:, :-1])
        for place, cost in enumerate(costs, begin):
            cheapest[place] = score.argmin()
            change = score[cheapest[place]] + CHANGE
            stays.append(np.packbits(score <= change))
            score = np.minimum(score, change) + cost
    state = int(score.argmin())
    total = float(score[state])
    path = np.zeros(count, dtype=np.int64)
    for place in range(count - 1, -1, -1):
        path[place] = state
        if not stays[place][state >> 3] & 128 >> (state & 7):
            state = int(cheapest[place])
    return np.append(MARGINS, np.nan)[path], total


def _full(narrow: Floats, wide: Floats, witnesses: NDArray[np.int64], margins: Floats) -> NDArray[np.bool_]:
    """Which upper lines reach the margins of the witnesses before and after them, (pairs,)."""
    after = np.searchsorted(witnesses, np.arange(len(narrow))).clip(max=len(witnesses) - 1)
    before = (np.searchsorted(witnesses, np.arange(len(narrow)), side="right") - 1).clip(min=0)
    margin = np.maximum(margins[before], margins[after])  # NaN, of which nothing is true, if either is
    # A converter may have joined lines at a hyphen, without it: what counts is how full the last of them was.
    joined = np.where(narrow > 1.15 * margin, np.nan_to_num(narrow // margin), 0)
    full: NDArray[np.bool_] = wide - joined * margin > margin * (1 - 0.05 * joined) - NEAR
    return full


def _join(text: str, pair: Pair) -> Edit:
    before = text[pair.last - 1 : pair.last + 1]
    hyphen = len(before) == 2 and before[0].isalpha() and before[1] == "-" and text[pair.next_first].isalpha()
    return Edit(pair.last + 1, pair.next_first, "" if hyphen else " ")
