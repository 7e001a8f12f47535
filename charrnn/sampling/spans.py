"""Spans: all runs of some length in a text, as a compact set; the hashes are those that `novelty` finds copies by."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError

Hashes = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xBF58476D1CE4E5B9)


def windows(text: str, size: int) -> Hashes:
    """(n − size + 1,): a hash of each run of `size` characters. Empty if the text is shorter.

    A run's hash is its characters' as the digits of a number (mod 2^64), so that runs are joined in one step, and all
    runs of a length are found in as many steps as its logarithm.
    """
    run, length = _digits(text), 1  # of all runs of `length`, a power of two
    factor = np.array([_BASE])  # to the power of `length`
    if len(run) < size:
        return run[:0]
    whole, covered = np.zeros_like(run), 0  # of all runs of `covered`
    while True:
        if size & length:
            covered += length
            count = len(run) + length - covered
            whole = whole[:count] * factor + run[covered - length :][:count]
        if covered == size:
            return whole
        run = run[:-length] * factor + run[length:]
        length, factor = 2 * length, factor * factor


def _digits(text: str) -> Hashes:
    """(n,): for each character a number whose bits look random."""
    digits = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    for factor in (_BASE, _STIR):
        digits += np.uint64(1)
        digits *= factor
        digits ^= digits >> np.uint64(31)
    return digits


@dataclass(frozen=True)
class Spans:
    """The runs of `size` characters of some texts, 8 bytes each.

    Membership is by hash: all runs are found, and one in 10^12 others of a text of millions of characters.
    """

    size: int
    hashes: Hashes  # (n,), sorted, each once

    @classmethod
    def of(cls, texts: Iterable[str], size: int) -> Self:
        """The runs of each of `texts`."""
        if size < 1:
            raise UserError("below-one", setting="spans", found=size)
        hashes = np.concatenate([np.zeros(0, np.uint64), *(windows(text, size) for text in texts)])
        hashes.sort()  # a tenth of the time of np.unique
        return cls(size, hashes[np.diff(hashes, prepend=~hashes[:1]) != 0])

    def __len__(self) -> int:
        return len(self.hashes)

    def hold(self, begun: str, characters: str) -> NDArray[np.bool_]:
        """(n,): for each of `characters`, whether `begun`, of one character less than `size`, and it are a run."""
        assert len(begun) == self.size - 1
        runs = _digits(characters)
        if begun:
            runs = windows(begun, len(begun)) * _BASE + runs
        return self.has(runs)

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        """(n,): which of `hashes` (n,), as of `windows`, are those of a run."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=bool)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        found: NDArray[np.bool_] = self.hashes[places] == hashes
        return found
