"""What is done before the first text is requested."""

from pathlib import Path

import pytest

from charrnn import compiled
from charrnn.serving.loaded_models import ServedModels


def test_another_process_compiles_unless_a_run_began_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(compiled, "aside", lambda *arguments: started.append(arguments))
    monkeypatch.setenv("CHARRNN_LOOPS", str(tmp_path))
    compiled.folder_of.cache_clear()
    try:
        models = ServedModels(tmp_path)
        models.prepare()
        assert [command[:2] for command in started] == [("charrnn", "sample")]
        compiled.folder_of("charrnn.sampling.compiled.steps").mkdir()
        models.prepare()
        assert len(started) == 1
    finally:
        compiled.folder_of.cache_clear()
