"""The notebooks of docs/notebooks/: committed as they run, clean, small, and without a trace of the machine."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, STORIES

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
LARGEST = 300_000  # bytes of all together
SECONDS = 120  # that a cell may take on a busy machine

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def kinds(cell: dict[str, Any]) -> set[str]:
    """Return the kinds of what a cell shows: the names of streams and MIME types, without the plain text of each."""
    if cell["cell_type"] != "code":
        return set()
    shown = (set(output.get("data", ())) or {output.get("name", output["output_type"])} for output in cell["outputs"])
    return set().union(*shown) - {"text/plain"}


def test_there_are_notebooks_and_they_are_small() -> None:
    assert len(NOTEBOOKS) == 2
    assert sum(path.stat().st_size for path in NOTEBOOKS) < LARGEST


@each
def test_a_notebook_is_clean(path: Path) -> None:
    written = path.read_bytes()
    assert b"\r" not in written
    assert written.endswith(b"}\n")
    assert not re.findall(rb"/(?:root|home|tmp|work|Users)/|127\.0\.0\.1|site-packages", written)
    book = json.loads(written)
    assert set(book["metadata"]) == {"kernelspec", "language_info"}
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z-]{3,32}", name) for name in ids)  # named, so that they stay
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert "%pip install" in "".join(code[0]["source"])
    assert [cell["execution_count"] for cell in code] == [*range(1, len(code) + 1)]
    assert not any(cell["metadata"] for cell in book["cells"])
    assert all(len(cell["source"]) <= 14 for cell in code)


@each
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the machinery around the kernel
def test_a_notebook_runs_and_shows_what_is_committed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("CHARRNN_MINUTOS", "0.05")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv("MPLBACKEND", raising=False)  # which a page that another test built has set
    stories = STORIES.read_text(encoding="utf-8")[:12_000]
    (tmp_path / "meu.txt").write_text(stories, encoding="utf-8")
    before = nbformat.read(path, as_version=4)
    after = nbformat.read(path, as_version=4)
    NotebookClient(
        after, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert [kinds(cell) for cell in after.cells] == [kinds(cell) for cell in before.cells]
