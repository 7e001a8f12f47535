"""The run of a stranger: it opens no file that it names, its links lead nowhere, its numbers overflow nothing."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from runs import start
from safetensors.torch import save_file
from support import QUATRAINS, quick

from charrnn import paths
from charrnn.config import ModelConfig
from charrnn.data import dataset
from charrnn.errors import UserError
from charrnn.storage import checkpoint, run_log, saved_model, tensor_file
from charrnn.training.run import Run

HUGE = 10**400


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, to be copied."""
    folder = tmp_path_factory.mktemp("runs") / "m"
    list(start(folder, steps=2, evaluations=1))
    return folder


@pytest.fixture
def changed(whole: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies the run with other facts in its state."""

    def change(**facts: object) -> Path:
        folder = Path(shutil.copytree(whole, tmp_path / "m", dirs_exist_ok=True))
        tensors, metadata = checkpoint.read_tensors(folder / checkpoint.STATE)
        run = json.loads(metadata["run"])
        for name, value in facts.items():
            run[name] = {**run[name], **value} if isinstance(value, dict) else value
        save_file(tensors, folder / checkpoint.STATE, {"run": json.dumps(run)})
        return folder

    return change


@pytest.fixture
def forgetful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Texts are no longer in the cache; a list of the names that are looked up."""
    looked: list[object] = []
    find = dataset.files
    monkeypatch.setattr(dataset, "_root", lambda: tmp_path / "tokens")
    monkeypatch.setattr(dataset, "files", lambda names, note: [looked.extend(names), *find(names, note)][1:])
    return looked


@pytest.mark.parametrize("name", ["/**/*", "/", "/dev/zero", "/proc/kmsg", "/etc/passwd", "machado:dom-casmurro"])
def test_a_run_from_elsewhere_opens_no_files(changed: Callable[..., Path], forgetful: list[object], name: str) -> None:
    for source in ({"names": [name]}, {"valid": name}):
        with pytest.raises(UserError) as refused:
            Run.resume(changed(source=source))
        assert refused.value.code == "run-names-files"
    with pytest.raises(UserError) as refused:  # the training text is given, the held-out one is named by the run
        Run.resume(changed(source={"valid": name}), files=[QUATRAINS])
    assert refused.value.code == "run-names-files"
    assert forgetful == []


def test_a_run_from_elsewhere_opens_no_teacher(changed: Callable[..., Path], whole: Path) -> None:
    for files in ([], [QUATRAINS]):
        with pytest.raises(UserError) as refused:
            Run.resume(changed(config={"teacher": str(whole)}), files=files)
        assert refused.value.code == "run-names-teacher"


def test_what_is_given_is_opened_and_from_then_on_known(changed: Callable[..., Path], forgetful: list[object]) -> None:
    folder = changed(seal="")  # a run of an earlier version, or from another machine
    with pytest.raises(UserError, match="pass the text again"):
        Run.resume(folder)
    Run.resume(folder, files=[QUATRAINS], steps=3).save()
    shutil.rmtree(dataset._root())
    assert Run.resume(folder).trainer.steps == 2
    assert {str(name) for name in forgetful} == {str(QUATRAINS.resolve())}


def test_a_seal_is_of_this_cache_and_these_names(
    whole: Path, changed: Callable[..., Path], forgetful: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Run.resume(changed()).finished
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "another"))
    shutil.rmtree(dataset._root())
    with pytest.raises(UserError, match="the run comes from elsewhere"):
        Run.resume(changed())
    assert len(paths.secret()) == 32
    (paths.root() / "secret").write_bytes(b"torn")
    assert paths.secret() == paths.secret() != b"torn"


@pytest.mark.parametrize(
    "facts",
    [{"seconds": HUGE}, {"seconds": 1e300}, {"steps": HUGE}, {"steps": -5}, {"losses": HUGE}, {"losses": -3},
     {"evaluations": HUGE}, {"quick": -1}, {"speed": HUGE}, {"trial": {"seconds": HUGE}}, {"trial": {"threads": HUGE}},
     {"final": {"own": HUGE}}, {"config": {"batch": None}}, {"config": {"lr": None}}, {"config": {"device": "meta"}},
     {"seal": "é"}],
)  # fmt: skip
def test_facts_that_no_run_has_are_refused(changed: Callable[..., Path], facts: dict[str, object]) -> None:
    with pytest.raises(UserError) as refused:
        Run.resume(changed(**facts), steps=4)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("soap.0.step", 0.0), ("adamw.0.exp_avg_sq", -1.0)])
def test_a_state_that_no_optimizer_has_is_refused(changed: Callable[..., Path], name: str, value: float) -> None:
    """It would make weights that are not finite, and save them."""
    path = changed() / saved_model.STATE
    arrays, metadata = tensor_file.read_arrays(path)
    tensor_file.write_arrays(path, arrays | {name: np.full_like(arrays[name], value)}, metadata)
    with pytest.raises(UserError) as refused:
        Run.resume(path.parents[1], steps=4)
    assert refused.value.code == "not-a-run-state"


@pytest.mark.skipif(os.name != "posix", reason="links of Unix")
def test_a_lock_that_is_a_link_harms_nothing(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "m"))
    (precious := tmp_path / "precious").write_text("mine", encoding="utf-8")
    (folder / run_log.LOCK).unlink(missing_ok=True)
    (folder / run_log.LOCK).symlink_to(precious)
    assert not run_log.is_live(folder)
    with run_log.held(folder):
        assert run_log.is_live(folder)
    assert precious.read_text(encoding="utf-8") == "mine"


def test_a_folder_of_any_name_is_trained_in(tmp_path: Path) -> None:
    """The model card, which is written last, cannot hold such a name."""
    try:
        (folder := tmp_path / os.fsdecode(b"p\xe3o")).mkdir()
    except OSError:
        pytest.skip("this file system has only Unicode names")
    run = start(folder, steps=1, evaluations=1)
    list(run)
    assert run.finished
    assert (folder / "README.md").read_text(encoding="utf-8")


def test_a_network_larger_than_can_be_loaded_is_not_built(tmp_path: Path) -> None:
    for shape in (ModelConfig(hidden=16384, dropout=0.0, counts="none"), ModelConfig(hidden=16384, counts="none")):
        with pytest.raises(UserError) as refused:
            Run.start([QUATRAINS], tmp_path / "m", shape=shape, config=quick())
        assert refused.value.code == "network-too-large"
