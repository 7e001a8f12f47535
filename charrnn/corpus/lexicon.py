"""Attested Portuguese words and how frequent they are.

`words.xz`, which `scripts/make_words.py` makes, has those of books and subtitles; `today.txt` has words and names of
today, which both lack. It was written by hand.
"""

import lzma
from functools import cache
from pathlib import Path

WORDS, TODAY = (Path(__file__).with_name(name) for name in ("words.xz", "today.txt"))
LETTERS = "abcdefghijklmnopqrstuvwxyzáàâãéêíóôõúüç"
OF_TODAY = 2  # frequency class of a word of today
MOST_SHARED = 25  # letters that a word takes over from the word before it in the file
_PLAIN = str.maketrans("áàâãéêíóôõúüç", "aaaaeeiooouuc")


@cache
def frequencies() -> dict[str, int]:
    """Return the frequency class of each word in small letters: each class is four times as frequent as the last."""
    found, before = {}, ""
    for line in lzma.decompress(WORDS.read_bytes()).decode("utf-8").split():
        before = before[: ord(line[0]) - ord("A")] + line[1:-1]
        found[before] = int(line[-1])
    return dict.fromkeys(today(), OF_TODAY) | found


@cache
def today() -> list[str]:
    """Return the words and names of today, in small letters."""
    lines = TODAY.read_text(encoding="utf-8").splitlines()
    return [word.lower() for line in lines if not line.startswith("#") for word in line.split()]


def front_coded(words: dict[str, int]) -> bytes:
    """Return what `frequencies` reads: each word without the letters that it shares with the word before it."""
    lines, before = [], ""
    for word in sorted(words):
        shared = 0
        while shared < min(len(word), len(before), MOST_SHARED) and word[shared] == before[shared]:
            shared += 1
        lines.append(f"{chr(ord('A') + shared)}{word[shared:]}{words[word]}")
        before = word
    return lzma.compress("\n".join(lines).encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)


def plain(word: str) -> str:
    """Return a word in small letters without its diacritics."""
    return word.lower().translate(_PLAIN)
