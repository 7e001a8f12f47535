"""Fingerprints: a sample of a text's passages, as numbers, that finds the same passages in another text.

Of the hashes of all stretches of WIDTH letters, those are kept that are divisible by RATE: the same ones in every text,
wherever lines are broken and however quotes and dashes are set (Manber, Finding similar files in a large file system,
1994). What is remembered with a model is a sketch: the least of them (Broder, On the resemblance and containment of
documents, 1997).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

WIDTH = 64  # letters and digits of a passage; a power of two
RATE = 64  # one passage in so many is kept
SKETCH = 2**16  # fingerprints in a sketch, at most: a text of five million characters is remembered whole, in 512 kB
LEAST = 3  # passages of a text that must be comparable with a sketch, and found in it: one alone may be a quotation
NOTABLE = 0.02  # from this share of a text on, it is told that its passages are known
COUNTED = np.array([chr(code).isalnum() for code in range(0x3000)])  # of the codes beyond, all are
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def of(text: str) -> npt.NDArray[np.uint64]:
    """The fingerprints of one text, in the order of their places: about one in RATE characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    hashes = codes[COUNTED[np.minimum(codes, 0x2FFF)] | (codes > 0x2FFF)].astype(np.uint64)
    width, factor = 1, MULTIPLIER
    with np.errstate(over="ignore"):
        while width < WIDTH:  # a stretch twice as wide from two neighbours, all places at once
            hashes = hashes[: max(0, len(hashes) - width)] * factor + hashes[width:]
            factor, width = factor * factor, 2 * width
        hashes ^= hashes >> np.uint64(32)
        hashes *= MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    kept: npt.NDArray[np.uint64] = hashes[hashes % np.uint64(RATE) == 0]
    return kept


def of_pieces(pieces: Iterable[str]) -> npt.NDArray[np.uint64]:
    """The different fingerprints of a text in pieces, sorted. Passages across two pieces are left out."""
    found = [np.unique(of(piece)) for piece in pieces]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)


def sketch(prints: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """The least of some fingerprints, sorted. Of sketches, it gives that of all their texts together."""
    return np.unique(np.concatenate([*prints, np.zeros(0, dtype=np.uint64)]))[:SKETCH]


def share(text: npt.NDArray[np.uint64], known: npt.NDArray[np.uint64] | None) -> float | None:
    """What share of a text's passages also stand in another one, estimated from the sketches of both.

    None if that is not known, or cannot be told, as the text is too short.
    """
    if known is None:
        return None
    if len(known) == SKETCH:  # of greater ones it does not tell
        text = text[text <= known[-1]]
    if len(text) < LEAST:
        return None
    found = np.isin(text, known)
    return float(found.mean()) if found.sum() >= LEAST else 0.0
