"""Make the list of attested words that `charrnn proof` uses, charrnn/corpus/words.xz.

    CHARRNN_CORPORA=DIR python scripts/make_words.py WORKS WORD-COUNTS

WORKS is a folder of works in plain text, in modern spelling, without the texts that benchmarks read. WORD-COUNTS is the
list of pyspellchecker 0.9.1 (MIT licence, counted in OpenSubtitles), spellchecker/resources/pt.json.gz in its wheel: of
it come words and how frequent they are, no text.
"""

import gzip
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path

from charrnn.corpus import read_file
from charrnn.corpus.lexicon import LETTERS, WORDS, front_coded, plain

LEAST_HERE, LEAST_THERE = 2, 20  # occurrences of a word, in the works or in the list
WEIGHT_HERE, WEIGHT_THERE = 10, 0.25
MODERN = 0.97  # of the words of a work that the list knows
LOST = 20  # a bare word is a slip, if the same with accents is so many times as frequent


def main(works: Path, counts: Path) -> None:
    there: dict[str, int] = json.loads(gzip.decompress(counts.read_bytes()))
    here: Counter[str] = Counter()
    for path in sorted(works.glob("*.txt")):
        text = read_file(path)
        words = re.findall(r"[^\W\d_]+", text)
        small = [word for word in words if word.islower()]
        if sum(word in there for word in small) >= MODERN * len(small):
            here.update(word.lower() for word in words)
    only_letters = re.compile(f"[{LETTERS}]+").fullmatch
    weights = {
        word: WEIGHT_HERE * here[word] + WEIGHT_THERE * there.get(word, 0)
        for word in here.keys() | there.keys()
        if only_letters(word) and (here[word] >= LEAST_HERE or there.get(word, 0) >= LEAST_THERE)
    }
    most: dict[str, float] = {}
    for word, weight in weights.items():
        most[plain(word)] = max(most.get(plain(word), 0.0), weight)
    kept = {
        word: min(9, int(math.log2(weight + 1) / 2))
        for word, weight in weights.items()
        if word != plain(word) or weight * LOST >= most[word]
    }
    WORDS.write_bytes(front_coded(kept))
    print(f"{len(kept):,} words, {WORDS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
