"""Measure quality on small texts: five minutes on cuts of the Machado training part, beside PPMd on the same cut.

    CHARRNN_CORPORA=DIR python scripts/benchmark_small.py [--sizes 30000 …] [--minutes 5] [--from scratch] [--out DIR]

Each cut begins after the first million characters. Scores are adaptive, of the first 100,000 characters of the
validation novel. PPMd needs `pip install pyppmd`.
"""

import argparse
import json
import os
from pathlib import Path

from benchmark_quality import added, charrnn, ppmd

from charrnn.corpus import read_files

BEGIN = 1_000_000
SCORED = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="base", default="scratch", help="scratch, or a model to start from")
    parser.add_argument("--out", type=Path, default=Path("runs/small"))
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    train = read_files(sorted(corpora.glob("train/*.txt")))
    (novel,) = corpora.glob("valid/*.txt")
    valid = read_files([novel])
    arguments.out.mkdir(parents=True, exist_ok=True)
    scored = arguments.out / "scored.txt"
    scored.write_text(valid[:SCORED], encoding="utf-8")
    for size in arguments.sizes:
        cut = arguments.out / f"cut{size}.txt"
        cut.write_text(train[BEGIN : BEGIN + size], encoding="utf-8")
        model = arguments.out / f"model{size}"
        charrnn(
            "train", cut, "--valid", novel, "--from", arguments.base, "--minutes", arguments.minutes,
            "--seed", arguments.seed, "--out", model, "--overwrite",
        )  # fmt: skip
        scores = [
            json.loads(charrnn("score", scored, "--model", model, "--json", *options))["bits_per_character"]
            for options in ([], ["--adapt"])
        ]
        evaluations = [json.loads(line) for line in (model / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        rows = [row for row in evaluations if row.get("valid_bpc") is not None]
        print(
            f"{size:,}: static {scores[0]:.4f}, adaptive {scores[1]:.4f}; PPMd "
            f"{added(ppmd, cut.read_text(encoding='utf-8'), valid[:SCORED]):.4f}; best of {len(rows)} evaluations "
            f"{min(row['valid_bpc'] for row in rows):.4f}, last {rows[-1]['valid_bpc']:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
