"""Trainings in processes of their own, and what their directories tell of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import QUATRAINS, quick

from charrnn.config import ModelConfig
from charrnn.corpus import baselines
from charrnn.errors import UserError
from charrnn.storage import run_log
from charrnn.training.jobs import Clock, StageEntry, Workshop
from charrnn.training.run import Run
from charrnn.training.validation import measure_baselines

SHAPE = ModelConfig(embed=8, hidden=16, counts="none", dropout=0.0)
SMALL = ("--hidden", "16", "--embed", "8", "--counts", "none", "--threads", "1", "--precision", "f32")
LONG = ("--steps", "1000000", *SMALL)


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "models")
    yield made
    made.close()


def until(wish: Callable[[], object], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not wish():
        assert time.monotonic() < end
        time.sleep(0.1)


# What a directory tells


def test_points_are_means_since_the_point_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over any steps, evaluations and sittings: weighted by their steps, the points give the sum of all losses."""
    monkeypatch.setattr(run_log, "EVERY", 0.0)
    (tmp_path / "training").mkdir()
    losses = [7.0, 6.0, 6.5, 5.0, 4.0, 4.5, 3.0, 2.0]
    journal, since = run_log.Journal(tmp_path), 0
    for step, _ in enumerate(losses, start=1):
        if step == 5:  # evaluated after step 4
            since = 4
        if step == 7:  # resumed after step 6
            journal = run_log.Journal(tmp_path, 6, (sum(losses[4:6]), 2))
        if step in (2, 3):  # too soon after the last
            monkeypatch.setattr(run_log, "EVERY", 100.0)
        mean = sum(losses[since:step]) / (step - since)
        journal.note(run_log.Point(step, float(step), step / 8, 0.0, mean, 1.0), step - since)
        monkeypatch.setattr(run_log, "EVERY", 0.0)
    points = run_log.read(tmp_path).points
    assert [point.step for point in points] == [1, 4, 5, 6, 7, 8]
    assert points[1].train_bpc == pytest.approx(sum(losses[1:4]) / 3)
    steps = [point.step for point in points]
    widths = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    total = sum(point.train_bpc * width for point, width in zip(points, widths, strict=True))
    assert total == pytest.approx(sum(losses))


def test_a_record_tells_what_the_run_did(tmp_path: Path) -> None:
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick())
    list(run)
    found = measure_baselines(run.text, run.out)
    record = run_log.read(tmp_path / "m")
    assert [(e.step, e.valid_bpc, e.sample) for e in record.evaluations] == [
        (row["step"], row["valid_bpc"], row["sample"]) for row in run.metrics()
    ]
    assert (record.final_bpc, record.baselines) == (run.final_bpc, found)
    assert (record.live, record.resumable) == (False, True)
    assert record.last is not None
    assert record.last.step == record.evaluations[-1].step == 12
    text = run.tokenizer.decode(run.text.train.ids.tolist()), run.tokenizer.decode(run.text.valid.ids.tolist())
    assert found == baselines.measure(*text)
    assert run_log.known(tmp_path) == [tmp_path / "m"]


def test_half_a_line_is_left_for_later(tmp_path: Path) -> None:
    row = {"step": 1, "seconds": 1.0, "train_bpc": 5.0, "valid_bpc": 4.0, "sample": "a\u2028b"}
    (tmp_path / "metrics.jsonl").write_text(
        json.dumps(row, ensure_ascii=False) + '\n{"step": 2, "sec', encoding="utf-8"
    )
    assert run_log.read(tmp_path).evaluations == (run_log.Evaluation(1, 1.0, 5.0, 4.0, "a\u2028b"),)
    assert run_log.read(tmp_path / "none") == run_log.Record(tmp_path / "none")


def test_a_curve_keeps_the_mean_and_the_end() -> None:
    points = tuple(run_log.Point(n, float(n), 0.0, 0.0, 10.0 / n, 1.0) for n in range(1, 1001))
    record = run_log.Record(Path(), points=points)
    assert record.curve(1000) == [(p.seconds, p.train_bpc) for p in points]
    thin = record.curve(100)
    assert len(thin) == 100
    assert thin[-1][0] == 1000.0
    assert sum(y for _, y in thin) / 100 == pytest.approx(sum(p.train_bpc for p in points) / 1000)


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path) -> None:
    assert not run_log.is_live(tmp_path)
    with run_log.held(tmp_path):
        assert run_log.is_live(tmp_path)
        with pytest.raises(UserError, match="another process is training this model"), run_log.held(tmp_path):
            pass
    assert not run_log.is_live(tmp_path)


def test_those_who_look_at_the_same_moment_are_not_taken_for_trainers(tmp_path: Path) -> None:
    with run_log.held(tmp_path):
        pass
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(run_log.is_live, [tmp_path] * 400))


def test_an_ended_run_is_finished_and_has_the_rest_of_its_budget(tmp_path: Path) -> None:
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick())
    for progress in run:
        if progress.step == 5:
            run.end()
    assert run.finished
    assert run.trainer.steps == 6  # the step after which it was told
    assert (tmp_path / "m" / "README.md").exists()
    again = Run.resume(tmp_path / "m")
    list(again)
    assert again.trainer.steps == 12


