"""An alphabet of eight symbols, texts in it, and their contexts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from charrnn.ngram.contexts import ContextHasher, Contexts, ContextState
from charrnn.ngram.mixing import Prediction
from charrnn.ngram.vocabulary import Alphabet, WordClasses

CHARACTERS = "\n ,abÁá"
ALPHABET = Alphabet.of(CHARACTERS)
A, B, COMMA, ESCAPE = (CHARACTERS + "?").index("a"), CHARACTERS.index("b"), CHARACTERS.index(","), len(CHARACTERS)
READER = ContextHasher(ALPHABET, WordClasses.none())
texts = st.lists(st.integers(0, ESCAPE), min_size=2, max_size=60).map(lambda ids: np.array(ids, dtype=np.uint16))


def encode(text: str) -> NDArray[np.uint16]:
    return np.array([CHARACTERS.index(character) for character in text], dtype=np.uint16)


def read(symbols: NDArray[np.uint16], reader: ContextHasher = READER) -> Contexts:
    """The contexts after each symbol of one text: rows (n,)."""
    return reader.read(ContextState.start(1), symbols[None])[0].rows()


def cut(places: Sequence[int], length: int) -> list[slice]:
    bounds = sorted({0, length, *(place % length for place in places)})
    return [slice(*pair) for pair in pairwise(bounds)]


def mean_bits(prediction: Prediction, targets: NDArray[np.uint16]) -> float:
    return float(-prediction.log_probabilities[np.arange(len(targets)), targets].mean() / np.log(2))
