"""Counts of the document itself, which grow as it is read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import HALF, Number, kernel, mix, part
from charrnn.ngram.contexts import KINDS
from charrnn.ngram.vocabulary import Keys

OWN_KINDS = ("c3", "c4", "c5", "c6", "c8", "w0", "w1", "w2", "k2")
COLUMNS = np.array([KINDS.index(kind) for kind in OWN_KINDS])
STATIC = -1  # in place of a lane: the row uses no document counts

_LOW = np.uint64(0xFFFFFFFF)


class DocumentTable(NamedTuple):
    """A hash table of linked lists.

    A slot is the first half of a context's hash and the number of its list's first entry; 0 if empty. An entry is a
    symbol, its count, the number of the list's next entry (0 at the end), and the clock at its last occurrence. Entry 0
    is unused.
    """

    slots: Keys
    entries: NDArray[np.int32]  # (m, 4)
    used: NDArray[np.int64]  # (1,): number of entries in use
    clock: NDArray[np.int64]  # (1,): symbols read in all lanes
    lanes: NDArray[np.int64]  # (1,): lanes that are read at the same time


class DocumentCounts:
    """Counts of what followed each context so far, in one document or in several separate lanes. Reading changes it.

    It has room for `rows` symbols, of about 270 bytes each. When it is full, new contexts are ignored; known entries
    are still counted.
    """

    def __init__(self, rows: int, lanes: int = 1) -> None:
        """lanes: texts that are read in turn, one symbol each, from which ages are computed."""
        most = rows * len(OWN_KINDS) + 1
        self.memory = DocumentTable(
            np.zeros(2 ** int(most * 4 // 3).bit_length(), dtype=np.uint64),
            np.zeros((most, 4), dtype=np.int32),
            np.ones(1, dtype=np.int64),
            np.zeros(1, dtype=np.int64),
            np.full(1, lanes),
        )

    def clear(self) -> None:
        """Forget everything."""
        self.memory.slots[:] = 0
        self.memory.used[:] = 1
        self.memory.clock[:] = 0

    def read(self, keys: Keys, targets: NDArray[np.integer], lanes: NDArray[np.integer] | None = None) -> None:
        """Count `targets` (p,) after the contexts with `keys` (p, k), as `ContextMixer.predict` does.

        lanes: (p,), the number of each row's text (default: 0); STATIC rows are skipped.
        """
        lane = np.zeros(len(targets), dtype=np.int64) if lanes is None else np.asarray(lanes, dtype=np.int64)
        _read(np.ascontiguousarray(keys), np.asarray(targets, dtype=np.int64), lane, COLUMNS, self.memory)


@part
def hash_of(key: np.uint64, lane: Number, kind: Number) -> np.uint64:
    """Return the hash of a context in a lane. kind: one of OWN_KINDS."""
    return mix(key, np.uint64(lane * 16 + kind))


@part
def slot_of(memory: DocumentTable, hash_: np.uint64) -> Number:
    """Return the slot of a context; it is empty if the context is new."""
    mask = len(memory.slots) - 1
    slot = np.int64(hash_ & _LOW) & mask
    while memory.slots[slot] != np.uint64(0) and memory.slots[slot] >> HALF != hash_ >> HALF:
        slot = (slot + 1) & mask
    return slot


@part
def first_entry(memory: DocumentTable, hash_: np.uint64) -> Number:
    """Return the number of the first entry of a context's list; 0 if the context is new."""
    return np.int64(memory.slots[slot_of(memory, hash_)] & _LOW)


@part
def age_of(memory: DocumentTable, entry: Number) -> Number:
    """Return how many symbols of its text ago an entry's symbol last occurred."""
    return (memory.clock[0] - np.int64(memory.entries[entry, 3])) // memory.lanes[0]


@part
def remember(memory: DocumentTable, hash_: np.uint64, symbol: Number) -> None:
    """Count one `symbol` in a context's list; a new symbol is inserted first."""
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
