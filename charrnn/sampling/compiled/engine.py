"""Engine: a model's weights, arranged for drawing characters one by one in one compiled loop on one core."""

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import at_once, packed
from charrnn.compiled.tile_sums import TILE
from charrnn.config import SampleConfig
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import BYTES, CharTokenizer
from charrnn.model.state import AnyState
from charrnn.model.weights import NetworkWeights
from charrnn.ngram.context_mixer import ContextMixer, structure_of
from charrnn.ngram.contexts import CLASSES_SEEN, KINDS, ContextHasher
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.experts import Found, MixerWorkspace
from charrnn.ngram.mixing import Prediction, Rows
from charrnn.ngram.model import NgramModel
from charrnn.ngram.tables import Tables
from charrnn.ngram.vocabulary import Alphabet, WordClasses
from charrnn.sampling.compiled import steps
from charrnn.sampling.compiled.cell_steps import COMPILED
from charrnn.sampling.compiled.choice import FORBIDDEN, ChoiceWorkspace, Rules
from charrnn.sampling.compiled.products import Matrices, ProductWorkspace
from charrnn.sampling.decoder import DrawRequest, Generated, write_by_steps
from charrnn.sampling.filters import uncompiled
from charrnn.sampling.step_state import StepState, padded

Floats = NDArray[np.float32]

PRECISIONS = ("f32", "int8")


class EngineGenerated(NamedTuple):
    """Tokens (b, n), and what the state after each of them is computed from."""

    tokens: NDArray[np.int32]
    before: StepState
    trace: steps.StepTrace

    def after(self, step: int, row: int) -> StepState:
        """Return the state of a text after the token of a step."""
        one = slice(row, row + 1)
        recent = np.concatenate([self.before.recent[one], self.tokens[one, : step + 1]], axis=1)[:, -3:]
        trace = self.trace
        return StepState(trace.carried[step][:, :, one], recent, trace.reading[step][one], trace.expected[step][one])


class _Kept(threading.local):
    """A thread's work space for the number of texts that it last had."""

    rows = 0
    space: tuple[steps.Counting, steps.StepWorkspace]


