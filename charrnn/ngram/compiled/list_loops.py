"""The loops that find lists by their contexts' keys."""

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.hashing import HALF
from charrnn.compiled.kernels import Number, kernel, mix, part
from charrnn.ngram.lists import BLOCK, NOWHERE, REMAINDER, REST, SEVERAL, Lists, Places
from charrnn.ngram.vocabulary import Keys


@part
def own_hash(key: np.uint64, block: Number) -> np.uint64:
    """Return the hash of the stored part of a key and a block."""
    return mix(key, np.uint64(block))


@part
def _find_own(key: np.uint64, block: Number, kind: Number, lists: Lists) -> Number:
    """Return the place of the list of a context in one block. key: its stored part."""
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
    """Set the places (p, k) of the lists of keys (p, k), and of those in `blocks` (p,); see `Tables.find`."""
    for row in range(keys.shape[0]):
        for kind in range(keys.shape[1]):
            places[row, kind] = own[row, kind] = NOWHERE
            bits = lists.bits[kind]
            key = keys[row, kind] >> np.uint64(64 - REMAINDER - bits)
            bucket = lists.first_bucket[kind] + np.int64(key >> np.uint64(REMAINDER))
            for number in range(lists.buckets[bucket], lists.buckets[bucket + 1]):
                context = lists.contexts[number]
                if context & REST == key & REST:
                    only = np.int64(context >> BLOCK & np.uint64(SEVERAL))
                    if only == SEVERAL or only != blocks[row]:
                        places[row, kind] = np.int64(context >> HALF)
                    if only == SEVERAL and blocks[row] >= 0:
                        own[row, kind] = _find_own(key, blocks[row], kind, lists)
                    break
