"""Laws of counting: contexts read in any pieces, counts like those of a slow dictionary, blocks that are left out,
mixtures that sum to one, learn in pieces, know nothing of what comes, and predict better than frequencies."""

import textwrap
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import QUATRAINS, STORIES

from charrnn.compiled.kernels import kernel
from charrnn.data.stream import Paragraphs
from charrnn.data.tokenizer import CharTokenizer
from charrnn.ngram import counting, tables, word_classes
from charrnn.ngram import lists as layout
from charrnn.ngram.buckets import AGES, RECENT, age, single
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import KINDS, Alphabet, ContextHasher, Contexts, ContextState, WordClasses
from charrnn.ngram.counting import keys_of
from charrnn.ngram.document_counts import COLUMNS, STATIC, DocumentCounts
from charrnn.ngram.layout.line_layout import Page
from charrnn.ngram.mixing import MixerWorkspace, Prediction, exp2, log
from charrnn.ngram.model import NgramModel, start
from charrnn.ngram.prediction import NgramPrediction
from charrnn.ngram.tables import Tables

CHARACTERS = "\n ,abÁá"
ALPHABET = Alphabet.of(CHARACTERS)
A, B, COMMA, ESCAPE = (CHARACTERS + "?").index("a"), CHARACTERS.index("b"), CHARACTERS.index(","), len(CHARACTERS)
READER = ContextHasher(ALPHABET, WordClasses.none())
texts = st.lists(st.integers(0, ESCAPE), min_size=2, max_size=60).map(lambda ids: np.array(ids, dtype=np.uint16))


def encode(text: str) -> NDArray[np.uint16]:
    return np.array([CHARACTERS.index(character) for character in text], dtype=np.uint16)


def read(symbols: NDArray[np.uint16], reader: ContextHasher = READER) -> Contexts:
    """The contexts after each symbol of one text: rows (n,)."""
    return reader.read(ContextState.start(1), symbols[None])[0].rows()


def cut(places: Sequence[int], length: int) -> list[slice]:
    bounds = sorted({0, length, *(place % length for place in places)})
    return [slice(*pair) for pair in pairwise(bounds)]


@pytest.fixture(scope="module")
def story() -> NDArray[np.uint16]:
    """A text (n,) in the alphabet of `story_reader`."""
    text = STORIES.read_text(encoding="utf-8")
    place = {character: number for number, character in enumerate(sorted(set(text)))}
    return np.array([place[character] for character in text], dtype=np.uint16)


@pytest.fixture(scope="module")
def story_reader(story: NDArray[np.uint16]) -> ContextHasher:
    alphabet = Alphabet.of("".join(sorted(set(STORIES.read_text(encoding="utf-8")))))
    return ContextHasher(alphabet, word_classes.fit(story, alphabet))


# Contexts


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
    found = READER.tokens(encode("ab,a ab, "))
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
    alphabet = Alphabet.of("\n ,abcdwxyz")
    symbols = np.array(["\n ,abcdwxyz".index(character) for character in text], dtype=np.uint16)
    fitted = word_classes.fit(symbols, alphabet)
    hashes = ContextHasher(alphabet, fitted).tokens(symbols)[:60]  # noun, verb, comma
    of = fitted.classes[np.searchsorted(fitted.hashes, hashes)]
    assert not set(of[0::3]) & set(of[1::3])
    assert word_classes.fit(symbols[:20], alphabet).count == 0


# Tables


def lists(counted: Tables, places: NDArray[np.int32], own: bool = False) -> list[dict[int, int]]:
    """The counts by symbol in the lists that begin at `places` (k,)."""
    entries = counted.lists.own_entries if own else counted.lists.entries
    symbols, last, count = layout.unpacked(entries, counted.symbols)
    found = []
    for place in places.tolist():
        stop = place
        while place >= 0 and not last[stop]:
            stop += 1
        found.append({int(symbols[j]): int(count[j]) for j in range(place, stop + 1)} if place >= 0 else {})
    return found


def slowly(text: NDArray[np.uint16], keys: NDArray[np.uint64]) -> dict[tuple[int, int], Counter[int]]:
    """What followed each key (kind, key) of the contexts before each symbol but the first."""
    followed: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for place in range(1, len(text)):
        for kind, key in enumerate(keys[place - 1].tolist()):
            followed[kind, key][int(text[place])] += 1
    return followed


