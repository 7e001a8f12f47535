"""Whoever waits for loops to be compiled is told so, before the wait, and nobody else."""

import os
import subprocess
import sys
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from charrnn import cli, compiled
from charrnn.ngram.compiled import context_loops, mixing_loops
from charrnn.sampling.compiled import steps
from charrnn.storage import registry
from charrnn.ui import texts, visitors

ANNOUNCED = "compiling the n-gram loops for this computer, once (a few seconds)…\n"

LOOPS = """
import sys
from charrnn import compiled
from charrnn.compiled.kernels import announced, kernel, part

@part
def inner(x):
    return x + 1

@announced("counts")
@kernel
def outer(x):
    return inner(x) * 2

@kernel
def silent(x):
    return x + outer(x)

with compiled.listening(lambda name: print("compiling", name)):
    print(silent(3), outer(3), outer(4), flush=True)
"""


def elsewhere(name: str) -> None:
    """Have it compiled by another thread."""

    def compile_it() -> None:
        compiled.begun(name)
        compiled.ended(name)

    other = threading.Thread(target=compile_it)
    other.start()
    other.join()


def test_a_listener_hears_each_name_once_and_before_it_is_compiled() -> None:
    early, late, gone = [], [], []
    with compiled.listening(gone.append):
        pass
    with compiled.listening(early.append):
        assert early == []
        compiled.begun("counts")
        assert early == ["counts"]
        with compiled.listening(late.append):  # who comes while it is compiled waits, too
            assert late == ["counts"]
            compiled.begun("part")  # of what is compiled in this thread
            elsewhere("engine")
            compiled.ended("part")
        compiled.ended("counts")
        compiled.begun("counts")
        compiled.ended("counts")
    with compiled.listening(gone.append):
        pass
    assert (early, late, gone) == (["counts", "engine"], ["counts", "engine"], [])


def test_what_the_disk_does_not_hold_is_announced(tmp_path: Path) -> None:
    """In processes of their own: the second finds what the first compiled."""
    (tmp_path / "loops.py").write_text(LOOPS, encoding="utf-8")
    environment = {**os.environ, "CHARRNN_LOOPS": str(tmp_path / "cache")}
    said = [
        subprocess.run(
            [sys.executable, tmp_path / "loops.py"], env=environment, capture_output=True, encoding="utf-8", timeout=120
        ).stdout
        for _ in range(2)
    ]
    assert said == ["compiling counts\n11 8 10\n", "11 8 10\n"]


def test_the_loops_that_take_long_are_announced() -> None:
    slow = mixing_loops.run, context_loops.read_contexts, steps.run
    assert [getattr(loop, "announced", "") for loop in slow] == ["counts", "counts", "engine"]


def test_every_command_announces_them_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []

    def listed(directory: Path) -> list[registry.ModelEntry]:
        for _ in range(2):
            compiled.begun("counts")
            heard.append(capsys.readouterr().err)
            compiled.ended("counts")
        return []

    monkeypatch.setattr("charrnn.storage.registry.models", listed)
    with pytest.raises(SystemExit):
        cli.main(["models"])
    assert heard == [ANNOUNCED, ""]


def test_the_page_announces_them_to_each_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the language and the context of each, whichever thread compiles."""
    visitor, said = ContextVar("visitor", default="nobody"), []
    monkeypatch.setattr("charrnn.ui.visitors.gr.Info", lambda text, **_: said.append((visitor.get(), text)))
    visitor.set("Ana")
    with visitors.waiting("pt"):
        visitor.set("Bob")
        with visitors.waiting("en"):
            elsewhere("counts")
    portuguese, english = texts.TEXTS["compiling_counts"]
    assert said == [("Ana", portuguese), ("Bob", english)]


@pytest.mark.slow
def test_a_first_text_is_announced_and_a_second_is_not(tmp_path: Path) -> None:
    """The shipped model with empty caches, as after the installation."""
    environment: dict[str, Any] = {
        **os.environ, "CHARRNN_LOOPS": str(tmp_path / "loops"), "CHARRNN_CACHE": str(tmp_path / "cache"),
    }  # fmt: skip
    command = [sys.executable, "-m", "charrnn", "sample", "--engine", "eager", "--length", "20", "--seed", "1"]
    said = [
        subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=600).stderr
        for _ in range(2)
    ]
    assert said == [ANNOUNCED, ""]
