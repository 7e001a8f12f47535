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
from charrnn.ngram.model import NgramModel
from charrnn.storage import checkpoint


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
