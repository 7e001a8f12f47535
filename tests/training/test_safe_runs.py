"""A run is never lost: finishing twice changes nothing, NaN stops it with its best weights, small budgets are told."""

import json
import math
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
import torch
from runs import JOINED, SHAPE, assert_same_runs, start
from safetensors.torch import load_file, save_file
from support import QUATRAINS, quick, stretch

from charrnn.config import TrainConfig
from charrnn.data import dataset
from charrnn.errors import UserError
from charrnn.storage import checkpoint, registry, run_log
from charrnn.training import plan
from charrnn.training import run as running
from charrnn.training import trainer as training
from charrnn.training.run import Run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, to be copied."""
    folder = tmp_path_factory.mktemp("runs") / "m"
    list(start(folder, JOINED))
    return folder


def test_resuming_a_finished_run_changes_no_byte(finished: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    before = contents(folder)
    for budget in (None, 12, None):
        said: list[str] = []
        again = Run.resume(folder, steps=budget, note=said.append)
        assert again.finished
        assert list(again) == []
        assert said == ["this run is finished; a larger --minutes or --steps continues it"]
        assert contents(folder) == before


def test_finishing_interrupted_anywhere_gives_the_same(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the weights, the score, the log, the card and the checkpoint; each time the next sitting finishes."""
    whole = {name: load_file(finished / name) for name in ("model.safetensors", "training/state.safetensors")}
    places = [
        (checkpoint, "write_weights"), (running.Validation, "last_score"), (run_log.Journal, "score"),
        (running.model_card, "write"), (Run, "save"),
    ]  # fmt: skip
    folder = tmp_path / "m"
    started = start(folder, JOINED)
    for progress in started:
        if progress.step == 12:
            break
    started.save()
    for owner, name in places:
        again = Run.resume(folder)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _interrupted)
            with pytest.raises(KeyboardInterrupt):
                list(again)
        if name != "write_weights":
            _, metadata = checkpoint.read_tensors(folder / checkpoint.WEIGHTS)
            assert "calibration" in metadata
    list(Run.resume(folder))
    for name, tensors in whole.items():
        found = load_file(folder / name)
        assert all(torch.equal(found[key], tensors[key]) for key in tensors), name
    finals = [(at / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[-2:] for at in (folder, finished)]
    assert finals[0] == finals[1]


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_weights_without_a_better_evaluation_are_calibrated_once(finished: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    before = load_file(folder / "model.safetensors")
    longer = Run.resume(folder, steps=16)
    longer.held_out.best = 0.0  # which no evaluation reaches
    list(longer)
    assert longer.finished
    after = load_file(folder / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


# NaN


def spoiled(monkeypatch: pytest.MonkeyPatch, when: Callable[[int], bool]) -> None:
    """Make the loss of some windows NaN, by their numbers from 1."""
    read, numbers = training.WindowLoss.forward, iter(range(1, 10**6))

    def forward(self: training.WindowLoss, *given: object) -> tuple[torch.Tensor, torch.Tensor, object]:
        loss, nats, state = read(self, *given)  # type: ignore[arg-type]
        bad = math.nan if when(next(numbers)) else 1.0
        return loss * bad, nats * bad, state

    monkeypatch.setattr(training.WindowLoss, "forward", forward)


def test_a_step_of_nan_is_skipped_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick(), note=said.append)
    spoiled(monkeypatch, lambda number: number in (1, 6, 7))
    seen = list(run)
    assert [progress.step for progress in seen] == [2, 3, 4, 5, 8, 9, 10, 11, 12]
    assert all(math.isfinite(progress.train_bpc) for progress in seen)
    assert [line.split(":")[0] for line in said] == ["step 1", "step 6"]
    assert "norm nan (learning rate" in said[0]
    checkpoint.load(tmp_path / "m")
    checkpoint.load(tmp_path / "m", "last")


def test_lasting_nan_stops_with_the_best_weights_and_a_usable_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(tmp_path / "m", steps=100, evaluations=25)
    spoiled(monkeypatch, lambda number: number > 5)
    with pytest.raises(UserError) as stopped:
        list(run)
    facts = stopped.value.facts
    assert (stopped.value.code, facts["step"]) == ("loss-not-finite", 5 + running.MOST_SKIPPED)
    assert math.isnan(float(str(facts["norm"])))
    assert facts["rate"] > 0  # type: ignore[operator]
    checkpoint.load(tmp_path / "m")
    monkeypatch.undo()
    again = Run.resume(tmp_path / "m", steps=12)
    assert again.trainer.steps == 4
    assert list(again)[-1].step == 12


def test_an_evaluation_of_nan_is_never_the_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores: Iterator[float] = iter([math.nan, 3.0, math.inf])
    monkeypatch.setattr("charrnn.training.validation.Validation.quick_score", lambda self, model: next(scores))
    said: list[str] = []
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick(), note=said.append)
    seen = {progress.step: run.model.output.bias.detach().clone() for progress in run}
    assert run.best_bpc == 3.0
    assert run.final is not None
    best = load_file(tmp_path / "m/model.safetensors")["output.bias"]
    assert torch.equal(best, (run.final.own * seen[8]).half())
    assert [line for line in said if "held-out score is" in line] == [
        "step 4: the held-out score is nan; the best weights so far are kept",
        "step 12: the held-out score is inf; the best weights so far are kept",
    ]
    assert [row["step"] for row in run.metrics()] == [8]


# Budgets


def test_a_budget_that_preparing_uses_up_still_trains_and_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a busy machine: reading and probing took ten times the budget."""
    monkeypatch.setattr(plan, "PASSES", 10**9)  # the text is short
    said: list[str] = []
    config = TrainConfig(minutes=0.5, batch=4, window=16, threads=1, precision="f32")
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=config, note=said.append)
    run._began -= 300
    assert len(list(islice(run, 20))) == 20
    assert "much of the budget of" in said[-1]
    assert 0.4 < run.fraction < 1.0


def test_few_steps_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    config = TrainConfig(minutes=0.1, batch=4, window=16, threads=1, precision="f32")
    run = Run.start([QUATRAINS], tmp_path / "m", shape=SHAPE, config=config, note=said.append)
    next(iter(run))
    run.end()
    list(run)
    assert said[-1].startswith("only 1 step of training fitted into ")


# States


@pytest.mark.parametrize(
    "change",
    [
        {"adamw.0.exp_avg": torch.zeros(1)}, {"soap.99.step": torch.zeros(())}, {"more": torch.zeros(3)},
        {"state.layers.0.0": torch.zeros(4, 15)}, {"model.output.bias": torch.zeros(3)}, {"loss": torch.zeros(2)},
        {"model.output.bias": None}, {"soap.0.step": None}, {"rng.cpu": torch.zeros(1, 5, dtype=torch.uint8)},
        {"rng.cpu": torch.full((1, 5056), 255, dtype=torch.uint8)}, {"loss": torch.tensor(math.nan)}, {"rng.cpu": None},
        {"optimizer.0.exp_avg": torch.zeros(1)},  # of a version without SOAP
    ],
)  # fmt: skip
def test_a_state_that_no_run_saved_is_refused(
    finished: Path, tmp_path: Path, change: dict[str, torch.Tensor | None]
) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    tensors, metadata = checkpoint.read_tensors(folder / checkpoint.STATE)
    kept = {name: tensor for name, tensor in {**tensors, **change}.items() if tensor is not None}
    save_file(kept, folder / checkpoint.STATE, metadata)
    with pytest.raises(UserError) as refused:
        Run.resume(folder)
    assert refused.value.code in ("not-a-run-state", "run-of-earlier-version", "weights-not-numbers")


def test_more_than_a_run_needs_is_not_read(finished: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    stretch(folder / checkpoint.STATE, 3 * 10**9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError) as refused:
        Run.resume(folder)
    assert refused.value.code == "tensors-too-large"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 2**28


@pytest.mark.parametrize(
    "run",
    ["", "[]", "[" * 10_000, "{}", '{"steps": "x"}', {"steps": True}, {"seconds": "nan"}, {"config": 5}, {"source": []},
     {"source": {"names": 5}}, {"trial": {"bf16": 1}}, {"trial": {"seconds": -1, "bf16": 0}}, {"text": "../../x"},
     {"final": {"bits_per_character": "x"}}, {"worse": 0.5}, {"best_bpc": [1]}],
)  # fmt: skip
def test_a_state_of_strange_facts_is_refused(finished: Path, tmp_path: Path, run: str | dict[str, object]) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    tensors, metadata = checkpoint.read_tensors(folder / checkpoint.STATE)
    text = run if isinstance(run, str) else json.dumps({**json.loads(metadata["run"]), **run})
    save_file(tensors, folder / checkpoint.STATE, {"run": text})
    if run == {"text": "../../x"}:  # no name in the cache: the text is read again
        assert Run.resume(folder).finished
        return
    with pytest.raises(UserError) as refused:
        Run.resume(folder)
    assert "\n" not in str(refused.value)


# Logs


@pytest.mark.parametrize(
    "line",
    [b'{"step": 4, "sample": "\xc3', b'{"step": 3}{"step": 4}', b"null", b"[1]", b'{"step": "x", "valid_bpc": 1.0}',
     b'{"step": 2, "valid_bpc": "abc"}', b'{"step": 9, "date": "x", "final_bpc": "abc"}', b"[" * 10_000, b"\x00\xff",
     b'{"step": 9, "date": "2026-01-01", "final_bpc": 1' + b"0" * 400 + b"}",
     b'{"step": 2, "seconds": 1e308, "fraction": 1, "remaining": 1, "train_bpc": 1, "characters_per_second": 1}'],
)  # fmt: skip
def test_a_torn_or_strange_line_blocks_nothing(finished: Path, tmp_path: Path, line: bytes) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "models" / "m"))
    clean = run_log.read(folder)
    for name in (run_log.METRICS, run_log.POINTS):
        rows = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join([*rows[:1], line, b"\n", *rows[1:], line[: len(line) // 2]]))
    record = run_log.read(folder)
    assert record.points == clean.points
    assert record.evaluations == clean.evaluations
    assert record.final_bpc == clean.final_bpc
    assert record.skipped in (2, 4)  # the torn end of a line may be a line
    (entry,) = [entry for entry in registry.models(tmp_path / "models") if not entry.shipped]
    assert entry.bits_per_character == clean.final_bpc
    assert entry.skipped <= 2
    with pytest.raises(UserError, match="There are: "):
        registry.find("nowhere", tmp_path / "models")
    said: list[str] = []
    longer = Run.resume(folder, steps=16, note=said.append)
    assert [row["step"] for row in longer.metrics()] == [4, 8, 12]
    assert list(longer)[-1].step == 16


def test_a_resumed_run_with_a_torn_log_equals_the_whole(tmp_path: Path) -> None:
    whole = start(tmp_path / "whole")
    list(whole)
    parts = start(tmp_path / "parts")
    list(islice(parts, 6))
    parts.save()
    with (parts.out / "metrics.jsonl").open("ab") as file:
        file.write('{"step": 8, "sample": "ã'.encode()[:-1])
    again = Run.resume(parts.out)
    list(again)
    assert_same_runs(whole, again)


# The world around


def test_a_clock_that_goes_backwards_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = start(tmp_path / "whole")
    list(whole)
    clock = iter(range(10**9, 0, -1000))
    monkeypatch.setattr("time.time", lambda: float(next(clock)))
    parts = start(tmp_path / "parts")
    list(islice(parts, 6))
    parts.save()
    again = Run.resume(parts.out)
    list(again)
    assert_same_runs(whole, again)
    assert run_log.read(again.out).final_bpc == whole.final_bpc


def test_a_lock_that_another_machine_left_holds_nobody(finished: Path, tmp_path: Path) -> None:
    """A lock is held by a process, not by what stands in a file."""
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    (folder / run_log.LOCK).write_text("4711@other-machine")
    assert not run_log.is_live(folder)
    with run_log.held(folder):
        assert run_log.is_live(folder)


def test_a_text_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Um texto que cresce enquanto se lê.\n" * 20, encoding="utf-8")
    building = dataset._build

    def slow(*given: object) -> None:
        with text.open("a", encoding="utf-8") as file:
            file.write("Mais uma linha.\n")
        building(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(dataset, "_build", slow)
    with pytest.raises(UserError) as refused:
        Run.start([text], tmp_path / "m", shape=SHAPE, config=quick())
    assert refused.value.code == "text-changed-while-read"
    monkeypatch.undo()
    assert Run.start([text], tmp_path / "m", shape=SHAPE, config=quick()).text.train.characters > 600


def test_a_model_whose_file_is_cut_while_it_is_used_goes_on(finished: Path, tmp_path: Path) -> None:
    """Its weights are in memory, not mapped: else the process would die of a bus error."""
    folder = Path(shutil.copytree(finished, tmp_path / "m"))
    model, _ = checkpoint.load(folder)
    for name in ("model.safetensors", "counts.safetensors"):
        os.truncate(folder / name, 10)
    logits, _ = model(torch.zeros(1, 3, dtype=torch.int64), model.initial_state())
    assert logits.isfinite().all()
