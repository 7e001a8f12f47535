"""The log of a run as others read it while it grows: only what is new, and nothing wrong when it is written anew."""

import json
import random
from dataclasses import asdict
from pathlib import Path

import pytest

from charrnn import paths
from charrnn.storage import run_log
from charrnn.storage.run_log import Evaluation, Point

HOURS_8 = 8 * 3600  # points


def point(step: int) -> Point:
    return Point(step, float(step), step / HOURS_8, 1.0, 2.0 + 1 / (step + 1), 900.0)


def line(step: int) -> str:
    return json.dumps(asdict(point(step))) + "\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "training").mkdir()
    return tmp_path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines that are parsed."""
    lines: list[bytes] = []
    parse = paths.json_row

    def count(text: bytes) -> dict[str, object] | None:
        lines.append(text)
        return parse(text)

    monkeypatch.setattr(paths, "json_row", count)
    return lines


def test_of_a_long_run_only_what_is_new_is_read(directory: Path, parsed: list[bytes]) -> None:
    log = directory / run_log.POINTS
    log.write_text("".join(map(line, range(HOURS_8))), encoding="utf-8")
    assert len(run_log.read(directory).points) == HOURS_8
    assert len(parsed) > HOURS_8
    for step in range(HOURS_8, HOURS_8 + 3):
        with log.open("a", encoding="utf-8") as file:
            file.write(line(step))
        parsed.clear()
        found = run_log.read(directory)
        assert found.points[-1] == point(step)
        assert len(found.points) == step + 1
        assert len(parsed) <= 3  # the new line, and what follows the last end of a line in each log


def test_a_log_is_read_rightly_whatever_happens_to_it(directory: Path) -> None:
    """Lines appended, torn, mended, damaged; the log cut, written anew shorter or longer, replaced, removed."""
    draw, log, text = random.Random(1), directory / run_log.POINTS, ""
    for step in range(300):
        what = draw.choice(["append"] * 6 + ["tear", "mend", "damage", "cut", "anew", "replace", "remove", "same"])
        if what == "append":
            text += line(step)
        elif what == "tear":
            text += line(step)[: draw.randrange(20)]
        elif what == "mend":
            text = text[: text.rfind("\n") + 1] + line(step)
        elif what == "damage":
            text += "é{\n"
        elif what == "cut":
            text = text[: draw.randrange(len(text) + 1)]
        elif what == "anew":
            text = "".join(line(draw.randrange(100)) for _ in range(draw.randrange(40)))
        if what == "remove":
            log.unlink(missing_ok=True)
            assert run_log.read(directory).points == ()
        elif what == "replace":
            (directory / "new").write_text(text, encoding="utf-8")
            (directory / "new").replace(log)
        log.write_text(text, encoding="utf-8")
        expected, skipped = [], 0
        for row in paths.rows(log):
            try:
                expected.append(run_log.parsed(Point, row))
            except ValueError:
                skipped += 1
        found = run_log.read(directory)
        assert (found.points, found.skipped) == (tuple(expected), skipped)


def test_only_so_many_logs_are_remembered(tmp_path: Path) -> None:
    for number in range(3 * run_log.LOGS):
        (tmp_path / str(number) / "training").mkdir(parents=True)
        evaluation = json.dumps(asdict(Evaluation(number, 1.0, 2.0, 2.5, "texto")))
        (tmp_path / str(number) / run_log.METRICS).write_text(evaluation, encoding="utf-8")
        assert [one.step for one in run_log.read(tmp_path / str(number)).evaluations] == [number]
    assert len(run_log._logs) == run_log.LOGS
