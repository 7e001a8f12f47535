"""Repair letters read in a wrong encoding: UTF-8 read as an 8-bit page (`nÃ£o`, `n├úo`), or one page as another.

Both are decided for a whole text, by the character model of Portuguese. An 8-bit page that explains UTF-8's bytes makes
each pair of signs one letter (`Ã£` → `ã`), and the text gains some ten bits a pair. Correct Portuguese has Ã and Â too,
and quotes and dashes may follow them: “MANHÔ does not mean Ô, and the model sees no gain there. Where hardly a letter
is correct, doubtful pairs are repaired as well. A page that was read as another (`n„o`, `nгo`) replaces its letters one
by one, in the lines that gain by it.
"""

import re
import unicodedata
from bisect import bisect_left
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.portuguese import surprisals
from charrnn.corpus.repairs import Edit, apply, disjoint

PAGES = (
    "cp1252", "cp850", "cp437", "mac-roman", "cp1250", "cp1251", "iso8859-15", "cp860", "cp1253", "cp1254", "cp1257",
    "iso8859-2", "iso8859-7", "koi8-r", "cp866",
)  # fmt: skip
"""Code pages in which a text may have been read by mistake."""
RARE = (
    "cp852", "cp1256", "cp1258", "cp1255", "cp720", "cp737", "cp775", "cp855", "cp857", "cp858", "cp861", "cp862",
    "cp863", "cp864", "cp865", "cp869", "cp874", "cp1125", "koi8-u", "kz1048", "iso8859-3", "iso8859-4", "iso8859-5",
    "iso8859-6", "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-16",
    "mac-latin2", "mac-cyrillic", "mac-greek", "mac-turkish", "mac-iceland", "mac-croatian", "mac-romanian",
)  # fmt: skip
"""Other code pages, commonest first. All are tried if a whole text was read in one, three if a part was."""
OTHER_SCRIPTS = ("cp1255", "cp1256", "cp874", "cp862", "cp720", "cp864", "iso8859-6", "iso8859-8", "iso8859-11")
"""Code pages of Arabic, Hebrew and Thai, tried where their letters stand within Latin words."""
REAL = ("cp1252", "mac-roman", "cp850", "cp860", "cp437", "iso8859-15")
"""Code pages in which a Portuguese text may have been written, beside UTF-8."""
GAIN = 6.0  # bits that one pair of signs must save
STRANGE = 9.0  # bits of a sign within a word from which it is suspect
SUSPECTS = 3  # of them, before one page is tried for another
SAVED = 4.0  # bits a changed character, on average, that another page must save
PLAUSIBLE = 5.0  # bits a character of a repaired text, at most; other languages have more
SURE = 3.0  # bits that the best page must save more than the next, where there are few signs
SAMPLE = 4000  # characters by which the page of a whole text is chosen
TIMES = 3  # how often more a text may have been misread
LEFT = 0.3  # share of the suspects that another page may leave
LINES = 400  # suspect lines by which a page is chosen

