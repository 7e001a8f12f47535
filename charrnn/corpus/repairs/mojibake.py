"""Repair letters read in a wrong encoding: UTF-8 read as an 8-bit page (`nÃ£o`, `n├úo`), or one page as another.

Both are decided for a whole text, by the character model of Portuguese. An 8-bit page that explains UTF-8's bytes makes
each pair of signs one letter (`Ã£` → `ã`), and the text gains some ten bits a pair. Correct Portuguese has Ã and Â too,
and quotes and dashes may follow them: “MANHÔ does not mean Ô, and the model sees no gain there. Where hardly a letter
is correct, doubtful pairs are repaired as well. What no UTF-8 explains may be [another page's](wrong_pages.py).
"""

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.portuguese import surprisals
from charrnn.corpus.repairs import Edit, apply, disjoint
from charrnn.corpus.repairs.code_pages import PAGES, PORTUGUESE, RARE, CodePage, code_page
from charrnn.corpus.repairs.wrong_pages import LATIN, OTHER_LETTER, run_around, translated

GAIN = 6.0  # bits that one pair of signs must save
SIGNS_OF_WHOLE = 3  # which prove that a whole text was misread
SAMPLE = 4000  # characters by which the page of a whole text is chosen
TIMES = 3  # how often more a text may have been misread
ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÀÇÉÊÍÓÔÕÚ]")
SECOND_BYTE = re.compile(r"[ \t](?=[ \t\n]|s\b|quel|quilo)")  # a no-break space that became a space
CAPITALS = re.compile("[A-ZÀ-Þ]{2}")  # MANHÃ and a no-break space are no à
RUN = re.compile(r"[^ \t\n]{1,100}")
TAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # bytes 80 to BF in Windows-1252
FOR_FTFY = re.compile(f"[ÃÂâ][{TAIL}]{{1,2}}|ï»¿")
SIGNS = re.compile(r"[^\x00-\x7f]{2,}")
ALL_SIGNS = re.compile(r"[^\x00-\x7f]+")
HALF = re.compile("Ã[0-9μ]")  # whose second sign was replaced by a similar one
_FRAME = re.compile("[\u2500-\u259f]+")
WESTERN = re.compile("[\0-\u017f\u2000-\u22ff\u2600-\u27bf\ufe0f\ufeff\U0001f000-\U0001faff]")
"""What UTF-8 that was misread means in our texts: neither ideographs nor rare signs, which chance makes."""


def find_mojibake(text: str) -> list[Edit]:
    """Return the edits of the letters that were read in a wrong encoding. Each leaves fewer characters or bits."""
    if text.isascii():
        return []
    if whole := _by_word(text, _whole(text)):
        return whole
    if page := _folded_page(text):
        return _folded(text, page)
    if len(OTHER_LETTER.findall(text)) > len(LATIN.findall(text)):
        return []  # another alphabet, of whose letters chance makes ours
    return _by_word(text, _decoded(text)) or _by_ftfy(text) or _by_word(text, translated(text))


def _folded_page(text: str) -> CodePage | None:
    """Return the page that explains most signs that NFKC replaced in words, such as õ as Ãμ; None without them."""
    found: list[tuple[int, CodePage]] = []
    for page in map(code_page, (*PAGES, *RARE[:3])):
        places = [match.start() for match in page.folded.finditer(text)] if page.lead in text else []
        if any(text[place - 1 : place].islower() for place in places):
            found.append((len(places), page))
    return max(found, key=lambda one: one[0])[1] if found else None


def _folded(text: str, page: CodePage) -> list[Edit]:
    """Return the edits of UTF-8 read in a page whose signs were then replaced by similar ones.

    All or none: where some signs are not explained, the text stays.
    """
    folds = [Edit(*match.span(1), page.folds[match[1]]) for match in page.folded.finditer(text)]
    unfolded = apply(text, folds)
    edits = _by_word(unfolded, _decoded(unfolded))
    if re.search(f"{page.lead}[0-9μ]", apply(unfolded, edits)):
        return []
    shifts = [*accumulate((len(fold.new) - (fold.stop - fold.start) for fold in folds), initial=0)]
    starts = [fold.start + shift for fold, shift in zip(folds, shifts, strict=False)]

    def before(place: int) -> int:
        return place - shifts[bisect_left(starts, place)]

    return [edit._replace(start=before(edit.start), stop=before(edit.stop)) for edit in edits]


def _by_word(text: str, edits: list[Edit]) -> list[Edit]:
    """Return the edits of whole words, with at most 100 characters on either side, instead of those of their signs."""
    words: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        start, stop = run_around(text, edit.start, edit.stop)
        if words and start < words[-1][1]:
            start, last, group = words.pop()
            group.append(edit)
            words.append((start, max(last, stop), group))
        else:
            words.append((start, stop, [edit]))
    return [
        Edit(
            start, stop, apply(text[start:stop], [Edit(one.start - start, one.stop - start, one.new) for one in group])
        )
        for start, stop, group in words
    ]


def _whole(text: str) -> list[Edit]:
    """Return the edits of a text of which every sign that is not ASCII belongs to UTF-8 that was read in one page.

    So no page is guessed from single letters. Repeated, this undoes what was misread several times.
    """
    sample = text[: text.find(" ", SAMPLE) + 1] or text
    pages = [page for page in (*PAGES, *RARE) if _as_utf8(sample, page)]
    pages.sort(key=lambda page: _fewest_bits(apply(sample, _as_utf8(sample, page)), TIMES))
    return next((edits for page in pages if (edits := _as_utf8(text, page))), [])


