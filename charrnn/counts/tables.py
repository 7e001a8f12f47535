"""What followed each context in the training text, and how often: lists of (symbol, count), found by the context's key.

For training, what is counted must not hold what is about to be predicted: a model that has counted the very text it
reads finds every long context followed by the right symbol, and learns to trust nothing else. So the text is divided
into blocks, and what a reader of one block sees are the counts of the whole text without that block.

    counts   by kind of context and key: the list of the whole text
    own      by kind, key and block: the list of that block, to be taken off

A key has 64 bits, of which the first 28 to 40 are kept: as many as the contexts need to be told apart by a bucket of
one on average, and 16 more. A context that was never counted is thus taken for another with a probability of at most
2^-16; one that was counted, for another counted one, with some 2^-17.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.counts.contexts import KINDS, Keys, Reader, Reading, Symbols
from charrnn.kernels import HALF, Number, kernel, mix, part

Places = NDArray[np.int32]

MOST = 2**24
"""Symbols that can be counted. Counting n symbols takes at most some 150 bytes for each with blocks, 60 without."""

LEAST = {"c6": 1, "c8": 2, "w2": 2, "s2": 2, "k3": 2}
"""Contexts that occurred fewer times are dropped (1 where nothing is said): of these kinds most occurred only once."""

NOWHERE = -1  # the place of a context that was not counted
CHUNK = 2**16  # symbols whose keys are computed at once
TOGETHER = 3  # kinds of which the whole text's keys are held at once
REMAINDER = 16  # bits of a key that are stored; the bits before them are the bucket
FEWEST = 12  # bits of a bucket
SEVERAL = 0xFFFF  # in place of a block: a context that occurred in more than one
LARGE = 127  # from this count on, a saved list has it in an array of its own

_MASK = np.uint64(0xFFFF)


class Lists(NamedTuple):
    """The lists of all kinds, one after the other.

    An entry holds, from the lowest bits: the symbol (`width` bits), whether it is the last of its list (1 bit), the
    count. A context holds the place of its first entry (32 bits), the one block in which it occurred (16), its
    remainder (16). A slot of `own` holds the first half of a hash and the place of the first entry plus one.
    """

    bits: NDArray[np.int64]  # (k,): of a bucket
    first_bucket: NDArray[np.int64]  # (k,)
    buckets: NDArray[np.int32]  # where the contexts of each bucket begin, and for each kind where the last ends
    contexts: Keys
    entries: NDArray[np.uint32]
    own_bits: NDArray[np.int64]  # (k,)
    own_first: NDArray[np.int64]  # (k,)
    own_slots: Keys
    own_entries: NDArray[np.uint32]


@dataclass(frozen=True)
class Tables:
    """All that was counted in a text, for each of KINDS."""

    symbols: int  # v
    lists: Lists

    @classmethod
    def count(cls, reader: Reader, text: Symbols, blocks: NDArray[np.integer] | None = None, threads: int = 1) -> Self:
        """Count `text` (n,), n ≤ MOST. blocks: (n,), ascending and below 65,535, what can be left out later."""
        assert len(text) <= MOST, len(text)
        symbols = reader.alphabet.symbols
        block = np.zeros(len(text), dtype=np.uint16) if blocks is None else np.asarray(blocks, dtype=np.uint16)

        def count(kind: str, keys: Keys) -> _Counted:
            return _Counted.of(keys, text, block, symbols, LEAST.get(kind, 1), blocks is not None)

        counted: list[_Counted] = []
        with ThreadPoolExecutor(threads) as pool:
            for kinds in (KINDS[begin : begin + TOGETHER] for begin in range(0, len(KINDS), TOGETHER)):
                counted += pool.map(count, kinds, _keys(reader, text, kinds))
        return cls(symbols, _joined(counted))

    def find(self, keys: Keys, blocks: NDArray[np.integer] | None = None) -> tuple[Places, Places]:
        """Where the lists begin that belong to keys (p, k): in `entries`, and in `own_entries`; NOWHERE if none do.

        blocks: (p,), the blocks to leave out, or negative numbers for none.
        """
        places, own = (np.empty(keys.shape, dtype=np.int32) for _ in range(2))
        left_out = np.full(len(keys), -1) if blocks is None else np.asarray(blocks, dtype=np.int64)
        find_lists(keys, left_out, self.lists, places, own)
        return places, own

    def without_own(self) -> Self:
        """For prediction only, without what leaving out takes: what `arrays` saves."""
        return type(self).from_arrays(self.arrays())

    @property
    def width(self) -> int:
        """Bits of a symbol in an entry."""
        return _width(self.symbols)

    @property
    def least(self) -> NDArray[np.int64]:
        """(k,): contexts with a smaller count, be it because a block was left out, are as if unseen."""
        return np.array([LEAST.get(kind, 1) for kind in KINDS])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """A compact form for saving: some two bytes for each entry and three for each context. `from_arrays` reads it.

        sizes: (of all buckets) uint8; remainders: (contexts,) uint16; symbols: (entries,) uint8 or uint16; counts:
        (entries,) uint8, those from LARGE on being in large: uint32, and 128 added for the last of a list.
        """
        lists = self.lists
        sizes = np.delete(np.diff(lists.buckets), (lists.first_bucket[1:] - 1))
        assert sizes.max(initial=0) < 256
        symbol, last, count = _unpacked(lists.entries, self.symbols)
        return {
            "shape": np.array([self.symbols, *lists.bits]),
            "sizes": sizes.astype(np.uint8),
            "remainders": (lists.contexts & _MASK).astype(np.uint16),
            "symbols": symbol.astype(np.uint8 if self.symbols <= 256 else np.uint16),
            "counts": (np.minimum(count, LARGE) | last << np.uint32(7)).astype(np.uint8),
            "large": count[count >= LARGE],
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        symbols, *bits = (int(number) for number in arrays["shape"])
        last = (arrays["counts"] >> 7).astype(np.uint32)
        count = (arrays["counts"] & 127).astype(np.uint32)
        count[count == LARGE] = arrays["large"]
        width = _width(symbols)
        entries = arrays["symbols"].astype(np.uint32) | last << np.uint32(width) | count << np.uint32(width + 1)
        begins = np.flatnonzero(last) + 1
        first = np.zeros(len(arrays["remainders"]), dtype=np.uint64)
        first[1:] = begins[:-1]
        contexts = first << HALF | np.uint64(SEVERAL << REMAINDER) | arrays["remainders"].astype(np.uint64)
        first_bucket = np.cumsum([0, *(2**number + 1 for number in bits)])
        sizes = np.zeros(first_bucket[-1] + 1, dtype=np.int64)
        sizes[1:][np.delete(np.arange(first_bucket[-1]), first_bucket[1:] - 1)] = arrays["sizes"]
        return cls(symbols, _lists(bits, np.cumsum(sizes)[:-1].astype(np.int32), contexts, entries))


def _lists(bits: list[int], buckets: Places, contexts: Keys, entries: NDArray[np.uint32]) -> Lists:
    """Lists that know nothing of blocks."""
    begins = np.cumsum([0, *(2**number + 1 for number in bits)])[:-1]
    none = np.zeros(len(bits), dtype=np.int64)
    empty = np.zeros(len(bits), dtype=np.uint64)
    return Lists(
        np.array(bits), begins, buckets, contexts, entries, none, np.arange(len(bits)), empty, entries[:0]
    )  # fmt: skip


def _width(symbols: int) -> int:
    """Bits that a symbol needs."""
    return max(1, (symbols - 1).bit_length())


def _unpacked(entries: NDArray[np.uint32], symbols: int) -> tuple[NDArray[np.uint32], ...]:
    """Symbol, whether it is the last (0 or 1), count: (entries,) each."""
    width = _width(symbols)
    rest = entries >> np.uint32(width)
    return entries & np.uint32(2**width - 1), rest & np.uint32(1), rest >> np.uint32(1)


def _keys(reader: Reader, text: Symbols, kinds: Sequence[str]) -> Keys:
    """(kinds, n): the keys of the contexts before the symbols of `text`."""
    columns = [KINDS.index(kind) for kind in kinds]
    keys = np.zeros((len(kinds), len(text)), dtype=np.uint64)  # 0, as no other, where nothing was read
    reading = Reading.start(1)
    for start in range(0, len(text) - 1, CHUNK):
        stop = min(start + CHUNK, len(text) - 1)
        contexts, reading = reader.read(reading, text[None, start:stop])
        keys[:, start + 1 : stop + 1] = contexts.keys[0][:, columns].T
    return keys


class _Counted(NamedTuple):
    """The lists of one kind, places counted from its own beginning."""

    bits: int
    buckets: Places
    contexts: Keys
    entries: NDArray[np.uint32]
    own_bits: int
    own_slots: Keys
    own_entries: NDArray[np.uint32]

    @classmethod
    def of(cls, keys: Keys, text: Symbols, block: Symbols, symbols: int, least: int, own: bool) -> Self:
        """Keys are sorted with their places in their lowest bits, so that equal contexts stand together, in order."""
        place_bits = max(1, (len(text) - 1).bit_length())
        places = np.uint64(place_bits)
        order = keys >> places << places | np.arange(len(text), dtype=np.uint64)
        order.sort()
        ends = np.append(np.flatnonzero(np.diff(order >> places)), len(order) - 1)
        kept = int(np.count_nonzero(np.diff(ends, prepend=-1) >= least))
        bits = min(max(FEWEST, kept.bit_length()), 64 - REMAINDER - place_bits)
        sizes = np.zeros(2**bits + 1, dtype=np.int32)
        contexts = np.empty(len(ends), dtype=np.uint64)
        entries = np.empty(len(text), dtype=np.uint32)
        shape = (bits, place_bits, _width(symbols), least)
        tally = np.zeros((2, symbols), dtype=np.int64)
        found, written, pairs = _count(order, text, block, shape, tally, sizes, contexts, entries)
        buckets = np.cumsum(sizes, dtype=np.int32)
        # Of a context that occurred in one block only, nothing is left without it: that needs no list.
        own_bits = max(1, (pairs * 4 // 3).bit_length()) if own else 0
        slots = np.zeros(2**own_bits, dtype=np.uint64)
        own_entries = np.empty(len(text) if own else 0, dtype=np.uint32)
        own_written = _count_own(order, text, block, shape, tally, slots, own_entries) if own else 0
        return cls(
            bits, buckets, contexts[:found].copy(), entries[:written].copy(),
            own_bits, slots, own_entries[:own_written].copy(),
        )  # fmt: skip


def _joined(counted: list[_Counted]) -> Lists:
    """The lists of all kinds as one. Takes what it is given apart, so that at no time all of it is there twice."""
    contexts = np.cumsum([0, *(len(kind.contexts) for kind in counted)])
    entries = np.cumsum([0, *(len(kind.entries) for kind in counted)])
    own = np.cumsum([0, *(len(kind.own_entries) for kind in counted)])
    for kind, first, place, own_place in zip(counted, contexts, entries, own, strict=False):
        kind.buckets[:] += np.int32(first)  # their places move to behind the others
        kind.contexts[:] += np.uint64(place) << HALF
        kind.own_slots[kind.own_slots > 0] += np.uint64(own_place)
    columns = dict(zip(_Counted._fields, map(list, zip(*counted, strict=True)), strict=True))
    begins = {name: np.cumsum([0, *map(len, columns[name])])[:-1] for name in ("buckets", "own_slots")}
    del kind
    counted.clear()

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate(columns.pop(name))

    return Lists(
        np.array(columns["bits"]), begins["buckets"], joined("buckets"), joined("contexts"), joined("entries"),
        np.array(columns["own_bits"]), begins["own_slots"], joined("own_slots"), joined("own_entries"),
    )  # fmt: skip


@part
def _write_list(
    tally: NDArray[np.int64], different: Number, width: Number, entries: NDArray[np.uint32], written: Number
) -> Number:  # fmt: skip
    """Write a list of the counts tally[0] of the symbols tally[1, :different], and clear them. Where the next begins.

    Counts that do not fit stay the greatest that does: 2^23 and more for up to 256 symbols, 2^15 for 2^16.
    """
    greatest = (1 << (31 - width)) - 1
    for number in range(different):
        symbol = tally[1, number]
        last = 1 if number + 1 == different else 0
        entries[written] = symbol | last << width | min(tally[0, symbol], greatest) << (width + 1)
        written += 1
        tally[0, symbol] = 0
    return written


@part
def _add(tally: NDArray[np.int64], different: Number, symbol: Number) -> Number:
    """One more of `symbol`; how many different symbols there are now."""
    if tally[0, symbol] == 0:
        tally[1, different] = symbol
        different += 1
    tally[0, symbol] += 1
    return different


@kernel
def _count(
    order: Keys,
    text: Symbols,
    block: Symbols,
    shape: tuple[int, int, int, int],
    tally: NDArray[np.int64],
    sizes: Places,
    contexts: Keys,
    entries: NDArray[np.uint32],
) -> tuple[int, int, int]:
    """Fills the last three. How many contexts and entries, and pairs of context and block if there is more than one."""
    bits, place_bits, width, least = shape
    below = np.uint64(64 - bits - REMAINDER)
    mask = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    found, written, pairs, start = 0, 0, 0, 0
    while start < len(order):
        key = order[start] >> below
        stop, different, blocks = start, 0, 1
        while stop < len(order) and order[stop] >> below == key:
            place = order[stop] & mask
            different = _add(tally, different, text[place])
            if stop > start and block[place] != block[order[stop - 1] & mask]:
                blocks += 1
            stop += 1
        begin = written
        written = _write_list(tally, different, width, entries, written)
        if stop - start < least:
            written = begin
        else:
            only = np.uint64(SEVERAL) if blocks > 1 else np.uint64(block[order[start] & mask])
            contexts[found] = np.uint64(begin) << HALF | only << np.uint64(REMAINDER) | key & _MASK
            sizes[np.int64(key >> np.uint64(REMAINDER)) + 1] += 1
            found += 1
            pairs += blocks if blocks > 1 else 0
        start = stop
    return found, written, pairs


@part
def _own_hash(key: np.uint64, block: Number) -> np.uint64:
    """The hash of the part of a key that is kept and a block."""
    return mix(key, np.uint64(block))


@kernel
def _count_own(
    order: Keys,
    text: Symbols,
    block: Symbols,
    shape: tuple[int, int, int, int],
    tally: NDArray[np.int64],
    slots: Keys,
    own_entries: NDArray[np.uint32],
) -> int:
    """The lists by context and block, of contexts in more than one. How many entries."""
    bits, place_bits, width, least = shape
    below = np.uint64(64 - bits - REMAINDER)
    mask = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    written, start, slot_mask = 0, 0, len(slots) - 1
    while start < len(order):
        key = order[start] >> below
        stop = start + 1
        while stop < len(order) and order[stop] >> below == key:
            stop += 1
        several = block[order[start] & mask] != block[order[stop - 1] & mask]
        if not several or stop - start < least:
            start = stop
        while start < stop:
            here, different = block[order[start] & mask], 0
            while start < stop and block[order[start] & mask] == here:
                different = _add(tally, different, text[order[start] & mask])
                start += 1
            hash_ = _own_hash(key, here)
            slot = np.int64(hash_) & slot_mask
            while slots[slot] != np.uint64(0):
                slot = (slot + 1) & slot_mask
            slots[slot] = hash_ >> HALF << HALF | np.uint64(written + 1)
            written = _write_list(tally, different, width, own_entries, written)
    return written


@part
def _find_own(key: np.uint64, block: Number, kind: Number, lists: Lists) -> Number:
    """The place of the list of a context (the part of its key that is kept) in a block."""
    first, mask = lists.own_first[kind], (1 << lists.own_bits[kind]) - 1
    hash_ = _own_hash(key, block)
    slot = np.int64(hash_) & mask
    while lists.own_slots[first + slot] != np.uint64(0):
        content = lists.own_slots[first + slot]
        if content >> HALF == hash_ >> HALF:
            return np.int64(content & np.uint64(0xFFFFFFFF)) - 1
        slot = (slot + 1) & mask
    return NOWHERE


@kernel
def find_lists(keys: Keys, blocks: NDArray[np.int64], lists: Lists, places: Places, own: Places) -> None:
    for row in range(keys.shape[0]):
        for kind in range(keys.shape[1]):
            places[row, kind] = own[row, kind] = NOWHERE
            bits = lists.bits[kind]
            key = keys[row, kind] >> np.uint64(64 - REMAINDER - bits)
            bucket = lists.first_bucket[kind] + np.int64(key >> np.uint64(REMAINDER))
            for number in range(lists.buckets[bucket], lists.buckets[bucket + 1]):
                context = lists.contexts[number]
                if context & _MASK == key & _MASK:
                    only = np.int64(context >> np.uint64(REMAINDER) & _MASK)
                    if only == SEVERAL or only != blocks[row]:
                        places[row, kind] = np.int64(context >> HALF)
                    if only == SEVERAL and blocks[row] >= 0:
                        own[row, kind] = _find_own(key, blocks[row], kind, lists)
                    break
