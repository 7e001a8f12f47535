"""Repair UTF-8 that was read as Windows-1252 or Latin-1 (`nÃ£o`, `â€œ`), once or twice, with ftfy.

Correct Portuguese has Ã and Â too, and quotes and dashes may follow them: “MANHÔ does not mean Ô. A word is repaired
only if it has a pair that correct text never has. Doubtful pairs are repaired only in texts full of certain ones.
"""

import re
from functools import lru_cache

from charrnn.corpus.repairs import Edit, disjoint

_DOUBTFUL = "”“’‘—–…»›\xa0"  # may follow a word in capitals; also the second bytes of ÔÓÒÑ×ÖÅûúà in UTF-8
_TAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # how the second and later bytes of UTF-8 look in Windows-1252
SURE = re.compile(
    rf"[ÃÂ](?![{_DOUBTFUL}\xad])[{_TAIL}]"
    rf"|(?<![A-ZÀ-Þ])[ÃÂ]\xad"  # í, unless it is a soft hyphen within capitals
    rf"|â[€\x80][{_TAIL}]"  # dashes, quotes, the ellipsis
    r"|ï»¿"  # a byte-order mark
    r"|√[£©°≠≥¥∂∫ºΩ†ß≤≈™]|‚Ä[úùîì¶]"  # through Mac Roman
    r"|├[úíºóÁ¬]"  # through the code pages of DOS
)
# A lone Ã is à, whose second byte, a non-breaking space, became a space.
ANY = re.compile(rf"[ÃÂ][{_TAIL}]|(?<!\S)Ã(?=[ \t])")
SECOND_BYTE = re.compile(r"[ \t](?=[ \t\n]|s\b|quel|quilo)")
RUN = re.compile(r"[^ \t\n]{1,200}")
ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÀÇÉÊÍÓÔÕÚ]")


def find_mojibake(text: str) -> list[Edit]:
    """Return an edit for each word with mojibake: `nÃ£o` becomes `não`. Each leaves fewer characters, or fewer Ã."""
    places = [match.start() for match in SURE.finditer(text)]
    if not places:
        return []
    if len(places) > len(ACCENTED.findall(SURE.sub("", text))):  # hardly a correct accent: doubtful pairs are wrong too
        places = sorted({*places, *(match.start() for match in ANY.finditer(text))})
    edits: list[Edit] = []
    for place in places:
        if (not edits or place >= edits[-1].stop) and (edit := _edit(text, place)):
            edits.append(edit)
    return disjoint(edits)


def _edit(text: str, place: int) -> Edit | None:
    """Return the repair of the word around `place`, or None if ftfy changes nothing."""
    if text[place] == "Ã" and text[place + 1] in " \t":
        return Edit(place, place + (2 if SECOND_BYTE.match(text, place + 1) else 1), "à")
    start = max(0, place - 100)
    start = max(start, 1 + max(text.rfind(space, start, place) for space in " \t\n"))
    run = RUN.match(text, start)
    assert run is not None
    fixed = repaired(run[0])
    return Edit(start, run.end(), fixed) if len(fixed) < len(run[0]) else None


@lru_cache(maxsize=100_000)
def repaired(word: str) -> str:
    """Return a run of characters as ftfy reads it."""
    from ftfy import fix_encoding

    return fix_encoding(word)