@lru_cache(maxsize=256)  # several pages often give the same text
def _fewest_bits(text: str, times: int) -> float:
    """Return the bits of a text, after it was read as UTF-8 up to so many times more, in the pages that save most."""
    readings = (edits for page in (*PAGES, *RARE) if (edits := _as_utf8(text, page))) if times else ()
    return min(
        (_fewest_bits(apply(text, edits), times - 1) for edits in readings), default=float(surprisals(text).sum())
    )


def _as_utf8(text: str, name: str) -> list[Edit]:
    """Return the edits that make UTF-8 of all signs, if they are several and save bits; else none."""
    edits = []
    for match in ALL_SIGNS.finditer(text):
        if "\ufffd" in match[0] and name in RARE:
            continue  # the page lacks a byte, which was lost
        if not (letters := _utf8(code_page(name), match[0])):
            return []
        edits.append(Edit(*match.span(), letters, len(letters)))
    return edits if len(edits) >= SIGNS_OF_WHOLE and _gains(text, edits).sum() > GAIN * len(edits) else []


def _utf8(page: CodePage, signs: str) -> str:
    """Return what the bytes of some signs mean in UTF-8; empty if they mean nothing there."""
    try:
        return bytes(page.bytes[sign] for sign in signs).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""


def _decoded(text: str) -> list[Edit]:
    """Return the edits that make UTF-8 of what was read in the page that explains most of it."""
    best: list[Edit] = []
    most = 0.0
    runs = [(match.start(), match[0]) for match in SIGNS.finditer(text)]
    for name in (*PAGES, *RARE[:3]):
        page = code_page(name)
        found = [(start, match) for start, run in runs for match in page.sequence.finditer(run)]
        edits = [edit for start, match in found if (edit := _sequence(page, start, match))]
        edits = [
            edit for edit in edits if not (edit.new.islower() and CAPITALS.search(text, edit.start - 2, edit.start))
        ]
        if not edits:
            continue
        run_of = np.cumsum([one.start != before.stop for before, one in pairwise([edits[0], *edits])])
        gains = _gains(text, edits)
        sure = np.bincount(run_of, gains)[run_of] >= GAIN  # signs that touch are judged together
        if gains[sure].sum() <= most:
            continue
        most = float(gains[sure].sum())
        chosen = [edit for edit, is_sure in zip(edits, sure, strict=True) if is_sure]
        if len(chosen) > len(ACCENTED.findall(apply(text, [edit._replace(new="") for edit in chosen]))):
            # hardly a correct accent: doubtful signs are wrong too
            chosen = [edit for edit, ok in zip(edits, sure, strict=True) if ok or edit.new in PORTUGUESE]
            chosen += _damaged(text, page) if page.bytes.get("\xa0") == 0xA0 else []
        best = disjoint(chosen)
    return best


def _sequence(page: CodePage, start: int, match: "re.Match[str]") -> Edit | None:
    new = _utf8(page, match[0])
    if new > "\xff" and new not in PORTUGUESE and _FRAME.fullmatch(match[0]):
        return None  # of a table: ─┐
    return Edit(start + match.start(), start + match.end(), new) if WESTERN.match(new) else None


def _damaged(text: str, page: CodePage) -> list[Edit]:
    """Return the edits of sequences that lost their last sign: Ã for à or í, â€ for ”."""
    edits = []
    for match in page.damaged.finditer(text):
        stop = match.end()
        if match[0] != page.lead:
            edits.append(Edit(match.start(), stop, "”"))
        elif text[stop : stop + 1] == "μ" or text[stop : stop + 1].isdigit():
            continue  # no letter loses its second sign to a digit
        elif match.start() and text[match.start() - 1].isalpha():
            edits.append(Edit(match.start(), stop, "í"))  # whose second byte is a soft hyphen
        elif SECOND_BYTE.match(text, stop):
            edits.append(Edit(match.start(), stop + 1, "à"))
        elif text[stop : stop + 1] in (" ", "\t"):
            edits.append(Edit(match.start(), stop, "à"))
    return edits


def _gains(text: str, edits: list[Edit]) -> NDArray[np.float64]:
    """Return the bits that each edit saves on what it replaces and the two characters after it, (n,)."""
    before, after = (np.pad(np.cumsum(surprisals(version)), (1, 0)) for version in (text, apply(text, edits)))
    start, stop = np.array([edit[:2] for edit in edits]).T
    size = np.array([len(edit.new) for edit in edits])
    moved = np.array([*accumulate(size - (stop - start))])
    last = len(before) - 1, len(after) - 1
    old = before[np.minimum(stop + 2, last[0])] - before[start]
    new = after[np.minimum(stop + moved + 2, last[1])] - after[stop + moved - size]
    gains: NDArray[np.float64] = old - new
    return gains


def _by_ftfy(text: str) -> list[Edit]:
    """Return the edits of words that ftfy reads in a way that saves bits, for what several programs damaged in turn."""
    edits: list[Edit] = []
    for match in FOR_FTFY.finditer(text):
        if edits and match.start() < edits[-1].stop:
            continue
        start = max(0, match.start() - 100)
        start = max(start, 1 + max(text.rfind(space, start, match.start()) for space in " \t\n"))
        run = RUN.match(text, start)
        assert run is not None
        fixed = repaired(run[0])
        if len(fixed) < len(run[0]) and run[0].isupper() == fixed.isupper():
            edits.append(Edit(start, run.end(), fixed))
    if not edits:
        return []
    return [edit for edit, gain in zip(edits, _gains(text, edits), strict=True) if gain >= GAIN]


@lru_cache(maxsize=100_000)
def repaired(word: str) -> str:
    """Return a run of characters as ftfy reads it."""
    from ftfy import fix_encoding

    return fix_encoding(word)