PLAIN = "´`ˆ˜¨¸ı"  # which a converter split from their letters
PORTUGUESE = "áâãàçéêíóôõúüªº«»“”‘’–—…•°§ÁÂÃÀÇÉÊÍÓÔÕÚÜ€\xa0\xad\ufeff"
ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÀÇÉÊÍÓÔÕÚ]")
SECOND_BYTE = re.compile(r"[ \t](?=[ \t\n]|s\b|quel|quilo)")  # a no-break space that became a space
CAPITALS = re.compile("[A-ZÀ-Þ]{2}")  # MANHÃ and a no-break space are no à
BEFORE = re.compile(r"[^ \t\n]*\Z")
RUN = re.compile(r"[^ \t\n]{1,100}")
TAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # bytes 80 to BF in Windows-1252
FOR_FTFY = re.compile(f"[ÃÂâ][{TAIL}]{{1,2}}|ï»¿")
SIGNS = re.compile(r"[^\x00-\x7f]{2,}")
ALL_SIGNS = re.compile(r"[^\x00-\x7f]+")
_SIGN = rf"[^\x00-\x9f\s\u200d\u2600-\u27bf\ufe0f\ufffd\U0001f000-\U0001faff{PORTUGUESE}{PLAIN}]"
_LETTER, _HIGH = r"[^\W\d_]", r"[^\s\x00-\x7f]"
ODD = re.compile(
    rf"{_SIGN}(?:(?:(?<={_LETTER}.)|(?<={_LETTER}{_HIGH}.))(?={_HIGH}?{_LETTER})"
    rf"|(?<={_LETTER})(?:(?<={_LETTER}.)|(?={_LETTER})))"
)  # a sign within a word, or a letter beside one, neither a space nor an emoji, which no 8-bit page has; not ‹casa›
ALIEN = re.compile(
    r"[\u0590-\u06ff\u0e00-\u0e5b\ufe70-\ufefc](?:(?<=[a-zA-ZÀ-ÿ].)|(?=[a-zA-ZÀ-ÿ]))"
)  # a letter of another script within a Latin word, which no one writes
LATIN_2 = re.compile(
    r"(?<![^\W\d_])(?:[^\W\d_]*(?:ăo|ăe|őe)s?|[^\W\d_]*ĂO|[ŕŔ]s?|[ŕŔ]quel[ea]s?|(?:[Vv]oc|[Pp]orqu|qu|cr)ę|(?:voc|m|tr)ęs"
    r"|[tv]ęm)(?![^\W\d_])"
)  # Portuguese words of Windows-1252 read as Windows-1250: năo, opiniőes, ŕ, vocę
NAME = re.compile(r"[A-ZÀ-Þ][^\W\d_]*[a-zß-ÿ][^\W\d_]*|[ČŁŚŠŽ][a-z][^\W\d_]+")  # Wałęsa, Škoda
_CAPITAL_WITHIN = re.compile("[a-zß-ÿ][A-ZÀ-Þ]")
_FRAME = re.compile("[\u2500-\u259f]+")
LATIN, OTHER_LETTER = re.compile("[a-zA-ZÀ-ɏ]"), re.compile(r"[^\W\d_\0-\u024f]")
HALF = re.compile("Ã[0-9μ]")


WESTERN = re.compile("[\0-\u017f\u2000-\u22ff\u2600-\u27bf\ufe0f\ufeff\U0001f000-\U0001faff]")
"""What UTF-8 that was misread means in our texts: neither ideographs nor rare signs, which chance makes."""


class _CodePage(NamedTuple):
    bytes: dict[str, int]  # of each character
    sequence: re.Pattern[str]  # how a character of UTF-8 looks
    lead: str  # how the first byte of most accented letters looks: Ã
    damaged: re.Pattern[str]  # such a sign without its second, or â€ without its third
    folds: dict[str, str]  # of each second sign that NFKC replaces, the sign before
    folded: re.Pattern[str]  # where it was replaced


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
    return _by_word(text, _decoded(text)) or _by_ftfy(text) or _by_word(text, _translated(text))


def _folded_page(text: str) -> _CodePage | None:
    """Return the page that explains most signs that NFKC replaced in words, such as õ as Ãμ; None without them."""
    found: list[tuple[int, _CodePage]] = []
    for page in map(_page, (*PAGES, *RARE[:3])):
        places = [match.start() for match in page.folded.finditer(text)] if page.lead in text else []
        if any(text[place - 1 : place].islower() for place in places):
            found.append((len(places), page))
    return max(found, key=lambda one: one[0])[1] if found else None


def _folded(text: str, page: _CodePage) -> list[Edit]:
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
        left, right = BEFORE.search(text[max(0, edit.start - 100) : edit.start]), RUN.match(text, edit.stop)
        assert left is not None
        start, stop = edit.start - len(left[0]), right.end() if right else edit.stop
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


