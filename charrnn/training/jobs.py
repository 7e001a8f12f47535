"""Train in a separate process: start, watch, pause, finish early and resume it. No torch needed.

The process is `charrnn train --attached`, which saves and stops when the pipe to its standard input closes. So it does
not outlive this process, not even after a crash, and its run can be resumed.
"""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from charrnn.errors import UserError
from charrnn.storage import registry, run_log

# dropped: stopped before there was anything to save
Phase = Literal[
    "preparing", "training", "finishing", "stopping", "elsewhere", "paused", "finished", "failed", "dropped", "none"
]
GOING = ("preparing", "training", "finishing", "stopping")
EVALUATIONS = 20  # per run, each with a sample
POLITE = 5  # priority (nice) of the training process, so that generating text stays fast
FAILURE = "CHARRNN_FAILURE"  # the environment variable that names the file for the error
PATIENCE = 60.0  # seconds for a training process to save before it is killed


@dataclass(frozen=True)
class Job:
    """The state of a training."""

    path: Path
    phase: Phase
    told: tuple[str, ...] = ()  # lines that the process printed; after a failure, the last one is the reason
    failure: UserError | None = None  # the reason, if the process ended in a UserError or by a signal


class Workshop:
    """Runs one training at a time under a directory of models. Thread-safe."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._path = models
        self._asked: Literal["", "pause", "finish"] = ""
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
        self._run(path, "--minutes", f"{minutes:g}", "--baselines", *evaluations, *options, "--", *texts)
        return path

    def resume(self, name: str) -> Path:
        """Resume a paused training. Raises UserError if there is none of that name, or if another one is running."""
        path = self.models / name
        if path not in run_log.known(self.models) or not (path / run_log.STATE).is_file():
            raise UserError("no-training-to-resume", found=name)
        self._run(path, "--resume")
        return path

    def pause(self) -> None:
        """Save the training and end its process."""
        with self._lock:
            self._asked = "pause"
            _close(self._process)

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
        told = self._told()
        if (code := self._process.poll()) is not None:
            if code == 0 or self._asked == "pause" or code in (130, 143):  # as after Ctrl-C and SIGTERM, which save
                seen = _seen(record)
                return Job(path, "dropped" if (seen, self._asked) == ("none", "pause") else seen, told)
            failure = UserError("training-killed", signal=-code) if code < 0 else self._failure()
            return Job(path, "failed", (*told, str(failure)) if code < 0 else told, failure)
        if self._asked:
            return Job(path, "stopping" if self._asked == "pause" else "finishing", told)
        return Job(path, "training" if self._has_begun() else "preparing", told)

    def _has_begun(self) -> bool:
        return _touched(self._path / run_log.POINTS) not in (None, self._before)

    def _run(self, path: Path, *options: str) -> None:
        with self._lock:
            if self.busy:
                raise UserError("other-training", found=self._path.name)
            if run_log.is_live(path):
                raise UserError("run-in-training", folder=path.name)
            self._before = _touched(path / run_log.POINTS)
            handle, log = tempfile.mkstemp(prefix="charrnn-training-", suffix=".log")
            with os.fdopen(handle, "wb") as file:
                self._process = _spawn(
                    ["train", "--attached", "--out", str(path), *options], file, _failure_of(Path(log))
                )
            self._forget_log()
            self._path, self._log, self._asked = path, Path(log), ""

    def _told(self) -> tuple[str, ...]:
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log and self._log.exists() else ""
        return tuple(line.rstrip() for line in text.split("\n") if line.strip())

    def _failure(self) -> UserError | None:
        try:
            return UserError.from_json(json.loads(_failure_of(self._log or Path()).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def _forget_log(self) -> None:
        if self._log is not None:
            self._log.unlink(missing_ok=True)
            _failure_of(self._log).unlink(missing_ok=True)


def _touched(path: Path) -> int | None:
    """Return when a file was last written, by whichever clock, in nanoseconds; None if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _failure_of(log: Path) -> Path:
    """Return the file beside a log in which the process writes the UserError that ends it."""
    return log.with_suffix(".error")


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


def _spawn(arguments: list[str], log: IO[bytes], failure: Path) -> "subprocess.Popen[bytes]":
    """Start `charrnn` with these arguments and a pipe to its standard input."""
    # A process group of its own: Ctrl-C goes to a whole group, but the process must learn of it by its pipe only.
    group: dict[str, object] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    process = subprocess.Popen(
        [sys.executable, "-m", "charrnn", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log,
        env={**os.environ, "PYTHONUTF8": "1", FAILURE: str(failure)}, **group,  # type: ignore[call-overload]
    )  # fmt: skip
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)
    return process  # type: ignore[no-any-return]


def _close(process: "subprocess.Popen[bytes] | None") -> None:
    if process is not None and process.stdin is not None:
        process.stdin.close()
