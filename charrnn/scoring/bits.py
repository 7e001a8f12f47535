"""Bits per character (bpc): the mean surprisal of the next character, −log2 p. Importing this loads no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.config.in_notebook import Displayed
from charrnn.corpus import clean
from charrnn.data.allowed_tokens import REACH, AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError

Progress = Callable[[float], None]  # is told the share of a text that has been read

PIECE = 1024  # tokens that are read at once
MOST_BITS = 1000.0  # per character: beyond it, the perplexity is no number
S = TypeVar("S")


@dataclass(frozen=True)
class Score(Displayed):
    """The score of a text, read with the state carried from the first character to the last.

    A static score leaves the weights as they were trained. An adaptive score learns from each part of the text after it
    was predicted, as compressors do.
    """

    bits_per_character: float
    bits_per_byte: float  # the text's UTF-8 bytes
    perplexity: float  # per character: 2 ** bits_per_character
    characters: int
    bytes: int
    unknown_characters: int  # spelled by bytes; their bits count like any other's
    model: str
    adaptive: bool


def score_of(bits: float, model: str, tokenizer: CharTokenizer, text: str, *, is_adaptive: bool) -> Score:
    """Return the score of a text that costs a model so many bits. Raises UserError if that is no number."""
    if not bits < MOST_BITS * len(text):  # also for NaN
        raise UserError("score-not-finite", model=model)
    size = len(text.encode("utf-8"))
    return Score(
        bits_per_character=bits / len(text),
        bits_per_byte=bits / size,
        perplexity=2 ** (bits / len(text)),
        characters=len(text),
        bytes=size,
        unknown_characters=tokenizer.unknown_characters(text),
        model=model,
        adaptive=is_adaptive,
    )


class Predictor(Protocol[S]):
    """Predicts each token of a text from those before it, as a decoder of `charrnn.sampling.decoder` does."""

    def start(self) -> S: ...
    def read(self, ids: NDArray[np.integer], state: S) -> S: ...
    def logits(self, ids: NDArray[np.integer], state: S) -> NDArray[np.float64]: ...


def score_by_steps(
    decoder: Predictor[S], model: str, tokenizer: CharTokenizer, text: str, progress: Progress | None = None
) -> Score:
    """Return the static score of a text, read by a decoder; it is that of `evaluate.score`.

    model: its name. progress: is told the share of the text that has been read. Raises UserError if `text` is empty.
    """
    found = costs(decoder, tokenizer, text, 1, progress)
    return score_of(float(found.surprisal.sum()), model, tokenizer, found.text, is_adaptive=False)


@dataclass(frozen=True)
class Costs:
    """What each of the t characters of a text costs a model, in bits, and what the model expected there.

    A character that is spelled by several tokens has the sum of their bits, and the expectations of the first.
    """

    text: str
    surprisal: NDArray[np.float64]  # (t,)
    entropy: NDArray[np.float64]  # (t,): of what was expected
    tokens: NDArray[np.int64]  # (t, k): the likeliest
    chances: NDArray[np.float64]  # (t, k): their probabilities
    unknown: NDArray[np.bool_]  # (t,): characters that the vocabulary lacks

    def hardest(self, count: int) -> list[int]:
        """Return the places of the greatest surprisals, the greatest first."""
        found: list[int] = np.argsort(-self.surprisal, kind="stable")[:count].tolist()
        return found


def costs(
    decoder: Predictor[S], tokenizer: CharTokenizer, text: str, candidates: int = 5, progress: Progress | None = None
) -> Costs:
    """Return what each character of a text costs; see `score_by_steps`. candidates: tokens kept for each character."""
    text = clean(text)
    if not text:
        raise UserError("no-text-to-score")
    legal, ids = AllowedTokens(tokenizer), tokenizer.encode_array("\n" + text).astype(np.int64)
    pieces, state = [], decoder.start()  # of each piece: bits, entropies, candidates and their probabilities
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        before = [ids[max(0, place - REACH) : place].tolist() for place in range(start, start + len(piece))]
        logits = np.where(legal.after(before), decoder.logits(piece, state), -np.inf)
        state = state if start + PIECE >= len(ids) else decoder.read(piece, state)
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        chances = np.exp(logits)
        likeliest = np.argsort(-logits, axis=1, kind="stable")[:, :candidates]
        entropy = -np.where(chances > 0, chances * np.maximum(logits, -1e4), 0).sum(axis=1)
        bits = -logits[np.arange(len(piece)), piece]
        if progress is not None:
            progress(min(1.0, (start + PIECE) / len(ids)))
        pieces.append((bits, entropy, likeliest, np.take_along_axis(chances, likeliest, axis=1)))
    bits, entropy, likeliest, chances = (np.concatenate(part)[1:] for part in zip(*pieces, strict=True))
    known = set(tokenizer.characters)
    sizes = np.array([1 if character in known else len(character.encode()) for character in text])  # in tokens
    opens = np.cumsum(sizes) - sizes
    return Costs(
        text, np.add.reduceat(bits, opens) / np.log(2), entropy[opens] / np.log(2), likeliest[opens], chances[opens],
        np.array([character not in known for character in text]),
    )  # fmt: skip