class Engine:
    """Decodes as its model does, up to rounding: logits differ by less than 1e-4 in f32.

    It has no state but work space, each thread its own. A seed gives the same text bit for bit, alone or in a batch, in
    one call or in many.
    """

    def __init__(
        self, model: NetworkWeights, tokenizer: CharTokenizer, precision: str = "f32", *, hasty: bool = False
    ) -> None:
        """Arrange a model's weights.

        Args:
            precision: one of PRECISIONS, for the recurrent weights.
            hasty: whether to draw by slower code, rather than wait, while the loop is compiled for the first time.
        """
        assert precision in PRECISIONS, precision
        self._run_steps = at_once(steps.run) if hasty else steps.run
        self._peek = at_once(steps.peek) if hasty else steps.peek
        self.config = model.config
        self.counts = model.counts
        self.allowed = AllowedTokens(tokenizer)
        self._start = model.initial_state()
        self.network = _arranged(model, tokenizer, precision)
        self._network, self._known = packed(self.network), _packed_counts(self.counts or _no_counts())
        self._no_rules = packed(Rules.of(SampleConfig(), np.zeros(self.config.vocab_size)))
        self._kept = _Kept()

    def start(self) -> StepState:
        return self.from_model(self._start)

    def from_model(self, state: AnyState) -> StepState:
        return StepState.of(state, self.config)

    def to_model(self, state: StepState) -> AnyState:
        return state.recurrent(self.config)

    def stack(self, states: Sequence[StepState]) -> StepState:
        return StepState.joined(states)

    def read(self, ids: NDArray[np.integer], state: StepState) -> StepState:
        return self._run(self._reading(np.array(ids, dtype=np.int32)[None]), state, self._trace(state, 0))

    def logits(self, ids: NDArray[np.integer], state: StepState) -> NDArray[np.float64]:
        logits = np.empty((len(ids), 1, self.config.vocab_size))
        trace = self._trace(state, 0)._replace(logits=logits)
        self._run(self._reading(np.array(ids, dtype=np.int32)[None]), state, trace)
        return logits[:, 0]

    def predict(self, state: StepState) -> NDArray[np.float64]:
        logits = np.empty((len(state.recent), self.config.vocab_size))
        self._peek(self._network, self._memory(state), self._space(len(logits))[1], logits)
        return logits

    def advance(self, tokens: list[int], state: StepState) -> StepState:
        return self._run(self._reading(np.array(tokens, dtype=np.int32)[:, None]), state, self._trace(state, 0))

    def recent(self, state: StepState) -> list[list[int]]:
        found: list[list[int]] = state.recent.tolist()
        return found

    def row(self, state: StepState, index: int) -> StepState:
        return state.row(index)

    def write(self, state: StepState, count: int, request: DrawRequest) -> Generated[StepState]:
        if uncompiled(request.config):
            return write_by_steps(self, state, count, request)
        rows, v = len(state.recent), self.config.vocab_size
        history = np.array(np.empty((rows, 0)) if request.history is None else request.history, dtype=np.int32)
        tokens = np.empty((rows, count), dtype=np.int32)
        task = steps.DrawTask(
            drawing=True,
            tokens=tokens,
            seeds=np.array([seed % 2**64 for seed in request.seeds], dtype=np.uint64),
            positions=np.array(request.positions, dtype=np.int64),
            given=np.maximum(np.empty((0, v)) if request.logits is None else request.logits, FORBIDDEN),
            history=history,
            lengths=(history >= 0).sum(axis=1),
        )
        trace = self._trace(state, count)
        self._run(task, state, trace, Rules.of(request.config, np.zeros(v) if request.bias is None else request.bias))
        return EngineGenerated(tokens, state, trace)

    def _reading(self, tokens: NDArray[np.int32]) -> steps.DrawTask:
        """Return the task of reading tokens (b, n)."""
        rows, v = len(tokens), self.config.vocab_size
        return steps.DrawTask(
            drawing=False,
            tokens=tokens,
            seeds=np.zeros(rows, dtype=np.uint64),
            positions=np.zeros(rows, dtype=np.int64),
            given=np.empty((0, v)),
            history=np.empty((rows, 0), dtype=np.int32),
            lengths=np.zeros(rows, dtype=np.int64),
        )

    def _trace(self, state: StepState, count: int) -> steps.StepTrace:
        """Return a trace for the states, without logits, of `count` steps."""
        logits = np.empty((0, len(state.recent), self.config.vocab_size))
        parts = state.carried, state.reading, state.expected
        return steps.StepTrace(logits, *(np.empty((count, *np.shape(part)), part.dtype) for part in parts))

    def _run(
        self, task: steps.DrawTask, state: StepState, trace: steps.StepTrace, rules: Rules | None = None
    ) -> StepState:
        """Set the trace and the tokens drawn; return the last state."""
        memory = self._memory(state)
        counting, workspace = self._space(len(task.tokens))
        self._run_steps(self._network, counting, memory, rules or self._no_rules, task, trace, workspace)
        return StepState(*memory)

    def _space(self, rows: int) -> tuple[steps.Counting, steps.StepWorkspace]:
        """Return this thread's work space for so many texts. Making it takes longer than a step of one text."""
        if self._kept.rows != rows:
            counting = _counting(self.counts or _no_counts(), self._known, rows)
            self._kept.rows, self._kept.space = rows, (packed(counting), packed(self._workspace(rows)))
        return self._kept.space

    def _memory(self, state: StepState) -> steps.StepMemory:
        """Return a copy that the loop may change."""
        return steps.StepMemory(*(np.array(part, order="C") for part in vars(state).values()))

    def _workspace(self, rows: int) -> steps.StepWorkspace:
        width, v = self.network.hidden, self.config.vocab_size
        most = padded(COMPILED[self.config.cell].gates * width, TILE)
        symbols = padded(v - len(BYTES) + 1, TILE)
        choice = ChoiceWorkspace(
            np.empty(v), np.empty(v), np.empty(v, dtype=np.int64), np.empty(v), np.empty(3, dtype=np.int64)
        )
        likely, beside = padded(v - len(BYTES) + 1), self.network.places.shape[1]
        inputs, products, expected, read, outputs, others = (
            np.zeros((rows, size), dtype=np.float32) for size in (most, most, likely, beside, symbols, symbols)
        )
        sums = ProductWorkspace.of(rows, width)
        drawn = np.empty(rows, dtype=np.int32)
        return steps.StepWorkspace(inputs, products, expected, read, outputs, others, sums, drawn, choice)


def _packed_counts(counts: NgramModel) -> Callable[..., steps.Counting]:
    """Return what makes a `Counting` of the fields that depend on the number of texts: it adds the others, packed."""
    words, lists = counts.reader.words, counts.tables.lists
    return functools.partial(
        steps.Counting,
        script=packed(counts.reader.script),
        words=packed((words.hashes, words.classes, words.count)),
        lists=packed(lists),
        structure=packed(structure_of(counts.tables)),
        learned=packed(counts.mixture.learned),
        past=packed((counts.past or DocumentCounts(0)).memory),
    )


