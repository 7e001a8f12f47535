"""What followed each context in the training text, and how often: lists of (symbol, count), found by the context's key.

For training, what is counted must not hold what is about to be predicted: a model that has counted the very text it
reads finds every long context followed by the right symbol, and learns to trust nothing else. So the text is divided
into blocks, and what a reader of one block sees are the counts of the whole text without that block.

    counts   by kind of context and key: the list of the whole text
    own      by kind, key and block: the list of that block, to be taken off
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import HALF
from charrnn.ngram import lists as layout
from charrnn.ngram.contexts import KINDS, ContextHasher, Keys, Symbols
from charrnn.ngram.counting import EARLIER, Counted, Items, joined, keys_of
from charrnn.ngram.lists import MASK, REMAINDER, SEVERAL, Lists, Places, find_lists

MOST = 2**24
"""Symbols that can be counted. Counting n symbols takes at most some 150 bytes for each with blocks, 60 without."""

LEAST = {"c8": 2, "w2": 2, "s2": 2, "k3": 2}
"""Contexts that occurred fewer times are dropped (1 where nothing is said): of these kinds most occurred only once."""

SHARES = {
    "c4": 0.35, "w0": 0.35, "k1": 0.35, "c5": 0.6, "w1": 0.6, "k2": 0.6,
    "c6": 1.0, "c8": 1.0, "w2": 1.0, "s2": 1.0, "k3": 1.0,
}  # fmt: skip
"""At a level l of thrift, contexts of these kinds that occurred fewer than so many times l are dropped, too."""

TOGETHER = 3  # kinds of which the whole text's keys are held at once
LARGE = 127  # from this count on, a saved list has it in an array of its own
STEP = 1.25  # from one level of thrift that is tried to the next


def least_at(level: float) -> NDArray[np.int64]:
    """(k,): how often a context must have occurred to be kept."""
    return np.array([max(LEAST.get(kind, 1), math.ceil(level * SHARES.get(kind, 0.0))) for kind in KINDS])


@dataclass(frozen=True)
class Tables:
    """All that was counted in a text, for each of KINDS."""

    symbols: int  # v
    lists: Lists
    least: NDArray[np.int64]  # (k,): contexts with a smaller count (also by leaving a block out) are as if unseen
    times: int = 1  # how often each symbol of the text counts that was counted last

    @classmethod
    def count(
        cls,
        reader: ContextHasher,
        text: Symbols,
        blocks: NDArray[np.integer] | None = None,
        threads: int = 1,
        level: float = 1.0,
        earlier: "Tables | None" = None,
        times: int = 1,
        starts: Sequence[int] = (),
        forgotten: Mapping[int, np.uint64] | None = None,
    ) -> Self:
        """Count `text` (n,), n ≤ MOST. blocks: (n,), ascending and below 65,534, what can be left out later.

        level: of thrift, see `least_at`; earlier: what was counted before, by a reader with the same word classes and
        an alphabet that begins with the same characters, and is not forgotten; times: how often each symbol of
        `text` then counts; starts: places in `text` before which nothing is taken to have been read;
        forgotten: by kind, a key whose earlier counts are forgotten.
        """
        assert len(text) <= MOST, len(text)
        symbols, least = reader.alphabet.symbols, least_at(level) * times
        block = np.zeros(len(text), dtype=np.uint16) if blocks is None else np.asarray(blocks, dtype=np.uint16)
        often = np.full(len(text), times, dtype=np.uint32)

        def count(kind: int, keys: Keys) -> Counted:
            items, bits = Items(keys, text, often, block), None
            if earlier is not None:
                before = earlier.items(kind, symbols, (forgotten or {}).get(kind))
                items, bits = items.and_earlier(before), int(earlier.lists.bits[kind])
            return Counted.of(items, symbols, int(least[kind]), blocks is not None, bits)

        counted: list[Counted] = []
        with ThreadPoolExecutor(threads) as pool:
            for kinds in (range(len(KINDS))[begin:][:TOGETHER] for begin in range(0, len(KINDS), TOGETHER)):
                counted += pool.map(count, kinds, keys_of(reader, text, [KINDS[kind] for kind in kinds], starts))
        return cls(symbols, joined(counted), least, times)

    def items(self, kind: int, symbols: int, without: np.uint64 | None = None) -> Items:
        """What was counted of a kind, for counting more beside it, with an alphabet of so many symbols.

        without: the key of a context that is left out.
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
        keys = (bucket << np.uint64(REMAINDER) | contexts & MASK) << below
        symbol = np.where(followed == self.symbols - 1, symbols - 1, followed).astype(np.uint16)  # the escape is last
        items = Items(np.repeat(keys, np.diff(first)), symbol, count, np.full(len(symbol), EARLIER, dtype=np.uint16))
        if without is None:
            return items
        kept = items.keys != without >> below << below
        return Items(*(array[kept] for array in items))

    def with_blocks(
        self,
        reader: ContextHasher,
        text: Symbols,
        blocks: NDArray[np.integer],
        threads: int = 1,
        starts: Sequence[int] = (),
    ) -> Self:
        """Tables that have counted `text`, with what it takes to leave its blocks out again, which is not saved."""
        again = Tables.count(reader, text, blocks, threads, earlier=self, times=self.times, starts=starts).lists
        own = {name: getattr(again, name) for name in Lists._fields if name.startswith("own")}
        return replace(self, lists=self.lists._replace(**own))

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

    def thrifty(self, size: float) -> Self:
        """Without the rarest contexts, as many as it takes for the saved form to have `size` bytes, if that can be."""
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

    @property
    def counted(self) -> int:
        """How many symbols were counted, each as often as it counts: all follow a context of the first kind."""
        return int(self.items(0, self.symbols).times.sum())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """A compact form for saving: some two bytes for each entry and three for each context. `from_arrays` reads it.

        sizes: (of all buckets) uint8; remainders: (contexts,) uint16; symbols: (entries,) uint8 or uint16; counts:
        (entries,) uint8, those from LARGE on being in large: uint32, and 128 added for the last of a list.
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
            "remainders": (lists.contexts & MASK).astype(np.uint16),
            "symbols": symbol.astype(np.uint8 if self.symbols <= 256 else np.uint16),
            "counts": (np.minimum(count, LARGE) | last << np.uint32(7)).astype(np.uint8),
            "large": count[count >= LARGE],
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        symbols, *bits = (int(number) for number in arrays["shape"])
        last = arrays["counts"] >> 7
        count = (arrays["counts"] & 127).astype(np.uint32)
        count[count == LARGE] = arrays["large"]
        first = np.zeros(len(arrays["remainders"]), dtype=np.uint64)
        first[1:] = (np.flatnonzero(last) + 1)[:-1]
        contexts = first << HALF | np.uint64(SEVERAL << REMAINDER) | arrays["remainders"].astype(np.uint64)
        entries = layout.packed(arrays["symbols"], last, count, symbols)
        if len(arrays["least"]) != len(bits):
            raise ValueError(f"{len(arrays['least'])} least counts of {len(bits)} kinds")
        lists = Lists.of_all(bits, arrays["sizes"], contexts, entries)
        return cls(symbols, lists, arrays["least"], int(arrays["times"][0]))
