"""Time the first three views of a text: the carried state, the surprisal, and the map of similar states.

    python scripts/benchmark_lens.py TEXT [--model machado-lstm] [--characters 10000]

Loading the model is not timed. The map's rows are ordered by similarity, and the best unit of each property is compared
with 1,000 shifts of itself.
"""

import argparse
import time
from pathlib import Path

import torch

import charrnn
from charrnn.corpus import read_file
from charrnn.lens import mark, memory_map, trace
from charrnn.lens.unit_findings import in_halves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--model", default="machado-lstm")
    parser.add_argument("--characters", type=int, default=10_000)
    arguments = parser.parse_args()
    text = read_file(arguments.text)[: arguments.characters]
    model, tokenizer = charrnn.load(arguments.model)
    times = [time.perf_counter()]
    found = trace(model, tokenizer, text)
    times.append(time.perf_counter())
    mark(model, tokenizer, text)
    times.append(time.perf_counter())
    rows = memory_map.units(found)
    memory_map.by_similarity(rows)
    in_halves(rows, text)
    times.append(time.perf_counter())
    for name, began, ended in zip(("trace", "surprisal", "map and findings"), times, times[1:], strict=False):
        print(f"{name}: {ended - began:.2f} s")
    print(f"together: {times[-1] - times[0]:.2f} s, {len(text):,} characters, {torch.get_num_threads()} threads")


if __name__ == "__main__":
    main()
