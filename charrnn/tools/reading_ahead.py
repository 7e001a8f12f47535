"""A second reading of words in doubt, by a character model that has read all before them and reads on after them.

P(form) becomes proportional to P(form by the first reading) × P(form and the AHEAD characters after it | text). Such a
model knows less of accents than the network, but sees more of the text.
"""

from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from charrnn.data.tokenizer import CharTokenizer
from charrnn.scoring.bits import Predictor
from charrnn.tools.diacritics import WordReading

AHEAD = 30
S = TypeVar("S")


class ReadingAhead(Generic[S]):
    """Reads with one model's decoder."""

    def __init__(self, decoder: Predictor[S], tokenizer: CharTokenizer) -> None:
        self.decoder, self.tokenizer = decoder, tokenizer

    def reread(self, text: str, readings: list[WordReading]) -> list[WordReading]:
        """Return the readings of words in a text, which are in order, with new probabilities."""
        state, at, found = self.decoder.read(self.tokenizer.encode_array("\n"), self.decoder.start()), 0, []
        for one in readings:
            if one.start > at:
                state, at = self.decoder.read(self.tokenizer.encode_array(text[at : one.start]), state), one.start
            stop = one.start + len(one.word)
            ahead = text[stop : stop + AHEAD]
            scores = [self._log_probability(one.cased(form) + ahead, state) for form in one.forms]
            logs = np.log(np.maximum(one.chances, 1e-9)) + np.array(scores)
            powers = np.exp(logs - logs.max())
            found.append(replace(one, chances=tuple((powers / powers.sum()).tolist())))
        return found

    def _log_probability(self, text: str, state: S) -> float:
        ids = self.tokenizer.encode_array(text)
        logits = self.decoder.logits(ids, state).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        return float((logits[np.arange(len(ids)), ids] - np.log(np.exp(logits).sum(axis=1))).sum())
