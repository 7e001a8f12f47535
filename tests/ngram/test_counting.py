"""Laws of counting: counts like those of a slow dictionary, blocks that are left out, saved tables, pruning."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
from counting_support import ALPHABET, READER, read, texts
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from charrnn.ngram import counting, tables
from charrnn.ngram import lists as layout
from charrnn.ngram.contexts import KINDS, ContextHasher
from charrnn.ngram.counting import keys_of
from charrnn.ngram.tables import EarlierCounts, Tables
from charrnn.ngram.vocabulary import Alphabet, WordClasses


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
    counted = Tables.count(READER, text, blocks, earlier=EarlierCounts(earlier, times))
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
    kept, known = (Tables.count(READER, text, earlier=EarlierCounts(earlier, forgotten=of)) for of in (prompt, {}))
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
    again = Tables.from_arrays(counted.arrays()).with_blocks(READER, text, blocks, starts, threads=1)
    for block in range(-1, number):
        found = []
        for known in (counted, again):
            places, own = known.find(keys, np.full(len(keys), block))
            pairs = [
                zip(lists(known, a), lists(known, b, own=True), strict=True) for a, b in zip(places, own, strict=True)
            ]
            found.append([[dict(+(Counter(one) - Counter(other))) for one, other in row] for row in pairs])
        assert found[0] == found[1]


def test_pruning_drops_the_rarest_contexts_and_nothing_else(
    story: NDArray[np.uint16], story_reader: ContextHasher
) -> None:
    counted = Tables.count(story_reader, story, np.arange(len(story)) * 4 // len(story))
    whole = sum(array.nbytes for array in counted.arrays().values())
    fewer = counted.pruned(whole / 2)
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
    assert fewer.pruned(2 * whole).lists.contexts.tolist() == fewer.lists.contexts.tolist()


def test_pruning_may_leave_hardly_anything(story: NDArray[np.uint16], story_reader: ContextHasher) -> None:
    nothing = Tables.count(story_reader, story).pruned(0.0)
    keys = read(story[:100], story_reader).keys
    assert all(lists(nothing, row)[0] for row in nothing.find(keys)[0])  # of the last character all is kept


def assume_no_accident(keys: NDArray[np.uint64]) -> None:
    """No two contexts have the same bits in what is kept of their keys: one in 2^24 pairs has."""
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
    assert (arrays["large"] >= layout.LARGE).all()
    assert len(arrays["large"]) > 0
    assert all((array == again.arrays()[name]).all() for name, array in arrays.items())
    assert again.lists.own_entries.size == 0


def test_a_great_alphabet_has_room_in_entries() -> None:
    alphabet = Alphabet.of("".join(map(chr, range(0x4E00, 0x4E00 + 20_000))))
    text = np.array([19_999, 20_000, 5] * 3, dtype=np.uint16)
    reader = ContextHasher(alphabet, WordClasses.none())
    counted = Tables.from_arrays(Tables.count(reader, text).arrays())
    assert lists(counted, counted.find(read(text, reader).keys)[0][0])[0] == {20_000: 3}
