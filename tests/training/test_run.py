"""Laws of training: resumed equals uninterrupted, a plain loop agrees, the held-out part stays unseen."""

import math
import textwrap
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support import CELLS, QUATRAINS, quick, tiny, tokens_of

import charrnn
from charrnn.config import CorpusConfig, ModelConfig
from charrnn.data.dataset import Source, SplitPart
from charrnn.data.stream import MINIMUM, Paragraphs, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.ensemble import SIDE_BY_SIDE
from charrnn.ngram.model import NgramModel
from charrnn.sampling import Sampler
from charrnn.training import build_model, plan
from charrnn.training.build_model import expand_vocab
from charrnn.training.plan import learning_rate
from charrnn.training.probe import Trial, try_out
from charrnn.training.run import Run
from charrnn.training.trainer import Trainer, WindowLoss

SHAPE = ModelConfig(embed=8, hidden=16, counts="none")
JOINED = replace(SHAPE, counts="joined")


def start(out: Path, shape: ModelConfig = SHAPE, **changes: object) -> Run:
    return Run.start([QUATRAINS], out, shape=shape, config=quick(**changes))


def text_of(run: Run, part: SplitPart) -> str:
    return run.tokenizer.decode(part.ids.tolist())


def printed_at_a_margin() -> str:
    return textwrap.fill(" ".join(QUATRAINS.read_text(encoding="utf-8").lower().split()), 60)


def read_in(run: Run, number: int) -> torch.Tensor:
    """What the lanes read in a pass over the text."""
    stream = run.trainer.stream
    return torch.cat([stream.window(number * stream.windows + count).inputs for count in range(stream.windows)], dim=1)


def without_times(run: Run) -> list[dict[str, object]]:
    return [{k: v for k, v in line.items() if k not in ("seconds", "chars_per_second")} for line in run.metrics()]


def assert_same_runs(whole: Run, resumed: Run) -> None:
    assert without_times(whole) == without_times(resumed)
    for file in ("model.safetensors", "training/state.safetensors"):
        left, right = (load_file(run.out / file) for run in (whole, resumed))
        assert left.keys() == right.keys()
        assert all(torch.equal(left[name], right[name]) for name in left), file
    assert whole.final_bpc == resumed.final_bpc


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


def test_resumed_equals_uninterrupted_where_members_learn_side_by_side(tmp_path: Path) -> None:
    shape, threads = replace(SHAPE, members=2, layers=2, dropout=0.3), torch.get_num_threads()
    try:
        whole = start(tmp_path / "whole", shape, batch=SIDE_BY_SIDE, threads=2)
        list(whole)
        first = start(tmp_path / "parts", shape, batch=SIDE_BY_SIDE, threads=2)
        list(islice(first, 5))
        first.save()
        second = Run.resume(tmp_path / "parts")
        assert (second.trainer.stream.batch, torch.get_num_threads()) == (SIDE_BY_SIDE, 2)
        list(second)
    finally:
        torch.set_num_threads(threads)
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
    with pytest.raises(UserError, match="expected a run of this version of charrnn"):
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


@pytest.mark.parametrize("with_counts", [False, True])
def test_probing_leaves_no_trace(tokenizer: CharTokenizer, counted: NgramModel, with_counts: bool) -> None:
    model = tiny(tokenizer, dropout=0.5, counts=counted if with_counts else None).train()
    ids = tokenizer.encode_array("abc " * 40)
    before = {name: weight.clone() for name, weight in model.weights().items()}
    random_state = torch.get_rng_state()
    assert isinstance(try_out(model, TextStream(ids, 2, 16), quick(precision="auto")), Trial)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(weight, before[name]) for name, weight in model.weights().items())


