"""Marks: what each character of a text costs a model, what the model expected there, and where two models differ."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from charrnn.corpus import baselines, clean
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens.tracing import trace
from charrnn.model import CharRNN
from charrnn.scoring.bits import Score, score_of

EXPECTED = 4  # guesses that are kept for each character


class Guess(NamedTuple):
    """A character that might have come (or a byte of one, such as <0xC3>) and its probability."""

    text: str
    chance: float


@dataclass(frozen=True)
class Marks:
    """A text with what each character costs a model, in bits."""

    text: str
    score: Score
    surprisal: NDArray[np.float32]  # (t,): −log2 of the probability of each character
    expected: tuple[tuple[Guess, ...], ...]  # for each character, the likeliest first; of a static score only

    def hardest(self, count: int) -> list[int]:
        """Return the places of the greatest surprisals, the greatest first."""
        return _greatest(self.surprisal, count)


def mark(model: CharRNN, tokenizer: CharTokenizer, text: str, *, adapt: bool = False) -> Marks:
    """Mark each character of `text`; the score is that of `charrnn.score`.

    adapt: whether a copy of the model scores that learns while it reads. Raises UserError if `text` is empty.
    """
    text = clean(text)
    if not text:
        raise UserError("nothing-to-score")
    expected: tuple[tuple[Guess, ...], ...] = ()
    if adapt:
        from charrnn.scoring.adaptive import adaptive_surprisals

        ids = torch.from_numpy(tokenizer.encode_array(text)).long()
        place = np.cumsum(AllowedTokens(tokenizer).starts_character(ids).cpu().numpy()) - 1  # of each token's character
        surprisal = np.zeros(len(text), np.float32)
        np.add.at(surprisal, place, adaptive_surprisals(model, tokenizer, ids).numpy())
    else:
        found = trace(model, tokenizer, text)
        surprisal = found.surprisal
        tokens, chances = (values[:, :EXPECTED].tolist() for values in found.candidates)
        expected = tuple(
            tuple(Guess(tokenizer.token_text(token), chance) for token, chance in zip(*both, strict=True))
            for both in zip(tokens, chances, strict=True)
        )
    bits = float(surprisal.sum(dtype=np.float64))
    return Marks(text, score_of(bits, model.name, tokenizer, text, is_adaptive=adapt), surprisal, expected)


def apart(one: Marks, other: Marks, count: int) -> list[int]:
    """Return the places of a text where the surprisals of two models differ most, the widest apart first."""
    assert one.text == other.text
    return _greatest(np.abs(one.surprisal - other.surprisal), count)


@dataclass(frozen=True)
class Opponents:
    """What a text costs without a trained model, in bits per character."""

    xz: float  # all of it, compressed by itself: the opponent of an adaptive score
    last: baselines.Baselines | None  # of its last tenth, after the rest; None if it is too short


def opponents(text: str) -> Opponents:
    """Return the figures with which the scores of `text` are compared."""
    text = clean(text)
    return Opponents(baselines.xz("", text), baselines.of_text(text))


def _greatest(values: NDArray[np.float32], count: int) -> list[int]:
    found: list[int] = np.argsort(-values, kind="stable")[:count].tolist()
    return found
