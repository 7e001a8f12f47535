"""Machine code on disk follows its sources, the parts and constants that a loop imports included."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import charrnn
from charrnn import compiled, paths
from charrnn.compiled import kernels, machine

LOOP = """
import numpy as np

from charrnn.compiled.kernels import kernel
from charrnn.sampling.compiled.choice import ChoiceWorkspace, Rules, guard


@kernel
def penalise(choice, rules, history):
    guard(choice, rules, history, len(history))
"""
COMPARISON = """
import numpy as np

from charrnn.sampling.compiled.choice import ChoiceWorkspace, Rules
from charrnn.sampling.compiled.loop import penalise
from charrnn.sampling.filters import repetition_penalty

logits, history = np.linspace(-1, 1, 100), np.arange(100, dtype=np.int32)
row = ChoiceWorkspace(logits.copy(), np.zeros(100), np.zeros(100, np.int64), np.zeros(100), np.zeros(3, np.int64))
penalise(row, Rules(1.0, 0, 1.0, 0.0, 1.0, 2.0, 0, np.zeros(100)), history)
same = np.allclose(row.logits, repetition_penalty(logits, history, 2.0))
print(same, np.count_nonzero(row.logits != logits), penalise.from_disk)
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, with one more, small loop."""
    package = Path(charrnn.__file__).parent
    copy = shutil.copytree(package, tmp_path / "charrnn", ignore=shutil.ignore_patterns("__pycache__", "pretrained"))
    (copy / "sampling" / "compiled" / "loop.py").write_text(LOOP, encoding="utf-8")
    return copy


def compare(copy: Path) -> list[str]:
    """Whether the loop does what the plain code does, on how many symbols, and how often it came from disk."""
    environment = {**os.environ, "PYTHONPATH": str(copy.parent), "CHARRNN_CACHE": str(copy.parent / "cache")}
    environment.pop("CHARRNN_LOOPS", None)
    command = [sys.executable, "-c", COMPARISON]
    return subprocess.run(
        command, env=environment, cwd=copy.parent, capture_output=True, encoding="utf-8", timeout=300, check=True
    ).stdout.split()


@pytest.mark.slow
def test_a_loop_follows_a_constant_that_it_imports(copied: Path) -> None:
    """As the plain code does at once; and what did not change is not compiled again."""
    assert [compare(copied) for _ in range(2)] == [["True", "64", "0"], ["True", "64", "1"]]
    settings = copied / "config" / "__init__.py"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("FORGIVING = 64", "FORGIVING = 16"), encoding="utf-8")
    assert compare(copied) == ["True", "16", "0"]
    assert len(list(copied.rglob("charrnn.sampling.compiled.loop-*"))) == 1


def test_the_sources_of_a_loop_are_all_that_it_imports(monkeypatch: pytest.MonkeyPatch, copied: Path) -> None:
    monkeypatch.setattr(paths, "PACKAGE", copied)
    before = paths.sources_of("charrnn.sampling.compiled.steps")
    for name, matters in (
        ("ui/assets.py", False),
        ("errors/messages/common_messages.py", False),
        ("ngram/lists.py", True),
    ):
        with (copied / name).open("a", encoding="utf-8") as file:
            file.write("MORE = 1\n")
        assert (paths.sources_of("charrnn.sampling.compiled.steps") != before) == matters


def test_imports_are_found_as_python_finds_them() -> None:
    for path in paths.PACKAGE.rglob("*.py"):
        names = set()
        for node in ast.parse(source := path.read_bytes()).body:
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("charrnn"):
                names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert {*paths._imports(source)} == names


def test_loops_are_compiled_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever cannot wait for another that compiles with care starts no third one."""

    def count(numbers: np.ndarray) -> None:
        numbers[0] += 1

    numbers, started, with_care = np.zeros(1), [], machine.compiled

    def compiled_meanwhile(text: str, *, hasty: bool = False) -> bytes:
        if not hasty:
            kernels.Kernel(count).at_once(numbers)
        return with_care(text, hasty=hasty)

    monkeypatch.setenv("CHARRNN_LOOPS", str(tmp_path))
    monkeypatch.setattr(machine, "compiled", compiled_meanwhile)
    monkeypatch.setattr(compiled, "aside", lambda *given: started.append(given))
    compiled.folder_of.cache_clear()
    try:
        kernels.Kernel(count)(numbers)
        assert (numbers[0], started) == (2, [])
        assert not list(tmp_path.rglob("*.ll"))
    finally:
        compiled.folder_of.cache_clear()