@cache
def _page(name: str) -> _CodePage:
    high = range(0x80, 0x100)
    table = {sign: byte for byte in high if (sign := bytes([byte]).decode(name, "ignore"))}
    lacking = {chr(byte): byte for byte in high if byte < 0xA0 or byte not in table.values()}  # read as Latin-1
    table = lacking | table
    signs = [
        "".join(re.escape(character) for character, byte in table.items() if first <= byte <= last)
        for first, last in ((0x80, 0xBF), (0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4))
    ]
    tail, *leads = signs
    sequences = (f"[{lead}][{tail}]{{{count}}}" for count, lead in enumerate(leads, 1) if lead)
    sign_of = {byte: sign for sign, byte in table.items()}
    first, second, third, fourth = (sign_of.get(byte, "\ufffd") for byte in (0xC2, 0xC3, 0xE2, 0x80))
    folds = {new: sign_of[byte] for byte in range(0x80, 0xC0) if byte in sign_of and (new := _nfkc(sign_of[byte]))}
    longest = "|".join(sorted(map(re.escape, folds), key=len, reverse=True)) or "(?!)"
    return _CodePage(
        table,
        re.compile("|".join(sequences)),
        second,
        re.compile(f"{second}(?![{tail}])|{third}{fourth}[?\ufffd]?(?![{tail}])"),
        folds,
        re.compile(f"[{first}{second}{third}](?:(?<!{third})|{fourth})({longest})"),
    )


def _nfkc(sign: str) -> str:
    """Return what NFKC makes of a sign; empty if it keeps it or makes a space."""
    new = unicodedata.normalize("NFKC", sign)
    return "" if new in (sign, " ") else new


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
        if not (letters := _utf8(_page(name), match[0])):
            return []
        edits.append(Edit(*match.span(), letters, len(letters)))
    return edits if len(edits) >= SUSPECTS and _gains(text, edits).sum() > GAIN * len(edits) else []


def _utf8(page: _CodePage, signs: str) -> str:
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
        page = _page(name)
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


def _sequence(page: _CodePage, start: int, match: "re.Match[str]") -> Edit | None:
    new = _utf8(page, match[0])
    if new > "\xff" and new not in PORTUGUESE and _FRAME.fullmatch(match[0]):
        return None  # of a table: ─┐
    return Edit(start + match.start(), start + match.end(), new) if WESTERN.match(new) else None


def _damaged(text: str, page: _CodePage) -> list[Edit]:
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


def suspects(text: str) -> list[int]:
    """Return the places of characters in words that Portuguese hardly has there, such as the „ of `n„o`.

    A sign or two prove nothing, unless they are letters of another script within a word, or of words such as `năo`. A
    letter of another Latin alphabet in a name is no suspect.
    """
    odd = [
        match.start()
        for match in ODD.finditer(text)
        if not OTHER_LETTER.match(match[0]) or LATIN.search(text, max(0, match.start() - 1), match.start() + 2)
    ]
    certain = {match.start() for match in ALIEN.finditer(text)} | {
        place for match in LATIN_2.finditer(text) for place in range(*match.span()) if text[place] > "\u00ff"
    }
    if len(odd) < SUSPECTS and not certain:
        return []
    bits = surprisals(text)
    likely = {place for place in odd if bits[place] >= STRANGE and not _is_in_name(text, place)}
    return sorted(certain | likely) if certain or len(likely) >= SUSPECTS else []


def _is_in_name(text: str, place: int) -> bool:
    """Return whether a letter of a Latin alphabet belongs to a word with a capital."""
    sign = text[place]
    if sign < "\u0100" or not sign.isalpha() or not unicodedata.name(sign, "").startswith("LATIN"):
        return False
    start = place
    while start and text[start - 1].isalpha():
        start -= 1
    return NAME.match(text, start) is not None


