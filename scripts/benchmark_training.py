"""Training speed beside a bare `nn.LSTM` loop of the same sizes, in interleaved pairs.

    python scripts/benchmark_training.py [--pairs 9] [--steps 40] [--precision bf16|f32]

The bare loop does the least that training needs: embedding, nn.LSTM, linear layer, loss, backward, clipping,
AdamW, state carried. The text is random, as speed does not depend on it.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from charrnn import ModelConfig, TrainConfig
from charrnn.model import CharRNN
from charrnn.stream import TextStream
from charrnn.train import Trainer
from charrnn.train.schedule import PEAK

VOCAB = 372  # as many tokens as 4 million characters of Machado de Assis give


def bare_loop(shape: ModelConfig, config: TrainConfig, ids: torch.Tensor, bf16: bool) -> Callable[[], None]:
    embedding = nn.Embedding(shape.vocab_size, shape.embed)
    lstm = nn.LSTM(shape.embed, shape.hidden, shape.layers, batch_first=True)
    output = nn.Linear(shape.hidden, shape.vocab_size)
    parameters = [*embedding.parameters(), *lstm.parameters(), *output.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=PEAK["lstm"], fused=True)
    lanes = ids[: len(ids) // config.batch * config.batch].view(config.batch, -1)
    zeros = torch.zeros(shape.layers, config.batch, shape.hidden)
    state, position = (zeros, zeros), 0

    def step() -> None:
        nonlocal state, position
        if position + config.window + 1 > lanes.shape[1]:
            state, position = (zeros, zeros), 0
        inputs = lanes[:, position : position + config.window]
        targets = lanes[:, position + 1 : position + config.window + 1]
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            hidden, (h, c) = lstm(embedding(inputs), state)
            logits = output(hidden)
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, config.clip)
        optimizer.step()
        state, position = (h.detach().float(), c.detach().float()), position + config.window
        loss.item()

    return step


def our_loop(shape: ModelConfig, config: TrainConfig, ids: torch.Tensor, bf16: bool) -> Callable[[], None]:
    trainer = Trainer(CharRNN(shape), TextStream(ids.numpy(), config.batch, config.window), config, bf16)

    def step() -> None:
        trainer.step(PEAK["lstm"]).item()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--precision", choices=("bf16", "f32"), default="bf16")
    arguments = parser.parse_args()

    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    shape, config = ModelConfig(vocab_size=VOCAB), TrainConfig()
    ids = torch.randint(VOCAB, (1_000_000,))
    bf16 = arguments.precision == "bf16"
    loops = {"bare": bare_loop(shape, config, ids, bf16), "charrnn": our_loop(shape, config, ids, bf16)}
    characters = arguments.steps * config.batch * config.window
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for pair in range(-1, arguments.pairs):  # one pair to warm up
        order = list(loops) if pair % 2 else list(loops)[::-1]
        for name in order:
            began = time.perf_counter()
            for _ in range(arguments.steps):
                loops[name]()
            if pair >= 0:
                rates[name].append(characters / (time.perf_counter() - began))
    ratios = [ours / bare for ours, bare in zip(rates["charrnn"], rates["bare"], strict=True)]
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"LSTM {shape.layers} x {shape.hidden}, {config.batch} lanes, window {config.window}, {arguments.precision}")
    for name, values in rates.items():
        print(f"{name:8} {statistics.median(values):9,.0f} characters/s (median of {arguments.pairs})")
    print(f"ratio    {statistics.median(ratios):9.3f} (median; from {min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
