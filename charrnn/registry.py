"""Finding models by name: shipped with the package, trained here, or any directory. No torch needed."""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from charrnn.errors import UserError

SHIPPED = Path(__file__).parent / "pretrained"
TRAINED = Path("models")  # under the directory where the command runs
DEFAULT = "machado"


@dataclass(frozen=True)
class Entry:
    """One model as `charrnn models` lists it."""

    name: str
    path: Path
    bits_per_character: float | None  # held-out, static; None if no evaluation was made yet
    size: int  # bytes of the directory, without what only --resume needs
    date: date
    shipped: bool


def find(name: str | Path | None = None, trained: Path = TRAINED) -> Path:
    """The directory of a model: a path, a name under `models/`, a shipped name, or "last", the newest trained.

    Default: $CHARRNN_MODEL, else the shipped model. Raises UserError if there is no such model.
    """
    name = str(name or os.environ.get("CHARRNN_MODEL") or DEFAULT)
    if name == "last":
        newest = max(_directories(trained), key=lambda path: (path / "config.json").stat().st_mtime, default=None)
        if newest is None:
            raise UserError(f"--model last: expected a trained model under {trained}/, found none")
        return newest
    for path in (Path(name), trained / name, SHIPPED / name):
        if is_model(path):
            return path
    known = ", ".join(entry.name for entry in models(trained)) or "none"
    if Path(name).exists():
        raise UserError(f"{name}: expected a model directory, found no config.json in it")
    raise UserError(f"model {name!r}: expected a model directory or one of: {known}; found neither")


def is_model(path: Path) -> bool:
    return (path / "config.json").is_file()


def models(trained: Path = TRAINED) -> list[Entry]:
    """All models that have a name: shipped ones first, then those under `trained`, newest first."""
    entries = [_entry(path, path.parent == SHIPPED) for path in [*_directories(SHIPPED), *_directories(trained)]]
    return sorted(entries, key=lambda entry: (not entry.shipped, -entry.date.toordinal(), entry.name))


def _directories(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if not path.name.startswith(".") and is_model(path))


def _entry(path: Path, shipped: bool) -> Entry:
    files = [file for file in path.iterdir() if file.is_file()]
    written = date.fromtimestamp((path / "config.json").stat().st_mtime)
    return Entry(path.name, path, _held_out(path), sum(f.stat().st_size for f in files), written, shipped)


def _held_out(path: Path) -> float | None:
    """The held-out score: that of the finished run or, while it goes on, the best so far."""
    try:
        lines = (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.endswith("}")]  # the last one may be half written
    except (OSError, ValueError):
        return None
    final = [row["final_bpc"] for row in rows if "final_bpc" in row]
    return final[-1] if final else min((row["valid_bpc"] for row in rows), default=None)
