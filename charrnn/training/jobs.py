"""Trainings in a process of their own: begun, watched, paused, ended early, gone on with. No torch needed.

The process is `charrnn train --attached`: it stops, and saves, when the pipe to its standard input closes. So it
outlives neither this process nor a crash of it, and what it had learned is there to go on with.
"""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from charrnn.errors import UserError
from charrnn.storage import registry, run_log

# dropped: broken off before there was anything to save
Phase = Literal[
    "preparing", "training", "finishing", "stopping", "elsewhere", "paused", "finished", "failed", "dropped", "none"
]
GOING = ("preparing", "training", "finishing", "stopping")
EVALUATIONS = 20  # of a run: each with a sample, to see it grow up
POLITE = 5  # how much the training yields to others, of 19, so that writing texts stays quick
FAILURE = "CHARRNN_FAILURE"  # the environment variable that names the file for the error
PATIENCE = 60.0  # seconds that a training is given to save before it is killed


@dataclass(frozen=True)
class Job:
    """How a training stands."""

    path: Path
    phase: Phase
    told: tuple[str, ...] = ()  # the lines that the process wrote; of one that failed, the last says why
    failure: UserError | None = None  # why it failed, if the process ended in a UserError or by a signal


class Workshop:
    """The one training at a time that goes on under a directory of models. Its methods may be called by any thread."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._path = models
        self._asked: Literal["", "pause", "finish"] = ""
        self._began = 0.0
        self._log: Path | None = None
        atexit.register(self.close)

    @property
    def busy(self) -> Path | None:
        """The model that is in training here, if one is."""
        return self._path if self._process is not None and self._process.poll() is None else None

    @property
    def latest(self) -> Path | None:
        """The model that was trained here last, or is in training."""
        return self._path if self._process is not None else None

    def start(self, texts: Sequence[str], name: str, minutes: float, *options: str) -> Path:
        """Begin to train a model of that name; options: further ones of `charrnn train`.

        Raises UserError if there is no text, if the name is none or taken, or if another training goes on.
        """
        if not texts:
            raise UserError("job-without-text")
        if name != registry.named_after(name) or name.startswith("-"):
            raise UserError("model-name-malformed", found=name)
        path = self.models / name
        if path.exists():
            raise UserError("model-name-taken", found=name)
        evaluations = ("--evaluations", str(EVALUATIONS)) if minutes >= 2 else ()
        self._run(path, "--minutes", f"{minutes:g}", "--baselines", *evaluations, *options, "--", *texts)
        return path

    def resume(self, name: str) -> Path:
        """Go on with a training that was paused. Raises UserError if there is none of that name, or another goes on."""
        path = self.models / name
        if path not in run_log.known(self.models) or not (path / run_log.STATE).is_file():
            raise UserError("no-training-to-resume", found=name)
        self._run(path, "--resume")
        return path

    def pause(self) -> None:
        """Have the training saved and its process ended."""
        with self._lock:
            self._asked = "pause"
            _close(self._process)

    def finish(self) -> None:
        """Have the training ended now and its best weights scored, as if its time were over."""
        with self._lock:
            if self.busy and self._process and self._process.stdin and not self._asked:
                self._asked = "finish"
                self._process.stdin.write(b"finish\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """Pause the training, if one goes on, and wait until it is saved."""
        self.pause()
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._forget_log()

    def job(self, path: Path, record: run_log.Record | None = None) -> Job:
        """How the training of the model at `path` stands. record: what is known of it, if that was read already."""
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
        points = self._path / run_log.POINTS
        return points.exists() and points.stat().st_mtime >= self._began

    def _run(self, path: Path, *options: str) -> None:
        with self._lock:
            if self.busy:
                raise UserError("other-training", found=self._path.name)
            if run_log.is_live(path):
                raise UserError("run-in-training", folder=path.name)
            handle, log = tempfile.mkstemp(prefix="charrnn-training-", suffix=".log")
            with os.fdopen(handle, "wb") as file:
                self._process = _spawn(
                    ["train", "--attached", "--out", str(path), *options], file, _failure_of(Path(log))
                )
            self._forget_log()
            self._path, self._log, self._asked, self._began = path, Path(log), "", time.time() - 1.0

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


def _failure_of(log: Path) -> Path:
    """Return the file beside a log in which the process writes the UserError that ends it."""
    return log.with_suffix(".error")


def report(failure: UserError) -> None:
    """Tell the Workshop that started this process, if one did, which error ends it."""
    if path := os.environ.get(FAILURE):
        Path(path).write_text(json.dumps(failure.to_json()), encoding="utf-8")


@functools.cache
def workshop(models: Path) -> Workshop:
    """The workshop of a directory: one in a process, whoever asks."""
    return Workshop(models)


def _seen(record: run_log.Record) -> Phase:
    """How a run stands by what its directory tells."""
    if record.live:
        return "elsewhere"
    if record.final_bpc is not None:
        return "finished"
    return "paused" if record.resumable else "none"


def _spawn(arguments: list[str], log: IO[bytes], failure: Path) -> "subprocess.Popen[bytes]":
    """`charrnn` with these arguments, listening to a pipe."""
    # Of a group of its own, as Ctrl-C goes to all of a group: the process is to hear of it by its pipe, once.
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
