"""Marks: the bits of each character add up to the score, static and adaptive, and tell where models differ."""

import lzma

import numpy as np
import pytest
from support import QUATRAINS

import charrnn
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens import apart, mark, opponents, trace
from charrnn.model import CharRNN

TEXT = QUATRAINS.read_text(encoding="utf-8")[:300] + "Ω e 🎈 não se conhecem.\r\n"


@pytest.mark.parametrize("adapt", [False, True])
def test_marks_add_up_to_the_score(model: CharRNN, tokenizer: CharTokenizer, adapt: bool) -> None:
    found = mark(model, tokenizer, TEXT, adapt=adapt)
    whole = charrnn.score(model, tokenizer, found.text, adapt=adapt)
    assert found.text == TEXT.replace("\r\n", "\n")
    assert len(found.surprisal) == len(found.text)
    assert found.score.bits_per_character == pytest.approx(whole.bits_per_character, rel=1e-4)
    assert found.score.bits_per_byte == pytest.approx(whole.bits_per_byte, rel=1e-4)
    assert found.score.unknown_characters == whole.unknown_characters == 2
    assert found.score.adaptive == adapt


def test_the_first_window_of_an_adaptive_reading_is_static(model: CharRNN, tokenizer: CharTokenizer) -> None:
    static, adaptive = (mark(model, tokenizer, TEXT, adapt=adapt) for adapt in (False, True))
    if model.counts is None:  # which learn within a window, too
        assert np.allclose(static.surprisal[:48], adaptive.surprisal[:48], atol=1e-3)
    assert not np.allclose(static.surprisal[48:], adaptive.surprisal[48:], atol=1e-3)


def test_what_was_expected_explains_the_bits(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    found, traced = mark(joined, tokenizer, TEXT), trace(joined, tokenizer, TEXT)
    assert found.hardest(5) == traced.hardest(5).tolist()
    for place, guesses in enumerate(found.expected):
        chances = [guess.chance for guess in guesses]
        assert chances == sorted(chances, reverse=True)
        for guess in guesses:
            if guess.text == found.text[place]:
                assert found.surprisal[place] == pytest.approx(-np.log2(guess.chance), abs=1e-3)


def test_places_apart_are_those_of_the_greatest_differences(
    model: CharRNN, joined: CharRNN, tokenizer: CharTokenizer
) -> None:
    one, other = mark(model, tokenizer, TEXT), mark(joined, tokenizer, TEXT, adapt=True)
    far = apart(one, other, 10)
    gaps = [abs(float(a) - float(b)) for a, b in zip(one.surprisal, other.surprisal, strict=True)]
    assert [gaps[place] for place in far] == pytest.approx(sorted(gaps, reverse=True)[:10])
    assert apart(one, one, 3) == [0, 1, 2]


def test_opponents_need_no_model() -> None:
    text = QUATRAINS.read_text(encoding="utf-8")
    found = opponents(text)
    raw = lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 9}])
    assert found.xz == pytest.approx(8 * len(raw) / len(text), rel=0.01)
    assert found.last is not None
    assert opponents("curto").last is None


def test_an_empty_text_is_refused(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    with pytest.raises(UserError, match="expected at least one character"):
        mark(joined, tokenizer, "\ufeff")
