"""Laws of legality: after any text, exactly the tokens that continue some canonical spelling."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer

TOKENIZER = CharTokenizer("abé—🙂")
LEGAL = AllowedTokens(TOKENIZER)


def valid_prefixes() -> dict[bytes, set[int]]:
    """By brute force over all of Unicode: each unfinished byte sequence, and the bytes that may follow it."""
    known = set(TOKENIZER.characters)
    follow: dict[bytes, set[int]] = {}
    for point in range(0x110000):
        if 0xD800 <= point < 0xE000 or chr(point) in known:
            continue
        spelled = chr(point).encode("utf-8")
        follow.setdefault(spelled[:-1], set()).add(spelled[-1])
    for unfinished in list(follow):
        for length in range(len(unfinished)):
            follow.setdefault(unfinished[:length], set()).add(unfinished[length])
    return follow


@pytest.mark.slow
def test_legal_bytes_are_those_of_brute_force() -> None:
    for pending, expected in valid_prefixes().items():
        mask = LEGAL.mask(pending)
        found = {token - TOKENIZER.first_byte for token in mask.nonzero()[0].tolist()}
        characters = {token for token in found if token < 0}
        assert found - characters == expected, pending
        assert len(characters) == (0 if pending else len(TOKENIZER.characters))


@given(st.text())
def test_every_text_is_legal_as_encoded(text: str) -> None:
    ids = TOKENIZER.encode(text)
    for end, token in enumerate(ids):
        assert LEGAL.mask(LEGAL.pending(ids[max(0, end - 3) : end]))[token]


@given(st.text(min_size=1, max_size=20))
def test_pending_is_the_unfinished_character(text: str) -> None:
    ids = TOKENIZER.encode(text)
    spelled = [b"" if t < TOKENIZER.first_byte else bytes([t - TOKENIZER.first_byte]) for t in ids]
    unfinished = b""
    for end in range(len(ids)):
        unfinished += spelled[end]
        try:
            unfinished.decode("utf-8")
            unfinished = b""
        except UnicodeDecodeError:
            pass
        assert LEGAL.pending(ids[: end + 1]) == unfinished


@given(st.text(min_size=1, max_size=20), st.data())
def test_window_is_masked_as_step_by_step(text: str, data: st.DataObject) -> None:
    """One call over a window rules out what single masks rule out, wherever the text is cut."""
    ids = torch.tensor([[-1, -1, -1, *TOKENIZER.encode("a" + text)]])
    cut = data.draw(st.integers(3, ids.shape[1] - 1))
    logits = torch.zeros(1, ids.shape[1] - cut, TOKENIZER.vocab_size)
    masked = LEGAL.constrain(logits, ids[:, cut - 3 : cut], ids[:, cut:])
    for step in range(ids.shape[1] - cut):
        expected = torch.from_numpy(LEGAL.mask(LEGAL.pending(ids[0, : cut + step + 1].tolist())))
        assert torch.equal(masked[0, step] == 0, expected)
        one = LEGAL.constrain(logits[:, 0], ids[:, cut + step - 2 : cut + step + 1])
        assert torch.equal(one[0] == 0, expected)


@given(st.text(max_size=10), st.integers(0, 2**31))
def test_probabilities_of_legal_tokens_sum_to_one(text: str, seed: int) -> None:
    ids = torch.tensor([[-1, -1, -1, *TOKENIZER.encode("\n" + text)]])
    logits = torch.randn(1, TOKENIZER.vocab_size, generator=torch.Generator().manual_seed(seed))
    probabilities = LEGAL.constrain(logits, ids[:, -3:]).softmax(-1)[0]
    legal = LEGAL.mask(LEGAL.pending(ids[0].tolist()))
    assert probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert (probabilities[~legal] == 0).all()
    assert (probabilities[legal] > 0).all()


def test_characters_begin_where_they_begin() -> None:
    ids = torch.tensor(TOKENIZER.encode("a†é\0💡"))
    assert LEGAL.starts_character(ids).tolist() == [
        True,
        True,
        False,
        False,
        True,
        True,
        True,
        False,
        False,
        False,
    ]
