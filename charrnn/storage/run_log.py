"""The log of a training run, which other processes read while it trains and after. No torch needed."""

import contextlib
import functools
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from charrnn import paths
from charrnn.config.fields import kinds_of
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
Value = TypeVar("Value")


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
    exam: dict[str, float] | None = None  # with --exam, the share of right answers by category

    def __post_init__(self) -> None:
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in (self.exam or {}).values()):
            raise ValueError("exam")


@dataclass(frozen=True)
class FinalScore:
    """The score of the best weights of a finished run, and what it was trained on; earlier versions left that out."""

    final_bpc: float
    characters: int = 0  # of the training text
    base: str = ""  # the model that it started from
    counts: str = ""  # whether the network is joined to counts
    minutes: float = 0.0  # of the budget; 0 for one in steps


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
    skipped: int = 0  # damaged lines of its logs
    outcome: FinalScore | None = None  # once the run is finished

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def is_watched(self) -> bool:
        """True if the first steps were evaluated, so that the whole of learning is seen."""
        return any(one.step == 1 for one in self.evaluations)

    @property
    def preparation(self) -> float:
        """Seconds spent before the first step, if the untrained model was evaluated then; else 0."""
        return next((one.seconds for one in self.evaluations[:1] if one.step == 0), 0.0)

    def curve(self, most: int = 240) -> list[tuple[float, float]]:
        """Return (seconds, training bits per character): means of groups of neighbouring points, at most `most` groups.

        Without points, as in shipped models, the means between evaluations. The seconds are those after preparation.
        """
        found = self.points or self.evaluations
        bits, size = [one.train_bpc for one in found], -(-len(found) // most) or 1
        groups = ((start, min(start + size, len(found))) for start in range(0, len(found), size))
        begin = self.preparation
        return [(found[stop - 1].seconds - begin, sum(bits[start:stop]) / (stop - start)) for start, stop in groups]


def read(directory: Path) -> Record:
    """Return what there is of a run; an empty record if there is none. Damaged lines are skipped and counted."""
    found, points = _entries(directory / METRICS, Evaluation, FinalScore), _entries(directory / POINTS, Point)
    scores = [entry[1] for entry in found if entry]
    outcome = next((value for value in reversed(scores) if isinstance(value, FinalScore)), None)
    return Record(
        path=directory,
        points=tuple(value for _, value in filter(None, points) if isinstance(value, Point)),
        evaluations=tuple(value for value in scores if isinstance(value, Evaluation)),
        baselines=_baselines(directory / BASELINES),
        final_bpc=None if outcome is None else outcome.final_bpc,
        live=is_live(directory),
        resumable=(directory / STATE).is_file(),
        skipped=found.count(None) + points.count(None),
        outcome=outcome,
    )


def known(models: Path) -> list[Path]:
    """Return the models under `models` that have a log of their training, the latest first."""
    found = {path: _touched(path) for path in registry.directories(models)}
    return sorted(filter(found.__getitem__, found), key=lambda path: (-found[path], path.name))


def _touched(directory: Path) -> float:
    """Return the POSIX time at which a run last wrote its log; 0 if it never did."""
    times = [path.stat().st_mtime for name in (METRICS, STATE, POINTS) if (path := directory / name).is_file()]
    return max(times, default=0.0)


Entry = tuple[Row, object] | None  # a line with its value; None for a damaged one


@dataclass
class _ReadLog:
    """What was read of a log so far: it grows while its run trains, and pages look at it all the time."""

    end: int = 0  # bytes that were read, whole lines
    last: bytes = b""  # the last of them, which change when the log is written anew
    entries: list[Entry] = field(default_factory=list)


_logs: dict[tuple[Path, tuple[type, ...]], _ReadLog] = {}  # at most LOGS, the latest last
_reading = threading.Lock()
LOGS = 8


def _entries(path: Path, *kinds: type) -> list[Entry]:
    """Return each line of a log with its value, one of `kinds`; None for a damaged line.

    Only what is new since the last call is read. A half-written last line is left out.
    """
    with _reading:
        log = _logs.pop((path, kinds), _ReadLog())
        try:
            with paths.opened(path) as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(log.end - len(log.last), 0))
                if size < log.end or file.read(len(log.last)) != log.last:
                    log = _ReadLog()
                start = max(log.end, size - paths.LARGEST_LOG)
                file.seek(start)
                new = file.read(paths.LARGEST_LOG)
        except OSError:
            return []
        *lines, rest = new.split(b"\n")  # splitlines() also splits at rarer line ends, which samples hold
        log.entries += [_entry(line, kinds) for line in lines[start > log.end :]]
        if lines:
            log.end = start + len(new) - len(rest)
            log.last = (log.last + new[: len(new) - len(rest)])[-64:]
        _logs[path, kinds] = log
        for oldest in [*_logs][:-LOGS]:
            del _logs[oldest]
        last = _entry(rest, kinds)
        return [*log.entries, last] if last else [*log.entries]


