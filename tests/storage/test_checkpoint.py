"""A model directory is whole or not there; what does not fit together is refused, with expected and found."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import numpy
from safetensors.torch import load_file, save_file
from support import tiny

import charrnn
from charrnn import paths
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.ngram.contexts import ContextHasher
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.storage import checkpoint, counts_file, registry, saved_model
from charrnn.storage.counts_file import PACKED, read_counts, write_counts


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_loaded_is_saved(tmp_path: Path, tokenizer: CharTokenizer, cell: str) -> None:
    model = tiny(tokenizer, cell)
    checkpoint.create(tmp_path / "m", model, tokenizer)
    again, its_tokenizer = charrnn.load(tmp_path / "m")
    assert (again.config, again.name) == (model.config, "m")
    assert its_tokenizer.characters == tokenizer.characters
    assert not again.training
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])


def test_loaded_with_counts_is_saved(tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer) -> None:
    """What was counted and how it is mixed, bit for bit, and so the outputs."""
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    again, _ = charrnn.load(tmp_path / "m")
    tokens = torch.tensor([tokenizer.encode("\nQuem canta seus males espanta ✍ ")])
    with torch.no_grad():
        (expected, before), (found, after) = (each(tokens, each.initial_state()) for each in (joined, again))
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.equal(after.expected, before.expected)
    assert torch.equal(after.reading, before.reading)


def test_what_later_versions_learn_an_earlier_model_does_without(
    tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer
) -> None:
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    path = tmp_path / "m" / checkpoint.WEIGHTS
    weights = load_file(path)
    assert weights["mixture.recency"].any()
    save_file({name: weights[name] for name in weights if name not in saved_model.LATER}, path)
    found = checkpoint.load(tmp_path / "m")[0].weights()
    assert not any(found.pop(name).any() for name in saved_model.LATER)
    assert all(torch.equal(weight, weights[name]) for name, weight in found.items())


def test_only_what_older_checkpoints_lack_becomes_zeros() -> None:
    shapes = {"output.bias": (2,), **dict.fromkeys(saved_model.LATER, (3,))}
    given = {"output.bias": np.ones(2, np.float32), "mixture.places": np.ones(3, np.float32)}
    found = saved_model.migrated(given, shapes)
    assert found.keys() == shapes.keys()
    assert {name for name, weight in found.items() if weight.any()} == given.keys()
    assert saved_model.migrated({"a": np.ones(1, np.float32)}, {"a": (1,), "b": (1,)}).keys() == {
        "a"
    }  # b is missing, not new


@pytest.mark.parametrize("name", [path.name for path in sorted(registry.SHIPPED.iterdir()) if registry.is_model(path)])
def test_shipped_models_load(name: str) -> None:
    model, tokenizer = checkpoint.load(registry.SHIPPED / name)
    with torch.no_grad():
        logits, _ = model(torch.tensor([tokenizer.encode("\nQuem")]), model.initial_state())
    assert logits.isfinite().all()


def test_packed_counts_are_the_same(
    tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    assert joined.counts is not None
    monkeypatch.setattr(counts_file, "SMALL", 0)
    write_counts(tmp_path / "m", joined.counts)
    plain = tmp_path / "m" / checkpoint.COUNTS
    whole, packed = plain.read_bytes(), (tmp_path / "m" / PACKED).read_bytes()
    plain.unlink()
    again = read_counts(tmp_path / "m", tokenizer)
    assert numpy.save(again.arrays()) == whole
    for damage in (packed[:-100], b"", packed[:50] + bytes(10) + packed[60:]):
        (tmp_path / "m" / PACKED).write_bytes(damage)
        with pytest.raises(UserError, match="expected the model's counts, found "):
            read_counts(tmp_path / "m", tokenizer)


def test_damaged_counts_are_refused(tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer) -> None:
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    path = tmp_path / "m" / checkpoint.COUNTS
    arrays, ids = numpy.load_file(path), np.arange(20)
    whole = path.read_bytes()
    other = NgramModel.count(ids, ContextHasher.fit(ids, "abc"), CountOptions(20)).arrays()
    damages = {"truncated": whole[:-100], "empty": b"", "of another alphabet": numpy.save(other)}
    for name, array in arrays.items():
        damages[f"without {name}"] = numpy.save({other: arrays[other] for other in arrays if other != name})
        if len(array) > 1:
            damages[f"{name} cut"] = numpy.save({**arrays, name: array[:-1]})
    for damage, content in [*damages.items(), ("missing", None)]:
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UserError, match="expected the model's counts, found ") as refused:
            charrnn.load(tmp_path / "m")
        assert str(refused.value).startswith(str(path)), damage
        assert "config.json" not in str(refused.value), damage
        assert "\n" not in str(refused.value), damage
        path.write_bytes(whole)
    charrnn.load(tmp_path / "m")


def test_no_pickle_and_nothing_temporary_left(saved: Path) -> None:
    assert {path.suffix for path in saved.rglob("*") if path.is_file()} <= {".json", ".safetensors"}
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_short_weights_load_as_f32(
    tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer, dtype: torch.dtype
) -> None:
    assert joined.counts is not None
    learned = joined.counts.weights()
    learned["trials"] = learned["trials"] + 1e6  # as after a million characters: beyond float16
    model = joined.with_counts(joined.counts.with_weights(learned))
    checkpoint.create(tmp_path / "m", model, tokenizer)
    checkpoint.write_weights(tmp_path / "m", model, dtype)
    found = charrnn.load(tmp_path / "m")[0].weights()
    for name, weight in model.weights().items():
        assert torch.equal(weight if name.startswith("mixture.") else weight.to(dtype).float(), found[name])


def test_truncated_weights_are_refused(copy: Path) -> None:
    path = copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="expected a complete safetensors file, found"):
        charrnn.load(copy)


def test_weights_of_another_shape_are_refused(copy: Path) -> None:
    path = copy / "model.safetensors"
    weights = load_file(path)
    weights["output.weight"] = weights["output.weight"][:, :-1].contiguous()
    save_file(weights, path)
    with pytest.raises(UserError, match=r"expected output.weight of shape \(\d+, 16\), found \(\d+, 15\)"):
        charrnn.load(copy)


def test_missing_weights_are_refused(copy: Path) -> None:
    path = copy / "model.safetensors"
    weights = load_file(path)
    del weights["output.bias"]
    save_file(weights, path)
    with pytest.raises(UserError, match=r"expected output.bias of shape .*, found none"):
        charrnn.load(copy)


def test_another_tokenizer_is_refused(copy: Path) -> None:
    CharTokenizer("xyz").save(copy / "tokenizer.json")
    with pytest.raises(UserError, match=r"expected the model's tokenizer \(sha256 .*found another"):
        charrnn.load(copy)


def test_another_format_is_refused(copy: Path) -> None:
    path = copy / "config.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format_version": 99}), encoding="utf-8"
    )
    with pytest.raises(UserError, match="expected format version 2, found 99"):
        charrnn.load(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"normalization": "NFD"}, "expected normalization NFC, found 'NFD'"), ({"hidden": None}, "found no hidden")],
)
def test_another_text_form_or_shape_is_refused(copy: Path, change: dict[str, object], message: str) -> None:
    path = copy / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        charrnn.load(copy)


def test_broken_config_is_refused(copy: Path) -> None:
    for content in ("", "[]", "{}", "{"):
        (copy / "config.json").write_text(content, encoding="utf-8")
        with pytest.raises(UserError, match="expected a model directory, found"):
            charrnn.load(copy)


def test_creation_leaves_what_is_there(saved: Path, copy: Path, tokenizer: CharTokenizer) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match="expected a new or empty directory, found a model"):
        checkpoint.create(copy, tiny(tokenizer), tokenizer)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_overwriting_replaces_all(copy: Path, tokenizer: CharTokenizer) -> None:
    (copy / "metrics.jsonl").write_text("{}\n", encoding="utf-8")
    checkpoint.create(copy, tiny(tokenizer, "gru"), tokenizer, overwrite=True)
    assert not (copy / "metrics.jsonl").exists()
    assert charrnn.load(copy)[0].config.cell == "gru"
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_overwriting_behind_a_link_replaces_what_it_points_to(copy: Path, tokenizer: CharTokenizer) -> None:
    link = copy.parent / "link"
    link.symlink_to(copy, target_is_directory=True)
    checkpoint.create(link, tiny(tokenizer, "elman"), tokenizer, overwrite=True)
    assert link.is_symlink()
    assert charrnn.load(copy)[0].config.cell == "elman"
    assert sorted(path.name for path in copy.parent.iterdir()) == ["copy", "link"]


@pytest.mark.parametrize("other", ["thesis.tex", "src"])
def test_what_is_more_than_a_model_is_not_overwritten(copy: Path, tokenizer: CharTokenizer, other: str) -> None:
    (copy / other).mkdir()
    with pytest.raises(UserError, match="found other files"):
        checkpoint.create(copy, tiny(tokenizer), tokenizer, overwrite=True)
    assert (copy / other).exists()


def test_what_a_killed_write_left_behind_does_not_stand_in_the_way(copy: Path, tokenizer: CharTokenizer) -> None:
    (copy / ".model.safetensors-123.safetensors").write_bytes(b"half")
    checkpoint.create(copy, tiny(tokenizer, "gru"), tokenizer, overwrite=True)
    assert charrnn.load(copy)[0].config.cell == "gru"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")

    def cut_off() -> None:
        with paths.replacing(path) as file:
            file.write(b"ne")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_off()
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_finding_models(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARRNN_MODEL", raising=False)
    with pytest.raises(UserError, match="--model last: expected a trained model under models/, found none"):
        registry.find("last")
    with pytest.raises(UserError, match="There are: "):
        registry.find("nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"found a folder without config\.json"):
        registry.find("empty")
    shutil.copytree(copy, tmp_path / "models" / "mine")
    assert registry.find("last") == registry.find("mine") == Path("models/mine")
    assert registry.find(copy) == copy
    monkeypatch.setenv("CHARRNN_MODEL", "mine")
    assert registry.find() == Path("models/mine")
    assert "mine" in [entry.name for entry in registry.models()]
