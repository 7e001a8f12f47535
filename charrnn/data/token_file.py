"""Token files: a text as ids on disk, memory-mapped, so that training never holds it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from charrnn.data.tokenizer import CharTokenizer

Ids = npt.NDArray[np.integer]


def width(tokenizer: CharTokenizer) -> npt.DTypeLike:
    """The narrowest type that holds every id."""
    return np.uint16 if tokenizer.vocab_size <= 2**16 else np.uint32


def write(path: Path, works: Iterable[Iterable[str]], tokenizer: CharTokenizer) -> list[int]:
    """Write the ids of works, each in pieces, one after the other. Gives where each begins, and where the last ends."""
    kind = np.dtype(width(tokenizer))
    starts = [0]
    with path.open("wb") as file:
        for work in works:
            for piece in work:
                file.write(tokenizer.encode_array(piece).astype(kind).tobytes())
            starts.append(file.tell() // kind.itemsize)
    return starts


def read(path: Path, tokenizer: CharTokenizer) -> Ids:
    """The ids in a file that `write` made: (n,), memory-mapped, read-only."""
    kind = np.dtype(width(tokenizer))
    if path.stat().st_size == 0:  # which nothing can be mapped to
        return np.zeros(0, dtype=kind)
    return np.memmap(path, dtype=kind, mode="r")
