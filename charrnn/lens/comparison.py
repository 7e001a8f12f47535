"""The reach of several models' memories, side by side: the picture that shows why gates were invented."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens.reach import DISTANCES, SPENT, Reach, connectivity, reach
from charrnn.model import CharRNN

BACK = 128  # characters back that influence is followed
PLACES = 16  # predictions over which it is averaged


@dataclass(frozen=True)
class Reached:
    """How far back one model's memory reaches, by forgetting and by gradients."""

    name: str
    cell: str
    reach: Reach
    influence: NDArray[np.float64]  # see `influence`


def compare(
    models: Sequence[tuple[CharRNN, CharTokenizer]],
    text: str,
    distances: tuple[int, ...] = DISTANCES,
    spent: int = SPENT,
    back: int = BACK,
    places: int = PLACES,
) -> list[Reached]:
    """The same measurements on the same text for each of some models. Raises UserError if the text is too short."""
    return [
        Reached(
            model.name,
            model.config.cell,
            reach(model, tokenizer, text, distances, spent),
            influence(model, tokenizer, text, back, places),
        )
        for model, tokenizer in models
    ]


def influence(
    model: CharRNN, tokenizer: CharTokenizer, text: str, back: int = BACK, places: int = PLACES
) -> NDArray[np.float64]:
    """How much a character d back matters to a prediction, as a share of all `back` of them: (back,), nearest first.

    At places spread over the text the lengths of the gradients (`connectivity`) are divided by their sum; the mean of
    these shares. Paths outside of the recurrent memory are held fixed, as there. Where a character is spelled by
    several tokens, a token is meant. Raises UserError if the text is not longer than `back`.
    """
    text = clean(text)
    if len(text) <= back:
        raise UserError("text-too-short", least=back + 1, found=len(text))
    shares = []
    for stop in np.linspace(back + 1, len(text), places).astype(int).tolist():
        lengths = connectivity(model, tokenizer, text[stop - back - 1 : stop]).astype(np.float64)[-back:]
        shares.append(lengths[::-1] / max(lengths.sum(), 1e-30))
    mean: NDArray[np.float64] = np.mean(shares, axis=0)
    return mean
