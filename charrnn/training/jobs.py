"""Train in a separate process: start, watch, pause, finish early and resume it. No torch needed.

The process is `charrnn train --attached`, which saves and stops when the pipe to its standard input closes. So it does
not outlive this process, not even after a crash, and its run can be resumed.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal, NamedTuple

from charrnn.errors import UserError
from charrnn.storage import registry, run_log
from charrnn.training.stages import ORDERED, STAGES, WRITTEN, Stage

# dropped: stopped before there was anything to save
Phase = Literal[
    "preparing", "training", "finishing", "stopping", "cancelling", "elsewhere", "paused", "finished", "failed",
    "dropped", "none",
]  # fmt: skip
GOING = ("preparing", "training", "finishing", "stopping", "cancelling")
EVALUATIONS = 20  # per run, each with a sample
POLITE = 5  # priority (nice) of the training process, so that generating text stays fast
FAILURE = "CHARRNN_FAILURE"  # the environment variable that names the file for the error
ERROR, STEPS = ".error", ".steps"  # suffixes of files beside a log
PATIENCE = 60.0  # seconds for a training process to save before it is killed
GRACE = 3.0  # seconds for a process that has nothing to save


class StageEntry(NamedTuple):
    """A step that a training entered."""

    stage: Stage
    moment: float  # POSIX seconds
    left: float | None = None  # seconds until the end, as expected then


@dataclass(frozen=True)
class Clock:
    """When a training was ordered, in POSIX seconds, and each of its steps so far."""

    began: float
    budget: float | None = None  # seconds that were asked for
    entered: tuple[StageEntry, ...] = ()
    ended: float | None = None

    @property
    def last(self) -> StageEntry:
        """The step that lasts."""
        return self.entered[-1] if self.entered else StageEntry("starting", self.began)

    def durations(self, now: float) -> dict[Stage, float]:
        """Return the seconds spent in each step that was entered, in order; their sum is the time since the order."""
        begun = [StageEntry("starting", self.began), *self.entered]
        ends = [one.moment for one in self.entered] + [self.ended or now]
        found: dict[Stage, float] = {}
        for one, end in zip(begun, ends, strict=True):
            found[one.stage] = found.get(one.stage, 0.0) + end - one.moment
        return found

    def end(self, now: float, remaining: float | None) -> float | None:
        """Return the moment at which the training is expected to end, if known.

        remaining: seconds, as the run's log last told while it learns; None before.
        """
        stage, moment, left = self.last
        if stage == "learning" and remaining is not None:
            return now + remaining
        if left is not None:
            return moment + left
        return None if self.budget is None else self.began + self.budget


@dataclass(frozen=True)
class Job:
    """The state of a training."""

    path: Path
    phase: Phase
    told: tuple[str, ...] = ()  # lines that the process printed; after a failure, the last one is the reason
    failure: UserError | None = None  # the reason, if the process ended in a UserError or by a signal
    clock: Clock | None = None  # of a process that this one started


class Workshop:
    """Runs one training at a time under a directory of models. Thread-safe."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._path = models
        self._asked: Literal["", "pause", "finish", "cancel"] = ""
        self._clock, self._ended = Clock(0.0), 0.0  # without its steps, which the process writes down
        self._is_new = False  # whether the run was started here, not resumed
        self._before: int | None = None  # when the log was written last, before the process began
        self._log: Path | None = None
        atexit.register(self.close)

    @property
    def busy(self) -> Path | None:
        """The model that is being trained here, if any."""
        return self._path if self._process is not None and self._process.poll() is None else None

    @property
    def latest(self) -> Path | None:
        """The model that is being trained here, or was trained here last."""
        return self._path if self._process is not None else None

    def start(self, texts: Sequence[str], name: str, minutes: float, *options: str) -> Path:
        """Start training a model of that name. options: further ones of `charrnn train`.

        Raises UserError if there is no text, if the name is invalid or taken, or if another training is running.
        """
        if not texts:
            raise UserError("job-without-text")
        path = self.models / registry.checked_name(name)
        if path.exists():
            raise UserError("model-name-taken", found=name)
        evaluations = ("--evaluations", str(EVALUATIONS)) if minutes >= 2 else ()
        self._run(path, 60 * minutes, "--minutes", f"{minutes:g}", "--baselines", *evaluations, *options, "--", *texts)
        return path

    def resume(self, name: str, minutes: float | None = None) -> Path:
        """Resume a paused training, or a finished one for so many minutes in all.

        Raises UserError if there is none of that name, or if another one is running.
        """
        path = self.models / name
        if path not in run_log.known(self.models) or not (path / run_log.STATE).is_file():
            raise UserError("no-training-to-resume", found=name)
        self._run(path, None, "--resume", *([] if minutes is None else ["--minutes", f"{minutes:g}"]))
        return path

    def pause(self) -> None:
        """Save the training and end its process. A new one that has learned nothing yet leaves nothing."""
        with self._lock:
            process, cancelled = self._process, self._is_new and self.busy is not None and not self._has_begun()
            self._asked = "cancel" if cancelled else "pause"
            _close(process)
        if cancelled and process is not None:
            threading.Thread(target=self._discard, args=[process], daemon=True).start()

    def _discard(self, process: "subprocess.Popen[bytes]") -> None:
        """End a process that has nothing to save, and remove what it has written."""
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:  # it counts, and hears nothing
            process.kill()
            process.wait()
        with self._lock:
            if process is self._process and not self._has_begun():
                shutil.rmtree(self._path, ignore_errors=True)

    def finish(self) -> None:
        """End the training now and score its best weights, as if its time were over."""
        with self._lock:
            if self.busy and self._process and self._process.stdin and not self._asked:
                self._asked = "finish"
                self._process.stdin.write(b"finish\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """Pause the training, if one is running, and wait until it is saved."""
        self.pause()
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._forget_log()

    def job(self, path: Path, record: run_log.Record | None = None) -> Job:
        """Return the state of the training of the model at `path`. record: its log, if that was read already."""
        record = record or run_log.read(path)
        if self._process is None or path != self._path:
            return Job(path, _seen(record))
        told, clock = self._told(), self._steps()
        if (code := self._process.poll()) is not None:
            stopped = self._asked in ("pause", "cancel")
            if code == 0 or stopped or code in (130, 143):  # as after Ctrl-C and SIGTERM, which save
                seen = _seen(record)
                return Job(path, "dropped" if stopped and seen == "none" else seen, told, clock=clock)
            failure = UserError("training-killed", signal=-code) if code < 0 else self._failure()
            return Job(path, "failed", (*told, str(failure)) if code < 0 else told, failure, clock)
        if self._asked in ("pause", "cancel"):
            return Job(path, "stopping" if self._asked == "pause" else "cancelling", told, clock=clock)
        ends = self._asked == "finish" or clock.last.stage in ("calibrating", "writing")
        return Job(path, "finishing" if ends else "training" if self._has_begun() else "preparing", told, clock=clock)

    def _has_begun(self) -> bool:
        return _touched(self._path / run_log.POINTS) not in (None, self._before)

    def _steps(self) -> Clock:
        """Return the clock with the steps that the process has entered."""
        if not self._ended and self._process is not None and self._process.poll() is not None:
            self._ended = time.time()
        return replace(self._clock, entered=tuple(self._entered()), ended=self._ended or None)

    def _entered(self) -> Iterator[StageEntry]:
        with contextlib.suppress(OSError, ValueError):  # ValueError: a line that is half written
            for line in _beside(self._log or Path(), STEPS).read_text(encoding="utf-8").splitlines():
                name, moment, left = line.split(" ")
                yield from (
                    StageEntry(one, float(moment), float(left) if left else None) for one in STAGES if one == name
                )

    def _run(self, path: Path, budget: float | None, *options: str) -> None:
        with self._lock:
            if self.busy:
                raise UserError("other-training", found=self._path.name)
            if run_log.is_live(path):
                raise UserError("run-in-training", folder=path.name)
            self._before = _touched(path / run_log.POINTS)
            handle, log = tempfile.mkstemp(prefix="charrnn-training-", suffix=".log")
            began = time.time()
            with os.fdopen(handle, "wb") as file:
                self._process = _spawn(
                    ["train", "--attached", "--out", str(path), *options], file, _beside(Path(log), ERROR), began
                )
            self._forget_log()
            self._path, self._log, self._asked, self._ended = path, Path(log), "", 0.0
            self._clock, self._is_new = Clock(began, budget), budget is not None

    def _told(self) -> tuple[str, ...]:
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log and self._log.exists() else ""
        return tuple(line.rstrip() for line in text.split("\n") if line.strip())

    def _failure(self) -> UserError | None:
        try:
            return UserError.from_json(json.loads(_beside(self._log or Path(), ERROR).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def _forget_log(self) -> None:
        if self._log is not None:
            self._log.unlink(missing_ok=True)
            for kind in (ERROR, STEPS):
                _beside(self._log, kind).unlink(missing_ok=True)


def _touched(path: Path) -> int | None:
    """Return when a file was last written, by whichever clock, in nanoseconds; None if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _beside(log: Path, kind: str) -> Path:
    """Return the file beside a log in which the process writes its steps, or the UserError that ends it."""
    return log.with_suffix(kind)


def report(failure: UserError) -> None:
    """Tell the Workshop that started this process, if one did, which error ends it."""
    if path := os.environ.get(FAILURE):
        Path(path).write_text(json.dumps(failure.to_json()), encoding="utf-8")


@functools.cache
def workshop(models: Path) -> Workshop:
    """Return the workshop of a directory: always the same one in a process."""
    return Workshop(models)


def _seen(record: run_log.Record) -> Phase:
    """Return the phase of a run by its directory."""
    if record.live:
        return "elsewhere"
    if record.final_bpc is not None:
        return "finished"
    return "paused" if record.resumable else "none"


def _spawn(arguments: list[str], log: IO[bytes], failure: Path, began: float) -> "subprocess.Popen[bytes]":
    """Start `charrnn` with these arguments and a pipe to its standard input."""
    # A process group of its own: Ctrl-C goes to a whole group, but the process must learn of it by its pipe only.
    group: dict[str, object] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    told = {FAILURE: str(failure), ORDERED: str(began), WRITTEN: str(_beside(failure, STEPS))}
    process = subprocess.Popen(
        [sys.executable, "-m", "charrnn", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log,
        env={**os.environ, "PYTHONUTF8": "1", **told}, **group,  # type: ignore[call-overload]
    )  # fmt: skip
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)
    return process  # type: ignore[no-any-return]


def _close(process: "subprocess.Popen[bytes] | None") -> None:
    if process is not None and process.stdin is not None:
        process.stdin.close()