def seen(counts: Counter[int], kind: int) -> dict[int, int]:
    return dict(counts) if counts.total() >= tables.LEAST.get(KINDS[kind], 1) else {}


@given(texts)
def test_counts_are_those_of_a_dictionary(text: NDArray[np.uint16]) -> None:
    keys = read(text).keys
    assume_no_accident(keys)
    counted, expected = Tables.count(READER, text), slowly(text, keys)
    places, own = counted.find(keys)
    assert (own == layout.NOWHERE).all()
    for row, key in zip(places, keys.tolist(), strict=True):
        assert lists(counted, row) == [seen(expected[kind, number], kind) for kind, number in enumerate(key)]


@given(texts, st.integers(2, 5))
def test_leaving_a_block_out_is_counting_the_text_without_it(text: NDArray[np.uint16], number: int) -> None:
    keys = read(text).keys
    assume_no_accident(keys)
    blocks = np.arange(len(text)) * number // len(text)
    counted = Tables.count(READER, text, blocks)
    for block in range(number):
        kept = slowly(text, keys)
        for place in np.flatnonzero(blocks[1:] == block) + 1:
            for kind, key in enumerate(keys[place - 1].tolist()):
                kept[kind, key][int(text[place])] -= 1
        places, own = counted.find(keys, np.full(len(keys), block))
        for row in range(len(keys)):
            of_all, of_block = lists(counted, places[row]), lists(counted, own[row], own=True)
            for kind, (whole, out) in enumerate(zip(of_all, of_block, strict=True)):
                left = +(Counter(whole) - Counter(out))
                assert seen(left, kind) == seen(+kept[kind, int(keys[row, kind])], kind)


@given(texts, texts, st.integers(1, 3))
def test_counting_beside_earlier_counts_is_adding(
    text: NDArray[np.uint16], before: NDArray[np.uint16], times: int
) -> None:
    keys = read(text).keys
    assume_no_accident(np.concatenate([keys, read(before).keys]))
    blocks = np.arange(len(text)) * 3 // len(text)
    earlier = Tables.count(READER, before)
    counted = Tables.count(READER, text, blocks, earlier=earlier, times=times)
    for left_out in (-1, 0, 1, 2):
        expected: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        for place in np.flatnonzero(blocks[1:] != left_out) + 1:
            for kind, key in enumerate(keys[place - 1].tolist()):
                expected[kind, key][int(text[place])] += times
        for (kind, key), followed in slowly(before, read(before).keys).items():
            expected[kind, key] += Counter(seen(followed, kind))  # the others had been dropped
        places, own = counted.find(keys, np.full(len(keys), left_out))
        for row, own_row, of in zip(places, own, keys.tolist(), strict=True):
            for kind, (whole, out) in enumerate(
                zip(lists(counted, row), lists(counted, own_row, own=True), strict=True)
            ):
                left = +(Counter(whole) - Counter(out))
                assert enough(left, counted.least[kind]) == enough(expected[kind, of[kind]], counted.least[kind])


@given(texts, st.data())
def test_what_is_counted_as_a_beginning_is_read_from_nothing(text: NDArray[np.uint16], data: st.DataObject) -> None:
    starts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=4)))
    keys = keys_of(READER, text, KINDS, starts)
    for start_, stop in pairwise([0, *starts, len(text) - 1]):
        alone = read(text[start_:stop]).keys if stop > start_ else keys[:, :0].T
        assert (alone == keys[:, start_ + 1 : stop + 1].T).all()


