"""The ONNX step is the model's step, and the example beside it writes text without charrnn."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from support import CELLS, QUATRAINS, tiny

from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.storage.onnx import export


@pytest.mark.parametrize(("cell", "members"), [*((cell, 1) for cell in CELLS), ("lstm", 2)])
def test_logits_are_those_of_the_model(cell: str, members: int, tokenizer: CharTokenizer, tmp_path: Path) -> None:
    """Over 1,000 characters, the state going around."""
    model = tiny(tokenizer, cell, members=members)
    torch.nn.init.normal_(model.spelling)
    export(model, tokenizer, tmp_path / "step.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "step.onnx")
    names = [one.name for one in session.get_inputs()[1:]]
    states = {name: np.zeros((2, 16), dtype=np.float32) for name in names}
    text = ("é ✍" + QUATRAINS.read_text(encoding="utf-8") * 9)[:1000]
    ids = tokenizer.encode_array(text).astype(np.int64)
    found = []
    for token in ids:
        logits, *after = session.run(None, {"token": np.array([token, token]), **states})
        states = dict(zip(names, after, strict=True))
        found.append(logits)
    with torch.no_grad():
        expected, _ = model(torch.from_numpy(ids)[None], model.initial_state())
    assert np.abs(np.array(found) - expected[0, :, None].numpy()).max() < 1e-4


def test_the_example_writes(tokenizer: CharTokenizer, tmp_path: Path) -> None:
    script = export(tiny(tokenizer), tokenizer, tmp_path / "quadras.onnx")
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 22
    command = [sys.executable, script.name, "Quem canta", "50"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert done.stdout.startswith("Quem canta")
    assert len(done.stdout) == len("Quem canta") + 50 + 1


def test_counts_cannot_be_exported(joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^--model tiny: expected a network alone, .* found one that is joined"):
        export(joined, tokenizer, tmp_path / "step.onnx")
    assert not list(tmp_path.iterdir())