def _translated(text: str) -> list[Edit]:
    """Return the edits that replace the characters of one 8-bit page by those of another, line by line."""
    places = suspects(text)
    if not places:
        return []
    lines = {(text.rfind("\n", 0, place) + 1, _line_end(text, place)) for place in places}
    sample = "\n".join(text[start:stop] for start, stop in sorted(lines)[:LINES])
    if len(re.findall("[a-zA-Z]", sample)) < len(re.findall(r"[^\x00-\x7f\s]", sample)):
        return []  # another script, whose words are made of such signs
    wrong, swap = _best_swap(sample, clearly=len(places) < SUSPECTS)
    if not swap:
        return []
    is_certain = ALIEN.search(text) is not None or LATIN_2.search(text) is not None
    edits = _in_lines(text, swap, None if is_certain else wrong)
    if len(suspects(apply(text, edits))) > len(places) * LEFT:
        return []  # another page, or several: what it explains would read as sound
    if len(places) < SUSPECTS:
        return edits
    letters = {text[edit.start] for edit in edits}  # one alone may be a printer's, such as the ö of “attençöes”
    words = {_word(text, edit.start) for edit in edits}  # and one word a name: Ångström
    if not is_certain and (len(letters) < 2 or len(words) < SUSPECTS):
        return []
    return edits if len(edits) >= max(SUSPECTS, len(places) / 2) else []


def _word(text: str, place: int) -> str:
    """Return the word around a place, in small letters."""
    left, right = BEFORE.search(text[max(0, place - 40) : place]), RUN.match(text, place)
    assert left is not None
    assert right is not None
    return re.sub(r"\W", "", left[0] + right[0][:40]).lower()


def _best_swap(sample: str, *, clearly: bool) -> tuple[str, dict[int, str]]:
    """Return the page that saves most bits if its characters are read in another, and what each means; none if too few.

    clearly: another reading must save SURE bits less.
    """
    before = surprisals(sample).sum()
    gains: dict[str, tuple[float, str, dict[int, str]]] = {}
    for wrong in PAGES + OTHER_SCRIPTS * (ALIEN.search(sample) is not None):
        table = _page(wrong).bytes
        for right in REAL:
            swap = {
                ord(character): new
                for character, byte in table.items()
                if (new := bytes([byte]).decode(right, "ignore")) and new != character
            }
            changed = sum(ord(character) in swap for character in sample if character > "\x7f")
            reading = sample.translate(swap) if changed and right != wrong else sample
            if reading not in gains:
                gain = float(before - surprisals(reading).sum())
                if gain > SAVED * changed and surprisals(reading.lower()).mean() < PLAUSIBLE:
                    gains[reading] = gain, wrong, swap
    best, second = sorted([0.0, 0.0, *(gain for gain, *_ in gains.values())])[:-3:-1]
    if not gains or (clearly and best - second < SURE):
        return PAGES[0], {}
    return max(gains.values(), key=lambda found: found[0])[1:]


def _line_end(text: str, place: int) -> int:
    stop = text.find("\n", place)
    return stop if stop >= 0 else len(text)


def _in_lines(text: str, swap: dict[int, str], page: str | None) -> list[Edit]:
    """Return the replacements of characters, in the lines that they save bits.

    page: where no letter alone proves it, that in which the text was read; a line with a letter that it lacks, or in
    which a capital would come within a word, was not.
    """
    new = text.translate(swap)  # as long as before
    saved = np.pad(np.cumsum(surprisals(text) - surprisals(new)), (1, 0))
    edits = []
    start = 0
    while start < len(text):
        stop = _line_end(text, start)
        if saved[stop] - saved[start] > GAIN / 2 and (page is None or _is_of(page, text[start:stop], new[start:stop])):
            edits += [Edit(n, n + 1, new[n]) for n in range(start, stop) if text[n] != new[n]]
        start = stop + 1
    return edits


def _is_of(page: str, line: str, repaired: str) -> bool:
    """Return whether a page has all letters of a line, and the repaired line has no new capital within a word."""
    known = _page(page).bytes
    return all(sign in known for sign in line if sign > "\x7f" and sign.isalpha()) and (
        len(_CAPITAL_WITHIN.findall(repaired)) <= len(_CAPITAL_WITHIN.findall(line))
    )
