"""Counting: from the contexts of a text, and earlier counts, to lists.

What is counted for one kind of context are items: a key, the symbol that followed, a count, and the block of the text.
Earlier counts are items of a block of their own, which is never left out. Only the stored part of their keys is known,
so the new lists have as many buckets.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.ngram.contexts import KINDS, ContextHasher, ContextState
from charrnn.ngram.lists import REMAINDER, SEVERAL, Entries, Lists, Places, width
from charrnn.ngram.vocabulary import Keys, Symbols

Scalar = TypeVar("Scalar", bound=np.generic)

CHUNK = 2**16  # symbols whose keys are computed at once
FEWEST, MOST_BITS = 12, 24  # bits of a bucket number
EARLIER = SEVERAL - 1  # the block of earlier counts


class Items(NamedTuple):
    """What is counted for one kind of context, (m,) each, in the order of blocks."""

    keys: Keys
    symbols: Symbols
    times: NDArray[np.uint32]
    blocks: NDArray[np.uint16]

    def with_earlier(self, earlier: "Items") -> "Items":
        return Items(*(np.concatenate(pair) for pair in zip(self, earlier, strict=True)))  # type: ignore[arg-type]


def keys_of(reader: ContextHasher, text: Symbols, kinds: Sequence[str], starts: Sequence[int] = ()) -> Keys:
    """Return (kinds, n): the keys before each symbol of `text`, where a new text begins at each of `starts`."""
    columns = [KINDS.index(kind) for kind in kinds]
    keys = np.zeros((len(kinds), len(text)), dtype=np.uint64)  # 0: before the beginning
    reading, last = ContextState.start(1), max(0, len(text) - 1)
    for start, stop in pairwise(sorted({*range(0, last, CHUNK), *starts, last})):
        reading = ContextState.start(1) if start in starts else reading
        contexts, reading = reader.read(reading, text[None, start:stop])
        keys[:, start + 1 : stop + 1] = contexts.keys[0][:, columns].T
    return keys


class Counted(NamedTuple):
    """The lists of one kind; places are relative to its first."""

    bits: int
    buckets: Places
    contexts: Keys
    entries: Entries
    own_bits: int
    own_slots: Keys
    own_entries: Entries

    @classmethod
    def of(cls, items: Items, symbols: int, least: int, *, own: bool, bits: int | None = None) -> Self:
        """Count items by sorting keys whose lowest bits are replaced by their places.

        Args:
            items: the items, (m,).
            symbols: size of the alphabet.
            least: contexts with fewer occurrences are dropped.
            own: whether to keep the lists of single blocks.
            bits: of a bucket number, if only the stored part of keys is known; default: by the number of contexts.
        """
        from charrnn.ngram.compiled.counting_loops import count_lists, count_own_lists

        number = len(items.keys)
        place_bits = max(1, (number - 1).bit_length())
        unknown = np.uint64(place_bits if bits is None else 64 - REMAINDER - bits)  # bits of a key
        assert unknown >= place_bits, (bits, place_bits)
        order = items.keys >> unknown << unknown | np.arange(number, dtype=np.uint64)
        order.sort()
        ends = np.append(np.flatnonzero(np.diff(order >> unknown)), number - 1)
        if bits is None:
            kept = int(np.count_nonzero(np.diff(ends, prepend=-1) >= least))
            bits = min(max(FEWEST, kept.bit_length()), 64 - REMAINDER - place_bits)
            _in_order(order, ends, np.uint64(64 - REMAINDER - bits), np.uint64(place_bits))
        sizes = np.zeros(2**bits + 1, dtype=np.int32)
        contexts = np.empty(len(ends), dtype=np.uint64)
        entries = np.empty(number, dtype=np.uint32)
        shape = (bits, place_bits, width(symbols), least)
        tally = np.zeros((2, symbols), dtype=np.int64)
        found, written, pairs = count_lists(order, items, shape, tally, sizes, contexts, entries)
        buckets = np.cumsum(sizes, dtype=np.int32)
        # A context that occurred in one block only needs no list of that block: without it, nothing is left.
        own_bits = max(1, (pairs * 4 // 3).bit_length()) if own else 0
        slots = np.zeros(2**own_bits, dtype=np.uint64)
        own_entries = np.empty(number if own else 0, dtype=np.uint32)
        own_written = count_own_lists(order, items, shape, tally, slots, own_entries) if own else 0
        return cls(
            bits, buckets, contexts[:found].copy(), entries[:written].copy(),
            own_bits, slots, own_entries[:own_written].copy(),
        )  # fmt: skip


def _in_order(order: Keys, ends: NDArray[np.int64], below: np.uint64, place_bits: np.uint64) -> None:
    """Sort the places of contexts that tables cannot distinguish, as they store keys only from bit `below` on.

    order: sorted keys with their places in the lowest bits; ends: the last place of each key.
    """
    last = ends[:-1]
    alike = last[order[last] >> below == order[last + 1] >> below]
    rest, places = (np.uint64(1) << below) - np.uint64(1), (np.uint64(1) << place_bits) - np.uint64(1)
    for key in np.unique(order[alike] >> below) << below:
        start, stop = np.searchsorted(order, key), np.searchsorted(order, key | rest, side="right")
        group = order[start:stop]
        order[start:stop] = group[np.argsort(group & places)]


def joined(counted: list[Counted]) -> Lists:
    """Return the lists of all kinds as one. Empties `counted`, so that memory never contains all lists twice."""
    contexts = np.cumsum([0, *(len(kind.contexts) for kind in counted)])
    entries = np.cumsum([0, *(len(kind.entries) for kind in counted)])
    own = np.cumsum([0, *(len(kind.own_entries) for kind in counted)])
    for kind, first, place, own_place in zip(counted, contexts, entries, own, strict=False):
        kind.buckets[:] += np.int32(first)
        kind.contexts[:] += np.uint64(place) << HALF
        kind.own_slots[kind.own_slots > 0] += np.uint64(own_place)
    bits, buckets, keys, lists, own_bits, slots, own_lists = map(list, zip(*counted, strict=True))
    first_bucket, own_first = (np.cumsum([0, *map(len, column)])[:-1] for column in (buckets, slots))
    del kind
    counted.clear()
    return Lists(
        np.array(bits), first_bucket, _concatenate(buckets), _concatenate(keys), _concatenate(lists),
        np.array(own_bits), own_first, _concatenate(slots), _concatenate(own_lists),
    )  # fmt: skip


def _concatenate(arrays: list[NDArray[Scalar]]) -> NDArray[Scalar]:
    """Return the arrays as one, and empty the list."""
    whole = np.concatenate(arrays)
    arrays.clear()
    return whole
