"""The log of a training run, which other processes read while it trains and after. No torch needed."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, SupportsFloat, cast

from charrnn.corpus.baselines import Baselines
from charrnn.errors import UserError
from charrnn.storage import registry

METRICS = "metrics.jsonl"  # a line for each evaluation, and one for the final score
STATE = "training/state.safetensors"  # all that resuming needs
POINTS = "training/progress.jsonl"  # a line each second
BASELINES = "training/baselines.json"  # what simple models need on the same held-out text
LOCK = "training/lock"  # held by the process that trains
EVERY = 1.0  # seconds between two points

Row = dict[str, object]
"""A line of a log, from JSON."""


@dataclass(frozen=True)
class Point:
    """How far a run is at a moment. `train_bpc` is the mean since the point before."""

    step: int
    seconds: float  # of the budget, summed over all resumptions
    fraction: float  # of the budget that is spent, 0 to 1
    remaining: float  # seconds, estimated
    train_bpc: float
    characters_per_second: float


@dataclass(frozen=True)
class Evaluation:
    """The scores of an evaluation and a text sampled then, always from the same prompt and seed."""

    step: int
    seconds: float
    train_bpc: float  # mean since the evaluation before
    valid_bpc: float
    sample: str

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(**{field.name: row[field.name] for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Record:
    """All that a run's directory tells at one moment."""

    path: Path
    points: tuple[Point, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    baselines: Baselines | None = None
    final_bpc: float | None = None  # of the best weights, once the run is finished
    live: bool = False  # whether a process trains it now
    resumable: bool = False  # whether `--resume` can continue it

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    def curve(self, most: int = 240) -> list[tuple[float, float]]:
        """Return (seconds, training bits per character): means of groups of neighbouring points, at most `most` groups.

        Without points, as in shipped models, the means between evaluations.
        """
        found = [(p.seconds, p.train_bpc) for p in self.points or self.evaluations]
        size = -(-len(found) // most) or 1
        groups = [found[start : start + size] for start in range(0, len(found), size)]
        return [(group[-1][0], sum(bits for _, bits in group) / len(group)) for group in groups]


def read(directory: Path) -> Record:
    """Return what there is of a run; an empty record if there is none. Incomplete lines are skipped."""
    rows = lines(directory / METRICS)
    final = [float(cast("SupportsFloat", row["final_bpc"])) for row in rows if "final_bpc" in row]
    return Record(
        path=directory,
        points=tuple(Point(**row) for row in lines(directory / POINTS)),  # type: ignore[arg-type]
        evaluations=tuple(Evaluation.of(row) for row in rows if "valid_bpc" in row),
        baselines=_baselines(directory / BASELINES),
        final_bpc=final[-1] if final else None,
        live=is_live(directory),
        resumable=(directory / STATE).is_file(),
    )


def known(models: Path) -> list[Path]:
    """Return the models under `models` that have a log of their training, the latest first."""
    if not models.is_dir():
        return []
    found = [p for p in models.iterdir() if not p.name.startswith(".") and registry.is_model(p) and _touched(p)]
    return sorted(found, key=lambda path: (-_touched(path), path.name))


def _touched(directory: Path) -> float:
    """Return the POSIX time at which a run last wrote its log; 0 if it never did."""
    times = [path.stat().st_mtime for name in (METRICS, STATE, POINTS) if (path := directory / name).is_file()]
    return max(times, default=0.0)


def lines(path: Path) -> list[Row]:
    """Return the complete lines of a log; none if there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    rows = []
    for line in text.split("\n"):  # splitlines() would also split at the rarer line ends that a sample may hold
        with contextlib.suppress(ValueError):
            rows.append(json.loads(line))
    return rows


def evaluations(directory: Path) -> list[Row]:
    """Return the evaluations of a run as they were logged. (The final score is none.)"""
    return [row for row in lines(directory / METRICS) if "valid_bpc" in row]


def _baselines(path: Path) -> Baselines | None:
    try:
        return Baselines(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class Journal:
    """Writes the log of a run: a point each second, each evaluation, the final score."""

    def __init__(self, directory: Path, after: int | None = None, before: tuple[float, int] = (0.0, 0)) -> None:
        """after: the step from which training resumes; what was logged later, and the final score, are dropped.

        before: sum of bits, and steps, since the last evaluation before that step.
        """
        self.points, self.metrics = directory / POINTS, directory / METRICS
        self._written = 0.0
        self._total, self._losses = before  # sum of bits, and steps, at the last point
        if after is not None:
            for path, rows in ((self.points, lines(self.points)), (self.metrics, evaluations(directory))):
                kept = [row for row in rows if cast("int", row["step"]) <= after]
                path.write_text("".join(map(_line, kept)), encoding="utf-8")

    def note(self, point: Point, losses: int, *, now: bool = False) -> None:
        """Write a point if the last one is a second old.

        Args:
            point: `train_bpc` is the mean over the last `losses` steps, those since an evaluation.
            now: whether to write it in any case.
        """
        if losses <= 1:
            self._total, self._losses = 0.0, 0
        if not now and time.perf_counter() - self._written < EVERY:
            return
        total = point.train_bpc * losses
        if losses > self._losses:
            row = {field.name: getattr(point, field.name) for field in fields(Point)}
            self._append(self.points, {**row, "train_bpc": (total - self._total) / (losses - self._losses)})
        self._written, self._total, self._losses = time.perf_counter(), total, losses

    def score(self, row: Row) -> None:
        """Write an evaluation, or the final score."""
        self._append(self.metrics, row)

    @staticmethod
    def _append(path: Path, row: Row) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(_line(row))


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


@contextlib.contextmanager
def held(directory: Path) -> Iterator[None]:
    """Lock a run against training by other processes. Raises UserError if one trains it."""
    from filelock import FileLock, Timeout

    (directory / LOCK).parent.mkdir(exist_ok=True)
    lock = FileLock(directory / LOCK)
    try:
        lock.acquire(timeout=2)  # `is_live` holds it for a moment
    except Timeout:
        raise UserError("run-in-training", folder=directory) from None
    try:
        yield
    finally:
        lock.release()


_looking = threading.Lock()  # else two threads in `is_live` would take each other for training processes


def is_live(directory: Path) -> bool:
    """Return whether a process trains the run now; a killed one does not."""
    from filelock import FileLock, Timeout

    if not (directory / LOCK).exists():
        return False
    try:
        with _looking, FileLock(directory / LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True
