"""Plain: a decoder in numpy. It is slower than the compiled engine, and there at once.

The equations are those of `charrnn.model.cells` and `charrnn.model.network`, for one step of b texts; products run in
numpy's own library, one matrix after the other.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model.state import AnyState
from charrnn.model.weights import MIN_LOG_PROB, NetworkWeights
from charrnn.ngram.prediction import PredictionLayout
from charrnn.sampling.decoder import DrawRequest, GeneratedBySteps, Ids, Logits, logits_by_steps, write_by_steps
from charrnn.sampling.step_state import StepState

Floats = NDArray[np.float32]


class Plain:
    """Decodes as its model does, up to rounding: logits differ by less than 1e-4. It has no state."""

    def __init__(self, model: NetworkWeights, tokenizer: CharTokenizer) -> None:
        """model: with a cell of STEPS."""
        self.model, self.config, self.weights = model, model.config, model.arrays
        self.allowed = AllowedTokens(tokenizer)
        spelling = self.weights["spelling"].astype(np.float64)
        self.spelling = spelling - np.log(np.exp(spelling - spelling.max()).sum()) - spelling.max()
        self.layout = PredictionLayout(len(self.weights["output.bias"]))
        self.counts = None
        if model.counts is not None:
            from charrnn.ngram.plain import PlainCounts

            self.counts = PlainCounts(model.counts)

    def start(self) -> StepState:
        return self.from_model(self.model.initial_state())

    def from_model(self, state: AnyState) -> StepState:
        return StepState.of(state, self.config)

    def to_model(self, state: StepState) -> AnyState:
        return state.recurrent(self.config)

    def stack(self, states: Sequence[StepState]) -> StepState:
        return StepState.joined(states)

    def row(self, state: StepState, index: int) -> StepState:
        return state.row(index)

    def recent(self, state: StepState) -> list[list[int]]:
        found: list[list[int]] = state.recent.tolist()
        return found

    def read(self, ids: Ids, state: StepState) -> StepState:
        return self._read(np.asarray(ids, dtype=np.int64)[None], state) if len(ids) > 0 else state

    def advance(self, tokens: list[int], state: StepState) -> StepState:
        return self._read(np.array(tokens, dtype=np.int64)[:, None], state)

    def logits(self, ids: Ids, state: StepState) -> Logits:
        return logits_by_steps(self, ids, state, self.config.vocab_size)

    def write(self, state: StepState, count: int, request: DrawRequest) -> GeneratedBySteps[StepState]:
        return write_by_steps(self, state, count, request)

    def predict(self, state: StepState) -> Logits:
        """See `CharRNN.predict`: members give the mean of their logits, and the bytes share that of the escape."""
        hidden: Floats = self._hidden(state.carried[-self.config.member_count :, 0])
        hidden = hidden / np.float32(self.config.member_count)
        logits: Floats = hidden @ self.weights["output.weight"].T + self.weights["output.bias"]
        if self.counts is not None:
            logits = self._corrected(logits, hidden, state.expected)
        exact = logits.astype(np.float64)
        return np.concatenate([exact[:, :-1], exact[:, -1:] + self.spelling], axis=1)

    def _read(self, tokens: NDArray[np.int64], state: StepState) -> StepState:
        """Return the state after tokens (b, t)."""
        x: Floats = self.weights["embedding.weight"][tokens]
        reading, expected = state.reading, state.expected
        if self.counts is not None:
            values, reading = self.counts.expect(tokens, reading)
            clamped = np.maximum(values[..., self.layout.log_probabilities], np.float32(MIN_LOG_PROB))
            likely = (clamped / 4 + 2).astype(np.float32)
            places = values[..., self.layout.place].astype(np.int64)
            x = x + likely @ self.weights["fusion.input.weight"].T + self.weights["fusion.place.weight"][places]
            expected = values[:, -1]
        carried = state.carried
        for instant in range(tokens.shape[1]):
            carried = self._step(x[:, instant], carried)
        recent = np.concatenate([state.recent, tokens], axis=1)[:, -state.recent.shape[1] :]
        return StepState(carried, recent, reading, expected)

    def _step(self, x: Floats, before: Floats) -> Floats:
        """Return what the cells carry after one instant. x: (b, embed)."""
        after, members = before.copy(), self.config.member_count
        width = self.config.hidden_size // members
        for number in range(len(before)):
            layer, member = divmod(number, members)
            below = x if layer == 0 else after[number - members, 0][:, :width]
            prefix = f"layers.{layer}." if members == 1 else f"layers.{layer}.cells.{member}."
            carried = STEPS[self.config.cell](self.weights, prefix, below, before[number][..., :width])
            for part, values in enumerate(carried):
                after[number, part, :, :width] = values
        return after

    def _hidden(self, members: Floats) -> Floats:
        """Return the hidden vectors (b, n h) of members (n, b, h padded)."""
        width = self.config.hidden_size // self.config.member_count
        return np.concatenate(list(members[..., :width]), axis=-1)

    def _corrected(self, logits: Floats, hidden: Floats, expected: Floats) -> Floats:
        """See `Fusion.correct`."""
        weights, statistics = self.weights, expected[:, self.layout.statistics]
        surety = np.tanh(statistics @ weights["fusion.surety.weight"].T + weights["fusion.surety.bias"])
        gates = surety @ weights["fusion.gates.weight"].T + weights["fusion.gates.bias"]
        gates = gates + weights["fusion.place_gates.weight"][expected[:, self.layout.place].astype(np.int64)]
        trust = gates[:, 1:] + hidden @ weights["fusion.attention.weight"].T
        joined: Floats = gates[:, :1] * logits + trust * expected[:, self.layout.log_probabilities]
        return joined


Step = Callable[[Mapping[str, Floats], str, Floats, Floats], tuple[Floats, ...]]
"""(weights by name, a cell's prefix, x (b, i), what it carries (parts, b, h)) → what it carries after this instant."""


def _elman(weights: Mapping[str, Floats], prefix: str, x: Floats, carried: Floats) -> tuple[Floats, ...]:
    w, u, b = (weights[f"{prefix}{name}"] for name in ("input_weight", "memory_weight", "bias"))
    return (np.tanh(x @ w.T + b + carried[0] @ u.T),)


def _gru(weights: Mapping[str, Floats], prefix: str, x: Floats, carried: Floats) -> tuple[Floats, ...]:
    of_input, of_memory = _products(weights, prefix, x, carried[0])
    r, z, n = np.split(of_input, 3, axis=1)
    seen, keep, candidate = np.split(of_memory, 3, axis=1)
    new = np.tanh(n + _sigmoid(r + seen) * candidate)
    return (new + _sigmoid(z + keep) * (carried[0] - new),)


def _lstm(weights: Mapping[str, Floats], prefix: str, x: Floats, carried: Floats) -> tuple[Floats, ...]:
    write, keep, new, read = np.split(np.add(*_products(weights, prefix, x, carried[0])), 4, axis=1)
    memory = _sigmoid(keep) * carried[1] + _sigmoid(write) * np.tanh(new)
    return _sigmoid(read) * np.tanh(memory), memory


def _products(weights: Mapping[str, Floats], prefix: str, x: Floats, hidden: Floats) -> tuple[Floats, Floats]:
    w, u, b, c = (weights[f"{prefix}rnn.{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    return x @ w.T + b, hidden @ u.T + c


def _sigmoid(x: Floats) -> Floats:
    half = np.float32(0.5)
    found: Floats = half + half * np.tanh(half * x)
    return found


STEPS: dict[str, Step] = {"elman": _elman, "gru": _gru, "lstm": _lstm}
