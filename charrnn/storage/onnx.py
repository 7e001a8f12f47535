"""A model as an ONNX file: one step, with the state as explicit inputs and outputs. Needs the extra `onnx`.

    token (b,) int64, state0, state1, … (b, h)   →   logits (b, v), next0, next1, … (b, h)

The states are, layer by layer, what the cell carries: the hidden vector, then an LSTM's cell memory; zeros at first.
"""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.network import CELLS

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET, IR_VERSION = 17, 9  # old enough for every runtime in use

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
    """Write `path`, and beside it an example that generates with it; the path of that.

    Raises UserError for a model with counts, which no ONNX operator reads, or without the extra.
    """
    if model.counts is not None:
        raise UserError("onnx-without-counts", name=model.name)
    if importlib.util.find_spec("onnx") is None:
        raise UserError("onnx-not-installed")
    import onnx

    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(graph(model, tokenizer), path)
    script = path.with_suffix(".py")
    script.write_text(EXAMPLE.format(name=path.name, script=script.name), encoding="utf-8")
    return script


def graph(model: CharRNN, tokenizer: CharTokenizer) -> "ModelProto":
    """The step of a model without counts."""
    from onnx import TensorProto, checker, helper

    nodes, weights = (
        _Nodes(),
        {name: tensor.detach().float().cpu().numpy() for name, tensor in model.state_dict().items()},
    )
    cell, h, parts = model.config.cell, model.config.width, model.config.parts
    x = nodes.add("Gather", nodes.constant(weights["embedding.weight"]), "token")
    inputs: list[str] = []
    outputs: list[str] = []
    for layer in range(model.config.layers):
        inside = [f"layers.{layer}."] if parts == 1 else [f"layers.{layer}.cells.{member}." for member in range(parts)]
        own = [
            {name.split(".")[-1]: array for name, array in weights.items() if name.startswith(start)}
            for start in inside
        ]
        state = [f"state{len(inputs) + part}" for part in range(CELLS[cell].carries)]
        inputs += state
        sizes = [h // parts] * parts
        before = zip(*(nodes.split(part, sizes) for part in state), strict=True)
        read = [x] * parts if layer == 0 else nodes.split(x, sizes)
        found = [
            STEPS[cell](nodes, own[member], read[member], list(mine), h // parts) for member, mine in enumerate(before)
        ]
        after = [nodes.add("Concat", *of_all, axis=1) for of_all in zip(*found, strict=True)]
        outputs += after
        x = after[0]
    symbols = nodes.affine(x, weights["output.weight"] / parts, weights["output.bias"])
    escape = len(tokenizer.characters)
    characters, escaped = nodes.split(symbols, [escape, 1])
    spelling = model.spelling.detach().log_softmax(dim=0).numpy()[None]
    spelled = nodes.add("Add", escaped, nodes.constant(spelling))
    nodes.add("Concat", characters, spelled, output="logits", axis=1)
    for number, name in enumerate(outputs):
        nodes.add("Identity", name, output=f"next{number}")

    def tensor(name: str, kind: int, *shape: str | int) -> Any:
        return helper.make_tensor_value_info(name, kind, ["batch", *shape])

    number_of = range(len(inputs))
    found = helper.make_graph(
        nodes.nodes, model.name or "charrnn",
        [tensor("token", TensorProto.INT64), *(tensor(f"state{n}", TensorProto.FLOAT, h) for n in number_of)],
        [tensor("logits", TensorProto.FLOAT, model.config.vocab_size),
         *(tensor(f"next{n}", TensorProto.FLOAT, h) for n in number_of)],
        nodes.constants,
    )  # fmt: skip
    made = helper.make_model(found, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    helper.set_model_props(made, {"characters": tokenizer.characters, "cell": cell})
    checker.check_model(made)
    return made


class _Nodes:
    """A graph that grows; values are known by their names."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def _name(self) -> str:
        return f"v{len(self.nodes)}_{len(self.constants)}"

    def constant(self, array: Any) -> str:
        from onnx import numpy_helper

        name = self._name()
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = output or self._name()
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def split(self, value: str, sizes: list[int]) -> list[str]:
        import numpy as np
        from onnx import helper

        names = [f"{self._name()}_{number}" for number in range(len(sizes))]
        lengths = self.constant(np.array(sizes, dtype=np.int64))
        self.nodes.append(helper.make_node("Split", [value, lengths], names, axis=1))
        return names

    def affine(self, x: str, weight: Any, bias: Any) -> str:
        return self.add("Gemm", x, self.constant(weight), self.constant(bias), transB=1)


def _lstm(nodes: _Nodes, own: dict[str, Any], x: str, state: list[str], h: int) -> list[str]:
    from_input = nodes.affine(x, own["weight_ih_l0"], own["bias_ih_l0"])
    gates = nodes.add("Add", from_input, nodes.affine(state[0], own["weight_hh_l0"], own["bias_hh_l0"]))
    write, keep, new, read = nodes.split(gates, [h] * 4)
    kept = nodes.add("Mul", nodes.add("Sigmoid", keep), state[1])
    written = nodes.add("Mul", nodes.add("Sigmoid", write), nodes.add("Tanh", new))
    memory = nodes.add("Add", kept, written)
    return [nodes.add("Mul", nodes.add("Sigmoid", read), nodes.add("Tanh", memory)), memory]


def _gru(nodes: _Nodes, own: dict[str, Any], x: str, state: list[str], h: int) -> list[str]:
    of_input = nodes.split(nodes.affine(x, own["weight_ih_l0"], own["bias_ih_l0"]), [h] * 3)
    of_memory = nodes.split(nodes.affine(state[0], own["weight_hh_l0"], own["bias_hh_l0"]), [h] * 3)
    seen, keep = (nodes.add("Sigmoid", nodes.add("Add", of_input[n], of_memory[n])) for n in range(2))
    new = nodes.add("Tanh", nodes.add("Add", of_input[2], nodes.add("Mul", seen, of_memory[2])))
    return [nodes.add("Add", new, nodes.add("Mul", keep, nodes.add("Sub", state[0], new)))]


def _elman(nodes: _Nodes, own: dict[str, Any], x: str, state: list[str], h: int) -> list[str]:
    from_input = nodes.affine(x, own["input_weight"], own["bias"])
    from_memory = nodes.add("Gemm", state[0], nodes.constant(own["memory_weight"]), transB=1)
    return [nodes.add("Tanh", nodes.add("Add", from_input, from_memory))]


STEPS = {"elman": _elman, "gru": _gru, "lstm": _lstm}
