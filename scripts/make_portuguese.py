"""Count the statistics of the character model of Portuguese, and write them to charrnn/corpus/portuguese.npz.

    python scripts/make_portuguese.py eltec-por FOLDER/machado/train [--target FILE]

The arguments are names of `charrnn corpus list`, files, folders or archives. Every text is counted twice: as it is, and
in modern typography (“ ” … – ’ for " ... — '), which is rare in the novels.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charrnn import corpus
from charrnn.corpus.portuguese import CharacterStatistics

TYPOGRAPHY = {r"\.\.\.+": "…", r'"(?=\w)|«': "“", '"|»': "”", "—": "–", "'": "’"}


def texts(names: list[str]) -> Iterator[str]:
    for work in corpus.open_works(names):
        text = "".join(work.text())
        yield text
        yield today(text)


def today(text: str) -> str:
    for old, new in TYPOGRAPHY.items():
        text = re.sub(old, new, text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+")
    parser.add_argument("--target", type=Path, default=Path("charrnn/corpus/portuguese.npz"))
    arguments = parser.parse_args()
    counts = CharacterStatistics.of(texts(arguments.names))
    symbols = counts.symbols.ravel()
    seen = np.flatnonzero(symbols)
    np.savez_compressed(
        arguments.target,
        gaps=np.diff(seen, prepend=0).astype(np.uint16),  # between the trigrams that occur: small numbers pack well
        counts=symbols[seen].astype(np.uint32),
        kinds=counts.kinds,
    )
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes, {len(seen):,} trigrams")


if __name__ == "__main__":
    main()
