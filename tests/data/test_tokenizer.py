"""Laws of the tokenizer: lossless for every Unicode string, one token for a known character."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError

TOKENIZER = CharTokenizer("\n abcdeé—ç🙂")
MANY = CharTokenizer(map(chr, range(32, 700)))
NASTY = ["", "\0", "<0x41>", "é", "e\u0301", "\r\n", "﷽", "👩‍👩‍👧", "\u200b\ufeff", "\U0010ffff", "Ġ▁##a"]


@given(st.text())
def test_round_trip(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@pytest.mark.parametrize("text", NASTY)
def test_round_trip_of_nasty_strings(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@given(st.text(alphabet="\n abcdeé—ç🙂"))
def test_known_character_is_one_token(text: str) -> None:
    ids = TOKENIZER.encode(text)
    assert [TOKENIZER.token_text(token) for token in ids] == list(text)


@given(st.text())
def test_unknown_characters_are_their_utf8_bytes(text: str) -> None:
    known = set(TOKENIZER.characters)
    expected = [
        token
        for character in text
        for token in ([character] if character in known else [f"<0x{b:02X}>" for b in character.encode()])
    ]
    assert [TOKENIZER.token_text(token) for token in TOKENIZER.encode(text)] == expected
    assert TOKENIZER.unknown_characters(text) == sum(character not in known for character in text)


@given(st.text(max_size=50), st.text(max_size=50))
def test_encoding_of_a_whole_is_that_of_its_parts(left: str, right: str) -> None:
    assert TOKENIZER.encode(left + right) == TOKENIZER.encode(left) + TOKENIZER.encode(right)


@given(st.text())
def test_encoding_is_that_of_the_tokenizers_library(text: str) -> None:
    """The file that `save` writes means to others what it means to us."""
    for tokenizer in (TOKENIZER, MANY):
        assert tokenizer.encode(text) == tokenizer._tokenizer.encode(text).ids


@given(st.text())
def test_streaming_decoder_gives_the_same_text(text: str) -> None:
    stream = DecodeStream(skip_special_tokens=False)
    pieces = [stream.step(TOKENIZER._tokenizer, token) or "" for token in TOKENIZER.encode(text + "a")]
    assert "".join(pieces) == text + "a"


def test_fit_takes_characters_seen_often_enough() -> None:
    tokenizer = CharTokenizer.fit("aabbbc", min_count=2)
    assert tokenizer.characters == "ab"
    assert tokenizer.vocab_size == 2 + 256


def test_file_round_trip_and_tokenizers_own_reader(tmp_path) -> None:
    path = tmp_path / "tokenizer.json"
    TOKENIZER.save(path)
    again = CharTokenizer.from_file(path)
    assert again.characters == TOKENIZER.characters
    assert again.sha256 == TOKENIZER.sha256
    assert Tokenizer.from_file(str(path)).encode("aé†").ids == TOKENIZER.encode("aé†")


def test_another_vocabulary_has_another_hash() -> None:
    assert CharTokenizer("ab").sha256 != CharTokenizer("abc").sha256


@pytest.mark.parametrize("content", ["", "{}", '{"model": {"vocab": {"ab": 0}}}', "[1]"])
def test_bad_file_is_refused(tmp_path, content: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="expected"):
        CharTokenizer.from_file(path)


def test_lone_surrogate_is_refused_with_its_place() -> None:
    with pytest.raises(UserError, match=r"U\+D800, at character 2"):
        TOKENIZER.encode("ab\ud800")


def test_normal_form_is_left_alone() -> None:
    assert TOKENIZER.encode("e\u0301") != TOKENIZER.encode(unicodedata.normalize("NFC", "e\u0301"))
