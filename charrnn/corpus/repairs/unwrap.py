"""Join hard-wrapped lines to paragraphs; verse, headings, turns of dialogue and lists keep their lines.

A line that its writer ended is shorter than the margin: the next line's first word would have fitted on it. A wrapped
line is full. So the margin of each part of the text must be known to within a letter.

A witness is a pair of lines that was surely wrapped: the first has no end, the second begins with a small letter. Each
says that the margin is between its first line's width and that width plus the next line's first word. Dynamic
programming finds the margins that contradict the fewest witnesses and change least often. "No margin" is a candidate,
too: for verse and for texts that are not wrapped. Widths are those of a typewriter or of the best-fitting font.
"""

import re
import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.repairs import Edit

Floats = NDArray[np.float64]

SHORT = 12  # characters of a line that tells nothing about a margin
FEWEST = 6  # witnesses; with fewer no line is joined
MARGINS = np.arange(30, 200, 0.5)  # candidates, in widths of the digit 0
SLACK = 0.08  # share of the margin at which a witness contradicts it fully
# Cost of having no margin, per witness; contradicting one costs up to 1. Wrapped prose costs less than 0.1 on average
# (even in an unknown font), verse with small letters at its beginnings 0.24 and more.
UNWRAPPED = 0.17
BEGIN = 1.0  # cost of having a margin at the beginning
CHANGE = 4.0  # cost of a change of the margin
EVEN = (
    1.0,
    2.0,
)  # standard deviations of the lengths of verse lines: where nothing else tells, and where stanzas end full
MANY = 20  # witnesses from which the lengths alone tell
NEAR = 0.25  # distance from the margin at which a line still counts as full

_CLOSERS = "”»’\"')]*"
_OPENERS = "“«‘\"'(["
_TURN = re.compile(r"(?:[—–―]|-(?=\s))\s*(.?)", re.DOTALL)
_SPEAKER = re.compile(r"[A-ZÀ-Þ]{3}[A-ZÀ-Þ .]{0,30}[.:]?\s?[—(]")  # of a play: PROMETEU. — Não.
_WORD = re.compile(r"\S+")
_ITEM = re.compile(r"[•▪·*]\s|\d{1,3}[.)]\s|[\d\W_]+$")


# Widths in thousandths of an em, with their characters. Accented letters have the width of their bases, others that of
# the digit 0. Text files are wrapped by editors, in a typewriter's font, or come from pages set in one of these fonts.
_VERDANA = {
    269: "'‘’", 274: "il", 344: "j", 352: " f", 364: ".,", 394: "t!", 421: "I", 427: "r", 454: ":;-()/[]", 455: "J",
    459: '"“”', 521: "sc", 525: "z", 545: "?", 557: "L", 575: "F", 592: "kvxy", 596: "e", 601: "a", 603: "P", 607: "o",
    615: "Y", 616: "T", 623: "bdpqg", 632: "E", 633: "hnu", 635: "0*«»–", 684: "ASV", 685: "XZ", 686: "B", 693: "K",
    695: "R", 698: "C", 732: "U", 748: "N", 751: "H", 771: "D", 775: "G", 787: "OQ", 818: "w…", 843: "M", 973: "m",
    989: "W", 1000: "—",
}  # fmt: skip
_ARIAL = {
    191: "'", 222: "ijl‘’", 278: " ft.,:;!/I[]", 333: "r-()“”", 355: '"', 389: "*", 500: "ckvxyzsJ",
    556: "abdeghnopquL0?«»–", 611: "FTZ", 667: "ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "mM", 944: "W", 1000: "—…",
}  # fmt: skip
_TIMES = {
    180: "'", 250: " .,", 278: "ijlt:;/", 333: "frI-()!‘’[]", 389: "sJ", 408: '"', 444: "acez?“”",
    500: "bdghknopquvxy0*«»–", 556: "PFS", 611: "ELTZ", 667: "BCR", 722: "ADGHKNOQUVXYw", 778: "m", 889: "M",
    944: "W", 1000: "—…",
}  # fmt: skip
FONTS: dict[str, dict[int, str]] = {"typewriter": {1000: "0"}, "Verdana": _VERDANA, "Arial": _ARIAL, "Times": _TIMES}


class Pair(NamedTuple):
    """Two neighbouring lines with text: the places of their first and last characters that are not spaces."""

    begin: int  # where the upper line begins, with its indent
    first: int
    last: int
    next_begin: int
    next_first: int
    next_last: int
    block: int  # the number of empty lines before


def find_unwrap(text: str) -> list[Edit]:
    """Return the joins of lines within hard-wrapped paragraphs. Each leaves one line fewer."""
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
    margins = _without_verse(text, pairs, witnesses, margins)
    full = _full(narrow, wide, witnesses, margins)
    # If nearly all turns of dialogue begin after an empty line, a dash elsewhere begins none.
    turns = sum(_TURN.match(text, pair.next_first) is not None for pair in pairs)
    turns_parted = turns * 5 < len(re.findall(r"^[ \t]*[—–―-] ", text, re.MULTILINE))
    joined = full & np.array([_continues(text, pair, turns_parted=turns_parted) for pair in pairs])
    if np.isnan(margins).mean() < 0.5:  # in wrapped text, a short line without end was broken by accident
        block = np.array([pair.block for pair in pairs])  # but a stanza without full lines stays as it is
        joined |= is_witness & np.isin(block, block[full])
    return [_join(text, pair) for pair, join in zip(pairs, joined, strict=True) if join]


