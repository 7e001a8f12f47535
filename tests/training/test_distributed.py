"""Several processes that train one model take the steps that one would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from ranks import gradients
from safetensors.torch import load_file
from support import ROOT

from charrnn.errors import UserError
from charrnn.training.distributed import ALONE, ProcessGroup

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left behind."""
    folder = tmp_path_factory.mktemp("ranks")
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "tests/training/ranks.py",
        folder,
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "tests")}, check=True, timeout=240)
    return folder


@pytest.mark.parametrize("counts", ["none", "joined"])
def test_two_processes_have_the_gradients_of_one_with_all_lanes(two: Path, counts: str) -> None:
    shared, alone = torch.load(two / f"{counts}.pt"), gradients(ALONE, counts)
    for theirs, ours in zip(shared, alone, strict=True):
        assert theirs.keys() == ours.keys()
        for name in ours:
            torch.testing.assert_close(theirs[name], ours[name], rtol=1e-5, atol=1e-8)


def test_two_processes_resume_bit_for_bit(two: Path) -> None:
    for file in ("model.safetensors", "training/state.safetensors"):
        whole, parts = (load_file(two / name / file) for name in ("whole", "parts"))
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[name], parts[name]) for name in whole), file
    assert (two / "whole" / "README.md").exists()


def test_the_launcher_trains_one_model(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "scripts/train.py"]
    command += ["corpora/quadras.txt", "--steps", "6", "--hidden", "16", "--out", str(tmp_path / "model")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True)
    assert done.stderr.count("bits per character on the held-out text") == 1


def test_lanes_are_shared_equally_or_refused() -> None:
    assert [ProcessGroup(rank, 3).rows(6) for rank in range(3)] == [slice(0, 2), slice(2, 4), slice(4, 6)]
    with pytest.raises(UserError, match="--batch: expected a multiple of the 3 processes, found 7"):
        ProcessGroup(0, 3).rows(7)
