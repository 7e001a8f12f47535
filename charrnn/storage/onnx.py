"""A model as an ONNX file: one step, with the state as explicit inputs and outputs. Needs the extra `onnx`.

    token (b,) int64, state0, state1, … (b, h)   →   logits (b, v), next0, next1, … (b, h)

The states are, layer by layer, what the cell carries: the hidden vector, then an LSTM's second memory; zeros at first.
The graph is torch.onnx's, from each cell's `step`.
"""

import importlib.util
import itertools
import logging
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from charrnn import paths
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.cells import CELLS

_EXPORTER = logging.getLogger("torch.onnx")

EXAMPLE = '''"""Write text with {name}: needs onnxruntime and numpy only. python {script} "Era uma vez" 400"""

import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{name}")
characters = session.get_modelmeta().custom_metadata_map["characters"]
state = {{i.name: np.zeros((1, i.shape[1]), np.float32) for i in session.get_inputs()[1:]}}
prompt, length = (sys.argv[1:] + ["", "400"][len(sys.argv) - 1 :])[:2]
random, text = np.random.default_rng(), ""
for step in range(len(prompt) + int(length)):
    character = ("\\n" + prompt)[step] if step <= len(prompt) else text[-1]
    token = np.array([max(characters.find(character), 0)])
    logits, *after = session.run(None, {{"token": token, **state}})
    state = dict(zip(state, after))
    chances = np.exp((logits[0, : len(characters)].astype(float) - logits.max()) / 0.7)
    text += random.choice(list(characters), p=chances / chances.sum()) if step >= len(prompt) else ""
print(prompt + text)
'''


def export(model: CharRNN, tokenizer: CharTokenizer, path: Path) -> Path:
    """Write `path`, and beside it an example that generates with it; return the path of that.

    Raises UserError for a model with counts, which no ONNX operator reads, or without the extra.
    """
    if model.counts is not None:
        raise UserError("onnx-without-counts", name=model.name)
    if not all(map(importlib.util.find_spec, ("onnx", "onnxscript"))):
        raise UserError("onnx-not-installed")
    path.parent.mkdir(parents=True, exist_ok=True)
    step = _Step(model).eval()
    count = step.carries * model.config.layers
    batch = torch.export.Dim("batch")
    examples = torch.zeros(2, dtype=torch.int64), *torch.zeros(count, 2, model.config.hidden_size).unbind()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # about torch's own code, and about the batch's name, which all inputs share
        _EXPORTER.setLevel(logging.ERROR)  # else it says which operators of other packages are missing
        program = torch.onnx.export(
            step, examples, dynamo=True, verbose=False, dynamic_shapes=(({0: batch},) * len(examples),),
            input_names=["token", *(f"state{number}" for number in range(count))],
            output_names=["logits", *(f"next{number}" for number in range(count))],
        )  # fmt: skip
    assert program is not None
    program.model.metadata_props.update(characters=tokenizer.characters, cell=model.config.cell)
    paths.write(path, program.model_proto.SerializeToString())
    script = path.with_suffix(".py")
    paths.write(script, EXAMPLE.format(name=path.name, script=script.name).encode())
    return script


class _Step(nn.Module):
    """One step of a model without counts, whose state is as many tensors as the file has."""

    def __init__(self, model: CharRNN) -> None:
        super().__init__()
        self.model = model
        self.carries = CELLS[model.config.cell].carries

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """inputs: token (b,), states (b, h) each. Returns the logits (b, v), then the states after."""
        x, states = self.model.embedding(inputs[0]), inputs[1:]
        after = []
        for number, layer in enumerate(self.model.layers):
            after.append(layer.step(x, states[self.carries * number : self.carries * (number + 1)]))
            x = after[-1][0]
        nothing = x[:, :0]  # no last characters, no counts: S_t comes from H_t only
        return self.model.predict(RecurrentState(tuple(after), nothing, nothing, nothing)), *itertools.chain(*after)
