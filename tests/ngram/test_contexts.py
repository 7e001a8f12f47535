"""Laws of contexts: read in any pieces, alike where they should be and only there; classes of words."""

import textwrap

import numpy as np
import pytest
from counting_support import ALPHABET, CHARACTERS, ESCAPE, READER, A, cut, encode, read, texts
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import STORIES

from charrnn.ngram.contexts import KINDS, ContextHasher, ContextState
from charrnn.ngram.layout import Page
from charrnn.ngram.vocabulary import Alphabet, WordClasses


def test_alphabet_knows_letters_and_clips_bytes() -> None:
    assert ALPHABET.letter.tolist() == [False, False, False, True, True, True, True, False]
    assert ALPHABET.lower[CHARACTERS.index("Á")] == CHARACTERS.index("á")
    assert ALPHABET.clip(np.array([0, A, ESCAPE, ESCAPE + 255])).tolist() == [0, A, ESCAPE, ESCAPE]
    assert ALPHABET.space == 1


@given(st.lists(texts, min_size=1, max_size=3), st.lists(st.integers(0, 100), max_size=5))
def test_reading_whole_or_in_any_pieces_is_the_same(lanes: list[NDArray[np.uint16]], places: list[int]) -> None:
    length = min(map(len, lanes))
    symbols = np.stack([lane[:length] for lane in lanes])
    whole, end = READER.read(ContextState.start(len(lanes)), symbols)
    reading, pieces = ContextState.start(len(lanes)), []
    for piece in cut(places, length):
        contexts, reading = READER.read(reading, symbols[:, piece])
        pieces.append(contexts)
    for expected, *found in zip(whole, *pieces, strict=True):
        assert (expected == np.concatenate(found, axis=1)).all()
    assert (reading.memory == end.memory).all()


@given(texts)
def test_lanes_do_not_meet(text: NDArray[np.uint16]) -> None:
    both = READER.read(ContextState.start(2), np.stack([text, text[::-1]]))[0]
    assert (both.keys[0] == read(text).keys).all()
    assert (both.rows().keys[1::2] == read(text[::-1]).keys).all()


def test_renewed_lanes_are_at_their_start() -> None:
    reading = READER.read(ContextState.start(2), np.stack([encode("ab"), encode("ba")]))[1]
    half = reading.renewed(np.array([True, False]))
    assert (half.memory[0] == ContextState.start(1).memory[0]).all()
    assert (half.memory[1] == reading.memory[1]).all()


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("c1", "ab", "bb"),
        ("c3", "aabab", "bbbab"),
        ("c8", "ab, bbbbb", "bb, bbbbb"),
        ("w0", "b, áb", "aa, Áb"),
        ("w0", "bb, ", "ab, "),
        ("w1", "a ab b", "b ab b"),
        ("w2", "b a ab b", "a\na ab b"),
        ("s2", "a a b", "a b b"),
    ],
)  # fmt: skip
def test_contexts_hold_what_they_say_and_no_more(kind: str, one: str, other: str) -> None:
    """Alike in a context of this kind, and unlike in one that holds more."""
    of_one, of_other = (read(encode(text)).keys[-1] for text in (one, other))
    same = of_one == of_other
    assert same[KINDS.index(kind)]
    assert not same.all()


def test_contexts_tell_apart() -> None:
    distinct = ["a", "b", "ab", "ba", "a b", "a,b", "a, b", ",", " ", "\n", "aa b", "ab b", "a a b", "b a b"]
    keys = np.stack([read(encode(text)).keys[-1] for text in distinct])
    assert len(np.unique(keys[:, KINDS.index("c8")])) == len(distinct)
    same_words = [distinct.index(text) for text in ("a,b", "a, b")]  # as "a b": what parts words is not in the key
    assert len(np.unique(np.delete(keys, same_words, axis=0)[:, KINDS.index("w2")])) == len(distinct) - 2


@given(texts, st.booleans())
def test_the_column_and_the_last_sign_are_one_context(text: NDArray[np.uint16], wrapped: bool) -> None:
    """Equal keys for equal columns and signs, and only for these."""
    line, seen, column = CHARACTERS.index("\n"), [], 0
    for symbol in text.tolist():
        column = 0 if symbol == line else column + 1
        seen.append((column, None if ALPHABET.letter[symbol] else symbol))
    reader = ContextHasher(ALPHABET, WordClasses.none(), Page.unknown(ALPHABET.symbols) if wrapped else None)
    keys = read(text, reader).keys[:, KINDS.index("m1")].tolist()
    assert len(set(keys)) == len(set(seen)) == len(set(zip(keys, seen, strict=True)))


