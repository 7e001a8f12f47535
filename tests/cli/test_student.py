"""A network alone is trained from a model joined to counts, to be exported."""

from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import QUATRAINS, quick

from charrnn.cli.student import student_of
from charrnn.config import ModelConfig
from charrnn.errors import UserError
from charrnn.storage import saved_model
from charrnn.training import distilling
from charrnn.training.run import Run


def test_a_student_reads_the_text_that_its_teacher_read_or_what_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    text = tmp_path / "versos.txt"
    text.write_text(QUATRAINS.read_text(encoding="utf-8"), encoding="utf-8")
    shape = ModelConfig(embed=8, hidden=16, counts="none")
    list(islice(run := Run.start([text], tmp_path / "versos", shape, quick()), 2))
    source = distilling.source_of(run.out)
    assert source == run.text.source
    text.unlink()
    assert distilling.source_of(run.out) is None
    assert distilling.source_of(saved) is None
    monkeypatch.setattr(distilling, "written_by", lambda model, seconds: ["Era uma vez um texto.\n" * 40] * 2)
    student = student_of(saved, 0.001)
    assert student == Path("models/tiny-alone")
    assert saved_model.read_config(student)[0].counts == "none"
    assert "tiny's predictions" in (student / "README.md").read_text(encoding="utf-8")
    monkeypatch.setattr(
        "charrnn.cli.student.command", lambda name: SimpleNamespace(main=lambda *_, **__: None)
    )  # Ctrl-C at once
    with pytest.raises(UserError, match="ended before the network saved its first weights"):
        student_of(tmp_path / "another", 0.001, [str(tmp_path / "versos.txt")])
    with pytest.raises(UserError, match="exists already; use it with --model"):
        student_of(saved, 1.0)
