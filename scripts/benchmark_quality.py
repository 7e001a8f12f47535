"""Measure quality after a given time: train on the Machado split with several seeds, score the validation novel.

    CHARRNN_CORPORA=DIR python scripts/benchmark_quality.py [--minutes 5] [--seeds 1 2 3] [--baselines] [--out DIR]
    … -- --hidden 256          options after -- go to `charrnn train`

DIR holds machado/train/*.txt and machado/valid/*.txt. Each model is scored from its saved directory on the whole novel:
static, and adaptive (it learns from the part of the novel that is already predicted). --baselines adds other models of
the same training text: an n-gram model (static), PPMd and xz (adaptive; PPMd needs `pip install pyppmd`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from charrnn.corpus import baselines, read_files


def charrnn(*arguments: object) -> str:
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def added(size: Callable[[bytes], int], train: str, valid: str) -> float:
    """Bits per character that `valid` adds to what `train` takes: how a compressor is told what to know."""
    before, both = size(train.encode()), size((train + valid).encode())
    return 8 * (both - before) / len(valid)


def ppmd(text: bytes) -> int:
    import pyppmd

    encoder = pyppmd.Ppmd7Encoder(8, 256 << 20)  # order 8, 256 MB
    return len(encoder.encode(text) + encoder.flush())


def show_baselines(train: str, valid: str) -> None:
    print(f"interpolated Kneser-Ney n-gram, order {baselines.ORDER}: {baselines.ngram(train, valid):.4f} static")
    print(f"PPMd, order 8: {added(ppmd, train, valid):.4f} adaptive")
    print(f"xz -9: {baselines.xz(train, valid):.4f} adaptive")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=Path("runs/quality"))
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    train, (valid,) = sorted(corpora.glob("train/*.txt")), sorted(corpora.glob("valid/*.txt"))

    if arguments.baselines:
        show_baselines(read_files(train), read_files([valid]))
    bits: dict[str, list[float]] = {"static": [], "adaptive": []}
    for seed in arguments.seeds:
        out = arguments.out / f"{arguments.minutes:g}min-seed{seed}"
        charrnn(
            "train", *train, "--valid", valid, "--from", "scratch", "--minutes", arguments.minutes, "--seed", seed,
            "--out", out, "--overwrite", *arguments.options,
        )  # fmt: skip
        for kind, options in (("static", []), ("adaptive", ["--adapt"])):
            began = time.perf_counter()
            score = json.loads(charrnn("score", valid, "--model", out, "--json", *options))
            speed = score["characters"] / (time.perf_counter() - began)
            bits[kind].append(score["bits_per_character"])
            print(
                f"seed {seed}: {bits[kind][-1]:.4f} bits per character {kind}, {score['bits_per_byte']:.4f} per byte, "
                f"{speed:,.0f} characters/s from the start of the program",
                flush=True,
            )
    for kind, found in bits.items():
        if found:
            print(f"median of {len(found)}: {statistics.median(found):.4f} bits per character {kind}")


if __name__ == "__main__":
    main()
