"""Measure each choice of the training recipe: short runs of equal length that differ in one setting.

    CHARRNN_CORPORA=DIR python scripts/benchmark_recipe.py [--characters 1000000] [--seeds 1]

Each variant trains on the same number of characters of the Machado split, with the whole schedule from warm-up to
zero. It is scored, static, on the beginnings of 32 strips of the validation novel.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import torch

from charrnn import CharTokenizer, ModelConfig, TrainConfig
from charrnn.corpus import read_files
from charrnn.data.stream import TextStream
from charrnn.model import CharRNN
from charrnn.model.cells import CELLS
from charrnn.model.network import INPUT_GAIN
from charrnn.scoring.evaluate import held_out_bits
from charrnn.training.plan import LANES, decay, learning_rate
from charrnn.training.trainer import Trainer

BASE = replace(TrainConfig(), batch=LANES, lr=CELLS["lstm"].peak)
VARIANTS: dict[str, tuple[TrainConfig, float]] = {  # settings, and the gain of the input weights
    "as it ships": (BASE, INPUT_GAIN),
    "input gain 1": (BASE, 1.0),
    "clip at 1": (replace(BASE, clip=1.0), INPUT_GAIN),
    "32 lanes, rate 6e-3": (replace(BASE, batch=32, lr=6e-3), INPUT_GAIN),
    "all three": (replace(BASE, batch=32, lr=6e-3, clip=1.0), 1.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    text = read_files(sorted(corpora.glob("train/*.txt")))
    tokenizer = CharTokenizer.fit(text)
    ids = tokenizer.encode_array(text)
    valid = torch.tensor(tokenizer.encode(read_files(sorted(corpora.glob("valid/*.txt")))))
    torch.set_flush_denormal(True)
    for seed in arguments.seeds:
        for name, (config, gain) in VARIANTS.items():
            torch.manual_seed(seed)
            model = CharRNN(ModelConfig(vocab_size=tokenizer.vocab_size, hidden=512, counts="none"))
            with torch.no_grad():
                model.layers[0].rnn.weight_ih_l0 *= gain / INPUT_GAIN
            trainer = Trainer(model, TextStream(ids, config.batch_size, config.window), config, bf16=True)
            steps = arguments.characters // (config.batch_size * config.window)
            for step in range(steps):
                trainer.step(learning_rate(step / steps, config.lr or 0.0, config.warmup, decay(steps)))
            with trainer.autocast():
                bits, characters = held_out_bits(model, tokenizer, valid, lanes=32, context=256, limit=2048)
            print(f"seed {seed}  {name:20}  {bits / characters:.4f} bits per character, {steps} steps", flush=True)


if __name__ == "__main__":
    main()
