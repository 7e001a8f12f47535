"""Measure the known yardstick of small language models: five minutes on the text called tiny Shakespeare.

    python scripts/benchmark_shakespeare.py input.txt [--minutes 5] [--seed 1]

The text (1,115,394 characters) is not part of this repository. It is divided as nanoGPT divides it: the first 90 % to
train on, the last 10 % to score.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

TRAINED = 0.9
KNOWN = """for comparison, nats per character that nanoGPT's README reports for this division:
  1.47  10.6 million parameters, 3 minutes of an A100
  1.88  0.8 million parameters, 3 minutes of a laptop's CPU"""


def charrnn(*arguments: object) -> str:
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    text = arguments.text.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        train, valid, model = (Path(folder, name) for name in ("train.txt", "valid.txt", "model"))
        cut = int(TRAINED * len(text))
        train.write_text(text[:cut], encoding="utf-8")
        valid.write_text(text[cut:], encoding="utf-8")
        charrnn(
            "train", train, "--valid", valid, "--from", "scratch", "--minutes", arguments.minutes,
            "--seed", arguments.seed, "--out", model,
        )  # fmt: skip
        for kind, options in (("static", []), ("adaptive", ["--adapt"])):
            bits = json.loads(charrnn("score", valid, "--model", model, "--json", *options))["bits_per_character"]
            print(f"{kind:8}  {bits:.4f} bits = {bits * math.log(2):.4f} nats per character", flush=True)
    print(KNOWN)


if __name__ == "__main__":
    main()