# Processes


def test_a_training_that_is_stopped_before_it_began_says_so(workshop: Workshop) -> None:
    path = workshop.start([str(QUATRAINS)], "quadras", 1.0, *LONG)
    workshop.pause()
    until(lambda: workshop.busy is None)
    assert workshop.job(path).phase == "dropped"
    until(lambda: not path.exists(), 10)


def test_the_clock_of_a_training_covers_every_second() -> None:
    """Each belongs to a step; the end is what was asked for, until the process knows it better."""
    asked = Clock(100.0, 60.0)
    assert asked.durations(103.0) == {"starting": 3.0}
    assert asked.end(103.0, None) == 160.0
    steps = (
        StageEntry("reading", 104.0),
        StageEntry("counting", 106.0),
        StageEntry("reading", 110.0),
        StageEntry("learning", 115.0, 40.0),
    )
    learning = Clock(100.0, 60.0, steps)
    assert learning.durations(120.0) == {"starting": 4.0, "reading": 7.0, "counting": 4.0, "learning": 5.0}
    assert learning.end(120.0, None) == 155.0
    assert learning.end(120.0, 36.0) == 156.0
    ended = Clock(100.0, 60.0, (*steps, StageEntry("calibrating", 151.0, 5.0), StageEntry("writing", 152.0)), 157.0)
    assert sum(ended.durations(999.0).values()) == 57.0
    assert Clock(100.0).end(103.0, None) is None


@pytest.mark.slow
def test_a_training_is_paused_resumed_and_finished_early(workshop: Workshop) -> None:
    path = workshop.start([str(QUATRAINS)], "quadras", 1.0, *LONG)
    assert workshop.job(path).phase == "preparing"
    assert workshop.busy == path
    with pytest.raises(UserError, match="expected no other at the same time, found that of quadras"):
        workshop.start([str(QUATRAINS)], "outro", 1.0)
    until(lambda: workshop.job(path).phase == "training")
    assert run_log.is_live(path)
    assert Workshop(workshop.models).job(path).phase == "elsewhere"
    workshop.pause()
    until(lambda: workshop.busy is None)
    paused = run_log.read(path)
    assert workshop.job(path).phase == "paused"
    assert (paused.live, paused.final_bpc) == (False, None)
    assert paused.baselines is not None
    workshop.resume("quadras")
    until(lambda: workshop.job(path).phase == "training")
    workshop.finish()
    until(lambda: workshop.busy is None)
    assert workshop.job(path).phase == "finished"
    done = run_log.read(path)
    assert done.final_bpc is not None
    assert done.last is not None
    assert paused.last is not None
    assert done.last.step > paused.last.step
    steps = [point.step for point in done.points]
    assert steps == sorted(set(steps))


def test_what_cannot_be_trained_is_refused_at_once_or_told(workshop: Workshop, tmp_path: Path) -> None:
    for texts, name, message in (
        ([], "a", "expected at least one text"), (["x"], "../a", "name: expected letters"),
        (["x"], "", "name: expected"), (["x"], "-a", "name: expected"), (["x"], "a.b", "name: expected letters"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=message):
            workshop.start(texts, name, 1.0)
    with pytest.raises(UserError, match="can be resumed, found 'nobody'"):
        workshop.resume("nobody")
    path = workshop.start([str(tmp_path / "none.txt")], "none", 1.0)
    until(lambda: workshop.busy is None)
    job = workshop.job(path)
    assert job.phase == "failed"
    assert "none.txt: expected a file, a folder or a name" in job.told[-1]
    assert job.failure is not None
    assert job.failure.render("en") == job.told[-1].removeprefix("charrnn: ")
    assert "none.txt: não há arquivo, pasta nem obra" in job.failure.render("pt")
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_training_that_is_killed_has_failed_and_can_be_gone_on_with(workshop: Workshop) -> None:
    path = workshop.start([str(QUATRAINS)], "quadras", 1.0, *LONG)
    until(lambda: workshop.job(path).phase == "training")
    assert workshop._process is not None
    workshop._process.kill()
    until(lambda: workshop.busy is None)
    job = workshop.job(path)
    assert job.phase == "failed"
    assert job.told[-1] == "the process was ended by signal 9"
    record = run_log.read(path)
    assert (record.live, record.resumable) == (False, True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_training_outlives_its_server(tmp_path: Path, number: int) -> None:
    """Whether it is killed or ended: the training saves, ends, and can be gone on with."""
    code = (
        "import sys, time; from pathlib import Path; from charrnn.training.jobs import workshop\n"
        f"w = workshop(Path({str(tmp_path)!r})); w.start([{str(QUATRAINS)!r}], 'm', 1.0, *{LONG!r})\n"
        "print(w._process.pid, flush=True)\n"
        "try: time.sleep(600)\n"
        "except KeyboardInterrupt: pass"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        until(lambda: run_log.read(tmp_path / "m").last)
        server.send_signal(number)
        server.wait(90)
        until(lambda: not alive(pid), 60)
        record = run_log.read(tmp_path / "m")
        assert (record.live, record.resumable, record.final_bpc) == (False, True, None)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