def test_what_follows_the_empty_prompt_is_of_the_text_that_was_counted_last(
    counted: NgramModel, tokenizer: CharTokenizer
) -> None:
    """Though it is the shorter one, newlines were followed by another alphabet more often, and that, too, was counted
    as a beginning.
    """
    verse = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    base = NgramModel.of(verse, counted.reader, 600, paragraphs=Paragraphs.of(verse, tokenizer))
    base = base.with_weights(counted.weights())
    both = CharTokenizer(tokenizer.characters + "ΑΒΓΔαβγδ")
    ids = both.encode_array("Αβγα βδαγ.\nΒγαδ δαβ γαβδα.\nΓαδ.\nΔαβ γδα.\n" * 4)
    paragraphs = Paragraphs.of(ids, both)

    def share(known: NgramModel) -> float:
        """Of the new alphabet."""
        newline = torch.from_numpy(both.encode_array("\n"))[None].long()
        expected = known.expect(newline, start(1)).values[0, 0]
        return expected[len(tokenizer.characters) : len(both.characters)].exp().sum().item()

    begun = base.beside(ids, both.characters, 60, paragraphs=paragraphs)
    assert share(base.beside(ids, both.characters, 60)) < 0.5
    assert share(begun) > 0.9
    again = NgramModel.from_arrays(begun.arrays(), both.characters).with_weights(begun.weights())
    assert share(again.again(ids, 60, paragraphs=paragraphs)) == share(begun)


@given(texts, texts)
def test_of_earlier_counts_what_followed_the_empty_prompt_is_forgotten_and_nothing_else(
    text: NDArray[np.uint16], before: NDArray[np.uint16]
) -> None:
    before = np.concatenate(
        [np.array([ALPHABET.line], dtype=np.uint16), before]
    )  # which begins as after the empty prompt
    keys = read(before).keys
    assume_no_accident(np.concatenate([keys, read(text).keys]))
    earlier, prompt = Tables.count(READER, before), READER.empty_prompt()
    assert prompt.items() <= dict(enumerate(keys[0])).items()
    kept, known = (Tables.count(READER, text, earlier=earlier, forgotten=of) for of in (prompt, {}))
    for row in keys:
        one, other, then = (lists(counted, counted.find(row[None])[0][0]) for counted in (kept, known, earlier))
        assert [number for number in range(len(KINDS)) if one[number] != other[number]] == [
            number for number, key in enumerate(row.tolist()) if prompt.get(number) == key and then[number]
        ]


def enough(counts: Counter[int], least: int) -> dict[int, int]:
    return dict(counts) if counts.total() >= least else {}


