"""A run that is killed at any write, flush or rename goes on as if it had not been, or begins anew; bit for bit."""

from contextlib import suppress
from pathlib import Path

import pytest
import torch
from disk import Disk, Killed
from runs import SHAPE, start
from safetensors.torch import load_file
from support import QUATRAINS, quick

from charrnn.errors import UserError
from charrnn.storage import checkpoint, registry, run_log
from charrnn.training import model_card
from charrnn.training.run import Run

FILES = ("model.safetensors", "training/state.safetensors")


@pytest.fixture(autouse=True)
def _quick_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_card, "learning_curve", lambda evaluations: b"a picture")


def trained(out: Path) -> Run:
    """Start a run, or resume it if there is one, and train it to its end."""
    run = Run.resume(out) if (out / checkpoint.STATE).exists() else start(out, steps=4, evaluations=2)
    list(run)
    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, torch.Tensor]]:
    run = trained(tmp_path_factory.mktemp("whole") / "m")
    return {name: load_file(run.out / name) for name in FILES}


def killed_at(stops: range, folder: Path, whole: dict[str, dict[str, torch.Tensor]], *, is_full: bool = False) -> int:
    """Kill a run at these calls to the disk, one run each; return how many calls a run makes, if that was reached.

    is_full: let just that call fail instead, as the disk is full.
    """
    for stop in stops:
        out = folder / str(stop) / "m"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("os.getpid", lambda: 4242)  # another process
            disk = Disk(patch, stop, is_full=is_full)
            with suppress(Killed, OSError, UserError):
                trained(out)
        registry.models(out.parent)
        run_log.read(out)
        again = trained(out)
        assert again.finished
        for name, tensors in whole.items():
            found = load_file(out / name)
            assert found.keys() == tensors.keys()
            assert all(torch.equal(found[key], tensors[key]) for key in tensors), (stop, name)
        assert [row["step"] for row in again.metrics()] == [2, 4]
        assert run_log.read(out).final_bpc == again.final_bpc
        assert (out / "README.md").exists()
        assert [path.name for path in (out / "training").iterdir() if path.name.startswith(".")] == []
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
        if not disk.failed:
            return stop
    return 0


@pytest.mark.parametrize("first", [3, 9, 15, 21, 27, 33])
def test_a_killed_run_ends_as_a_whole_one(
    tmp_path: Path, whole: dict[str, dict[str, torch.Tensor]], first: int
) -> None:
    """At some of the calls; the slow test has all."""
    killed_at(range(first, 90, 37), tmp_path, whole)


@pytest.mark.parametrize("first", [5, 12, 19, 26])
def test_a_run_on_a_full_disk_ends_as_a_whole_one_when_there_is_room(
    tmp_path: Path, whole: dict[str, dict[str, torch.Tensor]], first: int
) -> None:
    killed_at(range(first, 90, 37), tmp_path, whole, is_full=True)


@pytest.mark.slow
def test_a_run_killed_at_any_call_ends_as_a_whole_one(
    tmp_path: Path, whole: dict[str, dict[str, torch.Tensor]]
) -> None:
    assert killed_at(range(1000), tmp_path / "killed", whole) > 80
    assert killed_at(range(0, 1000, 3), tmp_path / "full", whole, is_full=True) > 80


@pytest.mark.slow
def test_a_run_killed_twice_ends_as_a_whole_one(tmp_path: Path, whole: dict[str, dict[str, torch.Tensor]]) -> None:
    """Also in the sitting that resumes it, and where a model is replaced."""
    for stop in range(0, 100, 7):
        out = tmp_path / str(stop) / "m"
        list(start(out, steps=2, evaluations=1, seed=5))
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, stop)
            with suppress(Killed):
                list(Run.start([QUATRAINS], out, SHAPE, quick(steps=4, evaluations=2), overwrite=True))
        assert registry.find(out) == out
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, stop // 2)
            with suppress(Killed):
                list(Run.resume(out))
        again = Run.resume(out)
        list(again)
        if again.config.seed == 5:  # the old run, untouched
            assert again.trainer.steps == 2
            continue
        for name, tensors in whole.items():
            found = load_file(out / name)
            assert all(torch.equal(found[key], tensors[key]) for key in tensors), (stop, name)
