"""The loops that count: from items sorted by context to lists."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.compiled.kernels import Number, kernel, part
from charrnn.ngram.compiled.list_loops import own_hash
from charrnn.ngram.counting import EARLIER, Items
from charrnn.ngram.lists import BLOCK, REMAINDER, REST, SEVERAL, Entries, Places
from charrnn.ngram.vocabulary import Keys


@part
def _write_list(
    tally: NDArray[np.int64], different: Number, symbol_bits: Number, entries: Entries, written: Number
) -> Number:
    """Write the counts tally[0] of the symbols tally[1, :different] as a list; return the place of the next list.

    Resets the counts to 0. Counts are limited to what fits: 2^23 − 1 for 256 symbols, 2^15 − 1 for 2^16.
    """
    greatest = (1 << (31 - symbol_bits)) - 1  # `most_count`
    for number in range(different):
        symbol = tally[1, number]
        last = 1 if number + 1 == different else 0
        entries[written] = symbol | last << symbol_bits | min(tally[0, symbol], greatest) << (symbol_bits + 1)
        written += 1
        tally[0, symbol] = 0
    return written


@part
def _add(tally: NDArray[np.int64], different: Number, symbol: Number, times: Number) -> Number:
    """Add a count of `symbol`; return the number of different symbols."""
    if tally[0, symbol] == 0:
        tally[1, different] = symbol
        different += 1
    tally[0, symbol] += times
    return different


@kernel
def count_lists(
    order: Keys,
    items: Items,
    shape: tuple[int, int, int, int],
    tally: NDArray[np.int64],
    sizes: Places,
    contexts: Keys,
    entries: Entries,
) -> tuple[int, int, int]:
    """Set the last three; return the number of contexts, of entries, and of blocks of contexts with more than one."""
    bits, place_bits, symbol_bits, least = shape
    below = np.uint64(64 - bits - REMAINDER)
    mask = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    found, written, pairs, start = 0, 0, 0, 0
    while start < len(order):
        key = order[start] >> below
        first = items.blocks[order[start] & mask]
        stop, different, blocks, total, before = start, 0, 1, 0, first
        while stop < len(order) and order[stop] >> below == key:
            place = order[stop] & mask
            different = _add(tally, different, items.symbols[place], int(items.times[place]))
            total += int(items.times[place])
            blocks += items.blocks[place] != before
            before = items.blocks[place]
            stop += 1
        begin = written
        written = _write_list(tally, different, symbol_bits, entries, written)
        if total < least:
            written = begin
        else:
            several = blocks > 1 or first == np.uint16(EARLIER)
            only = np.uint64(SEVERAL) if several else np.uint64(first)
            contexts[found] = np.uint64(begin) << HALF | only << BLOCK | key & REST
            sizes[np.int64(key >> np.uint64(REMAINDER)) + 1] += 1
            found += 1
            pairs += blocks if blocks > 1 else 0
        start = stop
    return found, written, pairs


@kernel
def count_own_lists(
    order: Keys,
    items: Items,
    shape: tuple[int, int, int, int],
    tally: NDArray[np.int64],
    slots: Keys,
    own_entries: Entries,
) -> int:
    """Set the last two, for contexts in more than one block; return the number of entries."""
    bits, place_bits, symbol_bits, least = shape
    below = np.uint64(64 - bits - REMAINDER)
    mask = (np.uint64(1) << np.uint64(place_bits)) - np.uint64(1)
    written, start, slot_mask = 0, 0, len(slots) - 1
    while start < len(order):
        key = order[start] >> below
        stop, total, several = start, 0, False
        while stop < len(order) and order[stop] >> below == key:
            total += int(items.times[order[stop] & mask])
            several |= items.blocks[order[stop] & mask] != items.blocks[order[start] & mask]
            stop += 1
        if not several or total < least:
            start = stop
        while start < stop:
            here, different = items.blocks[order[start] & mask], 0
            while start < stop and items.blocks[order[start] & mask] == here:
                place = order[start] & mask
                different = _add(tally, different, items.symbols[place], int(items.times[place]))
                start += 1
            if here == np.uint16(EARLIER):
                for number in range(different):
                    tally[0, tally[1, number]] = 0
                continue
            hash_ = own_hash(key, here)
            slot = np.int64(hash_) & slot_mask
            while slots[slot] != np.uint64(0):
                slot = (slot + 1) & slot_mask
            slots[slot] = hash_ >> HALF << HALF | np.uint64(written + 1)
            written = _write_list(tally, different, symbol_bits, own_entries, written)
    return written
