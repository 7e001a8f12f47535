"""At whichever write, flush or rename the process is killed or the disk is full: what is saved is old or new."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from disk import Disk, Killed
from support import tiny

import charrnn
from charrnn import paths
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.storage import checkpoint, registry


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("is_full", [False, True])
def test_a_file_is_old_or_new(tmp_path: Path, is_full: bool) -> None:
    path, states = tmp_path / "model.safetensors", set()
    failures = 0
    for stop in range(100):
        path.write_bytes(b"old" * 100)
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop, is_full=is_full)
            try:
                paths.write(path, b"new" * 200)
            except (Killed, OSError):
                failures += 1
        states.add(path.read_bytes())
        assert path.read_bytes() in (b"old" * 100, b"new" * 200)
        if not disk.failed:
            break
        left = [file for file in tmp_path.iterdir() if file != path]
        assert len(left) <= (not is_full)  # a full disk lets clean up, a kill does not
        for file in left:
            os.utime(file, (0, 0))  # an hour later
            paths.write(path, b"old" * 100)
            assert not file.exists()
    assert len(states) == 2
    assert failures >= 5


@pytest.mark.parametrize("is_full", [False, True])
def test_a_model_that_replaces_another_is_old_or_new(
    tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer, is_full: bool
) -> None:
    """However the replacement ends, the model is found under its name, whole; and the next one leaves no orphan."""
    old, folder = tmp_path / "old", tmp_path / "models" / "m"
    checkpoint.create(old, tiny(tokenizer, "elman"), tokenizer)
    checkpoint.create(tmp_path / "new", joined, tokenizer)
    before, after = contents(old), contents(tmp_path / "new")
    found, stop = [], 0
    while True:
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.copytree(old, folder)
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop, is_full=is_full)
            with suppress(Killed, UserError):
                checkpoint.create(folder, joined, tokenizer, overwrite=True)
        assert registry.find(folder) == folder  # restored, if it was hidden
        assert [entry.name for entry in registry.models(folder.parent) if not entry.shipped] == ["m"]
        found.append(contents(folder))
        assert found[-1] in (before, after)
        if not disk.failed:
            break
        if stop % 20 == 0:  # the next attempt succeeds and cleans up
            for path in folder.parent.iterdir():
                os.utime(path, (time.time() - 7200, time.time() - 7200))
            checkpoint.create(folder, joined, tokenizer, overwrite=True)
            assert [path.name for path in folder.parent.iterdir()] == ["m"]
        stop += 1
    assert stop > 50
    assert before in found
    assert found[-1] == after
    charrnn.load(folder)


def test_a_new_model_is_whole_or_not_there(tmp_path: Path, tokenizer: CharTokenizer) -> None:
    model, stop = tiny(tokenizer), 0
    while True:
        folder = tmp_path / str(stop) / "m"
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop)
            with suppress(Killed):
                checkpoint.create(folder, model, tokenizer)
        if folder.exists():
            charrnn.load(folder)
        else:
            checkpoint.refuse_to_replace(folder, overwrite=False)
        if not disk.failed:
            break
        stop += 1
    assert stop > 40


@contextmanager
def ordinary_user(folder: Path) -> Iterator[None]:
    """A context in which root, who may write everywhere, is somebody else, who owns `folder`."""
    nobody, root = 65534, os.geteuid() == 0
    if root:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, nobody, nobody)
        os.seteuid(nobody)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users")
def test_an_ordinary_user_is_told_of_a_folder_that_cannot_be_written(saved: Path, tokenizer: CharTokenizer) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(saved, Path(temporary) / "models" / "m"))
        before, model = contents(folder), tiny(tokenizer)
        with ordinary_user(Path(temporary)):
            for path in (folder, folder.parent):
                path.chmod(0o555)
            with pytest.raises(UserError) as refused:
                checkpoint.create(folder, model, tokenizer, overwrite=True)
            with pytest.raises(PermissionError):
                paths.write(folder / checkpoint.WEIGHTS, b"new")
            assert registry.find(folder) == folder
            charrnn.load(folder)
        assert refused.value.code == "system-refused"
        assert contents(folder) == before
        folder.parent.chmod(0o000)
        with ordinary_user(Path(temporary)):
            assert [entry for entry in registry.models(folder.parent) if not entry.shipped] == []
            Path(temporary, "models").chmod(0o755)


def test_folders_of_others_are_left_alone(saved: Path, tmp_path: Path) -> None:
    """What looks like a hidden model but has not our name for it is not touched."""
    for name in (".m-old", ".m.bak", "m-old"):
        shutil.copytree(saved, tmp_path / name)
    registry.models(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((".m-old", ".m.bak", "m-old"))
