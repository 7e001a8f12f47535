"""Measure the gain from knowing where printed lines end: the same run with and without the layout of lines.

    CHARRNN_CORPORA=DIR python scripts/benchmark_layout.py [--steps 4900] [--seeds 1 2 3] [--out DIR]

Each run trains on the Machado split, 4,900 steps of 1,024 characters (about five minutes on two cores), and scores the
validation novel, static. Without the layout no margin is found: the n-gram model counts columns in characters, the
network knows no place in the line, and every pass reads the same lines.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

WITH = "from charrnn.cli import main; main()"
WITHOUT = f"from charrnn.ngram.layout import Page; Page.fit = lambda *_: None; {WITH}"
SHAPE = ["--hidden", "384", "--members", "1", "--dropout", "0"]


def charrnn(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4900)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=Path("runs/layout"))
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    train, (valid,) = sorted(corpora.glob("train/*.txt")), sorted(corpora.glob("valid/*.txt"))
    differences = []
    for seed in arguments.seeds:
        found = []
        for name, code in (("with", WITH), ("without", WITHOUT)):
            out = arguments.out / f"{name}-seed{seed}"
            charrnn(
                code, "train", *train, "--valid", valid, "--from", "scratch", *SHAPE, "--patience", 0, "--threads", 1,
                "--steps", arguments.steps, "--seed", seed, "--out", out, "--overwrite",
            )  # fmt: skip
            score = json.loads(charrnn(code, "score", valid, "--model", out, "--json"))
            found.append(score["bits_per_character"])
            print(f"seed {seed}, {name}: {found[-1]:.4f} bits per character", flush=True)
        differences.append(found[1] - found[0])
    print(f"median gain of {len(differences)}: {statistics.median(differences):.4f} bits per character")


if __name__ == "__main__":
    main()
