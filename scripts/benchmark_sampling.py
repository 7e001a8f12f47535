"""Measure sampling speed on one core: the compiled engine, the model's own forward, and the limit of memory bandwidth.

    python scripts/benchmark_sampling.py [--model NAME] [--rounds 7] [--bits FILE]

All ways draw the same number of characters, in turn, round after round; shown are medians of processor time, which
other programs disturb less. "eager nn.LSTM" and "eager LSTMCell" are the least that a step with PyTorch needs:
embedding, cell, linear layer, softmax, a draw. The limit is the time in which one core reads as many bytes as the
weights have as stored, measured in the same rounds; for texts side by side, it is arithmetic. --bits scores a text with
each precision, one character at a time.
"""

import argparse
import math
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import charrnn
from charrnn.compiled.kernels import kernel
from charrnn.config import SampleConfig
from charrnn.corpus import read_file
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model.weights import NetworkWeights
from charrnn.sampling.compiled import Engine
from charrnn.sampling.sampler import Sampler

CHARACTERS = 600
BATCH = 16
SQUARE = 2048  # a product of squares of this size is as fast as any
PROMPT = "Era uma vez "


@kernel
def read_all(numbers: np.ndarray, times: int) -> float:
    total = np.float32(0)
    for _ in range(times):
        for n in range(len(numbers)):
            total += numbers[n]
        numbers[0] += np.float32(1)  # so that the compiler cannot read once for all
    return float(total)


def bare(model: charrnn.CharRNN, tokenizer: CharTokenizer, cell: bool) -> Callable[[], None]:
    """Eager stepping of an LSTM of the model's sizes: as a cell, or as the module for sequences."""
    width, embed = model.config.hidden_size, model.config.embed
    lstm = torch.nn.LSTMCell(embed, width) if cell else torch.nn.LSTM(embed, width)
    embedding, output = torch.nn.Embedding(tokenizer.vocab_size, embed), torch.nn.Linear(width, tokenizer.vocab_size)

    @torch.inference_mode()
    def write() -> None:
        token, state = torch.zeros(1, dtype=torch.long), (torch.zeros(1, width), torch.zeros(1, width))
        for _ in range(CHARACTERS):
            if cell:
                state = lstm(embedding(token), state)
            else:
                _, state = lstm(embedding(token), state)
            token = torch.multinomial((output(state[0]) / 0.7).softmax(-1), 1)[0]

    return write


def stored_weights(engine: Engine) -> list[np.ndarray]:
    """Return the weights, as stored, that are read for each character."""
    net = engine.network
    groups = [net.memory, net.output, net.expected, net.beside, *([net.inputs] if engine.config.layers > 1 else [])]
    return [array for group in groups for array in (group.floats, group.halves, group.bytes)]


def weight_bytes(engine: Engine) -> int:
    return sum(array.nbytes for array in stored_weights(engine))


def bits(engine: Engine, model: charrnn.CharRNN, tokenizer: CharTokenizer, text: str) -> float:
    """Bits per character, illegal tokens not ruled out."""
    state = engine.read(tokenizer.encode_array("\n"), engine.from_model(model.initial_state()))
    ids, nats = tokenizer.encode_array(text), 0.0
    for start in range(0, len(ids), 2000):
        piece = ids[start : start + 2000]
        logits = engine.logits(piece, state)
        state = engine.read(piece, state)
        shifted = logits - logits.max(axis=1, keepdims=True)
        nats += float((np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(piece)), piece]).sum())
    return nats / math.log(2) / len(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--bits", type=Path, help="a text to score in each precision")
    parser.add_argument("--characters", type=int, default=100_000, help="how much of it")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = charrnn.load(arguments.model)
    config = SampleConfig(length=CHARACTERS, seed=1)
    engines = {name: Engine(NetworkWeights.of(model), tokenizer, name) for name in ("f32", "int8")}
    samplers = {name: Sampler(model, tokenizer, name) for name in ("eager", *engines)}
    numbers = np.zeros(weight_bytes(engines["f32"]) // 4, dtype=np.float32)

    ways: dict[str, Callable[[], object]] = {
        "eager nn.LSTM": bare(model, tokenizer, cell=False),
        "eager LSTMCell": bare(model, tokenizer, cell=True),
        "charrnn eager": lambda: samplers["eager"].generate(PROMPT, config),
    }
    for name in engines:
        ways[f"engine {name}"] = lambda name=name: samplers[name].generate(PROMPT, config)  # type: ignore[misc]
        ways[f"engine {name}, {BATCH} texts"] = lambda name=name: samplers[name].generate_together(  # type: ignore[misc]
            PROMPT, config, range(BATCH)
        )
    times: dict[str, list[float]] = {name: [] for name in [*ways, "reading", "multiplying"]}
    square = torch.randn(SQUARE, SQUARE)
    for way in ways.values():
        way()
    read_all(numbers, 1)
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            began = time.process_time()
            way()
            times[name].append((time.process_time() - began) / CHARACTERS)
        began = time.process_time()
        read_all(numbers, CHARACTERS)
        times["reading"].append((time.process_time() - began) / CHARACTERS)
        began = time.process_time()
        square @ square
        times["multiplying"].append((time.process_time() - began) / SQUARE**3)

    reading = statistics.median(times["reading"])
    bandwidth = numbers.nbytes / reading
    print(f"{model.name}: {model.config.cell} {model.config.size}, counts {model.config.counts}")
    print(f"one core reads {numbers.nbytes / 1e6:.1f} MB of weights in {reading * 1e6:.0f} µs: "
          f"{bandwidth / 1e9:.0f} GB/s")  # fmt: skip
    multiplied = sum(array.size for array in stored_weights(engines["f32"]))
    multiplying = statistics.median(times["multiplying"]) * multiplied
    print(
        f"the products of one of many texts take {multiplying * 1e6:.0f} µs at the speed of PyTorch's largest products"
    )
    for name in ways:
        each = statistics.median(times[name])
        texts = BATCH if "texts" in name else 1
        ratio = statistics.median(a / b * texts for a, b in zip(times["eager nn.LSTM"], times[name], strict=True))
        of = engines.get(name.removeprefix("engine "))
        limit = "" if of is None else f", {weight_bytes(of) / bandwidth / each:.0%} of the limit"
        print(f"{name}: {texts / each:,.0f} characters/s, {ratio:.1f} x eager nn.LSTM{limit}")
    if arguments.bits:
        text = read_file(arguments.bits)[: arguments.characters]
        for name, engine in engines.items():
            print(f"{name}: {bits(engine, model, tokenizer, text):.4f} bits per character of {len(text):,}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


if __name__ == "__main__":
    main()
