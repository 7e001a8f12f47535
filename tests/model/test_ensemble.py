"""Laws of an ensemble in one network: its members are networks of their own, and it says the mean of what they say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support import CELLS, tiny, tokens_of

from charrnn.config import ModelConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.ensemble import SIDE_BY_SIDE
from charrnn.ngram.model import NgramModel
from charrnn.storage import checkpoint
from charrnn.training.probe import has_bf16


def alone(model: CharRNN, member: int) -> CharRNN:
    """A network of one member's weights."""
    members = model.config.member_count
    shape = replace(model.config, hidden=model.config.hidden_size // members, members=1)
    network = CharRNN(shape, counts=model.counts).eval()
    weights = {}
    for name, weight in model.state_dict().items():
        if ".cells." in name:
            if f".cells.{member}." in name:
                weights[name.replace(f".cells.{member}.", ".")] = weight
        elif name in ("output.weight", "fusion.attention.weight"):
            weights[name] = weight.chunk(members, dim=1)[member]
        else:
            weights[name] = weight
    network.load_state_dict(weights)
    return network


@pytest.mark.parametrize("members", [2, 4])
@pytest.mark.parametrize("cell", [*CELLS, "joined"])
def test_members_are_networks_of_their_own(
    cell: str, members: int, tokenizer: CharTokenizer, counted: NgramModel
) -> None:
    if cell == "joined":
        model = tiny(tokenizer, members=members, counts=counted)
    else:
        model = tiny(tokenizer, cell, members=members)
    tokens = tokens_of(model, batch=2, length=30)
    with torch.no_grad():
        read = model.unroll(tokens, model.initial_state(2))
        each = model.member_logits(read).joined
        for member, logits in enumerate(each):
            network = alone(model, member)
            expected = network.symbol_logits(network.unroll(tokens, network.initial_state(2)))
            assert torch.allclose(logits, expected, atol=1e-5)
        assert torch.allclose(model.symbol_logits(read), each.mean(dim=0), atol=1e-5)


def test_no_member_learns_from_the_mistakes_of_another(ensemble: CharRNN) -> None:
    read = ensemble.unroll(tokens_of(ensemble, batch=1, length=9), ensemble.initial_state())
    for member in range(2):
        loss = ensemble.member_logits(read).joined[member].square().sum()
        parameters = dict(ensemble.named_parameters())
        gradients = torch.autograd.grad(loss, list(parameters.values()), retain_graph=True, allow_unused=True)
        for name, gradient in zip(parameters, gradients, strict=True):
            if ".cells." in name:
                learns = gradient is not None and bool(gradient.any())
                assert learns == (f".cells.{member}." in name), name


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("cell", CELLS)
def test_side_by_side_is_as_one_after_the_other(cell: str, precision: torch.dtype, tokenizer: CharTokenizer) -> None:
    """Whatever the number of threads: the same outputs, states and gradients, with a state that has a gradient too."""
    model, threads = tiny(tokenizer, cell, members=4), torch.get_num_threads()
    if precision == torch.bfloat16 and not has_bf16(model):
        pytest.skip(f"this processor has no bfloat16 for {cell}")
    tokens = tokens_of(model, batch=SIDE_BY_SIDE, length=20)
    found = []
    try:
        for count in (1, 2, 4):
            torch.set_num_threads(count)
            model.zero_grad()
            with torch.autocast("cpu", precision, enabled=precision == torch.bfloat16):
                first, between = model(tokens[:, :7], model.initial_state(SIDE_BY_SIDE))
                second, after = model(tokens[:, 7:], between)
            (first.square().sum() + second.square().sum() + sum(part.sum() for part in after.layers[0])).backward()
            found.append(
                [second, *after.layers[0], *(weight.grad for weight in model.parameters() if weight.grad is not None)]
            )
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    for other in found[1:]:
        for left, right in zip(found[0], other, strict=True):
            assert (left - right).abs().max() <= torch.finfo(precision).eps * 8 * max(1.0, left.abs().max().item())
    assert len(found[0]) > 10


def test_a_width_that_is_no_multiple_is_refused() -> None:
    with pytest.raises(UserError, match=r"^hidden: expected a multiple of the 3 members, found 16$"):
        ModelConfig(hidden=16, members=3)
    assert ModelConfig(hidden=18, members=3).size == "1 × 6, 3 members"


def test_models_of_before_have_one(saved: Path, tmp_path: Path) -> None:
    for file in saved.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    del config["members"]
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    one, other = (checkpoint.load(str(directory))[0] for directory in (saved, tmp_path))
    assert one.config == other.config
