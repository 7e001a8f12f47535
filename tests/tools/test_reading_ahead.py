"""Words in doubt are read again by a model."""

import numpy as np
import pytest
from numpy.typing import NDArray

from charrnn.data.tokenizer import CharTokenizer
from charrnn.tools.diacritics import WordReading
from charrnn.tools.reading_ahead import ReadingAhead

TEXT = "Ela nao esta so, e ele ESTA la.\n"


class Even:
    """A model of one token that it likes; all others are equally likely. It keeps what it has read."""

    def __init__(self, tokenizer: CharTokenizer, liked: str = "") -> None:
        self.logits_of = np.zeros(tokenizer.vocab_size)
        self.logits_of[tokenizer.encode_array(liked)] = 9.0
        self.seen: list[int] = []

    def start(self) -> int:
        return 0

    def read(self, ids: NDArray[np.int64], state: int) -> int:
        self.seen += ids.tolist()
        return state + len(ids)

    def logits(self, ids: NDArray[np.int64], state: int) -> NDArray[np.float64]:
        assert state == len(self.seen)  # from the place of the word
        return np.tile(self.logits_of, (len(ids), 1))


def readings(*chances: float) -> list[WordReading]:
    places = [(TEXT.index(word), word) for word in ("esta", "ESTA")]
    return [WordReading(place, word, ("está", "esta"), chances) for place, word in places]


def test_a_model_that_knows_nothing_changes_nothing() -> None:
    tokenizer = CharTokenizer.fit(TEXT * 2 + "áÁáÁ")
    model = Even(tokenizer)
    for one in ReadingAhead(model, tokenizer).reread(TEXT, readings(0.7, 0.3)):
        assert one.chances == pytest.approx((0.7, 0.3))
    assert tokenizer.decode(model.seen) == "\n" + TEXT[: TEXT.index("ESTA")]


def test_a_form_that_the_model_likes_gains_in_its_case() -> None:
    tokenizer = CharTokenizer.fit(TEXT * 2 + "áÁáÁ")
    small, large = ReadingAhead(Even(tokenizer, "Á"), tokenizer).reread(TEXT, readings(0.7, 0.3))
    assert small.chances == pytest.approx((0.7, 0.3))
    assert large.chances[0] > 0.7
    assert sum(large.chances) == pytest.approx(1)
