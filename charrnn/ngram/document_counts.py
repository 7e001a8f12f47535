"""What the document itself has shown so far: counts that grow as it is read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import HALF, Number, kernel, mix, part
from charrnn.ngram.contexts import KINDS, Keys

OWN_KINDS = ("c3", "c4", "c5", "c6", "c8", "w0", "w1", "w2", "k2")
COLUMNS = np.array([KINDS.index(kind) for kind in OWN_KINDS])
STATIC = -1  # in place of a lane: a row that sees no past

_LOW = np.uint64(0xFFFFFFFF)


class DocumentTable(NamedTuple):
    """A slot holds the first half of a hash and the number of a list's first entry; 0 where there is none yet.

    An entry is a symbol, its count, the number of the next entry of its list (0: it is the last), and when the symbol
    last came, by the clock. Entry 0 is none.
    """

    slots: Keys
    entries: NDArray[np.int32]  # (m, 4)
    used: NDArray[np.int64]  # (1,): how many of the entries
    clock: NDArray[np.int64]  # (1,): how many symbols were read, in all lanes
    lanes: NDArray[np.int64]  # (1,): how many lanes read on at the same time


class DocumentCounts:
    """Counts of what followed each context so far, in one document or in several lanes apart. It is changed by reading.

    It holds `rows` symbols read and some 270 bytes for each; once it is full, it learns no new contexts, and goes on
    counting in those that it has.
    """

    def __init__(self, rows: int, lanes: int = 1) -> None:
        """lanes: how many texts are read side by side, one symbol of each after the other, so that it knows ages."""
        most = rows * len(OWN_KINDS) + 1
        self.memory = DocumentTable(
            np.zeros(2 ** int(most * 4 // 3).bit_length(), dtype=np.uint64),
            np.zeros((most, 4), dtype=np.int32),
            np.ones(1, dtype=np.int64),
            np.zeros(1, dtype=np.int64),
            np.full(1, lanes),
        )

    def clear(self) -> None:
        """Forget all."""
        self.memory.slots[:] = 0
        self.memory.used[:] = 1
        self.memory.clock[:] = 0

    def read(self, keys: Keys, targets: NDArray[np.integer], lanes: NDArray[np.integer] | None = None) -> None:
        """Count that `targets` (p,) followed the contexts `keys` (p, k), without predicting: what predicting leaves.

        lanes: (p,), numbers of the texts that they are of (0 if None); STATIC for those to pass over.
        """
        lane = np.zeros(len(targets), dtype=np.int64) if lanes is None else np.asarray(lanes, dtype=np.int64)
        _read(np.ascontiguousarray(keys), np.asarray(targets, dtype=np.int64), lane, COLUMNS, self.memory)


@part
def hash_of(key: np.uint64, lane: Number, kind: Number) -> np.uint64:
    """Of a context of one of OWN_KINDS in a lane."""
    return mix(key, np.uint64(lane * 16 + kind))


@part
def slot_of(memory: DocumentTable, hash_: np.uint64) -> Number:
    """Where a context's list is found, or, if that slot is empty, will be."""
    mask = len(memory.slots) - 1
    slot = np.int64(hash_ & _LOW) & mask
    while memory.slots[slot] != np.uint64(0) and memory.slots[slot] >> HALF != hash_ >> HALF:
        slot = (slot + 1) & mask
    return slot


@part
def first_entry(memory: DocumentTable, hash_: np.uint64) -> Number:
    """The number of the first entry of a context's list; 0 if there is none."""
    return np.int64(memory.slots[slot_of(memory, hash_)] & _LOW)


@part
def age_of(memory: DocumentTable, entry: Number) -> Number:
    """How many symbols of its text ago that of an entry last came."""
    return (memory.clock[0] - np.int64(memory.entries[entry, 3])) // memory.lanes[0]


@part
def remember(memory: DocumentTable, hash_: np.uint64, symbol: Number) -> None:
    """One more of `symbol` in a context's list; a symbol that is new there stands first."""
    entries, now = memory.entries, memory.clock[0]
    slot = slot_of(memory, hash_)
    first = np.int64(memory.slots[slot] & _LOW)
    entry = first
    while entry != 0 and entries[entry, 0] != symbol:
        entry = np.int64(entries[entry, 2])
    if entry != 0:
        entries[entry, 1] += 1
        entries[entry, 3] = now
    elif memory.used[0] < len(entries):
        new = memory.used[0]
        memory.used[0] += 1
        entries[new, 0], entries[new, 1], entries[new, 2], entries[new, 3] = symbol, 1, first, now
        memory.slots[slot] = hash_ >> HALF << HALF | np.uint64(new)


@kernel
def _read(
    keys: Keys, targets: NDArray[np.int64], lanes: NDArray[np.int64], columns: NDArray[np.int64], memory: DocumentTable
) -> None:  # fmt: skip
    for row in range(len(targets)):
        if lanes[row] >= 0:
            for kind in range(len(columns)):
                remember(memory, hash_of(keys[row, columns[kind]], lanes[row], kind), targets[row])
            memory.clock[0] += 1