def _entry(line: bytes, kinds: tuple[type, ...]) -> Entry:
    row = paths.json_row(line)
    for kind in kinds:
        with contextlib.suppress(ValueError):
            return row or {}, parsed(kind, row)
    return None


def parsed(kind: type[Value], row: object) -> Value:
    """Return a dataclass with the values in a JSON object.

    Raises ValueError if one is missing, of another type, too large, or negative where it counts something.
    """
    if not isinstance(row, dict):
        raise ValueError("no object")
    values = {}
    for name, default, kinds in _form(kind):  # type: ignore[arg-type]
        value = row.get(name, default)
        if isinstance(value, int | float) and not abs(value) <= registry.LARGEST_NUMBER:  # nor NaN
            raise ValueError(name)
        if type(value) is int and float in kinds:
            value = float(value)
        if type(value) not in kinds or (type(value) is int and value < 0):
            raise ValueError(f"{name}: {value!r}")
        values[name] = value
    return kind(**values)


@functools.cache
def _form(kind: object) -> list[tuple[str, object, tuple[type, ...]]]:
    """Return the name, default and types of each field of a dataclass."""
    return [(field.name, field.default, kinds_of(field)) for field in fields(kind)]  # type: ignore[arg-type]


def evaluations(directory: Path) -> list[Row]:
    """Return the evaluations of a run as they were logged. (The final score is none.)"""
    found = filter(None, _entries(directory / METRICS, Evaluation))
    return [row for row, _ in found]


def _baselines(path: Path) -> Baselines | None:
    try:
        return parsed(Baselines, paths.read_json(path, registry.LARGEST_JSON))
    except (OSError, ValueError):
        return None


class Journal:
    """Writes the log of a run: a point each second, each evaluation, the final score."""

    def __init__(
        self,
        directory: Path,
        after: int | None = None,
        before: tuple[float, int] = (0.0, 0),
        note: Callable[[str], None] = print,
    ) -> None:
        """after: the step from which training resumes; what was logged later, and the final score, are dropped.

        before: sum of bits, and steps, since the last evaluation before that step; note: is told of damaged lines.
        """
        self.points, self.metrics = directory / POINTS, directory / METRICS
        self._written = 0.0
        self._total, self._losses = before  # sum of bits, and steps, at the last point
        if after is not None:
            for path, kind in ((self.points, Point), (self.metrics, Evaluation)):
                entries = _entries(path, kind, FinalScore)
                if lost := entries.count(None):
                    note(f"{path.name}: {lost} damaged lines are dropped")
                kept = [row for row, value in filter(None, entries) if getattr(value, "step", math.inf) <= after]
                paths.write(path, "".join(map(_line, kept)).encode("utf-8"))

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
    if (directory / LOCK).is_symlink():  # none of ours: an earlier version of the library emptied what it points to
        (directory / LOCK).unlink()
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

    if not (directory / LOCK).exists() or (directory / LOCK).is_symlink():
        return False
    try:
        with _looking, FileLock(directory / LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True
