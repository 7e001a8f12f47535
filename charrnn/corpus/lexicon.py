"""Attested Portuguese words and how frequent they are, from `words.xz`, which `scripts/make_words.py` makes."""

import lzma
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.xz")
LETTERS = "abcdefghijklmnopqrstuvwxyzáàâãéêíóôõúüç"
MOST_SHARED = 25  # letters that a word takes over from the word before it in the file
_PLAIN = str.maketrans("áàâãéêíóôõúüç", "aaaaeeiooouuc")


@cache
def frequencies() -> dict[str, int]:
    """Return the frequency class of each word in small letters: each class is four times as frequent as the last."""
    found, before = {}, ""
    for line in lzma.decompress(WORDS.read_bytes()).decode("utf-8").split():
        before = before[: ord(line[0]) - ord("A")] + line[1:-1]
        found[before] = int(line[-1])
    return found


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
