"""ContextMixer: mixes the predictions of many kinds of context, the experts, into one distribution (as in PAQ).

Each expert e has one kind of context, and a parent with a shorter context. If symbol s followed the expert's context
n(s) times out of T, the expert predicts, by deleted interpolation (Jelinek and Mercer, 1980),

    q_e(s) = λ n(s) / T + (1 − λ) q_parent(s),        where the first parent is the uniform distribution.

λ is learned for each expert, bucket of T and bucket of the number U of different symbols, the features by which PPM
estimates the probability of a new symbol (Cleary and Witten, 1984). Learning is on-line EM: λ is the mean, over the
symbols that came, of the counts' share λ n(s) / T / q_e(s).

Experts without counts at their context are silent. The others are mixed logistically, with weights selected by small
contexts (Mahoney, 2005; Mattern, "Mixing strategies in data compression", 2012):

    p(s) ∝ exp( Σ_e w_e log q_e(s) + Σ_e v_e(T, U; n(s)) + Σ_e r_e(age(s); n(s)) ),
    w_e = Σ_i w_e(i, value of selector i)

The votes v are learned for each expert and buckets of T, U and n. Weights and votes follow the gradient of log p of the
symbol that came; for w_e it is log q_e(s) minus its mean under p.

The last experts use the counts of the document itself (`document_counts.py`). They also know the age of each symbol's
last occurrence, by which the votes r favour recent symbols. In rows without document counts they are silent; a mixture
for both kinds of rows must be trained on both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.contexts import CHARACTERS, KINDS, LETTERS_MOST, Contexts
from charrnn.ngram.document_counts import COLUMNS, OWN_KINDS, STATIC, DocumentCounts
from charrnn.ngram.experts import AGES, BUCKETS, COUNTS, Found, MixerWorkspace, Structure
from charrnn.ngram.layout import PAGE_PLACES
from charrnn.ngram.mixing import Learned, Prediction, Rows
from charrnn.ngram.tables import Tables
from charrnn.ngram.vocabulary import CLASSES, MOST_SYMBOLS

Integers = NDArray[np.integer]

PARENTS = {"w0": "c3", "w1": "w0", "w2": "w1", "s2": "w0", "k1": "w0", "k2": "k1", "k3": "k2", "m1": "c1"}
"""The parents of experts by words. By characters, it is the next shorter; the document's own have the same kind's."""

FIRST_SHARE = 0.5  # initial weight of the longest experts by characters and by words
FIRST_TRUST = 0.4  # initial λ


@dataclass(frozen=True)
class ContextMixer:
    """The learned parameters, as a value: `learn` returns a new one."""

    learned: Learned

    @classmethod
    def start(cls, symbols: int) -> Self:
        """Return an untrained mixture for an alphabet of `symbols` symbols."""
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
                places=np.zeros((PAGE_PLACES, experts), dtype=np.float32),
            )
        )

    def grown(self, symbols: int) -> Self:
        """Return the mixture for an alphabet with new symbols before its last, the escape; their weights are 0."""
        weights = self.learned.weights
        before = len(weights) - int(_selectors(0)[-1])  # symbols so far; their rows of weights are 1 to `before`
        new = np.zeros((symbols - before, weights.shape[1]), dtype=np.float32)
        return type(self)(self.learned._replace(weights=np.concatenate([weights[:before], new, weights[before:]])))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters by name, as `from_arrays` reads them."""
        return self.learned._asdict()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> Self:
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
        """Predict the symbol after each of the contexts `rows` (p,).

        Args:
            tables: counts of the training text.
            rows: contexts, in order.
            past: counts of the document.
            targets: (p,), the symbols that came; `past` counts each after its prediction, before the next row.
            lanes: (p,), the lane of `past` that each row uses, or STATIC for none; default: lane 0.
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
        """Predict each row and learn from its target before the next; return the new mixture and the predictions.

        Args:
            tables: counts of the training text.
            rows: contexts, in order.
            targets: (p,), the symbols that came.
            rate: learning rate of the weights, about 0.0004 decaying to 0, where nothing is learned. From 0.001 on,
                short texts are learned badly.
            blocks: (p,), the block whose counts each row leaves out; default: none.
            past: counts of the document, as for `predict`.
            lanes: (p,), as for `predict`.
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
        from charrnn.ngram.compiled.mixing_loops import run

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
        memory, scratch = (past or DocumentCounts(0)).memory, MixerWorkspace.of(symbols, len(learned.trust))
        run(asked, found, memory, structure_of(tables), learned, np.float32(rate), scratch, prediction)
        return prediction


def _selectors(symbols: int) -> NDArray[np.int64]:
    """Return the first row of each selector's weights, and the end of the last; see `mixing.select`."""
    words = len(KINDS) - len(CHARACTERS) + 1
    orders = len(CHARACTERS) + 1
    document = 1 + orders * words, BUCKETS + 2
    return np.cumsum(
        [0, 1, symbols, orders * words, BUCKETS + 1, BUCKETS + 1, LETTERS_MOST + 1, CLASSES + 3, *document]
    )


def structure_of(tables: Tables) -> Structure:
    parents = [KINDS.index(PARENTS[kind]) if kind in PARENTS else place - 1 for place, kind in enumerate(KINDS)]
    return Structure(
        np.array([*parents, *(KINDS.index(kind) for kind in OWN_KINDS)]), COLUMNS, _selectors(tables.symbols),
        len(KINDS), len(CHARACTERS), KINDS.index("w1"), sum(kind[0] == "c" for kind in OWN_KINDS), tables.width,
        tables.least,
    )  # fmt: skip