def test_a_format_that_the_machine_lacks_is_refused_or_passed_over(
    tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = TextStream(tokenizer.encode_array("abc " * 40), 2, 16)
    monkeypatch.setattr("charrnn.training.probe.has_bf16", lambda model: False)
    found = try_out(tiny(tokenizer), stream, quick(precision="auto"))
    assert not found.bf16
    assert 0 < found.seconds < math.inf
    with pytest.raises(UserError, match=r"^precision: expected a format that this machine has for lstm, found 'bf16'$"):
        try_out(tiny(tokenizer), stream, quick(precision="bf16"))


def test_a_run_in_bf16_goes_on_in_f32_on_a_machine_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(tmp_path / "m")
    run.trial = replace(run.trial, bf16=True)  # as another machine had chosen
    list(islice(run, 3))
    run.save()
    monkeypatch.setattr("charrnn.training.probe.has_bf16", lambda model: False)
    said: list[str] = []
    again = Run.resume(tmp_path / "m", note=said.append)
    assert said == ["this machine has no bfloat16 for this model: the run goes on in f32"]
    assert not again.trainer.bf16
    assert list(again)[-1].fraction == 1.0


def test_the_trial_chooses_fewer_threads_where_they_are_faster(
    tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As beside a busy program, where two threads wait for one another. Given threads are kept."""
    stream, threads = TextStream(tokenizer.encode_array("abc " * 40), 2, 16), torch.get_num_threads()
    able = Trainer.step

    def step(trainer: Trainer, lr: float) -> torch.Tensor:
        time.sleep(0.02 * torch.get_num_threads())
        return able(trainer, lr)

    monkeypatch.setattr(Trainer, "step", step)
    try:
        torch.set_num_threads(4)
        assert try_out(tiny(tokenizer), stream, quick(threads=None)).threads == 1
        assert try_out(tiny(tokenizer), stream, quick(threads=4)).threads == 4
        assert torch.get_num_threads() == 4
    finally:
        torch.set_num_threads(threads)


def test_a_disturbed_probe_is_planned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the probe promised a hundred times what the model can read, the network becomes as narrow as it must."""
    found = build_model.try_out

    def optimistic(model: CharRNN, *given: Any) -> Trial:
        trial = found(model, *given)
        return replace(trial, seconds=trial.seconds / 100) if model.config.hidden == plan.PROBE else trial

    monkeypatch.setattr(plan, "PASSES", 10**9)
    monkeypatch.setattr(plan, "HELD_PER_WEIGHT", 0.0)
    monkeypatch.setattr(build_model, "try_out", optimistic)
    run = Run.start(
        [QUATRAINS], tmp_path / "m", shape=ModelConfig(counts="none"), config=quick(steps=None, minutes=0.1)
    )
    budget = plan.Budget(tokens_at_probe=1e9)
    assert run.model.config.hidden_size < plan.width(run.text.train.characters, budget)


@pytest.mark.parametrize("patience", [0, 2])
def test_a_run_whose_score_has_turned_ends_early_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    scores = iter([2.0, 1.8, 1.81, 1.9, 1.89, 1.95, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5])  # turns after the fifth
    monkeypatch.setattr("charrnn.training.validation.Validation.quick_score", lambda self, model: next(scores))
    said: list[str] = []
    run = Run.start(
        [QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick(evaluations=12, patience=patience), note=said.append
    )
    steps = [progress.step for progress in run]
    assert run.finished
    assert run.best_bpc == 1.8
    assert len(steps) == (7 if patience else 12)
    assert any("has turned, from 1.800 to 2.000" in line for line in said) == bool(patience)
    if patience:  # what is left of the budget can still be had, with as much patience again
        assert [progress.step for progress in Run.resume(tmp_path / "m")][:2] == [8, 9]


def test_a_step_is_that_of_a_plain_loop(tokenizer: CharTokenizer) -> None:
    """Three steps against torch's own pieces, written out: loss, clipping, AdamW, state carried."""
    array = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    ids = torch.from_numpy(array).long()
    trainer = Trainer(tiny(tokenizer, layers=1), TextStream(array, 4, 16), quick())
    plain = tiny(tokenizer, layers=1)
    optimizer = torch.optim.AdamW(plain.parameters(), lr=1e-2, betas=(0.9, 0.99), weight_decay=quick().weight_decay)
    lane = (len(ids) - 1) // 4
    windows = -(-lane // 16)
    hidden = (torch.zeros(1, 4, 16), torch.zeros(1, 4, 16))
    for step in range(3):
        begin, end = step * lane // windows, (step + 1) * lane // windows
        inputs = torch.stack([ids[row * lane + begin : row * lane + end] for row in range(4)])
        targets = torch.stack([ids[row * lane + begin + 1 : row * lane + end + 1] for row in range(4)])
        output, hidden = plain.layers[0].rnn(plain.embedding(inputs), hidden)
        hidden = (hidden[0].detach(), hidden[1].detach())
        symbols = plain.output(output)
        logits = torch.cat([symbols[..., :-1], symbols[..., -1:] + plain.spelling.log_softmax(0)], dim=-1)
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(plain.parameters(), quick().clip)
        optimizer.step()
        assert trainer.step(1e-2).item() == pytest.approx(loss.item(), rel=1e-5)
    found, expected = trainer.model.state_dict(), plain.state_dict()
    for weights in (found, expected):  # only the differences of these matter, so their mean drifts with roundings
        weights["spelling"] -= weights["spelling"].mean()
    for name, weight in expected.items():
        assert torch.allclose(weight, found[name], atol=1e-5), name


def test_state_is_carried_within_a_pass_and_reset_where_lanes_wrap(tokenizer: CharTokenizer) -> None:
    ids = tokenizer.encode_array("abc " * 40)
    trainer = Trainer(tiny(tokenizer), TextStream(ids, 2, 16), quick())
    given: list[torch.Tensor] = []
    trainer.model.layers[0].register_forward_pre_hook(lambda module, args: given.append(args[1][0]))
    for _ in range(trainer.stream.windows + 1):
        trainer.step(1e-3)
    empty = [bool((hidden == 0).all()) for hidden in given]
    assert empty == [True] + [False] * (trainer.stream.windows - 1) + [True]
    assert not any(hidden.requires_grad for hidden in given)


def test_training_learns(tmp_path: Path) -> None:
    """60 steps on verse bring a tiny network well below the entropy of single characters."""
    run = start(tmp_path / "m", replace(SHAPE, hidden=48, embed=16), steps=80, batch=16, window=32)
    list(run)
    text, train = text_of(run, run.text.valid), text_of(run, run.text.train)
    unigram = sum(-math.log2((train.count(character) + 1) / len(train)) for character in text) / len(text)
    assert run.final_bpc is not None
    assert run.final_bpc < unigram


@pytest.mark.parametrize(("shape", "nearly"), [(SHAPE, 1e-4), (JOINED, 4e-3)], ids=["none", "joined"])
def test_final_score_is_that_of_the_saved_model(tmp_path: Path, shape: ModelConfig, nearly: float) -> None:
    run = start(tmp_path / "m", shape)
    list(run)
    model, tokenizer = charrnn.load(tmp_path / "m")
    held_out = text_of(run, run.text.valid)
    assert charrnn.score(model, tokenizer, held_out).bits_per_character == pytest.approx(run.final_bpc, rel=nearly)


def test_best_is_kept_apart_from_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the held-out score is lowest, there the weights are kept; what comes later goes to training/ only."""
    scores = iter([(3.0, 9), (2.0, 9), (4.0, 9), (2.5, 99)])  # of three evaluations, and of the best weights at the end
    run = start(tmp_path / "m")
    monkeypatch.setattr(run.held_out, "_score", lambda model, tokens: next(scores))
    monkeypatch.setattr(run.held_out, "calibrate", lambda model: (1.0, 0.0))
    at = {progress.step: run.model.output.weight.detach().clone() for progress in run}
    best = load_file(tmp_path / "m/model.safetensors")["output.weight"]
    last = load_file(tmp_path / "m/training/state.safetensors")["model.output.weight"]
    assert torch.equal(best, at[8])
    assert torch.equal(last, at[12])
    assert not torch.equal(best, last)
    assert (run.best_bpc, run.final_bpc, run.scored) == (2.0, 2.5, 99)


def test_evaluations_are_spread_over_the_budget(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=20, evaluations=4)
    at = [progress.step for progress in run if progress.valid_bpc is not None]
    assert at == [5, 10, 15, 20]
    lines = run.metrics()
    assert {"step", "train_bpc", "valid_bpc", "lr", "chars_per_second", "sample"} <= lines[0].keys()
    assert all(line["sample"] for line in lines)


def test_the_clock_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PASSES", 10**9)  # the text is short
    run = start(tmp_path / "m", steps=None, minutes=0.1)
    last = list(run)[-1]
    assert last.fraction == 1.0
    assert run.seconds == pytest.approx(6, abs=2.5)
    assert last.lr < 0.1 * (run.config.lr or 0)


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


def test_weights_are_evaluated_when_the_clock_runs_out_between_two_steps(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=None, minutes=0.05)
    seen = []
    for progress in run:
        seen.append(progress)
        time.sleep(0.02)  # a slow reader: most of the time passes outside the run
    assert seen[-1].valid_bpc is not None
    assert run.metrics()[-1]["step"] == run.trainer.steps == seen[-1].step


def test_a_budget_cut_short_still_evaluates_what_was_trained(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=1000, evaluations=1)
    list(islice(run, 30))
    run.save()
    again = Run.resume(tmp_path / "m", steps=20)
    list(again)
    assert [line["step"] for line in again.metrics()] == [30]
    assert again.final_bpc is not None
    own, _ = again.calibration
    saved = load_file(tmp_path / "m/model.safetensors")["output.bias"]
    assert torch.allclose(saved, own * run.model.output.bias, atol=1e-6)


def test_a_finished_run_goes_on_with_a_bigger_budget(tmp_path: Path) -> None:
    list(start(tmp_path / "m", steps=20, evaluations=4))
    again = Run.resume(tmp_path / "m", steps=40)
    assert [progress.step for progress in again if progress.valid_bpc is not None] == [30, 40]


def test_a_budget_of_no_time_makes_one_step(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=None, minutes=1e-6)
    assert [(progress.step, progress.valid_bpc is not None) for progress in run][-1] == (1, True)
    assert run.final_bpc is not None


def test_the_text_is_in_the_cache_and_else_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Um texto qualquer, bem pequeno.\n" * 20, encoding="utf-8")
    first = Run.start([text], tmp_path / "m", shape=SHAPE, config=quick())
    list(islice(first, 2))
    moved = text.rename(tmp_path / "moved.txt")
    assert Run.resume(tmp_path / "m").text.train.ids.tolist() == first.text.train.ids.tolist()
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "empty"))
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
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "empty"))
    with pytest.raises(UserError, match=r"text.txt: expected the text that the run began with, found another") as told:
        Run.resume(tmp_path / "m")
    command = f"charrnn train {text} --from {tmp_path}/m --out {tmp_path}/m2"
    assert str(told.value).endswith(f"to go on with the new text, start a new run from the model: {command}")


def test_state_is_reset_where_a_work_begins(tokenizer: CharTokenizer, model: CharRNN) -> None:
    """A window with a border in it gives the logits of its two halves, the second one read from a fresh state."""
    ids = tokenizer.encode_array("abc " * 40)
    trainer = Trainer(model, TextStream(ids, 2, 16, works=[0, 5, 85]), quick())
    window = trainer.stream.window(0)
    assert window.starts == ((0, (0, 1)), (5, (0,)), (85 - trainer.stream.lane, (1,)))
    logits, state = WindowLoss(model).read(window, None, None)
    for lane, place in ((0, 5), (1, 85 - trainer.stream.lane)):
        rows = window.inputs[lane : lane + 1]
        before, _ = trainer.model(rows[:, :place], trainer.model.initial_state())
        after, last = trainer.model(rows[:, place:], trainer.model.initial_state())
        assert torch.allclose(logits.mean(dim=0)[lane], torch.cat([before, after], dim=1)[0], atol=1e-6)
        assert torch.allclose(state.row(lane).layers[0][0], last.layers[0][0], atol=1e-6)
        assert torch.equal(state.row(lane).recent, last.recent)
        assert torch.equal(state.row(lane).reading, last.reading)
        assert torch.allclose(state.row(lane).expected, last.expected, atol=1e-6)


def test_paragraphs_are_read_as_after_the_empty_prompt(tokenizer: CharTokenizer, model: CharRNN) -> None:
    """Some of them: what is predicted from there on is what the state of a text that begins so predicts."""
    ids = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    stream = TextStream(ids, 4, 64, (), None, Paragraphs.of(ids, tokenizer), 1)
    windows = [stream.window(count) for count in range(1, 9)]
    carried = model(tokens_of(model, 4, 10), model.initial_state(4))[1]
    for window in windows:
        time, lanes = window.paragraph
        logits, _ = WindowLoss(model).read(window, None, carried)
        for lane in lanes:
            prompt = Sampler(model, tokenizer).read("")
            assert tokenizer.decode([int(window.inputs[lane, time])]) == "\n"
            assert torch.allclose(logits.mean(dim=0)[lane, time], model.predict(prompt)[0], atol=1e-5)
    assert sum(len(window.paragraph[1]) for window in windows) > 4


def test_resume_needs_a_run(saved: Path) -> None:
    with pytest.raises(UserError, match="expected an interrupted training run"):
        Run.resume(saved)


def test_vocabulary_is_of_the_training_part_only(tmp_path: Path) -> None:
    train, valid = tmp_path / "train.txt", tmp_path / "valid.txt"
    train.write_text("a luz da lua cheia " * 40, encoding="utf-8")
    valid.write_text("zzz quinze quilos " * 10, encoding="utf-8")
    run = Run.start(Source.of([train], valid), tmp_path / "m", SHAPE, quick())
    assert set(run.tokenizer.characters) == set("a luz da lua cheia ")
    assert "q" not in run.tokenizer.characters


def test_small_text_shrinks_batch_and_window(tmp_path: Path) -> None:
    text = tmp_path / "small.txt"
    text.write_text("Só um parágrafo, e mais nada, cabia neste arquivo pequeno.\n" * 5, encoding="utf-8")
    run = Run.start([text], tmp_path / "m", shape=SHAPE, config=quick(batch=32, window=64))
    list(run)
    assert (run.config.batch, run.config.window) == (1, 16)
    assert run.shrunk == "32 × 64"


def test_too_small_a_text_is_refused_with_needed_and_found(tmp_path: Path) -> None:
    text = tmp_path / "tiny.txt"
    text.write_text("a" * (2 * MINIMUM - 1), encoding="utf-8")
    with pytest.raises(UserError, match=f"at least {2 * MINIMUM} characters to train on, found {2 * MINIMUM - 1}"):
        Run.start([text], tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_model_is_not_overwritten_unasked(saved: Path, tmp_path: Path) -> None:
    before = (saved / "model.safetensors").read_bytes()
    with pytest.raises(UserError, match="--resume goes on with it, --overwrite replaces it"):
        start(saved)
    assert (saved / "model.safetensors").read_bytes() == before
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "papers" / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(UserError, match="other files"):
        Run.start([QUATRAINS], tmp_path / "papers", overwrite=True)
    assert (tmp_path / "papers" / "thesis.txt").exists()


def test_divergence_names_step_and_loss(tmp_path: Path) -> None:
    run = start(tmp_path / "m")
    with torch.no_grad():
        run.model.output.bias.fill_(float("nan"))
    with pytest.raises(UserError, match=r"step 1: expected a finite loss, found nan"):
        list(run)


def test_learning_rate_climbs_then_falls_to_zero() -> None:
    rates = [learning_rate(step / 100, 1.0, 0.1) for step in range(101)]
    assert rates[10] == max(rates) == 1.0
    assert 0 < rates[0] < rates[5] < rates[10] > rates[50] > rates[99] > rates[100] == 0
    assert rates[55] == pytest.approx(0.5)
    assert learning_rate(0.0, 1.0, 0.0) == 1.0


def test_growing_keeps_what_was_known(tokenizer: CharTokenizer) -> None:
    """Old text scores as before but for the share that new characters take; the new ones are one token each."""
    model = tiny(tokenizer)
    bigger, merged = expand_vocab(model, tokenizer, CharTokenizer("ñ†a"), 0.0, "bigger")
    assert set(merged.characters) == {*tokenizer.characters, "ñ", "†"}
    assert len(merged.encode("ñ†")) == 2
    text = "Era uma vez"
    with torch.no_grad():
        old, _ = model(torch.tensor([tokenizer.encode(text)]), model.initial_state())
        new, _ = bigger(torch.tensor([merged.encode(text)]), bigger.initial_state())
    kept = [merged.encode(character)[0] for character in tokenizer.characters]
    assert torch.allclose(new[..., kept], old[..., : tokenizer.first_byte], atol=1e-6)


def test_growing_keeps_what_is_done_with_counts(tokenizer: CharTokenizer, joined: CharRNN) -> None:
    """Of a character that was known: its column. Of a new one: the escape's, as which it was counted until now."""
    bigger, merged = expand_vocab(joined, tokenizer, CharTokenizer("ñ†a"), 0.0, "bigger")
    assert joined.fusion is not None
    assert bigger.fusion is not None
    place = {character: number for number, character in enumerate(tokenizer.characters)}
    escape = len(place)
    columns = [place.get(character, escape) for character in merged.characters] + [escape]
    assert columns.count(escape) == 3
    old, new = joined.fusion.state_dict(), bigger.fusion.state_dict()
    assert torch.equal(new.pop("input.weight"), old.pop("input.weight")[:, columns])
    assert all(torch.equal(weight, old[name]) for name, weight in new.items())


def test_starting_from_a_model_with_counts_counts_anew(tmp_path: Path) -> None:
    """The new text, in the grown alphabet; the network goes on from where it was."""
    list(start(tmp_path / "base", JOINED))
    text = tmp_path / "new.txt"
    text.write_text("Ñandú ñato, ñandú ñoño.\n" * 40, encoding="utf-8")
    run = Run.start([text], tmp_path / "m", config=quick(steps=60, lr=1e-9), base=str(tmp_path / "base"))
    list(run)
    (base, old), (model, merged) = (charrnn.load(tmp_path / name) for name in ("base", "m"))
    assert set(old.characters) | {"ñ"} <= set(merged.characters)
    assert torch.allclose(model.layers[0].rnn.weight_hh_l0, base.layers[0].rnn.weight_hh_l0, atol=1e-5)
    before, after = charrnn.score(base, old, "ñandú ñato"), charrnn.score(model, merged, "ñandú ñato")
    assert after.bits_per_character < before.bits_per_character / 2


def test_great_alphabets_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new model goes without, and says so; one that is joined to counts cannot grow so far."""
    list(start(tmp_path / "base", JOINED, steps=1))
    monkeypatch.setattr("charrnn.training.build_model.MOST_CHARACTERS", 20)
    notes: list[str] = []
    run = Run.start([QUATRAINS], tmp_path / "m", shape=JOINED, config=quick(steps=1), note=notes.append)
    list(run)
    assert (run.model.config.counts, run.model.counts) == ("none", None)
    assert "counts: more than 20 different characters are not counted" in notes
    with pytest.raises(UserError, match=r"expected fewer than 20 different characters .*, found ") as error:
        Run.start([QUATRAINS], tmp_path / "grown", config=quick(), base=str(tmp_path / "base"))
    assert error.value.code == "too-many-characters-to-count"
    assert not (tmp_path / "grown").exists()


def test_starting_from_a_model_beats_starting_from_scratch(tmp_path: Path) -> None:
    shape = replace(SHAPE, hidden=32)
    base = start(tmp_path / "base", shape, steps=80, batch=16)
    list(base)
    scores = {}
    for name, source in (("scratch", None), ("tuned", str(tmp_path / "base"))):
        run = Run.start([QUATRAINS], tmp_path / name, shape=shape, config=quick(steps=10), base=source)
        list(run)
        scores[name] = run.final_bpc
    assert scores["tuned"] < scores["scratch"]


def test_card_says_what_was_done(tmp_path: Path) -> None:
    corpus = CorpusConfig(clean=("quotes,dashes",))
    run = Run.start(Source.of([QUATRAINS], corpus=corpus), tmp_path / "m", shape=SHAPE, config=quick())
    list(run)
    card = (tmp_path / "m/README.md").read_text(encoding="utf-8")
    for fact in (
        "quadras.txt",
        f"{run.final_bpc:.4f} bits per character",
        "12 steps",
        "byte-order mark, quotes, dashes",
        "1 × 16",
        run.text.sha256,
    ):
        assert fact in card
    assert (tmp_path / "m/learning_curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_run_on_a_gpu_is_evaluated_and_resumed(tmp_path: Path) -> None:
    run = start(tmp_path / "m", device="cuda")
    list(islice(run, 5))
    run.save()
    again = Run.resume(tmp_path / "m")
    list(again)
    assert again.finished
    assert again.final_bpc is not None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_gives_the_cpu_s_outputs(tokenizer: CharTokenizer) -> None:
    model, tokens = tiny(tokenizer), torch.tensor([tokenizer.encode("Era uma vez")])
    with torch.no_grad():
        expected, _ = model(tokens, model.initial_state())
        model.cuda()
        found, _ = model(tokens.cuda(), model.initial_state())
    assert torch.allclose(found.cpu(), expected, atol=1e-4)