def test_long_lines_have_no_columns() -> None:
    keys = read(encode(200 * "a")).keys[:, KINDS.index("m1")]
    assert len(np.unique(keys[:127])) == 127
    assert len(np.unique(keys[126:])) == 1


@given(st.lists(st.text("abÁá,", min_size=1, max_size=12), min_size=1, max_size=20), st.integers(1, 30))
def test_a_wrapped_paragraph_is_read_as_the_line_that_it_is(words: list[str], width: int) -> None:
    """In all kinds of context but that of columns, if lines are known to end at a margin."""
    line = " ".join(words)
    wrapped = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
    of_line = read(encode(line))
    pages = Page.unknown(ALPHABET.symbols), None
    known, taken = (read(encode(wrapped), ContextHasher(ALPHABET, WordClasses.none(), page)) for page in pages)
    columns = KINDS.index("m1")
    assert (np.delete(known.keys, columns, axis=1) == np.delete(of_line.keys, columns, axis=1)).all()
    assert (known.letters == of_line.letters).all()
    assert (known.classes == of_line.classes).all()
    if wrapped != line:
        assert (known.keys != of_line.keys).any()
        assert (np.delete(taken.keys, columns, axis=1) != np.delete(of_line.keys, columns, axis=1)).any()


def test_paragraphs_stay_apart_in_wrapped_texts() -> None:
    reader = ContextHasher(ALPHABET, WordClasses.none(), Page.unknown(ALPHABET.symbols))
    columns = KINDS.index("m1")
    of_break, of_spaces = (read(encode(text), reader).keys[-1] for text in ("a\n\nb", "a  b"))
    assert (of_break != of_spaces)[KINDS.index("c3")]
    assert (read(encode("a\nb"), reader).keys[-1] == read(encode("a b"), reader).keys[-1])[:columns].all()


@pytest.mark.parametrize("width", [55, 70, 90])
def test_wrapped_texts_are_known_by_their_line_ends(width: int) -> None:
    """Prose on long lines is not wrapped; the same prose at a margin is."""
    prose = STORIES.read_text(encoding="utf-8")
    filled = "\n".join(textwrap.fill(line, width) for line in prose.split("\n"))
    characters = "".join(sorted(set(prose)))
    alphabet = Alphabet.of(characters)
    for text, expected in ((prose, False), (filled, True)):
        assert alphabet.is_wrapped(np.array([characters.index(character) for character in text])) == expected
    no_space = Alphabet.of(characters.replace(" ", ""))
    places = [characters.replace(" ", "").index(character) for character in filled if character != " "]
    assert not no_space.is_wrapped(np.array(places))
    assert not alphabet.is_wrapped(np.array([], dtype=np.uint16))


def test_letters_of_the_word_are_counted() -> None:
    assert read(encode("ab, áá" + 20 * "a")).letters[:7].tolist() == [1, 2, 0, 0, 1, 2, 3]
    assert read(encode(20 * "a")).letters[-1] == 15


# Classes of words


def test_classes_stand_for_words_and_signs() -> None:
    found = READER.words_of(encode("ab,a ab, "))
    ab, comma, a = found[:3]
    assert found.tolist() == [ab, comma, a, ab, comma]
    order = np.argsort([ab, comma])
    words = WordClasses(found[:2][order], np.array([7, 8], dtype=np.uint16)[order], 9)
    seen = read(encode("ab,a ab"), ContextHasher(ALPHABET, words)).classes
    assert seen[:, 0].tolist() == [0, 0, 9, 9, 10, 10, 10]  # one more than the class; 0 is none
    assert seen[-1].tolist() == [10, 9, 8]


def test_words_between_the_same_neighbours_are_of_one_class() -> None:
    """Two kinds of word, in turn, by their first letters."""
    draw = np.random.default_rng(0)
    nouns = ["".join(letters) for letters in draw.choice(list("abcd"), (20, 6))]
    verbs = ["".join(letters) for letters in draw.choice(list("wxyz"), (20, 6))]
    text = "".join(f"{draw.choice(nouns)} {draw.choice(verbs)}, " for _ in range(3000))
    characters = "\n ,abcdwxyz"
    symbols = np.array([characters.index(character) for character in text], dtype=np.uint16)
    reader = ContextHasher.fit(symbols, characters)
    hashes = reader.words_of(symbols)[:60]  # noun, verb, comma
    of = reader.words.classes[np.searchsorted(reader.words.hashes, hashes)]
    assert not set(of[0::3]) & set(of[1::3])
    assert ContextHasher.fit(symbols[:20], characters).words.count == 0
