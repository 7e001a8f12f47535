"""Measure the speed of tokenizing a large text, and the memory that training on it takes.

    python scripts/benchmark_corpus.py [--size 1e9] [TEXT...]

This writes a text of that many bytes, which repeats the paragraphs of the texts in other orders and with other numbers.
It reads, cleans, divides and tokenizes the text (wall-clock and processor time), trains on it for a few seconds, and
prints the peak of the process's memory.
"""

import argparse
import os
import random
import resource
import tempfile
import time
from pathlib import Path

CORPORA = Path(__file__).parent.parent / "corpora"


def write(path: Path, size: int, texts: list[str]) -> None:
    from charrnn import corpus

    paragraphs = [p for text in texts for p in corpus.read_file(text).split("\n\n") if p.strip()]
    draw = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            draw.shuffle(paragraphs)
            for number, paragraph in enumerate(paragraphs):
                file.write(f"{draw.randrange(10**6)}. {paragraph}\n\n" if number % 4 == 0 else f"{paragraph}\n\n")
                if number % 1000 == 0 and file.tell() >= size:
                    break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="*", default=[str(CORPORA / "contos.txt"), str(CORPORA / "quadras.txt")])
    parser.add_argument("--size", type=float, default=1e9, help="bytes of the large text")
    parser.add_argument("--seconds", type=float, default=20, help="of training")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["CHARRNN_CACHE"] = f"{temporary}/cache"
        large = Path(temporary, "large.txt")
        write(large, int(options.size), options.texts)

        from charrnn.data.dataset import Source, TrainingText

        wall, processor = time.perf_counter(), time.process_time()
        text = TrainingText.prepare(Source.of([large]), print)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        megabytes = large.stat().st_size / 1e6
        print(f"{megabytes:,.0f} MB, {text.train.characters + text.valid.characters:,} characters")
        print(f"read, cleaned, divided, tokenized: {megabytes / wall:.1f} MB/s, {megabytes / processor:.1f} MB per "
              f"second of one core, {peak():,.0f} MB at most")  # fmt: skip
        wall = time.perf_counter()
        TrainingText.prepare(Source.of([large]))
        print(f"the second time: {time.perf_counter() - wall:.1f} s")

        from charrnn.config import TrainConfig
        from charrnn.training.run import Run

        run = Run.start([large], Path(temporary, "model"), config=TrainConfig(minutes=options.seconds / 60))
        steps = [progress.step for progress in run]
        print(f"trained for {steps[-1]:,} steps: {peak():,.0f} MB at most")


def peak() -> float:
    """Megabytes that this process had resident, at most. (Linux counts in KiB.) Mapped files count too."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
