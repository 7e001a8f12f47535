"""Make a trained model ready to ship: bfloat16 weights, what sampling needs, the card; no training state.

    python scripts/ship_model.py runs/machado charrnn/pretrained/machado [--valid FILE]

With --valid, the bfloat16 weights are scored once more on that text, exactly, and the card says so.
"""

import argparse
import dataclasses
import json
import shutil
from pathlib import Path

import torch

import charrnn
from charrnn import checkpoint
from charrnn.corpus import read_file

FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "README.md",
         "learning_curve.png", "metrics.jsonl")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--valid", type=Path)
    arguments = parser.parse_args()

    model, _ = charrnn.load(arguments.source)
    arguments.target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(arguments.source / name, arguments.target / name)
    if model.counts is not None:
        checkpoint.write_packed_counts(arguments.target, model.counts)
    checkpoint.write_weights(arguments.target, model, torch.bfloat16)

    model, tokenizer = charrnn.load(arguments.target)
    size = sum(path.stat().st_size for path in arguments.target.iterdir())
    print(f"{arguments.target}: {size:,} bytes, {model.parameter_count:,} parameters")
    if arguments.valid:
        score = charrnn.score(model, tokenizer, read_file(arguments.valid))
        print(json.dumps(dataclasses.asdict(score), ensure_ascii=False))
        card = arguments.target / "README.md"
        text = card.read_text(encoding="utf-8")
        line = (
            f"| as shipped (bfloat16 weights) | {score.bits_per_character:.4f} bits per character, "
            f"{score.bits_per_byte:.4f} bits per byte on `{arguments.valid.name}`, static |\n| trained on"
        )
        card.write_text(text.replace("| trained on", line, 1), encoding="utf-8")


if __name__ == "__main__":
    main()
