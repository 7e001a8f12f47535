"""Lists of (symbol, count), one for each context: how they are laid out, and how one is found by its context's key.

A key has 64 bits, of which the first 28 to 40 are kept: as many as the contexts need to be told apart by a bucket of
one on average, and 16 more. A context that was never counted is thus taken for another with a probability of at most
2^-16; one that was counted, for another counted one, with some 2^-17.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import HALF, Number, kernel, mix, part
from charrnn.ngram.contexts import Keys

Places = NDArray[np.int32]
Entries = NDArray[np.uint32]

NOWHERE = -1  # the place of a context that was not counted
REMAINDER = 16  # bits of a key that are stored; the bits before them are the bucket
SEVERAL = 0xFFFF  # in place of a block: a context that occurred in more than one

MASK = np.uint64(0xFFFF)


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
    entries: Entries
    own_bits: NDArray[np.int64]  # (k,)
    own_first: NDArray[np.int64]  # (k,)
    own_slots: Keys
    own_entries: Entries

    @classmethod
    def of_all(cls, bits: list[int], sizes: NDArray[np.integer], contexts: Keys, entries: Entries) -> "Lists":
        """Lists that know nothing of blocks. sizes: of all buckets."""
        first = first_buckets(bits)
        buckets, before, done = np.empty(first[-1], dtype=np.int32), np.int32(0), 0
        for start, end in itertools.pairwise(first):
            kind = buckets[start:end]
            kind[0] = before
            np.cumsum(sizes[done : done + len(kind) - 1], out=kind[1:])
            kind[1:] += before
            before, done = kind[-1], done + len(kind) - 1
        none, empty = np.zeros(len(bits), dtype=np.int64), np.zeros(len(bits), dtype=np.uint64)
        return cls(
            np.array(bits), first[:-1], buckets, contexts, entries, none, np.arange(len(bits)), empty, entries[:0]
        )

    def sizes(self) -> Places:
        """Of all buckets: how many contexts each holds."""
        sizes: Places = np.delete(np.diff(self.buckets), self.first_bucket[1:] - 1)
        return sizes

    def ends(self) -> Places:
        """(k,): where the contexts of each kind end."""
        return self.buckets[[*(self.first_bucket[1:] - 1), len(self.buckets) - 1]]


def first_buckets(bits: list[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the buckets of each kind begin, and where those of the last end: each kind has one more, an end."""
    return np.cumsum([0, *(2 ** int(number) + 1 for number in bits)])


def width(symbols: int) -> int:
    """Bits that a symbol needs."""
    return max(1, (symbols - 1).bit_length())


def packed(symbols: NDArray[np.integer], last: NDArray[np.integer], counts: NDArray[np.integer], of: int) -> Entries:
    """Entries made of symbols, of an alphabet of so many, whether each is the last of its list, and counts."""
    bits = np.uint32(width(of))
    entries: Entries = symbols.astype(np.uint32)
    entries |= last.astype(np.uint32) << bits
    entries |= counts.astype(np.uint32) << bits + np.uint32(1)
    return entries


def unpacked(entries: Entries, of: int) -> tuple[Entries, Entries, Entries]:
    """Symbol, whether it is the last (0 or 1), count: (entries,) each."""
    bits = width(of)
    rest = entries >> np.uint32(bits)
    return entries & np.uint32(2**bits - 1), rest & np.uint32(1), rest >> np.uint32(1)


@part
def own_hash(key: np.uint64, block: Number) -> np.uint64:
    """The hash of the part of a key that is kept and a block."""
    return mix(key, np.uint64(block))


@part
def _find_own(key: np.uint64, block: Number, kind: Number, lists: Lists) -> Number:
    """The place of the list of a context (the part of its key that is kept) in a block."""
    first, mask = lists.own_first[kind], (1 << lists.own_bits[kind]) - 1
    hash_ = own_hash(key, block)
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
                if context & MASK == key & MASK:
                    only = np.int64(context >> np.uint64(REMAINDER) & MASK)
                    if only == SEVERAL or only != blocks[row]:
                        places[row, kind] = np.int64(context >> HALF)
                    if only == SEVERAL and blocks[row] >= 0:
                        own[row, kind] = _find_own(key, blocks[row], kind, lists)
                    break
