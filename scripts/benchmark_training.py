"""Measure the training speed of every cell, beside a bare `nn.LSTM` loop of the same size and the machine's limit.

    python scripts/benchmark_training.py [--rounds 9] [--steps 20] [--hidden 512] [--threads N] [--precision auto]

The bare loop does the least that training needs: embedding, nn.LSTM, linear layer, loss, backward, clipping, AdamW, a
carried state. The limit is a product of two matrices as large as a cell's in one window. All are timed in turn, round
after round. The text is random, since speed does not depend on it; "joined" is the LSTM with counts of that text.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from charrnn import ModelConfig, TrainConfig
from charrnn.config import CELL_LABELS
from charrnn.data.stream import TextStream
from charrnn.model import CharRNN
from charrnn.model.cells import CELLS
from charrnn.ngram.contexts import ContextHasher
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.training.ngram_prefetch import NgramPrefetcher, block_length
from charrnn.training.plan import LANES
from charrnn.training.probe import try_out
from charrnn.training.trainer import Trainer

CHARACTERS = "".join(map(chr, range(32, 148)))
SYMBOLS = len(CHARACTERS) + 1  # which the output layer tells apart
VOCAB = len(CHARACTERS) + 256  # as many tokens as 4 million characters of Machado de Assis give
RATE = 1e-3


def products(shape: ModelConfig) -> float:
    """Floating-point operations for each character: those of the products, forward, and twice as many backward."""
    cell = CELLS[shape.cell].gates * shape.hidden_size * (shape.embed + shape.hidden_size)
    return 6.0 * (cell + shape.hidden_size * SYMBOLS)


def bare_loop(shape: ModelConfig, config: TrainConfig, ids: torch.Tensor, bf16: bool) -> Callable[[], None]:
    embedding = nn.Embedding(shape.vocab_size, shape.embed)
    lstm = nn.LSTM(shape.embed, shape.hidden_size, shape.layers, batch_first=True)
    output = nn.Linear(shape.hidden_size, SYMBOLS)
    parameters = [*embedding.parameters(), *lstm.parameters(), *output.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, fused=True)
    lanes = ids[: len(ids) // config.batch_size * config.batch_size].view(config.batch_size, -1)
    zeros = torch.zeros(shape.layers, config.batch_size, shape.hidden_size)
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
    text = ids.numpy()
    stream = TextStream(text, config.batch_size, config.window)
    counts = prefetcher = None
    if shape.counts == "joined":
        options = CountOptions(block_length(len(text), config.batch_size))
        counts = NgramModel.count(text, ContextHasher.fit(text, CHARACTERS), options)
        prefetcher = NgramPrefetcher(counts, stream, stream.windows)
    trainer = Trainer(CharRNN(shape, counts=counts), stream, config, prefetcher, bf16=bf16)

    def step() -> None:
        trainer.step(RATE).item()

    return step


def limit(shape: ModelConfig, config: TrainConfig, bf16: bool) -> Callable[[], None]:
    dtype = torch.bfloat16 if bf16 else torch.float32
    rows = torch.randn(config.batch_size * config.window, shape.embed + shape.hidden_size).to(dtype)
    weights = torch.randn(shape.embed + shape.hidden_size, 4 * shape.hidden_size).to(dtype)

    def step() -> None:
        rows @ weights

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--precision", choices=("auto", "f32", "bf16"), default="auto")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    config = TrainConfig(batch=LANES, precision=arguments.precision)
    shape = ModelConfig(vocab_size=VOCAB, hidden=arguments.hidden, dropout=0.0, counts="none")
    ids = torch.from_numpy(np.random.default_rng(0).integers(0, len(CHARACTERS), 500_000).astype(np.int32)).long()
    bf16 = try_out(CharRNN(shape), TextStream(ids.numpy(), config.batch_size, config.window), config).bf16
    shapes = {cell: ModelConfig(**{**shape.to_json(), "cell": cell}) for cell in CELL_LABELS}
    shapes["joined"] = ModelConfig(**{**shape.to_json(), "counts": "joined"})
    loops = {"bare": bare_loop(shape, config, ids, bf16), "limit": limit(shape, config, bf16)}
    loops |= {name: our_loop(own, config, ids, bf16) for name, own in shapes.items()}
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(-1, arguments.rounds):  # one to warm up
        for name in list(loops)[:: 1 if turn % 2 else -1]:
            began = time.perf_counter()
            for _ in range(arguments.steps):
                loops[name]()
            if turn >= 0:
                seconds[name].append((time.perf_counter() - began) / arguments.steps)
    size = config.batch_size * config.window
    most = (
        2.0
        * size
        * (shape.embed + shape.hidden_size)
        * 4
        * shape.hidden_size
        / statistics.median(seconds["limit"])
        / 1e9
    )
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"1 x {shape.hidden_size}, {config.batch_size} lanes, window {config.window}, {'bf16' if bf16 else 'f32'}")
    print(f"limit: {most:.0f} GFLOP/s")
    for name in ("bare", *shapes):
        median = statistics.median(seconds[name])
        rate = products(shapes.get(name, shape)) * size / median / 1e9
        ratio = statistics.median(bare / own for bare, own in zip(seconds["bare"], seconds[name], strict=True))
        print(
            f"{name:8} {size / median:9,.0f} characters/s {rate:6.0f} GFLOP/s, {rate / most:4.0%} of the limit, "
            f"{ratio:.3f} x the bare loop"
        )


if __name__ == "__main__":
    main()