def _counting(counts: NgramModel, known: Callable[..., steps.Counting], rows: int) -> steps.Counting:
    """Return the n-gram model with work space for so many texts."""
    kinds, symbols, lists = len(KINDS), counts.tables.symbols, counts.tables.lists
    keys = np.empty((rows, 1, kinds), dtype=np.uint64)
    letters, places = (np.empty((rows, 1), dtype=np.uint8) for _ in range(2))
    nothing = np.full(rows, -1)
    every = Rows(
        keys[:, 0], np.empty(rows, dtype=np.uint16), letters[:, 0], np.empty(rows, dtype=np.uint16), places[:, 0],
        np.full(rows, STATIC if counts.past is None else 0), nothing,
    )  # fmt: skip
    found, own = (np.empty((rows, kinds), dtype=np.int32) for _ in range(2))
    return known(
        symbols=np.empty((rows, 1), dtype=np.uint16), keys=keys, letters=letters,
        classes=np.empty((rows, 1, CLASSES_SEEN), dtype=np.uint16), places=places, nothing=nothing, rows=every,
        found=Found(found, own, lists.entries, lists.own_entries),
        scratch=MixerWorkspace.of(symbols, len(counts.mixture.learned.trust)),
        prediction=Prediction(np.empty((rows, symbols), np.float32), np.empty((rows, 3), np.float32)),
    )  # fmt: skip


@functools.cache
def _no_counts() -> NgramModel:
    """Return empty counts, for models without them, so that the loop is compiled once for all."""
    alphabet = Alphabet.of(" ")
    bits = np.ones(len(KINDS), dtype=np.int64)
    kinds = {"remainders": np.uint16, "symbols": np.uint8, "counts": np.uint8, "large": np.uint32}
    empty = {name: np.zeros(0, kind) for name, kind in kinds.items()}
    empty |= {"shape": np.array([alphabet.symbols, *bits]), "least": np.ones_like(bits), "times": np.ones(1, np.int64)}
    tables = Tables.from_arrays({"sizes": np.zeros(2 * len(KINDS), np.uint8), **empty})
    return NgramModel(ContextHasher(alphabet, WordClasses.none()), tables, ContextMixer.start(alphabet.symbols))


def _arranged(model: NetworkWeights, tokenizer: CharTokenizer, precision: str) -> steps.Network:
    """Return a model's weights arranged for the loop; products of weights are computed in float64."""
    config, weights = model.config, model.arrays
    parts = config.member_count
    inside = [""] if parts == 1 else [f"cells.{member}." for member in range(parts)]
    kind = COMPILED[config.cell]
    cells = [kind.arranged(weights, f"layers.{n}.{name}") for n in range(config.layers) for name in inside]
    first = np.stack([cell[0] for cell in cells[:parts]], dtype=np.float64)
    joined = config.counts == "joined"

    def stacked(matrices: list[Floats], precision: str = precision) -> Matrices:
        stack = matrices[0][None] if len(matrices) == 1 else np.stack(matrices)  # a view, where that is possible
        return (Matrices.exact if precision == "f32" else Matrices.quantized)(stack)

    w, u, b = map(np.zeros_like, cells[0])
    above = cells[parts:] or [(w, u, b)]  # a placeholder, never read
    empty, none = np.zeros((0, 1), np.float32), Matrices.exact(np.zeros((1, 1, 1), np.float32))

    def single(array: NDArray[np.floating]) -> Floats:
        return np.ascontiguousarray(array, dtype=np.float32)

    def widened(array: Floats) -> Floats:
        """Return an array (…, e) with e padded by zeros."""
        return single(np.pad(array, ((0, 0), (0, padded(array.shape[1], TILE) - array.shape[1]))))

    def with_bias(name: str) -> Floats:
        return single(np.concatenate([weights[f"{name}.weight"], weights[f"{name}.bias"][:, None]], axis=1))

    def shared(name: str) -> list[Floats]:
        """Return, for a layer that reads the mean of the members, each member's weights (h, outputs)."""
        return np.split(weights[name].T / np.float32(parts), parts)

    spelling = weights["spelling"].astype(np.float64) - weights["spelling"].max()
    legal = AllowedTokens(tokenizer)
    return steps.Network(
        cell=kind.code,
        hidden=config.hidden_size // parts,
        members=parts,
        first=single(weights["embedding.weight"] @ first + np.stack([cell[2] for cell in cells[:parts]])[:, None]),
        expected=none if not joined else Matrices.exact(widened(weights["fusion.input.weight"].T)[None]),
        places=empty if not joined else widened(weights["fusion.place.weight"]),
        beside=none if not joined else stacked([widened(cell[0].T).T for cell in cells[:parts]], "f32"),
        inputs=stacked([cell[0] for cell in above]),
        biases=single(np.stack([cell[2] for cell in above])),
        memory=stacked([cell[1] for cell in cells]),
        output=stacked(shared("output.weight"), "f32"),
        output_bias=single(weights["output.bias"]),
        spelling=single(spelling - math.log(np.exp(spelling).sum())),
        surety=empty if not joined else with_bias("fusion.surety"),
        gates=empty if not joined else with_bias("fusion.gates"),
        place_gates=empty if not joined else single(weights["fusion.place_gates.weight"]),
        attention=empty if not joined else single(np.stack(shared("fusion.attention.weight"))[..., 0]),
        known=np.array(sorted(map(ord, tokenizer.characters)), dtype=np.int64),
        leads=np.array([legal.spellable(bytes([byte])) for byte in range(len(BYTES))]),
    )
