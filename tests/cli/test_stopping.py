"""A training that is stopped by a signal goes on as if it had never been."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from command_support import QUICK, run
from safetensors.torch import load_file
from support import QUATRAINS


def wait_for(path: Path, lines: int, process: "subprocess.Popen[str]") -> None:
    """Until the training has logged so many evaluations."""
    for _ in range(600):
        if path.exists() and len(path.read_text(encoding="utf-8").splitlines()) >= lines:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("no evaluation within 30 s")


LONG = ("train", QUATRAINS, "--steps", 240, "--evaluations", 12, "--precision", "f32", "--dropout", 0.2, *QUICK)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nobody stopped."""
    path = tmp_path_factory.mktemp("long") / "whole"
    assert run(*LONG, "--out", path).returncode == 0
    return path


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_stopped_training_resumes_as_if_never_stopped(tmp_path: Path, whole: Path, number: int, code: int) -> None:
    """Ctrl-C, SIGTERM and even SIGKILL, in the middle of a run: then --resume, compared bit for bit."""
    parts = tmp_path / "parts"
    command = [sys.executable, "-m", "charrnn", *map(str, LONG), "--out", str(parts)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    wait_for(parts / "metrics.jsonl", 3, process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    if number != signal.SIGKILL:
        assert f"charrnn train --out {parts} --resume" in errors
    resumed = run("train", "--out", parts, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    for file in ("model.safetensors", "training/state.safetensors"):
        left, right = load_file(whole / file), load_file(parts / file)
        assert all(torch.equal(left[name], right[name]) for name in left), file


def test_messages_that_nobody_reads_end_no_training(tmp_path: Path) -> None:
    """The reader of `charrnn train … 2>&1 | head` leaves after some lines; the training goes on."""
    here, there = os.pipe()
    os.close(here)
    command = ("train", QUATRAINS, "--steps", 6, "--evaluations", 3, *QUICK, "--out", tmp_path / "m")
    found = subprocess.run([sys.executable, "-m", "charrnn", *map(str, command)], stderr=there, check=False)
    os.close(there)
    assert found.returncode == 0
    assert (tmp_path / "m" / "README.md").exists()
