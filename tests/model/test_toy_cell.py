"""A cell that is new takes a class and an entry; then it trains, samples, is inspected and exported like any other.

A tenth cell touches at most three files: `charrnn/model/cells.py` (class, entry in CELLS),
`charrnn/config/__init__.py` (label), and, for the compiled engine, `charrnn/sampling/compiled/cell_steps.py` (step).
This test touches the first two.
"""

import itertools
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from support import QUATRAINS, quick, tiny
from torch import Tensor, nn

from charrnn.config import CELL_LABELS, ModelConfig
from charrnn.data.stream import TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import memory_map, trace
from charrnn.model import CharRNN, cells
from charrnn.sampling import Sampler
from charrnn.sampling.compiled import COMPILED
from charrnn.storage.checkpoint import create, load
from charrnn.storage.onnx import export
from charrnn.training.plan import peak
from charrnn.training.trainer import Trainer


class Leaky(cells.RecurrentCell):
    """A second memory that takes up a tenth of each input: c_t = 0.9 c_{t-1} + 0.1 W x_t, H_t = tanh(c_t + U M_t)."""

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.read, self.remember = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden, bias=False)

    def step(self, x: Tensor, carried: cells.Carried) -> cells.Carried:
        memory = 0.9 * carried[1] + 0.1 * self.read(x)
        return torch.tanh(memory + self.remember(carried[0])), memory


@pytest.fixture(autouse=True)
def _leaky(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CELL_LABELS, "leaky", "Leaky")
    monkeypatch.setitem(cells.CELLS, "leaky", cells.Cell(Leaky, gates=1, peak=3e-3, carries=2))


@pytest.fixture(params=[1, 2])
def leaky(request: pytest.FixtureRequest, tokenizer: CharTokenizer) -> CharRNN:
    return tiny(tokenizer, "leaky", members=request.param)


def test_every_cell_has_a_label() -> None:
    assert CELL_LABELS.keys() == cells.CELLS.keys() >= COMPILED.keys()


def test_it_trains(leaky: CharRNN, tokenizer: CharTokenizer) -> None:
    stream = TextStream(tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8")), 4, 16)
    trainer = Trainer(leaky, stream, quick())
    rate = peak(leaky.config, 4, updates=40)
    bits = [trainer.step(rate) for _ in range(40)]
    assert sum(bits[-5:]) < 0.95 * sum(bits[:5])


def test_it_samples_and_says_that_no_engine_has_it(leaky: CharRNN, tokenizer: CharTokenizer) -> None:
    notes: list[str] = []
    sampler = Sampler(leaky, tokenizer, "f32", notes.append)
    assert notes == ["the cell leaky has no compiled step: texts come more slowly"]
    assert len(sampler.generate("Quem ")) == 500


def test_it_is_inspected(leaky: CharRNN, tokenizer: CharTokenizer) -> None:
    """Both memories, at each instant, are those that stepping by hand gives."""
    text = "Quem canta"
    found = trace(leaky, tokenizer, text)
    state = leaky.initial_state()
    with torch.no_grad():
        for place, character in enumerate("\n" + text):
            _, state = leaky(torch.tensor([tokenizer.encode(character)]), state)
            if place > 0:
                both = (np.stack([layer[part][0].numpy() for layer in state.layers]) for part in (0, 1))
                for kept, expected in zip((found.hidden, found.cell), both, strict=True):
                    assert np.allclose(kept[place - 1], expected, atol=1e-3)
    assert memory_map.units(found, "cell").shape == (16, len(text))


def test_it_is_exported(leaky: CharRNN, tokenizer: CharTokenizer, tmp_path: Path) -> None:
    export(leaky, tokenizer, tmp_path / "step.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "step.onnx")
    states = {one.name: np.zeros((1, 16), dtype=np.float32) for one in session.get_inputs()[1:]}
    ids = tokenizer.encode_array("Quem canta seus males espanta").astype(np.int64)
    found = []
    for token in ids:
        logits, *after = session.run(None, {"token": np.array([token]), **states})
        states = dict(zip(states, after, strict=True))
        found.append(logits[0])
    with torch.no_grad():
        expected, _ = leaky(torch.from_numpy(ids)[None], leaky.initial_state())
    assert np.abs(np.array(found) - expected[0].numpy()).max() < 1e-4


def test_it_is_saved_and_loaded(leaky: CharRNN, tokenizer: CharTokenizer, tmp_path: Path) -> None:
    create(tmp_path / "m", leaky, tokenizer)
    again, _ = load(tmp_path / "m")
    assert again.config == leaky.config
    assert all(torch.equal(*pair) for pair in zip(again.parameters(), leaky.parameters(), strict=True))


def test_a_cell_that_is_not_registered_is_refused() -> None:
    with pytest.raises(Exception, match="cell: expected one of lstm, gru, elman, leaky"):
        ModelConfig(cell="transformer")
    assert list(itertools.islice(CELL_LABELS, 3)) == ["lstm", "gru", "elman"]
