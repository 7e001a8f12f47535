"""Traces against a forward made by hand, step by step, and against scoring."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import tiny

import charrnn
from charrnn.cli import main
from charrnn.legal import LegalTokens
from charrnn.lens import trace
from charrnn.model import CharRNN
from charrnn.tokenizer import CharTokenizer

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
    found, legal = trace(model, tokenizer, TEXT), LegalTokens(tokenizer)
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
