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
    def logits(self, ids: NDArray[np.integer], state: S) -> NDArray[np.float64]: ...


def score_by_steps(decoder: Predictor[S], model: str, tokenizer: CharTokenizer, text: str) -> Score:
    """Return the static score of a text, token by token, as `evaluate.score` gives it: for short texts.

    model: its name. Raises UserError if `text` is empty.
    """
    text = clean(text)
    if not text:
        raise UserError("no-text-to-score")
    ids = tokenizer.encode_array("\n" + text).astype(np.int64)
    before = [ids[max(0, place - REACH) : place].tolist() for place in range(1, len(ids))]
    logits = np.where(AllowedTokens(tokenizer).after(before), decoder.logits(ids, decoder.start())[1:], -np.inf)
    greatest = logits.max(axis=1)
    nats = np.log(np.exp(logits - greatest[:, None]).sum(axis=1)) + greatest - logits[np.arange(len(before)), ids[1:]]
    return score_of(float(nats.sum() / np.log(2)), model, tokenizer, text, is_adaptive=False)
