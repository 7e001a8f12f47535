"""A resumed run equals one that was never interrupted, and is refused where it could not."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from runs import JOINED, SHAPE, assert_same_runs, printed_at_a_margin, read_in, start
from safetensors.torch import load_file
from support import CELLS, QUATRAINS, quick

from charrnn.data import dataset
from charrnn.errors import UserError
from charrnn.model.at_once import FEWEST
from charrnn.training import plan
from charrnn.training.run import Run


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("stop", [1, 5, 11])
def test_resumed_equals_uninterrupted_bit_for_bit(tmp_path: Path, cell: str, stop: int) -> None:
    shape = replace(SHAPE, cell=cell, layers=2, dropout=0.3)
    whole = start(tmp_path / "whole", shape)
    list(whole)
    first = start(tmp_path / "parts", shape)
    list(islice(first, stop))
    first.save()
    torch.manual_seed(999)  # another process has another random state
    second = Run.resume(tmp_path / "parts")
    assert second.trainer.steps == stop
    list(second)
    assert_same_runs(whole, second)


def test_resumed_equals_uninterrupted_where_threads_share_the_lanes(tmp_path: Path) -> None:
    shape = replace(SHAPE, members=2, layers=2, dropout=0.3)
    whole = start(tmp_path / "whole", shape, batch=2 * FEWEST, threads=2)
    list(whole)
    first = start(tmp_path / "parts", shape, batch=2 * FEWEST, threads=2)
    list(islice(first, 5))
    first.save()
    second = Run.resume(tmp_path / "parts")
    assert (second.trainer.stream.batch, torch.get_num_threads()) == (2 * FEWEST, 2)
    list(second)
    assert_same_runs(whole, second)


@pytest.mark.parametrize(("at_work_end", "printed"), [("carry", False), ("reset", False), ("reset", True)])
def test_resumed_with_counts_equals_uninterrupted_in_any_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_work_end: str, printed: bool
) -> None:
    """What is learned of the counts is saved, what they remember is read again: at each of several stops.

    printed: to a margin, so that each pass reads another edition.
    """
    monkeypatch.setattr("charrnn.training.setup.EVERY", 2)  # so that many windows are cut where paragraphs begin
    shape = replace(JOINED, layers=2, dropout=0.3)
    text = printed_at_a_margin() if printed else QUATRAINS.read_text(encoding="utf-8")
    works = [tmp_path / f"{number}.txt" for number in range(4)]
    for number, work in enumerate(works):
        work.write_text(text[200 * number : 200 * number + 190], encoding="utf-8")
    config = quick(steps=60, window=8, at_work_end=at_work_end)
    whole = Run.start(works, tmp_path / "whole", shape=shape, config=config)
    assert len(whole.trainer.stream.works) == (4 if at_work_end == "reset" else 0)
    passes = whole.trainer.stream.windows
    assert torch.equal(read_in(whole, 0), read_in(whole, 1)) != printed
    assert sum(whole.trainer.stream.window(count).paragraph[1] != () for count in range(60)) > 0
    list(whole)
    assert 2 * passes + 3 < 60
    parts = Run.start(works, tmp_path / "parts", shape=shape, config=config)
    for stop in (3, passes, passes + 1, 2 * passes - 1, 2 * passes + 3):
        list(islice(parts, stop - parts.trainer.steps))
        assert parts.trainer.steps == stop
        parts.save()
        parts = Run.resume(tmp_path / "parts")
    list(parts)
    assert_same_runs(whole, parts)


def test_line_ends_are_kept_if_asked(tmp_path: Path) -> None:
    text = tmp_path / "wrapped.txt"
    text.write_text(printed_at_a_margin(), encoding="utf-8")
    run = Run.start([text], tmp_path / "m", shape=JOINED, config=quick(line_ends="kept"))
    assert torch.equal(read_in(run, 0), read_in(run, 1))


def test_a_run_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    """What it had not learned cannot be made up."""
    run = Run.start([QUATRAINS], tmp_path / "m", shape=JOINED, config=quick())
    next(iter(run))
    run.save()
    tensors = run.trainer.tensors()
    del tensors["model.mixture.places"]
    with pytest.raises(UserError, match="this run is of an earlier version of charrnn"):
        run.trainer.restore(tensors, 1)


@pytest.mark.parametrize("cell", CELLS)
def test_resumed_equals_uninterrupted_in_bf16_with_probed_choices_kept(tmp_path: Path, cell: str) -> None:
    """What was probed is stored: a probe that would now answer otherwise is not asked."""
    shape = replace(SHAPE, cell=cell)
    try:
        whole = start(tmp_path / "whole", shape, precision="bf16")
    except UserError as error:
        pytest.skip(str(error))
    list(whole)
    first = start(tmp_path / "parts", shape, precision="bf16")
    first.trainer.config = first.config = replace(first.config, precision="auto")  # as if "auto" had chosen bf16
    list(islice(first, 5))
    first.save()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("charrnn.training.build_model.try_out", lambda *given: pytest.fail("probed again"))
        second = Run.resume(tmp_path / "parts")
    assert second.trainer.bf16
    list(second)
    left, right = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(left[name], right[name]) for name in left)


def test_a_run_in_bf16_goes_on_in_f32_on_a_machine_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(tmp_path / "m")
    run.trial = replace(run.trial, bf16=True)  # as another machine had chosen
    list(islice(run, 3))
    run.save()
    monkeypatch.setattr("charrnn.training.probe.has_bf16", lambda model: False)
    said: list[str] = []
    again = Run.resume(tmp_path / "m", note=said.append)
    assert said == ["this machine has no bfloat16 for this model: training continues in f32"]
    assert not again.trainer.bf16
    assert list(again)[-1].fraction == 1.0


def test_resume_with_minutes_goes_on_with_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PASSES", 10**9)  # the text is short
    run = start(tmp_path / "m", steps=None, minutes=10.0)
    list(islice(run, 3))
    run._earlier += 300.0  # as if five minutes had passed
    run.save()
    again = Run.resume(tmp_path / "m")
    assert again.fraction == pytest.approx(0.5, abs=0.05)
    longer = Run.resume(tmp_path / "m", minutes=60.0)
    assert again.held_out.quick == longer.held_out.quick == run.held_out.quick  # so that scores can be compared
    assert Run.resume(tmp_path / "m", minutes=20.0).fraction == pytest.approx(0.25, abs=0.05)


def test_a_budget_cut_short_still_evaluates_what_was_trained(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=1000, evaluations=1)
    list(islice(run, 30))
    run.save()
    again = Run.resume(tmp_path / "m", steps=20)
    list(again)
    assert [line["step"] for line in again.metrics()] == [30]
    assert again.final is not None
    own = again.final.own
    saved = load_file(tmp_path / "m/model.safetensors")["output.bias"]
    assert torch.equal(saved, (own * run.model.output.bias).half())


def test_a_finished_run_goes_on_with_a_bigger_budget(tmp_path: Path) -> None:
    list(start(tmp_path / "m", steps=20, evaluations=4))
    again = Run.resume(tmp_path / "m", steps=40)
    assert [progress.step for progress in again if progress.valid_bpc is not None] == [30, 40]


def test_the_text_is_in_the_cache_and_else_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Um texto qualquer, bem pequeno.\n" * 20, encoding="utf-8")
    first = Run.start([text], tmp_path / "m", shape=SHAPE, config=quick())
    list(islice(first, 2))
    moved = text.rename(tmp_path / "moved.txt")
    assert Run.resume(tmp_path / "m").text.train.ids.tolist() == first.text.train.ids.tolist()
    monkeypatch.setattr(dataset, "_root", lambda: tmp_path / "empty")
    with pytest.raises(UserError, match=r"text.txt: expected a file"):
        Run.resume(tmp_path / "m")
    assert Run.resume(tmp_path / "m", files=[moved]).trainer.steps == 0
    with pytest.raises(UserError, match=r"expected the text that the run began with"):
        Run.resume(tmp_path / "m", files=[QUATRAINS])


def test_resume_drops_what_was_not_saved(tmp_path: Path) -> None:
    """Killed after an evaluation was logged and before the next save: the log goes back to the state."""
    run = start(tmp_path / "m")
    list(islice(run, 4))
    with (tmp_path / "m/metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 8, "valid_bpc": 1.0}\n{"step": 12, "val')
    again = Run.resume(tmp_path / "m")
    assert [line["step"] for line in again.metrics()] == [4]


def test_resume_refuses_another_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Um texto qualquer, bem pequeno.\n" * 20, encoding="utf-8")
    run = Run.start([text], tmp_path / "m", shape=SHAPE, config=quick())
    list(islice(run, 2))
    text.write_text("Outro texto qualquer, bem pequeno.\n" * 20, encoding="utf-8")
    assert Run.resume(tmp_path / "m").text.sha256 == run.text.sha256  # from the cache: the text as it was
    monkeypatch.setattr(dataset, "_root", lambda: tmp_path / "empty")
    with pytest.raises(UserError, match=r"text.txt: expected the text that the run began with, found another") as told:
        Run.resume(tmp_path / "m")
    command = f"charrnn train {text} --from {tmp_path}/m --out {tmp_path}/m2"
    assert str(told.value).endswith(f"to continue with the new text, start a new run from the model: {command}")


def test_resume_needs_a_run(saved: Path) -> None:
    with pytest.raises(UserError, match="expected an interrupted training run"):
        Run.resume(saved)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_run_on_a_gpu_is_evaluated_and_resumed(tmp_path: Path) -> None:
    run = start(tmp_path / "m", device="cuda")
    list(islice(run, 5))
    run.save()
    again = Run.resume(tmp_path / "m")
    list(again)
    assert again.finished
    assert again.final_bpc is not None
