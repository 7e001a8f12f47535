"""The fast decoders, and Warming: numpy writes the first texts, and the compiled engine takes over when it is there."""

import threading
import time
from collections.abc import Sequence

from charrnn.config import SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model.state import AnyState
from charrnn.model.weights import NetworkWeights
from charrnn.sampling import engine_choice
from charrnn.sampling.decoder import Decoder, DrawRequest, Generated, Ids, Logits
from charrnn.sampling.plain_decoder import Plain
from charrnn.sampling.step_state import StepState

PAUSE = 0.1  # seconds between two looks whether the engine is compiled


def fast_decoder(model: NetworkWeights, tokenizer: CharTokenizer, engine: str) -> Decoder[StepState]:
    """Return the decoder of a name: "numpy", "f32", "int8" or "auto"."""
    if engine == "numpy":
        return Plain(model, tokenizer)
    if engine == "auto" and not engine_choice.ready():
        return Warming(model, tokenizer)
    return _compiled(model, tokenizer, "f32" if engine == "auto" else engine)


def _compiled(model: NetworkWeights, tokenizer: CharTokenizer, precision: str) -> Decoder[StepState]:
    from charrnn.sampling.compiled import Engine  # loads numba

    return Engine(model, tokenizer, precision)


class Warming:
    """A decoder in numpy that becomes the compiled engine, between two calls, once another process has compiled it.

    Both give the same text, except where a rounding decides on another character, once in many thousands.
    """

    def __init__(self, model: NetworkWeights, tokenizer: CharTokenizer) -> None:
        self._now: Decoder[StepState] = Plain(model, tokenizer)
        # Not a daemon: if the program ended while it loads machine code, that could crash.
        self._thread = threading.Thread(target=self._replace, args=(model, tokenizer))
        self._thread.start()

    @property
    def is_warm(self) -> bool:
        """True once the compiled engine draws."""
        return not isinstance(self._now, Plain)

    def wait(self) -> None:
        """Wait until the compiled engine draws, or is given up."""
        self._thread.join()

    def _replace(self, model: NetworkWeights, tokenizer: CharTokenizer) -> None:
        began = time.monotonic()
        while not engine_choice.ready():
            if not threading.main_thread().is_alive() or time.monotonic() - began > engine_choice.PATIENCE:
                return
            time.sleep(PAUSE)
        engine = _compiled(model, tokenizer, "f32")
        engine.write(engine.start(), 1, DrawRequest(SampleConfig(), [0], [0]))  # loads the machine code
        self._now = engine

    def start(self) -> StepState:
        return self._now.start()

    def from_model(self, state: AnyState) -> StepState:
        return self._now.from_model(state)

    def to_model(self, state: StepState) -> AnyState:
        return self._now.to_model(state)

    def stack(self, states: Sequence[StepState]) -> StepState:
        return self._now.stack(states)

    def read(self, ids: Ids, state: StepState) -> StepState:
        return self._now.read(ids, state)

    def logits(self, ids: Ids, state: StepState) -> Logits:
        return self._now.logits(ids, state)

    def predict(self, state: StepState) -> Logits:
        return self._now.predict(state)

    def write(self, state: StepState, count: int, request: DrawRequest) -> Generated[StepState]:
        return self._now.write(state, count, request)
