"""The loops that look up and update the counts of a document."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.compiled.kernels import Number, kernel, mix, part
from charrnn.ngram.document_counts import DocumentTable
from charrnn.ngram.vocabulary import Keys

_LOW = np.uint64(0xFFFFFFFF)


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
def remember_rows(
    keys: Keys, targets: NDArray[np.int64], lanes: NDArray[np.int64], columns: NDArray[np.int64], memory: DocumentTable
) -> None:  # fmt: skip
    for row in range(len(targets)):
        if lanes[row] >= 0:
            for kind in range(len(columns)):
                remember(memory, hash_of(keys[row, columns[kind]], lanes[row], kind), targets[row])
            memory.clock[0] += 1
