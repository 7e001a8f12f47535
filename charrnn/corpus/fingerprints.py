"""Fingerprints: hashes of a sample of a text's passages, which find the same passages in another text.

All passages of WIDTH letters are hashed, and hashes divisible by RATE are kept: the same ones in every text, however
lines are broken and quotes and dashes are set (Manber, Finding similar files in a large file system, 1994). A model
stores a sketch, the smallest of them (Broder, On the resemblance and containment of documents, 1997).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

WIDTH = 64  # letters and digits of a passage; a power of two
RATE = 64  # one of so many passages is kept
SKETCH = 2**16  # fingerprints of a sketch, at most, in 512 kB: all those of a text of five million characters
LEAST = 3  # passages that must be comparable with a sketch, and found in it: one alone may be a quotation
NOTABLE = 0.02  # share of known passages from which the user is told
COUNTED = np.array([chr(code).isalnum() for code in range(0x3000)])  # all characters beyond count
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def hashes_of_passages(letters: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a hash of each run of WIDTH letters, (n - WIDTH + 1,), by doubling the length of the runs."""
    hashes, width, factor = letters, 1, MULTIPLIER
    with np.errstate(over="ignore"):
        while width < WIDTH:
            hashes = hashes[: max(0, len(hashes) - width)] * factor + hashes[width:]
            factor, width = factor * factor, 2 * width
    return hashes


def of(text: str) -> npt.NDArray[np.uint64]:
    """Return the fingerprints of a text, in the order of their places: about one per RATE characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    hashes = hashes_of_passages(codes[COUNTED[np.minimum(codes, 0x2FFF)] | (codes > 0x2FFF)].astype(np.uint64))
    with np.errstate(over="ignore"):
        hashes ^= hashes >> np.uint64(32)
        hashes *= MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    kept: npt.NDArray[np.uint64] = hashes[hashes % np.uint64(RATE) == 0]
    return kept


def of_pieces(pieces: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Return the different fingerprints of a text in pieces, sorted, without passages across two pieces."""
    found = [np.unique(of(piece)) for piece in pieces]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)


def sketch(prints: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Return the smallest fingerprints, sorted. The sketch of sketches is that of all their texts together."""
    return np.unique(np.concatenate([*prints, np.zeros(0, dtype=np.uint64)]))[:SKETCH]


def share(text: npt.NDArray[np.uint64], known: npt.NDArray[np.uint64] | None) -> float | None:
    """Return the share of a text's passages that are also in another text, estimated from both sketches.

    None if the other sketch is unknown or the text is too short.
    """
    if known is None:
        return None
    if len(known) == SKETCH:  # a full sketch says nothing about greater ones
        text = text[text <= known[-1]]
    if len(text) < LEAST:
        return None
    found = np.isin(text, known)
    return float(found.mean()) if found.sum() >= LEAST else 0.0
