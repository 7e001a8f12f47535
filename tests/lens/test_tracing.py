"""Traces against a forward made by hand, step by step, and against scoring."""

import copy
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from support import QUATRAINS, tiny

import charrnn
from charrnn.cli import main
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import connectivity, interventions, reach, trace
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import token_bits

TEXT = "Quem canta 日 seus males espanta.\n— É ß.\n"


def test_surprisal_is_that_of_scoring(model: CharRNN, tokenizer: CharTokenizer) -> None:
    found = trace(model, tokenizer, TEXT)
    assert found.bits_per_character == pytest.approx(charrnn.score(model, tokenizer, TEXT).bits_per_character, rel=1e-5)
    assert [character for character, unknown in zip(TEXT, found.unknown, strict=True) if unknown] == [
        character for character in TEXT if character not in tokenizer.characters
    ]
    assert found.surprisal[found.hardest(3)].tolist() == sorted(found.surprisal, reverse=True)[:3]


def test_memory_is_the_hidden_state_of_the_instant_before(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """M_t = H_{t-1}, exactly; and both are what stepping by hand gives."""
    found = trace(model, tokenizer, TEXT)
    assert np.array_equal(found.memory[1:], found.hidden[:-1])
    assert np.array_equal(found.memory[0], found.first)
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("\n")]), model.initial_state())
        for place, character in enumerate(TEXT):
            before = np.stack([layer[0][0].numpy() for layer in state.layers])
            assert np.allclose(found.memory[place], before, atol=1e-3), place
            _, state = model(torch.tensor([tokenizer.encode(character)]), state)
            if model.config.cell == "lstm":
                cells = np.stack([layer[1][0].numpy() for layer in state.layers])
                assert np.allclose(found.cell[place], cells, atol=2e-3), place
    assert found.cell.shape[-1] == (16 if model.config.cell == "lstm" else 0)
    assert torch.allclose(found.state.layers[0][0], state.layers[0][0], atol=1e-5)


def test_entropy_and_candidates_are_those_of_the_prediction(model: CharRNN, tokenizer: CharTokenizer) -> None:
    found, legal = trace(model, tokenizer, TEXT), AllowedTokens(tokenizer)
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("\n")]), model.initial_state())
        for place, character in enumerate(TEXT):
            chances = legal.constrain(model.predict(state), state.recent)[0].softmax(-1)
            bits = -sum(p * math.log2(p) for p in chances.tolist() if p > 0)
            assert found.entropy[place] == pytest.approx(bits, abs=1e-4)
            assert np.allclose(found.candidates.chances[place], chances.topk(8).values, atol=1e-5)
            assert np.allclose(chances[found.candidates.tokens[place]], found.candidates.chances[place], atol=1e-5)
            _, state = model(torch.tensor([tokenizer.encode(character)]), state)


@pytest.mark.parametrize("cut", [0, 1, 11, 12, len(TEXT)])
def test_a_text_may_grow(model: CharRNN, tokenizer: CharTokenizer, cut: int) -> None:
    """Traced at once, or first its beginning and then the rest from the state there."""
    whole, begun = trace(model, tokenizer, TEXT), trace(model, tokenizer, TEXT[:cut])
    rest = trace(model, tokenizer, TEXT[cut:], begun.state)
    for name in ("hidden", "cell", "surprisal", "entropy"):
        parts = np.concatenate([getattr(begun, name), getattr(rest, name)])
        assert np.allclose(parts, getattr(whole, name), atol=2e-3), name


