"""Counts of the document itself, which grow as it is read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.contexts import KINDS
from charrnn.ngram.vocabulary import Keys

OWN_KINDS = ("c3", "c4", "c5", "c6", "c8", "w0", "w1", "w2", "k2")
COLUMNS = np.array([KINDS.index(kind) for kind in OWN_KINDS])
STATIC = -1  # in place of a lane: the row uses no document counts


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
        from charrnn.ngram.compiled.document_loops import remember_rows

        lane = np.zeros(len(targets), dtype=np.int64) if lanes is None else np.asarray(lanes, dtype=np.int64)
        remember_rows(np.ascontiguousarray(keys), np.asarray(targets, dtype=np.int64), lane, COLUMNS, self.memory)
