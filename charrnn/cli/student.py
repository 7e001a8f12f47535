"""The network alone that `charrnn export --distill` trains from a model joined to counts."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from charrnn.cli.late import command
from charrnn.cli.terminal import note
from charrnn.errors import UserError
from charrnn.storage import registry

WRITING = 0.25  # share of the time in which the teacher writes, if no text is at hand


def student_of(teacher: Path, minutes: float, texts: Sequence[str] = ()) -> Path:
    """Train a network alone that learns from a model's predictions, and return its directory, models/NAME-alone.

    texts: what it reads meanwhile; default: the model's training text if its run names texts that are still there, else
    text that the model writes in WRITING of the time.
    """
    out = registry.TRAINED / f"{registry.named_after(teacher.name)}-alone"
    if out.exists():
        raise UserError("student-exists", model=out)
    from charrnn.training.distilling import source_of, written_by

    options = ["--teacher", str(teacher), "--counts", "none", "--from", "scratch", "--out", str(out)]
    with tempfile.TemporaryDirectory(prefix="charrnn-") as folder:
        if not texts and (source := source_of(teacher)) is not None:
            texts = source.names
            options += ["--valid", source.valid] if source.valid is not None else []
            options += ["--clean", ",".join(source.corpus.repairs)] if source.corpus.repairs else []
            options += ["--encoding", source.corpus.encoding] if source.corpus.encoding else []
        elif not texts:
            note(f"{teacher.name} writes the text from which the network learns …")
            written = Path(folder, f"{out.name}.txt")
            text = "\n".join(written_by(teacher, 60 * WRITING * minutes))
            written.write_text(text, encoding="utf-8")
            texts, minutes = [str(written)], minutes * (1 - WRITING)
        command("train").main([*options, "--minutes", f"{minutes:g}", "--", *texts], standalone_mode=False)
    if not registry.is_model(out):
        raise UserError("student-too-young")
    return out
