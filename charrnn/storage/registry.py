"""Finding models by name: shipped with the package, trained here, or any directory. No torch needed."""

import dataclasses
import json
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from charrnn.config import ModelConfig
from charrnn.errors import Phrase, UserError, near

SHIPPED = Path(__file__).parents[1] / "pretrained"
TRAINED = Path("models")  # under the directory where the command runs
DEFAULT = "machado"
BASE = "romances"  # what training starts from, by default, if the text is Portuguese


@dataclass(frozen=True)
class ModelEntry:
    """A model as `charrnn models` lists it."""

    name: str
    path: Path
    bits_per_character: float | None  # on held-out text, static; None before the first evaluation
    size: int  # bytes of the directory, without what only --resume needs
    date: date
    shipped: bool


def find(name: str | Path | None = None, trained: Path = TRAINED) -> Path:
    """Return the directory of a model: a path, a name under `models/`, a shipped name, or "last", the newest trained.

    Default: $CHARRNN_MODEL, else the shipped DEFAULT, which no model trained here replaces. Of two models of one name,
    the one trained here is found. Raises UserError if there is no such model.
    """
    name = str(name or os.environ.get("CHARRNN_MODEL") or SHIPPED / DEFAULT)
    if name == "last":
        newest = max(_directories(trained), key=_written, default=None)
        if newest is None:
            raise UserError("no-trained-model", folder=trained)
        return newest
    for path in (Path(name), trained / name, SHIPPED / name):
        if is_model(path):
            return path
    if Path(name).exists():
        raise UserError(
            "not-a-model", path=name, found=Phrase("folder-without-config" if Path(name).is_dir() else "a-file")
        )
    known = [entry.name for entry in models(trained)]
    raise UserError("no-model", name=name, near=near(Path(name).name, known), known=", ".join(known))


def is_model(path: Path) -> bool:
    return (path / "config.json").is_file()


def models(trained: Path = TRAINED) -> list[ModelEntry]:
    """Return all models that have a name: shipped ones first, then those under `trained`, newest first."""
    entries = [_entry(path) for path in [*_directories(SHIPPED), *_directories(trained)]]
    return sorted(entries, key=lambda entry: (not entry.shipped, -entry.date.toordinal(), entry.name))


def card(path: Path) -> str:
    """Return the model card in a directory, without its metadata; empty if there is none."""
    try:
        text = (path / "README.md").read_text(encoding="utf-8")
    except OSError:
        return ""
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL).strip()


def shape(path: Path) -> ModelConfig | None:
    """Return the shape of the model in a directory; None if it cannot be read."""
    try:
        values = json.loads((path / "config.json").read_text(encoding="utf-8"))
        names = {field.name for field in dataclasses.fields(ModelConfig)}
        found = ModelConfig.from_json({name: value for name, value in values.items() if name in names})
        return None if found.hidden is None else found
    except (OSError, ValueError, AttributeError, UserError):
        return None


def named_after(text: str) -> str:
    """Return the name of a model trained on this text: meu.txt.gz → meu, eltec-por:eca → eltec-por-eca."""
    if text == "-":
        return "stdin"
    stem = Path(text).name.split(".")[0] or Path(text).stem
    names = (re.sub(r"[^\w-]+", "-", name).strip("-") for name in (stem, Path(text).parent.name, "model"))
    return next(filter(None, names))


def _directories(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if not path.name.startswith(".") and is_model(path))


def _entry(path: Path) -> ModelEntry:
    files = [file for file in path.iterdir() if file.is_file()]
    scored, day = _finished(path)
    written = date.fromisoformat(day) if day else date.fromtimestamp(_written(path))
    size = sum(file.stat().st_size for file in files)
    return ModelEntry(path.name, path, scored, size, written, shipped=path.parent == SHIPPED)


def _written(path: Path) -> float:
    """Return the POSIX time at which the weights were last written; 0 if there are none."""
    weights = path / "model.safetensors"
    return weights.stat().st_mtime if weights.exists() else 0.0


def _finished(path: Path) -> tuple[float | None, str | None]:
    """Return the held-out score and date of a finished run; of another, the best score so far and no date."""
    try:
        lines = (path / "metrics.jsonl").read_text(encoding="utf-8").split("\n")
        rows = [json.loads(line) for line in lines if line.endswith("}")]  # the last one may be incomplete
    except (OSError, ValueError):
        return None, None
    if final := [row for row in rows if "final_bpc" in row]:
        return final[-1]["final_bpc"], final[-1].get("date")
    return min((row["valid_bpc"] for row in rows if "valid_bpc" in row), default=None), None
