"""Train the shipped model `romances`: novels of 1840 to 1920 by many hands (ELTeC-por), so that Machado stays unseen.

    CHARRNN_CORPORA=DIR python scripts/train_romances.py [--minutes 55] [--out DIR] [-- --threads 1]

All novels in modern spelling and every third in the old one, as people write today; those that `benchmark_large.py`
keeps out stay out. Quotes and dashes are made equal, so that the prose can be set. In each lane the modern novels come
last, so that they are what the network and the counts know best. Then: scripts/ship_model.py.
"""

import argparse
from pathlib import Path

from benchmark_large import in_order, lay_out
from benchmark_quality import charrnn

CLEAN = ["quotes", "dashes"]
OLD_KEPT = 3  # of so many novels in the old spelling, one is read
SIZE = ["--hidden", "512", "--counts-size", "30"]  # so that the shipped model stays below 24 MB
MARKS = ((" elle ", " ella ", " annos "), (" ele ", " ela ", " anos "))  # words by which an old spelling is told


def is_modern(text: str) -> bool:
    old, modern = (sum(map(text.count, words)) for words in MARKS)
    return modern > old


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--out", type=Path, default=Path("runs/romances"))
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    lay_out(arguments.out, CLEAN)
    paths = sorted((arguments.out / "train").glob("*.txt"))
    texts = {path.read_text(encoding="utf-8"): path.stem.partition("-")[2] for path in paths}
    for path in paths:
        path.unlink()
    old = [text for text in texts if not is_modern(text)][::OLD_KEPT]
    modern = [text for text in texts if is_modern(text)]
    for number, text in enumerate(in_order(old, modern)):
        path = arguments.out / "train" / f"{number:03d}-{texts[text]}.txt"
        path.write_text(text, encoding="utf-8")
    charrnn(
        "train", arguments.out / "train", "--valid", arguments.out / "valid", "--from", "scratch", *SIZE,
        "--minutes", arguments.minutes, "--out", arguments.out / "romances", "--overwrite", *arguments.options,
    )  # fmt: skip


if __name__ == "__main__":
    main()
