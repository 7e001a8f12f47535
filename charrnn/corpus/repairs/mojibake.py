"""UTF-8 that was read as Windows-1252 or Latin-1 (`nÃ£o`, `â€œ`), once or twice: ftfy mends it, where it surely is so.

Correct Portuguese holds Ã and Â too, and quotes and dashes may follow them: “MANHÔ is no Ô. So nothing is touched
unless it holds a pair that correct text never does; the doubtful pairs follow only where the sure ones are the rule.
"""

import re
from functools import lru_cache

from charrnn.corpus.repairs.edits import Edit, disjoint, settle

_DOUBTFUL = "”“’‘—–…»›\xa0"  # may stand behind a word in capitals; also the second bytes of ÔÓÒÑ×ÖÅûúà in UTF-8
_TAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # how the second and later bytes of UTF-8 look in Windows-1252
SURE = re.compile(
    rf"[ÃÂ](?![{_DOUBTFUL}\xad])[{_TAIL}]"
    rf"|(?<![A-ZÀ-Þ])[ÃÂ]\xad"  # í, where it is no soft hyphen within capitals
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


def mojibake(text: str) -> tuple[str, int]:
    """Without mojibake: `nÃ£o` becomes `não`. The count is of words."""
    return settle(find, text)


def find(text: str) -> list[Edit]:
    """Words with mojibake and how they read repaired. Each edit leaves fewer characters, or fewer Ã."""
    places = [match.start() for match in SURE.finditer(text)]
    if not places:
        return []
    if len(places) > len(ACCENTED.findall(SURE.sub("", text))):  # hardly a correct accent: the doubtful is wrong too
        places = sorted({*places, *(match.start() for match in ANY.finditer(text))})
    edits: list[Edit] = []
    for place in places:
        if (not edits or place >= edits[-1].stop) and (edit := _edit(text, place)):
            edits.append(edit)
    return disjoint(edits)


def _edit(text: str, place: int) -> Edit | None:
    """The word around `place`, repaired; None if ftfy sees nothing to mend."""
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
    """One run of characters as ftfy reads it."""
    from ftfy import fix_encoding

    return fix_encoding(word)
