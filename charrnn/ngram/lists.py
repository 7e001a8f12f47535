"""A compact hash table from a context's key to its list of (symbol, count) pairs.

The first 24 to 36 bits of a 64-bit key are stored: a bucket number, of so many bits that a bucket contains one context
on average, and a remainder of 12 bits. An uncounted context is mistaken for a counted one with a probability of at most
2^-12; a counted one for another with about 2^-13.
"""

import itertools
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.vocabulary import Keys

Places = NDArray[np.int32]
Entries = NDArray[np.uint32]

NOWHERE = -1  # the place of an uncounted context
REMAINDER = 12  # stored bits of a key, after those of the bucket
LARGE = 127  # counts from here on are saved in an array of their own
SEEN = 2**20  # bytes that tell which symbols were seen in some lists; these stay in the cache of a core
SEVERAL = 0xFFFF  # in place of a block: the context occurred in more than one

REST = np.uint64((1 << REMAINDER) - 1)  # of a key, or of a context: its remainder
BLOCK = np.uint64(16)  # the lowest bit of a block in a context


class Lists(NamedTuple):
    """The lists of all kinds, one after the other; and, for each context and block, the list of that block alone.

    An entry is, from the lowest bits: the symbol (`width` bits), whether it is the last of its list (1 bit), the count.
    A context is the place of its first entry (32 bits), the only block in which it occurred (16), its remainder (16,
    of which the highest four are 0).
    A slot is the first half of the hash of a context and a block (32 bits), the place of the first entry plus one (32).
    """

    bits: NDArray[np.int64]  # (k,): of a bucket number
    first_bucket: NDArray[np.int64]  # (k,)
    buckets: Places  # the first context of each bucket and, after the buckets of each kind, the end of the last
    contexts: Keys
    entries: Entries
    own_bits: NDArray[np.int64]  # (k,): of a slot number
    own_first: NDArray[np.int64]  # (k,)
    own_slots: Keys
    own_entries: Entries

    @classmethod
    def of_all(cls, bits: list[int], sizes: NDArray[np.integer], contexts: Keys, entries: Entries) -> Self:
        """Return lists without those of blocks. sizes: contexts in each bucket."""
        first = first_buckets(bits)
        buckets, before, done = np.empty(first[-1], dtype=np.int32), np.int32(0), 0
        for start, end in itertools.pairwise(first):
            kind = buckets[start:end]
            kind[0] = before
            np.cumsum(sizes[done : done + len(kind) - 1], out=kind[1:])
            kind[1:] += before
            before, done = kind[-1], done + len(kind) - 1
        return cls.without_blocks(bits, buckets, contexts, entries)

    @classmethod
    def without_blocks(cls, bits: list[int], buckets: Places, contexts: Keys, entries: Entries) -> Self:
        none, empty = np.zeros(len(bits), dtype=np.int64), np.zeros(len(bits), dtype=np.uint64)
        return cls(
            np.array(bits), first_buckets(bits)[:-1], buckets, contexts, entries,
            none, np.arange(len(bits)), empty, entries[:0],
        )  # fmt: skip

    def sizes(self) -> Places:
        """Return the number of contexts in each bucket."""
        sizes: Places = np.delete(np.diff(self.buckets), self.first_bucket[1:] - 1)
        return sizes

    def ends(self) -> Places:
        """Return (k,): the end of each kind's contexts."""
        return self.buckets[[*(self.first_bucket[1:] - 1), len(self.buckets) - 1]]


def first_buckets(bits: list[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first bucket of each kind, and the end of the last. Each kind has one more bucket, its end."""
    return np.cumsum([0, *(2 ** int(number) + 1 for number in bits)])


def width(symbols: int) -> int:
    """Return the bits of a symbol in an entry."""
    return max(1, (symbols - 1).bit_length())


def most_count(symbols: int) -> int:
    """Return the greatest count that fits in an entry."""
    return int((1 << (31 - width(symbols))) - 1)


def unpacked(entries: Entries, of: int) -> tuple[Entries, Entries, Entries]:
    """Return (entries,) each: the symbols, 1 for the last of a list or 0, and the counts. of: size of the alphabet."""
    bits = width(of)
    rest = entries >> np.uint32(bits)
    return entries & np.uint32(2**bits - 1), rest & np.uint32(1), rest >> np.uint32(1)


def restored(
    symbols: NDArray[np.integer], counts: NDArray[np.uint8], large: Entries, lists: int, of: int
) -> tuple[Entries, Keys] | None:
    """Return the entries that `Tables.arrays` saved, and the place (lists,) of each list's first entry.

    None unless they are so many whole lists of different symbols, each counted, as the loops assume. symbols: below
    `of`, the size of the alphabet.
    """
    ends, many = np.flatnonzero(counts > LARGE), np.flatnonzero(counts & 127 == LARGE)
    is_whole = len(ends) == lists and len(many) == len(large) and (len(counts) == 0 or counts[-1] >> 7 == 1)
    if not is_whole or not (counts & 127).all():
        return None
    first = np.zeros(lists, dtype=np.uint64)
    first[1:] = ends[:-1] + 1
    number, bits = np.arange(256, dtype=np.uint32), np.uint32(width(of))
    packed = (number & np.uint32(127)) << bits + np.uint32(1) | number >> np.uint32(7) << bits
    entries, together = packed[counts], max(1, SEEN // max(1, of))
    entries |= symbols
    entries[many] += large - np.uint32(LARGE) << bits + np.uint32(1)
    lengths = np.diff(ends, prepend=-1)
    for begin in range(0, lists, together):
        few = lengths[begin : begin + together]
        own = symbols[int(first[begin]) :][: int(few.sum())]
        seen = np.zeros(len(few) * of, dtype=bool)
        seen[np.repeat(np.arange(0, len(seen), of), few) + own] = True
        if np.count_nonzero(seen) < len(own):
            return None
    return entries, first
