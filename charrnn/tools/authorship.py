"""Which of several models a text is likeliest from: of models of one author each, whose it may be.

Models are compared by the bits that a text costs them. Neighbouring characters do not testify independently, so only a
SHARE of the difference counts as evidence; it was fitted on texts of their own (docs/benchmarks.md).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import clean
from charrnn.errors import UserError

SHARE = 0.014
PASSAGE = 120  # characters of a passage, at least; it ends with a word
SHORTEST = 100  # characters that can be compared
Reader = Callable[[str], NDArray[np.float64]]  # a text → the bits (t,) that each character costs a model


class Testimony(NamedTuple):
    """A passage, `text[start:stop]`, and the bits by which one model expects it more than every other."""

    start: int
    stop: int
    bits: float


@dataclass(frozen=True)
class Attribution:
    """A text under m models, in the order of their names."""

    text: str
    models: tuple[str, ...]
    surprisal: NDArray[np.float64]  # (m, t), in bits

    @property
    def bits(self) -> NDArray[np.float64]:
        """Return the bits (m,) that the whole text costs each model."""
        whole: NDArray[np.float64] = self.surprisal.sum(axis=1)
        return whole

    def probabilities(self, share: float = SHARE) -> NDArray[np.float64]:
        """Return how probable each model (m,) is, if the text is from one of them and all were as probable before."""
        evidence = np.exp2(share * (self.bits.min() - self.bits))
        chances: NDArray[np.float64] = evidence / evidence.sum()
        return chances

    def testimonies(self, model: int, count: int = 3) -> list[Testimony]:
        """Return the passages that speak most for a model, by its number, the clearest first."""
        others = np.delete(self.surprisal, model, axis=0)
        found = []
        for start, stop in passages(self.text):
            lead = others[:, start:stop].sum(axis=1).min() - self.surprisal[model, start:stop].sum()
            found.append(Testimony(start, stop, float(lead)))
        return sorted((one for one in found if one.bits > 0), key=lambda one: -one.bits)[:count]


def attribute(text: str, models: Mapping[str, Reader]) -> Attribution:
    """Let each of some models, given by their names, read a text.

    Raises UserError for fewer than two models, or for a text that is too short.
    """
    text = clean(text)
    if len(models) < 2:
        raise UserError("one-author")
    if len(text) < SHORTEST:
        raise UserError("too-short-to-attribute", found=len(text), least=SHORTEST)
    names = sorted(models)
    return Attribution(text, tuple(names), np.stack([models[name](text) for name in names]))


def passages(text: str) -> Iterator[tuple[int, int]]:
    """Yield the passages [start, stop) of a text: together, they are the text."""
    start = 0
    while start < len(text):
        ends = [at for sign in " \n" if (at := text.find(sign, start + PASSAGE)) >= 0]
        stop = min(ends, default=len(text) - 1) + 1
        yield start, stop
        start = stop
