"""Measure the n-gram model alone, without a network, on one core: its predictions and their cost.

    CHARRNN_CORPORA=DIR python scripts/benchmark_counts.py [--characters 640000] [--valid 131072]

DIR holds machado/train/*.txt and machado/valid/*.txt. The tables count the whole training part. The mixture learns from
the given number of characters in 16 lanes; every other lane also counts its own past. The beginning of the validation
novel is then scored static, and with the counts of its own past.
"""

import argparse
import math
import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import read_files
from charrnn.data.tokenizer import CharTokenizer
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import ContextHasher, ContextState
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.tables import Tables
from charrnn.ngram.vocabulary import Alphabet

LANES = 16
WINDOW = 128
RATE = 0.0004


def learn(
    reader: ContextHasher, tables: Tables, text: NDArray[np.uint16], characters: int
) -> tuple[ContextMixer, float]:
    """The mixture, and seconds of the processor per character, compiling left out."""
    length = (len(text) - 1) // LANES
    lanes = text[: LANES * length].reshape(LANES, length)
    steps = min(characters // LANES, length - 1) // WINDOW
    mixture, reading = ContextMixer.start(tables.symbols), ContextState.start(LANES)
    past = DocumentCounts(steps * WINDOW * LANES // 2, LANES // 2)
    block = np.tile(np.arange(LANES), WINDOW)
    began = 0.0
    for step in range(steps):
        window = slice(step * WINDOW, (step + 1) * WINDOW)
        contexts, reading = reader.read(reading, lanes[:, window])
        targets = lanes[:, window.start + 1 : window.stop + 1].T.ravel()
        mixture, _ = mixture.learn(
            tables, contexts.rows(), targets, RATE * (1 - step / steps),
            blocks=block, past=past, lanes=np.where(block % 2, block, STATIC),
        )  # fmt: skip
        began = began or time.process_time()
    return mixture, (time.process_time() - began) / ((steps - 1) * WINDOW * LANES)


def score(
    reader: ContextHasher, tables: Tables, mixture: ContextMixer, text: NDArray[np.uint16], past: DocumentCounts | None
) -> tuple[float, float]:  # fmt: skip
    """Bits per character of `text` but its first, and seconds of the processor for each."""
    nats, reading, began = 0.0, ContextState.start(1), time.process_time()
    for start in range(0, len(text) - 1, 4096):
        targets = text[start + 1 : start + 4097]
        contexts, reading = reader.read(reading, text[None, start : start + len(targets)])
        log_probabilities, _ = mixture.predict(tables, contexts.rows(), past=past, targets=targets)
        nats -= float(log_probabilities[np.arange(len(targets)), targets].sum(dtype=np.float64))
    return nats / math.log(2) / (len(text) - 1), (time.process_time() - began) / (len(text) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=640_000)
    parser.add_argument("--valid", type=int, default=2**17)
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    train, novel = (read_files(sorted(corpora.glob(f"{part}/*.txt"))) for part in ("train", "valid"))
    tokenizer = CharTokenizer.fit(train)
    alphabet = Alphabet.of(tokenizer.characters)
    text = alphabet.clip(tokenizer.encode_array(train))
    valid = alphabet.clip(tokenizer.encode_array("\n" + novel[: arguments.valid]))

    began = time.process_time()
    reader = ContextHasher.fit(tokenizer.encode_array(train), tokenizer.characters)
    print(f"classes of words: {time.process_time() - began:.1f} s")
    Tables.count(reader, text[:100], np.zeros(100))  # compiles
    began = time.process_time()
    blocks = np.minimum(np.arange(len(text)) // ((len(text) - 1) // LANES), LANES - 1)
    tables = Tables.count(reader, text, blocks)
    held = sum(array.nbytes for array in tables.lists) / 1e6
    print(f"counts of {len(text):,} characters: {time.process_time() - began:.1f} s, {held:.0f} MB for training")
    arrays = tables.arrays()
    began = time.process_time()
    tables_saved = Tables.from_arrays(arrays)
    size = sum(array.nbytes for array in arrays.values()) / 1e6
    print(f"saved: {size:.1f} MB, restored in {time.process_time() - began:.2f} s")
    mixture, seconds = learn(reader, tables, text, arguments.characters)
    print(f"mixture learned from {arguments.characters:,} characters: {seconds * 1e6:.1f} µs each")
    for name, past in (("static", None), ("with its own past", DocumentCounts(len(valid)))):
        bits, seconds = score(reader, tables_saved, mixture, valid, past)
        print(f"{name}: {bits:.4f} bits per character, {seconds * 1e6:.1f} µs each")


if __name__ == "__main__":
    main()
