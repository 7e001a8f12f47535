"""Quality for a given time: train on the Machado split with several seeds, score the validation novel.

    CHARRNN_CORPORA=DIR python scripts/benchmark_quality.py [--minutes 5] [--seeds 1 2 3] [--out runs/quality]
    … -- --hidden 256          options after -- go to `charrnn train`

DIR holds machado/train/*.txt and machado/valid/*.txt. Scores are static, over all characters.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path


def charrnn(*arguments: object) -> str:
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=Path("runs/quality"))
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    train, (valid,) = sorted(corpora.glob("train/*.txt")), sorted(corpora.glob("valid/*.txt"))

    bits = []
    for seed in arguments.seeds:
        out = arguments.out / f"{arguments.minutes:g}min-seed{seed}"
        charrnn(
            "train", *train, "--valid", valid, "--minutes", arguments.minutes, "--seed", seed, "--out", out,
            "--overwrite", *arguments.options,
        )  # fmt: skip
        score = json.loads(charrnn("score", valid, "--model", out, "--json"))
        bits.append(score["bits_per_character"])
        print(
            f"seed {seed}: {bits[-1]:.4f} bits per character, {score['bits_per_byte']:.4f} per byte",
            flush=True,
        )
    print(f"median of {len(bits)}: {statistics.median(bits):.4f} bits per character")


if __name__ == "__main__":
    main()