@given(texts, st.integers(2, 5))
def test_saved_tables_can_leave_blocks_out_again(text: NDArray[np.uint16], number: int) -> None:
    keys = read(text).keys
    assume_no_accident(keys)
    blocks = np.arange(len(text)) * number // len(text)
    starts = [len(text) // 2]
    counted = Tables.count(READER, text, blocks, starts=starts)
    again = Tables.from_arrays(counted.arrays()).with_blocks(READER, text, blocks, starts=starts)
    for block in range(-1, number):
        found = []
        for known in (counted, again):
            places, own = known.find(keys, np.full(len(keys), block))
            pairs = [
                zip(lists(known, a), lists(known, b, own=True), strict=True) for a, b in zip(places, own, strict=True)
            ]
            found.append([[dict(+(Counter(one) - Counter(other))) for one, other in row] for row in pairs])
        assert found[0] == found[1]


def test_thrift_drops_the_rarest_contexts_and_nothing_else(
    story: NDArray[np.uint16], story_reader: ContextHasher
) -> None:
    counted = Tables.count(story_reader, story, np.arange(len(story)) * 4 // len(story))
    whole = sum(array.nbytes for array in counted.arrays().values())
    fewer = counted.thrifty(whole / 2)
    assert sum(array.nbytes for array in fewer.arrays().values()) < 0.55 * whole
    assert (fewer.least >= counted.least).all()
    assert (fewer.least > counted.least).any()
    keys = read(story[:2000], story_reader).keys
    for block in (-1, 2):
        places, own = counted.find(keys, np.full(len(keys), block))
        kept, kept_own = fewer.find(keys, np.full(len(keys), block))
        for row in range(0, len(keys), 7):
            everything = zip(lists(counted, places[row]), lists(fewer, kept[row]), strict=True)
            for kind, (one, other) in enumerate(everything):
                if block < 0:
                    assert other == (one if sum(one.values()) >= fewer.least[kind] else {})
                elif other:
                    assert other == one
            dropped = kept[row] == layout.NOWHERE
            assert lists(fewer, kept_own[row], own=True) == lists(counted, own[row], own=True) or dropped.any()
    assert fewer.thrifty(2 * whole).lists.contexts.tolist() == fewer.lists.contexts.tolist()


def test_thrift_may_leave_hardly_anything(story: NDArray[np.uint16], story_reader: ContextHasher) -> None:
    nothing = Tables.count(story_reader, story).thrifty(0.0)
    keys = read(story[:100], story_reader).keys
    assert all(lists(nothing, row)[0] for row in nothing.find(keys)[0])  # of the last character all is kept


def assume_no_accident(keys: NDArray[np.uint64]) -> None:
    """No two contexts have the same bits in what is kept of their keys: one in 2^28 pairs has."""
    kept = keys >> np.uint64(64 - counting.FEWEST - layout.REMAINDER)
    assume(all(len(np.unique(kept[:, kind])) == len(np.unique(keys[:, kind])) for kind in range(len(KINDS))))


def test_contexts_that_share_what_is_kept_of_their_keys_are_one_with_its_blocks_in_order() -> None:
    """So that a resumed run, which knows no more of the keys, leaves out what it left out before."""
    below = np.uint64(64 - counting.FEWEST - layout.REMAINDER)
    one, other = (np.uint64(5) << below | np.uint64(apart) << np.uint64(20) for apart in (1, 2))
    keys = np.array([one, other, one, other, np.uint64(9) << below], dtype=np.uint64)
    blocks = np.array([0, 0, 3, 6, 6], dtype=np.uint16)
    items = counting.Items(keys, np.arange(5, dtype=np.uint16), np.full(5, 2, dtype=np.uint32), blocks)
    first = counting.Counted.of(items, 7, least=1, own=True)
    assert len(first.contexts) == 2
    assert len(first.own_entries) == 4  # the lists of blocks 0, 3 and 6, of which the first has two symbols
    assert np.count_nonzero(first.own_slots) == 3
    again = counting.Counted.of(items, 7, least=1, own=True, bits=first.bits)
    assert all(np.array_equal(left, right) for left, right in zip(first, again, strict=True))


def test_saved_tables_are_the_same(story: NDArray[np.uint16], story_reader: ContextHasher) -> None:
    blocks = np.arange(len(story)) * 4 // len(story)
    counted = Tables.count(story_reader, story, blocks)
    threads = Tables.count(story_reader, story, blocks, threads=3)
    assert all((one == other).all() for one, other in zip(counted.lists, threads.lists, strict=True))
    arrays = counted.arrays()
    again = Tables.from_arrays(arrays)
    places, _ = counted.find(read(story, story_reader).keys)
    assert (again.find(read(story, story_reader).keys)[0] == places).all()
    assert (again.lists.entries == counted.lists.entries).all()
    assert (arrays["large"] >= tables.LARGE).all()
    assert len(arrays["large"]) > 0
    assert all((array == again.arrays()[name]).all() for name, array in arrays.items())
    assert counted.without_own().lists.own_entries.size == 0


def test_a_great_alphabet_has_room_in_entries() -> None:
    alphabet = Alphabet.of("".join(map(chr, range(0x4E00, 0x4E00 + 20_000))))
    text = np.array([19_999, 20_000, 5] * 3, dtype=np.uint16)
    reader = ContextHasher(alphabet, WordClasses.none())
    counted = Tables.from_arrays(Tables.count(reader, text).arrays())
    assert lists(counted, counted.find(read(text, reader).keys)[0][0])[0] == {20_000: 3}


# The mixture


@pytest.fixture(scope="module")
def learned(story: NDArray[np.uint16], story_reader: ContextHasher) -> tuple[Tables, ContextMixer]:
    """Counts of all but the last tenth of the stories, and a mixture of them, learned with and without a past."""
    text, lanes = story[: len(story) * 9 // 10], 8
    length = len(text) // lanes
    text = text[: length * lanes]
    counted = Tables.count(story_reader, text, np.repeat(np.arange(lanes), length))
    rows = story_reader.read(ContextState.start(lanes), text.reshape(lanes, length)[:, :-1])[0].rows()
    targets = text.reshape(lanes, length)[:, 1:].T.ravel()
    lane = np.tile(np.arange(lanes), length - 1)
    mixture, _ = ContextMixer.start(counted.symbols).learn(
        counted,
        rows,
        targets,
        0.0003,
        blocks=lane,
        past=DocumentCounts(len(text)),
        lanes=np.where(lane % 2, lane, STATIC),
    )
    return counted, mixture


def mean_bits(prediction: Prediction, targets: NDArray[np.uint16]) -> float:
    return float(-prediction.log_probabilities[np.arange(len(targets)), targets].mean() / np.log(2))


def held_out(story: NDArray[np.uint16], reader: ContextHasher) -> tuple[Contexts, NDArray[np.uint16]]:
    text = story[len(story) * 9 // 10 :]
    return read(text[:-1], reader), text[1:]


def test_fast_functions_are_near_enough() -> None:
    @kernel
    def both(desk: MixerWorkspace, values: NDArray[np.float32]) -> None:
        log(desk.shares[0], desk.share_bits[0], desk.logarithms[0], desk.work, desk.work_bits)
        exp2(values, desk.work, desk.work_bits)

    x = np.geomspace(1e-30, 1, 5000).astype(np.float32)
    desk = MixerWorkspace.of(len(x), 1)
    desk.shares[0] = x
    powers = -np.linspace(0, 119, len(x), dtype=np.float32)
    found = powers.copy()
    both(desk, found)
    assert np.abs(desk.logarithms[0] - np.log(x.astype(np.float64))).max() < 2e-5
    assert np.abs(found / np.exp2(powers.astype(np.float64)) - 1).max() < 1e-5


@given(texts, texts, st.booleans())
def test_probabilities_sum_to_one_after_any_context(
    counted: NDArray[np.uint16], text: NDArray[np.uint16], with_past: bool
) -> None:
    table, mixture = Tables.count(READER, counted), ContextMixer.start(ALPHABET.symbols)
    mixture, first = mixture.learn(
        table, read(text[:-1]), text[1:], 0.05, past=DocumentCounts(60) if with_past else None
    )
    for prediction in (
        first,
        mixture.predict(table, read(text), past=DocumentCounts(60) if with_past else None, targets=None),
    ):
        p = np.exp(prediction.log_probabilities.astype(np.float64))
        assert p.sum(axis=1) == pytest.approx(1, abs=1e-5)
        entropy, greatest, second = prediction.statistics.T
        assert entropy == pytest.approx(-(p * np.log(p)).sum(axis=1), abs=1e-4)
        ordered = np.sort(prediction.log_probabilities, axis=1)
        assert greatest == pytest.approx(ordered[:, -1], abs=1e-5)
        assert second == pytest.approx(ordered[:, -2], abs=1e-5)


def test_without_evidence_all_symbols_are_alike() -> None:
    table = Tables.count(READER, encode("\n\n"))
    p = ContextMixer.start(ALPHABET.symbols).predict(table, read(encode("ab"))).log_probabilities
    assert p == pytest.approx(-np.log(ALPHABET.symbols))


def test_it_predicts_better_than_frequencies(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    rows, targets = held_out(story, story_reader)
    shares = np.bincount(targets) / len(targets)
    entropy = float(-(shares[shares > 0] * np.log2(shares[shares > 0])).sum())
    static = mean_bits(mixture.predict(counted, rows), targets)
    untrained = mean_bits(ContextMixer.start(counted.symbols).predict(counted, rows), targets)
    adaptive = mean_bits(mixture.predict(counted, rows, past=DocumentCounts(len(targets)), targets=targets), targets)
    assert static < 0.75 * entropy
    assert static < untrained
    assert adaptive < static


def test_counting_what_it_reads_would_deceive_it(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Why blocks are left out: without that, long contexts seem always right while it learns."""
    counted, mixture = learned
    rows, targets = held_out(story, story_reader)
    text = story[: len(story) * 9 // 10]
    deceived, inside = ContextMixer.start(counted.symbols).learn(
        counted, read(text[:-1], story_reader), text[1:], 0.0003
    )
    honest, found = (mean_bits(each.predict(counted, rows), targets) for each in (mixture, deceived))
    assert mean_bits(inside, text[1:]) < honest - 0.5
    assert found > honest + 0.3


@given(st.lists(st.integers(0, 10_000), max_size=4), st.booleans())
def test_learning_in_pieces_is_learning_at_once(
    story: NDArray[np.uint16],
    story_reader: ContextHasher,
    learned: tuple[Tables, ContextMixer],
    places: list[int],
    with_past: bool,
) -> None:
    """Bit for bit; and when it is interrupted: saved, restored, and the past read anew."""
    counted, mixture = learned
    text = story[:600]
    rows, targets = read(text[:-1], story_reader), text[1:]
    once, expected = mixture.learn(counted, rows, targets, 0.001, past=DocumentCounts(600) if with_past else None)
    found, whole = mixture, []
    for piece in cut(places, len(targets)):
        found = ContextMixer.from_arrays({name: array.copy() for name, array in found.arrays().items()})
        past = DocumentCounts(600)
        past.read(rows.keys[: piece.start], targets[: piece.start])
        here = Contexts(*(part[piece] for part in rows))
        found, prediction = found.learn(counted, here, targets[piece], 0.001, past=past if with_past else None)
        whole.append(prediction.log_probabilities)
    assert (np.concatenate(whole) == expected.log_probabilities).all()
    for name, array in once.arrays().items():
        assert (found.arrays()[name] == array).all()


def test_learning_leaves_the_old_value_as_it_was(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    before = {name: array.copy() for name, array in mixture.arrays().items()}
    mixture.learn(counted, read(story[:100], story_reader), story[1:101], 0.01)
    assert all((array == before[name]).all() for name, array in mixture.arrays().items())


@given(st.integers(1, 198), st.booleans())
def test_a_prediction_knows_nothing_of_what_comes(
    story: NDArray[np.uint16],
    story_reader: ContextHasher,
    learned: tuple[Tables, ContextMixer],
    place: int,
    learning: bool,
) -> None:
    counted, mixture = learned
    one, other = story[:200].copy(), story[:200].copy()
    other[place:] = story[-200:][place:]
    found = []
    for text in (one, other):
        rows, past = read(text[:-1], story_reader), DocumentCounts(200)
        if learning:
            prediction = mixture.learn(counted, rows, text[1:], 0.01, past=past)[1]
        else:
            prediction = mixture.predict(counted, rows, past=past, targets=text[1:])
        found.append(prediction.log_probabilities[:place])
    assert (found[0] == found[1]).all()


# The past


def test_a_past_counts_what_is_predicted_or_read(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    rows, targets = read(story[:300], story_reader), story[1:301]
    one, other = DocumentCounts(400), DocumentCounts(400)
    mixture.predict(counted, rows, past=one, targets=targets)
    other.read(rows.keys, targets)
    assert all((mine == others).all() for mine, others in zip(one.memory, other.memory, strict=True))
    before = [array.copy() for array in one.memory]
    mixture.predict(counted, rows, past=one)  # without targets: only looked at
    assert all((mine == others).all() for mine, others in zip(one.memory, before, strict=True))
    one.clear()
    assert (
        mixture.predict(counted, rows, past=one).log_probabilities
        == mixture.predict(counted, rows, past=DocumentCounts(1)).log_probabilities
    ).all()


def test_votes_by_age_are_as_recounted(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """p ∝ p without them · exp Σ r(age, n), over all symbols that the document's own contexts have shown."""
    counted, mixture = learned
    rows, targets = read(story[:1500], story_reader), story[1:1501]
    votes = np.random.default_rng(0).normal(size=mixture.learned.recency.shape).astype(np.float32)
    silent, voting = (ContextMixer(mixture.learned._replace(recency=each)) for each in (0 * votes, votes))
    expected, found = (
        each.predict(counted, rows, past=DocumentCounts(1500), targets=targets).log_probabilities
        for each in (silent, voting)
    )
    seen: dict[tuple[int, int], dict[int, list[int]]] = {}  # by kind and context: when each symbol came
    for row, target in enumerate(targets):
        for kind, column in enumerate(COLUMNS):
            times = seen.setdefault((kind, int(rows.keys[row, column])), {})
            for symbol, came in times.items():
                expected[row, symbol] += votes[kind, age(row - came[-1]), single(len(came))]
            times.setdefault(int(target), []).append(row)
    expected -= np.log(np.exp(expected.astype(np.float64)).sum(axis=1, keepdims=True))
    assert np.abs(found - expected).max() < 1e-3


def test_a_class_of_ages_ends_four_times_as_long_ago_as_the_one_before() -> None:
    word_classes = [age(distance) for distance in range(2**19)]
    ends = [distance for distance, (one, other) in enumerate(pairwise(word_classes)) if one != other]
    assert word_classes[0] == 0
    assert word_classes[-1] == AGES - 1 == len(ends)
    assert ends[0] == RECENT
    assert all(3.9 < other / one <= 4.2 for one, other in pairwise(ends))


def test_lanes_of_a_past_are_apart(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Two texts side by side in one past, and a third that sees none, as each by itself."""
    counted, mixture = learned
    lanes = np.stack([story[:200], story[1000:1200], story[2000:2200]])
    rows = story_reader.read(ContextState.start(3), lanes[:, :-1])[0].rows()
    together = mixture.predict(
        counted,
        rows,
        past=DocumentCounts(600, lanes=2),
        targets=lanes[:, 1:].T.ravel(),
        lanes=np.tile([0, 5, STATIC], 199),
    ).log_probabilities
    for number, text in enumerate(lanes):
        past = DocumentCounts(200) if number < 2 else None
        alone = mixture.predict(counted, read(text[:-1], story_reader), past=past, targets=text[1:])
        assert (together[number::3] == alone.log_probabilities).all()


def test_a_full_past_goes_on_counting(
    story: NDArray[np.uint16], story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    counted, mixture = learned
    past, rows = DocumentCounts(50), read(story[:2000], story_reader)
    prediction = mixture.predict(counted, rows, past=past, targets=story[1:2001])
    assert np.isfinite(prediction.log_probabilities).all()
    assert past.memory.used[0] == len(past.memory.entries)


# All of it as one value


def expected_of(
    known: NgramModel, tokens: torch.Tensor, past: DocumentCounts | None = None, places: Sequence[int] = ()
) -> NgramPrediction:
    """What is expected after each of `tokens` (1, t) but the last, read in pieces, with a past if there is one."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    reading, found = start(1), []
    for piece in cut(places, inputs.shape[1]):
        if past is None:
            values, reading = known.expect(inputs[:, piece], reading)
        else:
            none = np.full(inputs[:, piece].shape, -1)
            _, (values, reading) = known.learn(
                inputs[:, piece], targets[:, piece], reading, 0.0, none, past, np.zeros(1, dtype=np.int64)
            )
        found.append(values)
    return NgramPrediction(torch.cat(found, dim=1), reading)


def verse(tokenizer: CharTokenizer, begin: int, length: int) -> torch.Tensor:
    """(1, t): a part of the quatrains, after two characters that their vocabulary lacks."""
    text = "日†" + QUATRAINS.read_text(encoding="utf-8")[begin : begin + length]
    return torch.tensor([tokenizer.encode(text)])


@given(st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_what_is_expected_does_not_depend_on_the_pieces(
    counted: NgramModel, tokenizer: CharTokenizer, places: list[int], with_past: bool
) -> None:
    """Bit for bit; and so is what the past remembers."""
    tokens = verse(tokenizer, 300, 200)
    pasts = [DocumentCounts(400) if with_past else None for _ in range(2)]
    whole = expected_of(counted, tokens, pasts[0])
    pieces = expected_of(counted, tokens, pasts[1], places)
    assert torch.equal(pieces.values, whole.values)
    assert torch.equal(pieces.reading, whole.reading)
    if pasts[0] and pasts[1]:
        assert all((one == other).all() for one, other in zip(pasts[0].memory, pasts[1].memory, strict=True))


@given(st.integers(1, 150), st.booleans())
def test_what_is_expected_knows_nothing_of_what_comes(
    counted: NgramModel, tokenizer: CharTokenizer, place: int, with_past: bool
) -> None:
    one, other = verse(tokenizer, 300, 200), verse(tokenizer, 900, 200)
    other[:, :place] = one[:, :place]
    left, right = (
        expected_of(counted, tokens, DocumentCounts(400) if with_past else None).values for tokens in (one, other)
    )
    assert torch.equal(left[:, :place], right[:, :place])
    assert not torch.equal(left[:, place:], right[:, place:])


def test_an_expectation_is_a_distribution_with_its_statistics(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    tokens = verse(tokenizer, 300, 200)
    for past, seen in ((None, 0.0), (DocumentCounts(400), 1.0)):
        values = expected_of(counted, tokens, past).values[0].double()
        p = values[:, : counted.symbols].exp()
        assert p.sum(dim=1).numpy() == pytest.approx(1, abs=1e-5)
        entropy, greatest, second, known, place = values[:, counted.symbols :].T
        assert entropy.numpy() == pytest.approx((-(p * p.log()).sum(dim=1)).numpy(), abs=1e-4)
        assert torch.stack([greatest, second]).numpy() == pytest.approx(p.topk(2).values.T.log().numpy(), abs=1e-4)
        assert (known == seen).all()
        symbols = counted.reader.alphabet.clip(tokens.numpy())
        assert (place.numpy() == counted.reader.read(ContextState.start(1), symbols)[0].places[0, :-1]).all()


def test_a_past_makes_repetitions_expected(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    tokens = torch.tensor([tokenizer.encode(3 * "zfb vgm pzd bvf ")])
    with_past, without = (expected_of(counted, tokens, past).values[0] for past in (DocumentCounts(100), None))
    targets = tokens[0, 1:]
    rows = torch.arange(len(targets))
    gain = (with_past - without)[rows, targets]
    third = len(targets) // 3
    assert gain[-third:].mean() > gain[:third].mean() + 0.5


def test_lanes_are_expected_apart(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    lanes = torch.cat([verse(tokenizer, begin, 100) for begin in (0, 500, 900)])
    together = counted.expect(lanes, start(3))
    for lane in range(3):
        alone = counted.expect(lanes[lane : lane + 1], start(1))
        assert torch.equal(alone.values[0], together.values[lane])
        assert torch.equal(alone.reading[0], together.reading[lane])


def test_learning_nothing_is_expecting(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    """At a rate of 0, with no block left out and no past; and what is remembered is what learning leaves behind."""
    tokens = torch.cat([verse(tokenizer, begin, 100) for begin in (0, 500)])
    inputs, targets, blocks = tokens[:, :-1], tokens[:, 1:], np.full((2, tokens.shape[1] - 1), -1)
    past, lanes = DocumentCounts(400), np.array([STATIC, 7])
    same, found = counted.learn(inputs, targets, start(2), 0.0, blocks, past, lanes)
    expected = counted.expect(inputs, start(2))
    assert torch.equal(found.values[0], expected.values[0])
    assert not torch.equal(found.values[1], expected.values[1])
    assert torch.equal(found.reading, expected.reading)
    assert all(torch.equal(weight, counted.weights()[name]) for name, weight in same.weights().items())
    other = DocumentCounts(400)
    assert torch.equal(counted.remember(inputs, targets, start(2), other, lanes), found.reading)
    assert all((one == two).all() for one, two in zip(past.memory, other.memory, strict=True))
    assert past.memory.used[0] > 1


def test_saved_counts_expect_the_same(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    again = NgramModel.from_arrays(counted.arrays(), tokenizer.characters).with_weights(counted.weights())
    tokens = verse(tokenizer, 300, 200)
    assert torch.equal(again.expect(tokens, start(1)).values, counted.expect(tokens, start(1)).values)


def test_of_a_long_text_the_end_of_each_block_is_counted(
    story: NDArray[np.uint16], story_reader: ContextHasher
) -> None:
    other, length = story.copy(), 1000
    for place in range(0, len(story), length):
        other[place : place + min(length, len(story) - place) * 7 // 10] = 0
    known, same = (
        NgramModel.of(text, story_reader, length, most=len(story) // 4).tables.lists for text in (story, other)
    )
    assert all((one == two).all() for one, two in zip(known, same, strict=True))
    of_first_kind = known.entries[: int(known.contexts[known.buckets[known.first_bucket[1]]] >> np.uint64(32))]
    assert len(story) / 5 < layout.unpacked(of_first_kind, story_reader.alphabet.symbols)[2].sum() < len(story) / 3


def test_verse_after_stories_is_read_with_escapes(
    story_reader: ContextHasher, learned: tuple[Tables, ContextMixer]
) -> None:
    """Characters of another text that this vocabulary lacks."""
    counted, mixture = learned
    known = sorted(set(STORIES.read_text(encoding="utf-8")))
    verse = QUATRAINS.read_text(encoding="utf-8") + 10 * "€"
    ids = np.array([known.index(c) if c in known else len(known) + 255 for c in verse])
    symbols = story_reader.alphabet.clip(ids)
    bits = mean_bits(mixture.predict(counted, read(symbols[:-1], story_reader)), symbols[1:])
    assert bits < 4.5