def test_windows_and_files_change_nothing(tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny(tokenizer)
    expected = trace(model, tokenizer, TEXT)
    monkeypatch.setattr("charrnn.lens.tracing.WINDOW", 5)
    monkeypatch.setattr("charrnn.lens.tracing.IN_MEMORY", 0)
    found = trace(model, tokenizer, TEXT)
    assert isinstance(found.hidden, np.memmap)
    assert np.allclose(found.hidden, expected.hidden, atol=1e-3)
    assert np.allclose(found.surprisal, expected.surprisal, atol=1e-4)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    """Exit code, stdout and stderr of `charrnn inspect`."""
    with pytest.raises(SystemExit) as stopped:
        main(["inspect", *arguments])
    captured = capsys.readouterr()
    return stopped.value.code, captured.out, captured.err


def test_command_tells_of_every_character(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = charrnn.score(*charrnn.load(saved), TEXT).bits_per_character
    code, out, _ = told(capsys, TEXT, "--model", str(saved), "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert "".join(row["character"] for row in rows) == TEXT
    assert sum(row["bits"] for row in rows) / len(TEXT) == pytest.approx(expected, abs=1e-4)
    code, out, _ = told(capsys, TEXT, "--model", str(saved))
    assert code == 0
    assert TEXT.splitlines()[0] in out
    assert f"{expected:.4f} bits per character" in out


def test_nothing_to_inspect(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = told(capsys, "", "--model", str(saved))
    assert (code, out, error) == (2, "", "charrnn: text: expected at least one character, found none\n")


def test_connectivity_is_the_slope_of_the_prediction(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """Against finite differences in the space of embeddings, along the gradient's own direction and others."""
    exact = model.counts is None  # counts speak in float32, with which differences are less exact
    model = copy.deepcopy(model).double() if exact else model
    text = "Quem canta"
    ids = torch.tensor([tokenizer.encode(text)])
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("\n")]), model.initial_state())
    found = connectivity(model, tokenizer, text, state)
    added = torch.zeros(1, ids.shape[1] - 1, 8, dtype=model.embedding.weight.dtype)
    hook = model.embedding.register_forward_hook(lambda module, inputs, output: output + added)

    def prediction() -> float:
        with torch.no_grad():
            logits, after = model(ids[:, :-1], state)
            chances = AllowedTokens(tokenizer).constrain(logits[:, -1], after.recent).log_softmax(-1)
            return chances[0, ids[0, -1]].item()

    step = 1e-5 if exact else 1e-2
    for place in (0, 4, 8):
        slopes = []
        for direction in range(8):
            values = []
            for sign in (1, -1):
                added.zero_()
                added[0, place, direction] = sign * step
                values.append(prediction())
            slopes.append((values[0] - values[1]) / (2 * step))
        assert found[place] == pytest.approx(
            math.hypot(*slopes), rel=1e-3 if exact else 5e-2, abs=1e-6 if exact else 3e-4
        )
    hook.remove()
    assert len(found) == len(text) - 1


def test_reach_counts_from_the_forgotten(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """A distance's mean, by hand: each piece read from an empty memory, its second half counted."""
    text = QUATRAINS.read_text(encoding="utf-8")[:400]
    found = reach(model, tokenizer, text, distances=(1, 4, 64, 512), spent=40)
    assert found.distances == (1, 4, 64)  # the text has no two pieces of 1,024
    ids = torch.tensor(tokenizer.encode(text))
    starts = torch.linspace(0, len(ids) - 8, 10).long().tolist()
    costs = []
    for start in starts:
        _, state = model(ids[None, start : start + 4], model.initial_state())
        costs.append(token_bits(model, tokenizer, ids[None, start + 4 : start + 8], state)[0].mean().item())
    assert found.bits[1] == pytest.approx(np.mean(costs), rel=1e-5)
    assert found.band[1] == pytest.approx(1.96 * np.std(costs, ddof=1) / math.sqrt(10), rel=1e-3)
    assert found.tokens[1] == 40
    with pytest.raises(charrnn.UserError, match=r"^text: expected at least 4 characters, found 3$"):
        reach(model, tokenizer, "abc")


def test_reach_in_a_text_of_unknown_characters(tokenizer: CharTokenizer) -> None:
    """Pieces are cut between characters: what is left of one that is spelled by bytes would be impossible."""
    found = reach(tiny(tokenizer), tokenizer, "日本日" * 40, distances=(1, 2, 4, 8, 16))
    assert np.isfinite(found.bits).all()


def test_interventions_change_what_they_say(model: CharRNN, tokenizer: CharTokenizer) -> None:
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("Quem canta")]), model.initial_state())
        _, other = model(torch.tensor([tokenizer.encode("Pedra")]), model.initial_state())
    before = state.clone()
    untouched = interventions.cost(model, tokenizer, " seus males", state)
    ids = torch.tensor([tokenizer.encode(" seus males")])
    assert untouched == pytest.approx(token_bits(model, tokenizer, ids, state)[0].sum().item())
    zero, only = interventions.zeroed(state), interventions.kept(state, [3, 5])
    assert all(not part.any() for layer in zero.layers for part in layer)
    assert only.layers[-1][0].nonzero()[:, 1].tolist() == [3, 5]
    assert torch.equal(only.layers[0][0], state.layers[0][0])  # another layer's stay
    shuffled = interventions.shuffled(state)
    assert torch.equal(shuffled.layers[0][0].sort().values, state.layers[0][0].sort().values)
    assert not torch.equal(shuffled.layers[0][0], state.layers[0][0])
    clamped = interventions.clamped(state, 7, 0.5)
    assert (clamped.layers[-1][0] != state.layers[-1][0]).sum() == 1
    assert clamped.layers[-1][0][0, 7] == 0.5
    if model.config.cell == "lstm":
        erased = interventions.clamped(state, 7, 0.0, part="cell")
        assert (erased.layers[-1][1] != state.layers[-1][1]).nonzero()[:, 1].tolist() == [7]
        assert torch.equal(erased.layers[-1][0], state.layers[-1][0])
    else:
        with pytest.raises(charrnn.UserError, match=r"^part: expected hidden, as this cell has no other memory"):
            interventions.clamped(state, 7, 0.0, part="cell")
    swapped = interventions.swapped(state, other)
    assert torch.equal(swapped.layers[0][0], other.layers[0][0])
    assert torch.equal(swapped.recent, state.recent)
    for changed in (zero, only, shuffled, clamped, swapped):
        assert interventions.cost(model, tokenizer, " seus males", changed) != untouched
    assert all(torch.equal(tensor, before.tensors()[name]) for name, tensor in state.tensors().items())
