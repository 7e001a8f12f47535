"""A run that starts from a model: its alphabet grows, what it knew is kept, its counts are made anew."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from runs import JOINED, SHAPE, start
from support import QUATRAINS, quick, tiny

import charrnn
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.training.build_model import expand_vocab
from charrnn.training.run import Run


def test_growing_keeps_what_was_known(tokenizer: CharTokenizer) -> None:
    """Old text scores as before but for the share that new characters take; the new ones are one token each."""
    model = tiny(tokenizer)
    bigger, merged = expand_vocab(model, tokenizer, CharTokenizer("ñ†a"), 0.0, "bigger")
    assert set(merged.characters) == {*tokenizer.characters, "ñ", "†"}
    assert len(merged.encode("ñ†")) == 2
    text = "Era uma vez"
    with torch.no_grad():
        old, _ = model(torch.tensor([tokenizer.encode(text)]), model.initial_state())
        new, _ = bigger(torch.tensor([merged.encode(text)]), bigger.initial_state())
    kept = [merged.encode(character)[0] for character in tokenizer.characters]
    assert torch.allclose(new[..., kept], old[..., : tokenizer.first_byte], atol=1e-6)


def test_growing_keeps_what_is_done_with_counts(tokenizer: CharTokenizer, joined: CharRNN) -> None:
    """Of a character that was known: its column. Of a new one: the escape's, as which it was counted until now."""
    bigger, merged = expand_vocab(joined, tokenizer, CharTokenizer("ñ†a"), 0.0, "bigger")
    assert joined.fusion is not None
    assert bigger.fusion is not None
    place = {character: number for number, character in enumerate(tokenizer.characters)}
    escape = len(place)
    columns = [place.get(character, escape) for character in merged.characters] + [escape]
    assert columns.count(escape) == 3
    old, new = joined.fusion.state_dict(), bigger.fusion.state_dict()
    assert torch.equal(new.pop("input.weight"), old.pop("input.weight")[:, columns])
    assert all(torch.equal(weight, old[name]) for name, weight in new.items())


def test_starting_from_a_model_with_counts_counts_anew(tmp_path: Path) -> None:
    """The new text, in the grown alphabet; the network goes on from where it was."""
    list(start(tmp_path / "base", JOINED))
    text = tmp_path / "new.txt"
    text.write_text("Ñandú ñato, ñandú ñoño.\n" * 40, encoding="utf-8")
    run = Run.start([text], tmp_path / "m", config=quick(steps=60, lr=1e-9), base=str(tmp_path / "base"))
    list(run)
    (base, old), (model, merged) = (charrnn.load(tmp_path / name) for name in ("base", "m"))
    assert set(old.characters) | {"ñ"} <= set(merged.characters)
    assert torch.allclose(model.layers[0].rnn.weight_hh_l0, base.layers[0].rnn.weight_hh_l0, atol=1e-5)
    before, after = charrnn.score(base, old, "ñandú ñato"), charrnn.score(model, merged, "ñandú ñato")
    assert after.bits_per_character < before.bits_per_character / 2


def test_great_alphabets_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new model goes without, and says so; one that is joined to counts cannot grow so far."""
    list(start(tmp_path / "base", JOINED, steps=1))
    monkeypatch.setattr("charrnn.training.build_model.MOST_CHARACTERS", 20)
    notes: list[str] = []
    run = Run.start([QUATRAINS], tmp_path / "m", shape=JOINED, config=quick(steps=1), note=notes.append)
    list(run)
    assert (run.model.config.counts, run.model.counts) == ("none", None)
    assert "counts: an alphabet of 20 or more characters is not counted" in notes
    with pytest.raises(UserError, match="expected fewer than 20 different characters") as error:
        Run.start([QUATRAINS], tmp_path / "grown", config=quick(), base=str(tmp_path / "base"))
    assert error.value.code == "too-many-characters-to-count"
    assert not (tmp_path / "grown").exists()


def test_starting_from_a_model_beats_starting_from_scratch(tmp_path: Path) -> None:
    shape = replace(SHAPE, hidden=32)
    base = start(tmp_path / "base", shape, steps=80, batch=16)
    list(base)
    scores = {}
    for name, source in (("scratch", None), ("tuned", str(tmp_path / "base"))):
        run = Run.start([QUATRAINS], tmp_path / name, shape=shape, config=quick(steps=10), base=source)
        list(run)
        scores[name] = run.final_bpc
    assert scores["tuned"] < scores["scratch"]
