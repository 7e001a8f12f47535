"""Finding models by name: shipped, trained here, any directory, a packed file, or on the hub. No torch needed."""

import contextlib
import dataclasses
import math
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from charrnn import paths
from charrnn.config import ModelConfig
from charrnn.errors import Phrase, UserError, near

SHIPPED = Path(__file__).parents[1] / "pretrained"
TRAINED = Path("models")  # under the directory where the command runs
DEFAULT = "machado"
SUFFIX = ".charrnn"  # of a model as one file
HUB = "hf:"  # begins the name of a model on the Hugging Face hub
LARGEST_JSON = 2**16  # bytes of a config.json, which takes 300
LONGEST_NAME = 120  # bytes of a model's name: file systems allow 255
RESERVED = {"last", "auto", "scratch"} | {"con", "prn", "aux", "nul"}  # --model, --from; devices of Windows
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
LARGEST_CARD = 2**20  # bytes of a model card, which takes some 10,000
LARGEST_NUMBER = 1e12  # in a log or a state: of steps, seconds, bits; larger ones overflow where they are drawn
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
    skipped: int = 0  # lines of its log that could not be read


def find(name: str | Path | None = None, trained: Path = TRAINED) -> Path:
    """Return the directory of a model: a path, a name under `models/`, a shipped name, or "last", the newest trained.

    A model packed into a file and one on the hub, `hf:user/name@revision`, are read from directories in a cache.
    Default: $CHARRNN_MODEL, else the shipped DEFAULT, which no model trained here replaces. Of two models of one name,
    the one trained here is found. Raises UserError if there is no such model.
    """
    name = str(name or os.environ.get("CHARRNN_MODEL") or SHIPPED / DEFAULT)
    if name.startswith(HUB):
        from charrnn.storage import hub

        return hub.fetch(name)
    if is_pack(Path(name)):
        from charrnn.storage import packing

        return packing.opened(Path(name))
    if name == "last":
        newest = max(directories(trained), key=_written, default=None)
        if newest is None:
            raise UserError("no-trained-model", folder=trained)
        return newest
    for path in (Path(name), trained / name, SHIPPED / name):
        paths.restore(path)
        if is_model(path):
            return path
    if Path(name).exists():
        raise UserError(
            "not-a-model", path=name, found=Phrase("folder-without-config" if Path(name).is_dir() else "a-file")
        )
    known = [entry.name for entry in models(trained)]
    raise UserError("no-model", name=name, near=near(Path(name).name, known), known=", ".join(known))


def is_model(path: Path) -> bool:
    try:
        return (path / "config.json").is_file()
    except (OSError, ValueError):  # a folder that this user must not enter, or a name that no file can have
        return False


def is_pack(path: Path) -> bool:
    """Return whether a path is of a file that has the name of a packed model."""
    try:
        return path.suffix.lower() == SUFFIX and path.is_file()
    except (OSError, ValueError):
        return False


def spoken(directory: Path) -> str:
    """Return what to call the model in a directory: its name; on the hub, that of its owner, too."""
    place = directory.parent  # of the hub's cache: models--user--name/snapshots/commit
    if place.name == "snapshots" and place.parent.name.startswith("models--"):
        return place.parent.name.removeprefix("models--").replace("--", "/", 1)
    return directory.name


def models(trained: Path = TRAINED) -> list[ModelEntry]:
    """Return all models that have a name: shipped ones first, then those under `trained`, newest first."""
    entries = [entry(path) for path in [*directories(SHIPPED), *directories(trained)]]
    return sorted(entries, key=lambda entry: (not entry.shipped, -entry.date.toordinal(), entry.name))


def card(path: Path, *, whole: bool = False) -> str:
    """Return the model card in a directory, without its metadata unless `whole`; empty if there is none."""
    try:
        text = paths.read(path / "README.md", LARGEST_CARD).decode("utf-8", errors="replace")
    except OSError:
        return ""
    return text if whole else re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL).strip()


