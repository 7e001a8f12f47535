"""Train the shipped model `romances`: novels of 1840 to 1920 by many hands (ELTeC-por), so that Machado stays unseen.

    CHARRNN_CORPORA=DIR python scripts/train_romances.py [--passes 2] [--out DIR] [-- --hidden 512]

All novels in modern spelling and every third in the old one, as people write today; those that `benchmark_large.py`
keeps out stay out. Quotes and dashes are made equal, so that the prose can be set. In each lane the modern novels come
last, and the run ends where a pass ends, so that they are what the network and the counts know best. Then:
scripts/ship_model.py --last --calibrate DIR/valid/*.txt.
"""

import argparse
from collections import defaultdict
from pathlib import Path

from benchmark_large import Novel, in_order, lay_out, write
from benchmark_quality import charrnn

from charrnn import TrainConfig

CLEAN = ["quotes", "dashes"]
OLD_KEPT = 3  # of so many novels in the old spelling, one is read
SHAPE = ["--hidden", "768", "--counts-size", "30"]  # so that the shipped model stays below 24 MB
LANES = 32  # a fifth faster than 16 at this width; there are steps enough
MARKS = ((" elle ", " ella ", " annos "), (" ele ", " ela ", " anos "))  # words by which an old spelling is told


def is_modern(text: str) -> bool:
    old, modern = (sum(map(text.count, words)) for words in MARKS)
    return modern > old


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passes", type=int, default=2, help="over the text")
    parser.add_argument("--lanes", type=int, default=LANES)
    parser.add_argument("--out", type=Path, default=Path("runs/romances"))
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    lay_out(arguments.out, CLEAN)
    paths = sorted((arguments.out / "train").glob("*.txt"))
    parts: dict[str, str] = defaultdict(str)
    for path in paths:
        parts[path.stem.partition("-")[2]] += path.read_text(encoding="utf-8")
        path.unlink()
    novels = [Novel(name, text) for name, text in sorted(parts.items())]
    modern = [novel for novel in novels if is_modern(novel.text)]
    old = [novel for novel in novels if not is_modern(novel.text)][::OLD_KEPT]
    write(in_order(old, modern, arguments.lanes), arguments.out / "train")
    characters = sum(len(novel.text) for novel in [*old, *modern])
    steps = arguments.passes * characters // (arguments.lanes * TrainConfig().window)
    charrnn(
        "train", arguments.out / "train", "--valid", arguments.out / "valid", "--from", "scratch", *SHAPE,
        "--batch", arguments.lanes, "--steps", steps, "--out", arguments.out / "romances",
        "--overwrite", *arguments.options,
    )  # fmt: skip


if __name__ == "__main__":
    main()