def _without_verse(text: str, pairs: list[Pair], witnesses: NDArray[np.int64], margins: Floats) -> Floats:
    """Return the margins, (n,), with NaN for verse whose lines are of one length.

    Wrapped lines differ by the words that did not fit, unless words are broken, and a paragraph's last line is short.
    """
    last_of = {pair.block: pair for pair in pairs}
    kept = margins.copy()
    changes = np.flatnonzero(margins[1:] != margins[:-1]) + 1  # NaN differs from itself
    for run in np.split(np.arange(len(margins)), changes):
        own = [pairs[place] for place in witnesses[run]]
        lengths = np.array([pair.last + 1 - pair.begin for pair in own])
        ends = [last_of[block] for block in {pair.block for pair in own}]
        full = np.array([pair.next_last + 1 - pair.next_begin for pair in ends]) >= 0.9 * lengths.mean()
        ends_full = bool(full.mean() >= 0.75)
        if (ends_full or len(own) >= MANY) and lengths.std() < EVEN[ends_full]:
            if 20 * sum(text[pair.last] == "-" for pair in own) > len(own):
                continue  # broken words fill their lines
            kept[run] = np.nan
    return kept


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


def _continues(text: str, pair: Pair, *, turns_parted: bool) -> bool:
    """Return whether the line below a full one can belong to the same paragraph."""
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
    """Return whether a line is in capitals."""
    return line.isupper() and sum(map(str.isalpha, line)) > 1


def _best_font(text: str, witnesses: list[Pair]) -> str:
    """Return the font by whose widths a sample of the witnesses contradict each other least."""
    third = len(witnesses) // 3
    sample = [pair for part in range(3) for pair in witnesses[part * third : (part + 1) * third][:300]] or witnesses
    return min(FONTS, key=lambda font: find_margins(*_measured(text, sample, font))[1])


def _measured(text: str, pairs: list[Pair], font: str) -> tuple[Floats, Floats]:
    """Return the width of each pair's upper line, without and with the first word of the lower one, (n,) each."""
    lines: list[str] = []
    for pair in pairs:
        word = _WORD.match(text, pair.next_first)  # which any space ends, also one that does not break
        assert word is not None
        lines += text[pair.begin : pair.last + 1], f" {word[0]}"
    joined = "".join(lines)
    codes = np.frombuffer(joined.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    table = np.zeros(0x110000)
    present = np.flatnonzero(np.bincount(codes))
    table[present] = widths(font, "".join(map(chr, present)))
    starts = np.cumsum([0, *map(len, lines[:-1])])
    narrow, more = np.add.reduceat(table[codes], starts).reshape(-1, 2).T
    return narrow, narrow + more


def widths(font: str, characters: str) -> NDArray[np.float32]:
    """Return the widths of the characters, (n,), in units of the font's digit 0."""
    known = {character: width for width, group in FONTS[font].items() for character in group}
    usual = known["0"]

    def width(character: str) -> float:
        if unicodedata.combining(character):
            return 0.0
        base = unicodedata.normalize("NFD", character)[0]
        return known.get(character, known.get(base, usual)) / usual

    return np.array([width(character) for character in characters], dtype=np.float32)


def find_margins(narrow: Floats, wide: Floats) -> tuple[Floats, float]:
    """Return the margin at each witness, (n,), NaN for none, and the cost of all.

    narrow, wide: (n,), the bounds of the margin by each witness. The cheapest path through the margins, one per
    witness, costs BEGIN, CHANGE per change, the contradictions, and UNWRAPPED for each witness without a margin.
    """
    count, states = len(narrow), len(MARGINS) + 1
    score = np.full(states, BEGIN)
    score[-1] = 0.0
    cheapest = np.zeros(count, dtype=np.int64)  # the state before a change to any other
    stays: list[NDArray[np.uint8]] = []  # bits: which states are reached cheapest from themselves
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
    """Return which upper lines reach the margins of the witnesses before and after them, (pairs,)."""
    after = np.searchsorted(witnesses, np.arange(len(narrow))).clip(max=len(witnesses) - 1)
    before = (np.searchsorted(witnesses, np.arange(len(narrow)), side="right") - 1).clip(min=0)
    margin = np.maximum(margins[before], margins[after])  # NaN, with which every comparison is false, if either is
    # A converter may have joined lines at a hyphen and dropped it: then the last of them must be full.
    joined = np.where(narrow > 1.15 * margin, np.nan_to_num(narrow // margin), 0)
    full: NDArray[np.bool_] = wide - joined * margin > margin * (1 - 0.05 * joined) - NEAR
    return full


def _join(text: str, pair: Pair) -> Edit:
    before = text[pair.last - 1 : pair.last + 1]
    hyphen = len(before) == 2 and before[0].isalpha() and before[1] == "-" and text[pair.next_first].isalpha()
    return Edit(pair.last + 1, pair.next_first, "" if hyphen else " ")