def shape(path: Path) -> ModelConfig | None:
    """Return the shape of the model in a directory; None if it cannot be read."""
    try:
        values = paths.read_json(path / "config.json", LARGEST_JSON)
        if not isinstance(values, dict):
            return None
        names = {field.name for field in dataclasses.fields(ModelConfig)}
        found = ModelConfig.from_json({name: value for name, value in values.items() if name in names})
        return None if found.hidden is None else found
    except (OSError, ValueError, UserError):
        return None


def named_after(text: str) -> str:
    """Return the name of a model trained on this text: meu.txt.gz → meu, eltec-por:eca → eltec-por-eca."""
    if text == "-":
        return "stdin"
    stem = Path(text).name.split(".")[0] or Path(text).stem
    names = (re.sub(r"[^\w-]+", "-", name).strip("-") for name in (stem, Path(text).parent.name, "model"))
    name = next(filter(None, names))
    return f"{name}-model" if name.casefold() in RESERVED else name


def refuse_reserved(name: str) -> None:
    """Raise UserError for a model's name that means something else, or that a shipped model has."""
    if name.casefold() in RESERVED or is_model(SHIPPED / name):
        raise UserError("model-name-reserved", found=name[:LONGEST_NAME])


def checked_name(name: str) -> str:
    """Return a name that a new model may have.

    Raises UserError for names that lead elsewhere, that mean something else, or that a shipped model has.
    """
    refuse_reserved(name)
    if name != named_after(name) or name.startswith("-") or len(name.encode()) > LONGEST_NAME:
        raise UserError("model-name-malformed", found=name[:LONGEST_NAME])
    return name


def directories(parent: Path) -> list[Path]:
    """Return the models in a folder, but those of `unlisted`."""
    return [path for path in _in_folder(parent) if paths.is_unicode(path.name)]


def unlisted(parent: Path) -> list[Path]:
    """Return the models in a folder whose names no menu, no JSON and no model card can hold."""
    return [path for path in _in_folder(parent) if not paths.is_unicode(path.name)]


def _in_folder(parent: Path) -> list[Path]:
    try:
        for path in parent.glob(f".*{paths.OLD}"):
            paths.restore(parent / path.name.removeprefix(".").removesuffix(paths.OLD))
        return sorted(path for path in parent.iterdir() if not path.name.startswith(".") and is_model(path))
    except OSError:  # there is none, or this user must not look into it
        return []


def entry(path: Path) -> ModelEntry:
    """Return what `charrnn models` tells of the model in a directory."""
    scored, day, skipped = _finished(path)
    size = sum(map(_size, path.iterdir()))
    return ModelEntry(path.name, path, scored, size, day or _day(_written(path)), path.parent == SHIPPED, skipped)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # it was removed meanwhile
        return 0


def _written(path: Path) -> float:
    """Return the POSIX time at which the weights were last written; 0 if there are none."""
    try:
        return (path / "model.safetensors").stat().st_mtime
    except OSError:
        return 0.0


def _day(when: float) -> date:
    try:
        return date.fromtimestamp(when)
    except (OverflowError, ValueError, OSError):
        return date.min


def _finished(path: Path) -> tuple[float | None, date | None, int]:
    """Return the held-out score and date of a finished run, and how many lines of its log are damaged.

    Of another run, return its best score so far and no date.
    """
    best, final, day, skipped = math.inf, None, None, 0
    with contextlib.suppress(OSError):
        for row in paths.rows(path / "metrics.jsonl"):
            try:
                if row is not None and "final_bpc" in row:
                    final, day = _number(row["final_bpc"]), date.fromisoformat(str(row["date"]))
                else:
                    best = min(best, _number((row or {})["valid_bpc"]))
            except (KeyError, ValueError):
                skipped += 1
    return final if final is not None else best if best < math.inf else None, day, skipped


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER:
        return float(value)
    raise ValueError(value)
