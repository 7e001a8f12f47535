"""Ready counts: the same model as its file holds, mapped; whatever is wrong with the cache, the file is read."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from support import STORIES

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.ngram.model import CountOptions, NgramModel, start
from charrnn.storage import checkpoint, counts_file, ready_counts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "counts" / "0123"


def kept(folder: Path, counts: NgramModel) -> None:
    ready_counts.keep(folder, counts).join()


def test_what_was_kept_is_the_same_and_never_changes(
    folder: Path, counted: NgramModel, tokenizer: CharTokenizer
) -> None:
    plain = NgramModel.from_arrays(counted.arrays(), tokenizer.characters)
    kept(folder, plain)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    ready = ready_counts.load(folder, tokenizer.characters)
    assert ready is not None
    for mine, theirs in zip(ready.tables.lists, plain.tables.lists, strict=True):
        assert mine.dtype == theirs.dtype
        assert (mine == theirs).all()
        assert type(mine) is np.ndarray  # any other class, or a read-only array, would be compiled for anew
        assert mine.flags.writeable
        assert mine.flags.aligned
    tokens = torch.tensor([[1, 2, 3, 4, 5]])
    assert (ready.expect(tokens, start(1)).values == plain.expect(tokens, start(1)).values).all()
    assert ready.arrays().keys() == plain.arrays().keys()
    ready.tables.lists.entries[:] = 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_adding_a_text_and_pruning_leave_the_arrays_alone(
    folder: Path, counted: NgramModel, tokenizer: CharTokenizer
) -> None:
    kept(folder, counted)
    ready = ready_counts.load(folder, tokenizer.characters)
    assert ready is not None
    for array in ready.tables.lists:
        array.flags.writeable = False
    text, options = tokenizer.encode_array(STORIES.read_text(encoding="utf-8")), CountOptions(1000)
    grown = ready.with_text(text, tokenizer.characters, options).with_blocks(text, options)
    plain = counted.with_text(text, tokenizer.characters, options).with_blocks(text, options)
    assert all((mine == theirs).all() for mine, theirs in zip(grown.tables.lists, plain.tables.lists, strict=True))
    assert len(ready.tables.pruned(20_000).lists.entries) < len(ready.tables.lists.entries)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8])


@pytest.mark.parametrize(
    "damage", [_cut, Path.unlink, lambda file: file.write_bytes(b""), lambda file: np.save(file, 1)]
)
def test_damaged_folders_are_removed(
    folder: Path, counted: NgramModel, tokenizer: CharTokenizer, damage: Callable[[Path], object]
) -> None:
    kept(folder, counted)
    damage(folder / "tables.contexts.npy")
    assert ready_counts.load(folder, tokenizer.characters) is None
    assert not folder.exists()
    kept(folder, counted)
    assert ready_counts.load(folder, tokenizer.characters) is not None


def test_few_are_kept_the_last_used(folder: Path, counted: NgramModel, tokenizer: CharTokenizer) -> None:
    folders = [folder.with_name(f"{number}") for number in range(ready_counts.KEPT + 1)]
    for age, one in enumerate(reversed(folders[:-1])):
        kept(one, counted)
        os.utime(one, (1000 - age, 1000 - age))
    assert ready_counts.load(folders[0], tokenizer.characters) is not None  # the oldest is used
    kept(folders[-1], counted)
    assert sorted(folder.parent.iterdir()) == [folders[0], *folders[2:]]


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path, counted: NgramModel) -> None:
    (tmp_path / "file").write_text("")
    kept(tmp_path / "file" / "counts" / "0123", counted)


def test_models_are_read_alike_with_and_without_the_cache(
    tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert joined.counts is not None
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(counts_file, "SMALL", 0)
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    data = (tmp_path / "m" / counts_file.PACKED).read_bytes()
    folder = ready_counts.folder_of(data, tokenizer.characters)
    assert folder != ready_counts.folder_of(data + b" ", tokenizer.characters)
    assert folder != ready_counts.folder_of(data, tokenizer.characters + "x")
    kept(folder, joined.counts)
    for _ in range(2):
        again = counts_file.read_counts(tmp_path / "m", tokenizer)
        for name, array in joined.counts.arrays().items():
            assert (again.arrays()[name] == array).all()
