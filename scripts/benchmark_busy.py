"""Measure the speed of training and scoring beside programs that keep cores busy.

    python scripts/benchmark_busy.py [--rounds 3] [--steps 100] [--busy 0 1 3] [--package DIR]

The same work runs alone and beside this many endless loops, in turn. The table shows medians, and their share of the
speed alone. --package measures the checkout in another folder, such as that of an earlier version.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

TEXT = Path(__file__).parent.parent / "corpora" / "contos.txt"


def charrnn(package: str, *arguments: str | Path) -> str:
    """Return the standard output of a command."""
    env = {**os.environ, "PYTHONPATH": package, "CHARRNN_MODEL": "machado"}
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=package, check=True).stdout


def training(package: str, steps: int) -> float:
    """Characters read in a second."""
    with tempfile.TemporaryDirectory() as folder:
        out = charrnn(
            package, "train", TEXT, "--out", Path(folder, "m"), "--from", "scratch", "--hidden", "512",
            "--steps", str(steps), "--evaluations", "1", "--json",
        )  # fmt: skip
    return float(json.loads(out.splitlines()[0])["characters_per_second"])


def scoring(package: str, *options: str) -> float:
    """Characters scored in a second, the start of the process included."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part.txt")
        part.write_text(TEXT.read_text(encoding="utf-8")[:20_000], encoding="utf-8")
        began = time.perf_counter()
        charrnn(package, "score", part, "--json", *options)
        return 20_000 / (time.perf_counter() - began)


def beside(count: int, work: Callable[[], float]) -> float:
    """What `work` gives while `count` endless loops run."""
    with ExitStack() as stack:
        for _ in range(count):
            other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(other.wait)
            stack.callback(other.kill)
        return work()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 1, 3])
    parser.add_argument("--package", default=str(Path(__file__).parent.parent))
    given = parser.parse_args()
    works: dict[str, Callable[[], float]] = {
        "training": lambda: training(given.package, given.steps),
        "scoring": lambda: scoring(given.package),
        "scoring, adaptive": lambda: scoring(given.package, "--adapt"),
    }
    for work in works.values():
        work()  # compiles, and reads the text into the cache
    found: dict[tuple[str, int], list[float]] = {(name, busy): [] for name in works for busy in given.busy}
    for _ in range(given.rounds):
        for (name, busy), speeds in found.items():
            speeds.append(beside(busy, works[name]))
    print("| characters/s | " + " | ".join(f"beside {busy}" for busy in given.busy) + " |")
    print("| --- |" + " --- |" * len(given.busy))
    for name in works:
        medians = [statistics.median(found[name, busy]) for busy in given.busy]
        cells = (f"{speed:,.0f} ({speed / medians[0]:.0%})" for speed in medians)
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
