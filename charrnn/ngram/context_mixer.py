"""The mixture: what counts in many kinds of context say of the next symbol, as one distribution.

Each expert e has one kind of context and a parent, an expert with a shorter one. Of a symbol s that followed its
context n(s) times out of T it says (deleted interpolation: Jelinek and Mercer, 1980)

    q_e(s) = λ n(s) / T + (1 − λ) q_parent(s),        the first parent of all being the uniform distribution.

λ is learned for each expert and for how often (T) and with how many different symbols (U) its context was seen: the
signs by which PPM guesses that a context will meet a new symbol (Cleary and Witten, 1984). Learning is EM, on-line: λ
is the mean, over the symbols that came, of the share λ n(s) / T / q_e(s) that the counts had in them.

Experts with no count at their context are silent. The others are mixed in the logarithm, with weights that depend on
small contexts, as in paq (Mahoney, 2005; Mattern, "Mixing strategies in data compression", 2012):

    p(s) ∝ exp( Σ_e w_e log q_e(s) + Σ_e v_e(T, U; n(s)) + Σ_e r_e(age(s); n(s)) ),
    w_e = Σ_i w_e(i, value of selector i)

where v, one number for each expert, T, U and n, votes for symbols by their counts alone. The weights follow the
gradient of log p of the symbol that came: for w_e it is log q_e(s) minus its mean under p.

The last experts count what their own document has shown so far (`past.py`). They know how long ago each symbol last
followed their context, too, and r votes for it by that: what came lately comes again. Rows that see no past have them
silent; a mixture that is to serve with and without must be trained on both kinds of rows.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.buckets import AGES, BUCKETS, COUNTS
from charrnn.ngram.contexts import CHARACTERS, KINDS, LETTERS_MOST, Contexts
from charrnn.ngram.document_counts import COLUMNS, OWN_KINDS, STATIC, DocumentCounts
from charrnn.ngram.layout.line_layout import PLACES
from charrnn.ngram.mixing import Found, Learned, MixerWorkspace, Prediction, Rows, Structure, run
from charrnn.ngram.tables import Tables
from charrnn.ngram.word_classes import CLASSES

Floats = NDArray[np.float32]
Integers = NDArray[np.integer]

MOST_SYMBOLS = 1024
"""Time and memory per row grow with the alphabet: some 30 numbers for each symbol. Beyond this it does not pay."""

PARENTS = {"w0": "c3", "w1": "w0", "w2": "w1", "s2": "w0", "k1": "w0", "k2": "k1", "k3": "k2", "m1": "c1"}
"""The experts' parents; of those by characters it is the next shorter one, of a document's own the one of all texts."""

FIRST_SHARE = 0.5  # weight of the deepest experts by characters and by words at first
FIRST_TRUST = 0.4  # λ at first


@dataclass(frozen=True)
class ContextMixer:
    """What is learned, as a value: `learn` gives a new one."""

    learned: Learned

    @classmethod
    def start(cls, symbols: int) -> Self:
        """A mixture for an alphabet of that many symbols that has learned nothing."""
        assert symbols <= MOST_SYMBOLS, symbols
        experts = len(KINDS) + len(OWN_KINDS)
        weights = np.zeros((int(_selectors(symbols)[-1]), experts), dtype=np.float32)
        weights[0, [len(CHARACTERS) - 1, KINDS.index("w2")]] = FIRST_SHARE
        return cls(
            Learned(
                trust=np.full((experts, BUCKETS), FIRST_TRUST, dtype=np.float32),
                trials=np.zeros((experts, BUCKETS), dtype=np.float32),
                weights=weights,
                votes=np.zeros((experts, BUCKETS, COUNTS), dtype=np.float32),
                recency=np.zeros((len(OWN_KINDS), AGES, COUNTS), dtype=np.float32),
                places=np.zeros((PLACES, experts), dtype=np.float32),
            )
        )

    def grown(self, symbols: int) -> Self:
        """For an alphabet with more symbols before its last, the escape: of those that are new nothing is known."""
        weights = self.learned.weights
        before = len(weights) - int(_selectors(0)[-1])  # symbols so far: the rows 1 to `before` are theirs
        new = np.zeros((symbols - before, weights.shape[1]), dtype=np.float32)
        return type(self)(self.learned._replace(weights=np.concatenate([weights[:before], new, weights[before:]])))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """For saving; `from_arrays` reads it."""
        return self.learned._asdict()

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(Learned(**{name: arrays[name] for name in Learned._fields}))

    def predict(
        self,
        tables: Tables,
        rows: Contexts,
        *,
        past: DocumentCounts | None = None,
        targets: Integers | None = None,
        lanes: Integers | None = None,
    ) -> Prediction:
        """What comes after each of the contexts `rows` (p,).

        past: is seen by all rows, or by those whose number in lanes (p,) is not STATIC; if targets (p,) are given,
        it counts each of them after it was predicted, so that the next rows see it.
        """
        return self._run(self.learned, tables, rows, targets, None, past, lanes, 0.0)

    def learn(
        self,
        tables: Tables,
        rows: Contexts,
        targets: Integers,
        rate: float,
        *,
        blocks: Integers | None = None,
        past: DocumentCounts | None = None,
        lanes: Integers | None = None,
    ) -> tuple[Self, Prediction]:
        """Predict each row, then learn from its target before the next; and the predictions.

        targets: (p,), the symbols that came; rate: of the weights, some 0.0004 falling to 0 (short texts are learned
        badly from 0.001 on), and at 0 nothing is learned; blocks: (p,), those whose counts are left out; past, lanes:
        as in `predict`, the past counting the targets.
        """
        learned = Learned(*(array.copy() for array in self.learned))
        prediction = self._run(learned, tables, rows, targets, blocks, past, lanes, rate)
        return type(self)(learned), prediction

    @staticmethod
    def _run(
        learned: Learned,
        tables: Tables,
        rows: Contexts,
        targets: Integers | None,
        blocks: Integers | None,
        past: DocumentCounts | None,
        lanes: Integers | None,
        rate: float,
    ) -> Prediction:
        count, symbols = len(rows.keys), tables.symbols
        if lanes is None or past is None:
            lanes = np.full(count, STATIC if past is None else 0)
        asked = Rows(
            keys=np.ascontiguousarray(rows.keys),
            symbols=np.ascontiguousarray(rows.symbols),
            letters=np.ascontiguousarray(rows.letters),
            classes=np.ascontiguousarray(rows.classes[:, 0]),
            places=np.ascontiguousarray(rows.places),
            lanes=np.asarray(lanes, dtype=np.int64),
            targets=np.asarray(np.full(count, -1) if targets is None else targets, dtype=np.int64),
        )
        found = Found(*tables.find(asked.keys, blocks), tables.lists.entries, tables.lists.own_entries)
        prediction = Prediction(np.empty((count, symbols), np.float32), np.empty((count, 3), np.float32))
        memory, desk = (past or DocumentCounts(0)).memory, MixerWorkspace.of(symbols, len(learned.trust))
        run(asked, found, memory, structure_of(tables), learned, np.float32(rate), desk, prediction)
        return prediction


def _selectors(symbols: int) -> NDArray[np.int64]:
    """Where the weights of each selector begin, and where those of the last end. See `blend.select`."""
    words = len(KINDS) - len(CHARACTERS) + 1
    orders = len(CHARACTERS) + 1
    sizes = [
        1,
        symbols,
        orders * words,
        BUCKETS + 1,
        BUCKETS + 1,
        LETTERS_MOST + 1,
        CLASSES + 3,
        1 + orders * words,
        BUCKETS + 2,
    ]
    return np.cumsum([0, *sizes])


def structure_of(tables: Tables) -> Structure:
    parents = [KINDS.index(PARENTS[kind]) if kind in PARENTS else place - 1 for place, kind in enumerate(KINDS)]
    return Structure(
        np.array([*parents, *(KINDS.index(kind) for kind in OWN_KINDS)]), COLUMNS, _selectors(tables.symbols),
        len(KINDS), len(CHARACTERS), KINDS.index("w1"), sum(kind[0] == "c" for kind in OWN_KINDS), tables.width,
        tables.least,
    )  # fmt: skip
