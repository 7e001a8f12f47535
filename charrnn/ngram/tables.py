"""The counts of a training text: for each context, found by its key, the symbols that followed it and how often.

A model that is trained on the text it has counted would find the right symbol after every long context, and trust
nothing else. So the text is divided into blocks, and each block is predicted from the counts of all others: from the
list of the whole text minus the list of that block.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.errors import UserError
from charrnn.ngram import lists as layout
from charrnn.ngram.contexts import KINDS, ContextHasher
from charrnn.ngram.counting import EARLIER, MOST_BITS, Counted, Items, joined, keys_of
from charrnn.ngram.lists import BLOCK, LARGE, REMAINDER, REST, SEVERAL, Lists, Places
from charrnn.ngram.saved_arrays import SavedArrays
from charrnn.ngram.vocabulary import Keys, Symbols

MOST = 2**24
"""Symbols that can be counted. Counting takes up to 150 bytes of memory for each, or 60 without blocks."""

LEAST = {"c8": 2, "w2": 2, "s2": 2, "k3": 2}
"""Contexts that occurred fewer times are dropped (default: 1). Most contexts of these kinds occurred only once."""

SHARES = {
    "c4": 0.35, "w0": 0.35, "k1": 0.35, "c5": 0.6, "w1": 0.6, "k2": 0.6,
    "c6": 1.0, "c8": 1.0, "w2": 1.0, "s2": 1.0, "k3": 1.0,
}  # fmt: skip
"""At pruning level l, contexts of these kinds that occurred fewer than l times this number are dropped too."""

TOGETHER = 3  # kinds whose keys are in memory at the same time
STEP = 1.25  # ratio of successive pruning levels

LOW_BITS, LOW = np.uint64(8), np.uint64(0xFF)  # of a remainder: what is saved apart, so that all else packs well


def least_at(level: float) -> NDArray[np.int64]:
    """Return (k,): the least count of a context that a pruning level keeps."""
    return np.array([max(LEAST.get(kind, 1), math.ceil(level * SHARES.get(kind, 0.0))) for kind in KINDS])


class EarlierCounts(NamedTuple):
    """Counts to which those of a text are added."""

    tables: "Tables"  # of the same word classes, and of an alphabet that begins with the same characters
    times: int = 1  # weight of each symbol of the text
    forgotten: Mapping[int, np.uint64] = {}  # by kind, the key of a context that is dropped


@dataclass(frozen=True)
class Tables:
    """The counts of a text, for each of KINDS."""

    symbols: int  # v
    lists: Lists
    least: NDArray[np.int64]  # (k,): contexts with a smaller count (with a block left out, too) count as unseen
    times: int = 1  # weight of each symbol of the text counted last

    @classmethod
    def count(
        cls,
        reader: ContextHasher,
        text: Symbols,
        blocks: NDArray[np.integer] | None = None,
        starts: Sequence[int] = (),
        *,
        threads: int = 1,
        level: float = 1.0,
        earlier: EarlierCounts | None = None,
    ) -> Self:
        """Count a text.

        Args:
            reader: computes the contexts.
            text: (n,), n ≤ MOST.
            blocks: (n,), ascending and below 65,534; parts that can be left out later.
            starts: places in `text` where a new text begins.
            threads: kinds that are counted at the same time.
            level: of pruning, see `least_at`.
            earlier: counts to which these are added.
        """
        from concurrent.futures import ThreadPoolExecutor  # loads a dozen modules

        assert len(text) <= MOST, len(text)
        times = 1 if earlier is None else earlier.times
        symbols, least = reader.alphabet.symbols, least_at(level) * times
        block = np.zeros(len(text), dtype=np.uint16) if blocks is None else np.asarray(blocks, dtype=np.uint16)
        weights = np.full(len(text), times, dtype=np.uint32)

        def count(kind: int, keys: Keys) -> Counted:
            items, bits = Items(keys, text, weights, block), None
            if earlier is not None:
                before = earlier.tables.items(kind, symbols, earlier.forgotten.get(kind))
                items, bits = items.with_earlier(before), int(earlier.tables.lists.bits[kind])
            return Counted.of(items, symbols, int(least[kind]), own=blocks is not None, bits=bits)

        counted: list[Counted] = []
        with ThreadPoolExecutor(threads) as pool:
            for kinds in (range(len(KINDS))[begin:][:TOGETHER] for begin in range(0, len(KINDS), TOGETHER)):
                counted += pool.map(count, kinds, keys_of(reader, text, [KINDS[kind] for kind in kinds], starts))
        return cls(symbols, joined(counted), least, times)

    def items(self, kind: int, symbols: int, without: np.uint64 | None = None) -> Items:
        """Return the counts of one kind as items, for counting a text with an alphabet of `symbols` symbols.

        without: the key of a context that is dropped.
        """
        stop = self.lists.ends()[kind]
        start = self.lists.ends()[kind - 1] if kind else 0
        contexts = self.lists.contexts[start:stop]
        first = (self.lists.contexts[start : stop + 1] >> HALF).astype(np.int64)
        if len(first) == len(contexts):
            first = np.append(first, len(self.lists.entries))
        followed, _, count = layout.unpacked(self.lists.entries[first[0] : first[-1]], self.symbols)
        sizes = self.lists.sizes()[layout.first_buckets(self.lists.bits)[kind] - kind :][: 2 ** self.lists.bits[kind]]
        bucket = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
        below = np.uint64(64 - REMAINDER - self.lists.bits[kind])
        keys = (bucket << np.uint64(REMAINDER) | contexts & REST) << below
        symbol = np.where(followed == self.symbols - 1, symbols - 1, followed).astype(np.uint16)  # the escape is last
        items = Items(np.repeat(keys, np.diff(first)), symbol, count, np.full(len(symbol), EARLIER, dtype=np.uint16))
        if without is None:
            return items
        kept = items.keys != without >> below << below
        return Items(*(array[kept] for array in items))

    def with_blocks(
        self, reader: ContextHasher, text: Symbols, blocks: NDArray[np.integer], starts: Sequence[int], threads: int
    ) -> Self:
        """Return the tables with the lists of the text's blocks, which are not saved. Arguments: as for `count`."""
        again = Tables.count(
            reader, text, blocks, starts, threads=threads, earlier=EarlierCounts(self, self.times)
        ).lists
        own = {name: getattr(again, name) for name in Lists._fields if name.startswith("own")}
        return replace(self, lists=self.lists._replace(**own))

    def find(self, keys: Keys, blocks: NDArray[np.integer] | None = None) -> tuple[Places, Places]:
        """Return the places (p, k) of the lists of keys (p, k) in `entries` and in `own_entries`, or NOWHERE.

        blocks: (p,), the blocks to leave out; negative for none.
        """
        from charrnn.ngram.compiled.list_loops import find_lists

        places, own = (np.empty(keys.shape, dtype=np.int32) for _ in range(2))
        left_out = np.full(len(keys), -1) if blocks is None else np.asarray(blocks, dtype=np.int64)
        find_lists(keys, left_out, self.lists, places, own)
        return places, own

    def pruned(self, size: float) -> Self:
        """Return the tables without their rarest contexts, so that the saved form has `size` bytes if possible."""
        lists = self.lists
        first = (lists.contexts >> HALF).astype(np.int64)
        lengths = np.diff(first, append=len(lists.entries))
        totals = np.add.reduceat(layout.unpacked(lists.entries, self.symbols)[2], first)
        kinds = np.searchsorted(lists.ends(), np.arange(len(first)), side="right")
        each, level = 2 + 2 * lengths, 1.0
        least, kept = self.least, np.ones(len(first), dtype=bool)
        while len(lists.sizes()) + each[kept].sum() > size and level <= totals.max():
            least = np.maximum(self.least, least_at(level))
            kept = totals >= least[kinds]
            level *= STEP
        buckets = np.repeat(np.arange(len(lists.sizes())), lists.sizes())[kept]
        begins = np.cumsum(lengths[kept]) - lengths[kept]
        contexts = begins.astype(np.uint64) << HALF | lists.contexts[kept] & np.uint64(0xFFFFFFFF)
        sizes = np.bincount(buckets, minlength=len(lists.sizes()))
        fewer = Lists.of_all(lists.bits.tolist(), sizes, contexts, lists.entries[np.repeat(kept, lengths)])
        own = {name: getattr(lists, name) for name in Lists._fields if name.startswith("own")}
        return replace(self, lists=fewer._replace(**own), least=least)

    @property
    def width(self) -> int:
        """Bits of a symbol in an entry."""
        return layout.width(self.symbols)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return a compact form for saving: about two bytes for each entry and three for each context.

        sizes: (buckets of all kinds,) uint8; remainders.low, remainders.high: (contexts,) uint8, eight and four bits;
        symbols: (entries,) uint8 or uint16; counts: (entries,) uint8, plus 128 at the end of a list; counts from LARGE
        on are in large: (…,) uint32.
        """
        lists = self.lists
        sizes = lists.sizes()
        assert sizes.max(initial=0) < 256
        symbol, last, count = layout.unpacked(lists.entries, self.symbols)
        return {
            "shape": np.array([self.symbols, *lists.bits]),
            "least": self.least,
            "times": np.array([self.times]),
            "sizes": sizes.astype(np.uint8),
            "remainders.low": (lists.contexts & LOW).astype(np.uint8),
            "remainders.high": ((lists.contexts & REST) >> LOW_BITS).astype(np.uint8),
            "symbols": symbol.astype(np.uint8 if self.symbols <= 256 else np.uint16),
            "counts": (np.minimum(count, LARGE) | last << np.uint32(7)).astype(np.uint8),
            "large": count[count >= LARGE],
        }

    def ready(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays that `find` reads, without the lists of blocks; `from_ready` takes them as they are."""
        return {
            "shape": np.array([self.symbols, *self.lists.bits]),
            "least": self.least,
            "times": np.array([self.times]),
            "buckets": self.lists.buckets,
            "contexts": self.lists.contexts,
            "entries": self.lists.entries,
        }

    @classmethod
    def from_ready(
        cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "", expected: int | None = None
    ) -> Self:
        """Return the tables of `ready`, sharing their memory. Only shapes are checked, as in `from_arrays`."""
        saved = SavedArrays(arrays, prefix)
        symbols, *bits = saved.take("shape", np.int64, 1 + len(KINDS)).tolist()
        if expected not in (None, symbols):
            raise UserError("counts-other-alphabet", expected=expected, found=symbols)
        buckets = saved.take("buckets", np.int32, int(layout.first_buckets(bits)[-1]))
        contexts = saved.take("contexts", np.uint64, int(buckets[-1]))
        lists = Lists.without_blocks(bits, buckets, contexts, saved.take("entries", np.uint32))
        return cls(symbols, lists, saved.take("least", np.int64, len(KINDS)), saved.number("times", 1, 2**16))

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "", expected: int | None = None
    ) -> Self:
        """Return the tables that `arrays` saved, without the lists of blocks.

        Raises KeyError for a missing array, UserError for arrays that cannot have been saved.

        Args:
            arrays: the arrays.
            prefix: of their names.
            expected: size of the alphabet; default: any.
        """
        saved = SavedArrays(arrays, prefix)
        symbols, *bits = saved.take_within("shape", np.int64, 0, 2**16, 1 + len(KINDS)).tolist()
        if expected not in (None, symbols):
            raise UserError("counts-other-alphabet", expected=expected, found=symbols)
        if max(bits) > MOST_BITS:
            raise UserError("counts-range", key=f"{prefix}shape", least=0, most=MOST_BITS, found=max(bits))
        counts = saved.take("counts", np.uint8)
        large = saved.take_within("large", np.uint32, LARGE, layout.most_count(symbols))
        followed: NDArray[np.integer] = saved.take_within(
            "symbols", np.uint8 if symbols <= 256 else np.uint16, 0, symbols - 1, len(counts)
        )
        sizes = saved.take("sizes", np.uint8, sum(2**number for number in bits))
        remainders = _remainders(saved, int(sizes.sum(dtype=np.int64)))
        lists = layout.restored(followed, counts, large, len(remainders), symbols)
        if lists is None:
            raise UserError("counts-lists", key=f"{prefix}symbols")
        entries, first = lists
        contexts = first << HALF | np.uint64(SEVERAL) << BLOCK | remainders.astype(np.uint64)
        least = saved.take_within("least", np.int64, 0, 2**32, len(KINDS))
        return cls(symbols, Lists.of_all(bits, sizes, contexts, entries), least, saved.number("times", 1, 2**16))


def _remainders(saved: SavedArrays, contexts: int) -> NDArray[np.uint16]:
    """Return (contexts,): the remainder of each context's key."""
    if saved.prefix + "remainders" in saved.arrays:  # an earlier version stored 16 bits
        return saved.take("remainders", np.uint16, contexts) >> np.uint16(16 - REMAINDER)
    low = saved.take("remainders.low", np.uint8, contexts)
    high = saved.take_within("remainders.high", np.uint8, 0, int(REST >> LOW_BITS), contexts)
    return high.astype(np.uint16) << np.uint16(LOW_BITS) | low
