"""Prepare a trained model for shipping: bfloat16 weights, the files for sampling and the card; no training state.

    python scripts/ship_model.py runs/machado charrnn/pretrained/machado [--valid FILE…] [--clean unwrap,quotes,dashes]

--last takes the last weights of the run, which are not calibrated yet; --calibrate FILE… calibrates them. With --valid,
the bfloat16 weights are scored on those texts, static and adaptive, as they are and with the repairs of --clean, and
the card gets the scores.
"""

import argparse
import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

import charrnn
from charrnn.corpus import read_file, read_files
from charrnn.storage import checkpoint
from charrnn.storage.counts_file import write_counts
from charrnn.training.validation import CONTEXT, LANES, QUICK, calibrate

FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "README.md",
         "learning_curve.png", "metrics.jsonl")  # fmt: skip


def scores(model: charrnn.CharRNN, tokenizer: charrnn.CharTokenizer, path: Path, fixes: Sequence[str]) -> str:
    """Return a row of the card."""
    text = read_file(path, fixes=fixes)
    static, adaptive = (charrnn.score(model, tokenizer, text, adapt=adapt) for adapt in (False, True))
    how = f"with {', '.join(fixes)}" if fixes else "as printed"
    return (
        f"| `{path.name}`, {how} | {static.bits_per_character:.4f} bits per character static, "
        f"{adaptive.bits_per_character:.4f} adaptive ({static.bits_per_byte:.4f} and {adaptive.bits_per_byte:.4f} "
        f"per byte), as shipped, bfloat16 weights, {static.characters:,} characters |\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument(
        "--last",
        action="store_true",
        help="take the last weights, not the best; the score in the card is that of the best",
    )
    parser.add_argument("--calibrate", type=Path, nargs="*", default=[], help="calibrate on these held-out texts")
    parser.add_argument("--counts-size", type=float, help="MB of counts, before they are packed; default: all")
    parser.add_argument("--valid", type=Path, nargs="*", default=[])
    parser.add_argument("--clean", default="", help="repairs, comma-separated")
    arguments = parser.parse_args()

    model, tokenizer = charrnn.load(arguments.source)
    if arguments.last:
        state, prefix = checkpoint.read_tensors(arguments.source / checkpoint.STATE)[0], "model."
        model.load_weights({name.removeprefix(prefix): t for name, t in state.items() if name.startswith(prefix)})
    if arguments.calibrate:
        ids = torch.from_numpy(tokenizer.encode_array(read_files(arguments.calibrate))).long()
        own, counted = calibrate(model, tokenizer, ids, LANES, CONTEXT, QUICK)
        print(f"calibrated: logits × {own:.3f} + the counts' × {counted:.3f}")
    arguments.target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(arguments.source / name, arguments.target / name)
    (arguments.target / checkpoint.PASSAGES).unlink(missing_ok=True)
    if (arguments.source / checkpoint.PASSAGES).exists():
        shutil.copyfile(arguments.source / checkpoint.PASSAGES, arguments.target / checkpoint.PASSAGES)
    if (counts := model.counts) is not None:
        if arguments.counts_size is not None:
            counts = dataclasses.replace(counts, tables=counts.tables.pruned(1e6 * arguments.counts_size))
        write_counts(arguments.target, counts, level=9)
    checkpoint.write_weights(arguments.target, model, torch.bfloat16)

    model, tokenizer = charrnn.load(arguments.target)  # as it will be loaded
    size = sum(path.stat().st_size for path in arguments.target.iterdir())
    print(f"{arguments.target}: {size:,} bytes, {model.parameter_count:,} parameters")
    fixes = [name for name in arguments.clean.split(",") if name]
    rows = [scores(model, tokenizer, path, way) for path in arguments.valid for way in ([[], fixes] if fixes else [[]])]
    print("".join(rows))
    card = arguments.target / "README.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("| trained on", "".join(rows) + "| trained on", 1), encoding="utf-8")


if __name__ == "__main__":
    main()
