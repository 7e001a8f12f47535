"""Measure how many words of old spelling the repair `spelling` brings into today's.

    python scripts/benchmark_spelling.py PAIRS.tsv [--show]

Each line of PAIRS is a sentence as printed, a tab, and the same in today's spelling. All sentences are one text.
"""

import re
import sys
from difflib import SequenceMatcher
from pathlib import Path

from charrnn.corpus.repairs import repair

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def main(path: Path, *, show: bool) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t")[:2] for line in lines if "\t" in line]
    found = repair("\n".join(old for old, _ in pairs), ["spelling"])[0].split("\n")
    before = after = count = 0
    for (old, right), new in zip(pairs, found, strict=True):
        count += len(WORD.findall(right))
        before += agreeing(old, right)
        after += agreeing(new, right)
        if show and new != right:
            print(f"{old}\n  {new}\n  {right}")
    print(
        f"{len(pairs)} sentences, {count:,} words: {before / count:.2%} right as printed, {after / count:.2%} repaired"
    )


def agreeing(found: str, right: str) -> int:
    """Return how many words of the right sentence stand in the found one, in order."""
    match = SequenceMatcher(None, WORD.findall(found), WORD.findall(right), autojunk=False)
    return sum(block.size for block in match.get_matching_blocks())


if __name__ == "__main__":
    main(Path(sys.argv[1]), show="--show" in sys.argv)
