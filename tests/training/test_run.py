"""Laws of training: a plain loop agrees, state is carried, budgets are kept, the held-out part stays unseen."""

import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from runs import JOINED, SHAPE, start, text_of, without_times
from safetensors.torch import load_file
from support import QUATRAINS, quick, tiny, tokens_of

import charrnn
from charrnn.config import CorpusConfig, ModelConfig
from charrnn.data.dataset import Source
from charrnn.data.stream import MINIMUM, Paragraphs, TextStream, Window
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.ngram.model import NgramModel
from charrnn.sampling import Sampler
from charrnn.training import plan
from charrnn.training.optimizer import Optimizer
from charrnn.training.plan import FEW_UPDATES, decay, learning_rate, peak
from charrnn.training.run import Run
from charrnn.training.trainer import Trainer, WindowLoss


@pytest.mark.parametrize("patience", [0, 2])
def test_a_run_whose_score_has_turned_ends_early_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    scores = iter([2.0, 1.8, 1.81, 1.9, 1.89, 1.95, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5])  # the rate falls after the sixth
    monkeypatch.setattr("charrnn.training.validation.Validation.quick_score", lambda self, model: next(scores))
    said: list[str] = []
    run = Run.start(
        [QUATRAINS], tmp_path / "m", shape=SHAPE, config=quick(evaluations=12, patience=patience), note=said.append
    )
    steps = [progress.step for progress in run]
    assert run.finished
    assert run.best_bpc == 1.8
    assert len(steps) == (8 if patience else 12)
    assert any("has turned, from 1.800 to 2.100" in line for line in said) == bool(patience)
    if patience:  # what is left of the budget can still be had, with as much patience again
        assert [progress.step for progress in Run.resume(tmp_path / "m")][:2] == [9, 10]


def test_a_step_is_that_of_a_plain_loop(tokenizer: CharTokenizer) -> None:
    """Three steps against torch's own pieces and the optimizer, written out: loss, clipping, state carried."""
    array = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    ids = torch.from_numpy(array).long()
    trainer = Trainer(tiny(tokenizer, layers=1), TextStream(array, 4, 16), quick())
    plain = tiny(tokenizer, layers=1)
    optimizer = Optimizer(plain, quick().weight_decay)
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
        optimizer.step(1e-2)
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
    assert torch.equal(best, at[8].half())
    assert torch.equal(last, at[12])
    assert not torch.equal(best, last.half())
    assert run.final is not None
    assert (run.best_bpc, run.final_bpc, run.final.characters) == (2.0, 2.5, 99)


def test_evaluations_are_spread_over_the_budget(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=20, evaluations=4)
    at = [progress.step for progress in run if progress.valid_bpc is not None]
    assert at == [5, 10, 15, 20]
    lines = run.metrics()
    assert {"step", "train_bpc", "valid_bpc", "lr", "chars_per_second", "sample"} <= lines[0].keys()
    assert all(line["sample"] for line in lines)


def test_the_clock_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PASSES", 10**9)  # the text is short
    run = start(tmp_path / "m", steps=None, minutes=0.1, evaluations=1)
    last = list(run)[-1]
    assert last.fraction == 1.0
    assert run.seconds == pytest.approx(6, abs=2.5)
    assert last.lr < 0.1 * (run.config.lr or 0)


def test_weights_are_evaluated_when_the_clock_runs_out_between_two_steps(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=None, minutes=0.05)
    seen = []
    for progress in run:
        seen.append(progress)
        time.sleep(0.02)  # a slow reader: most of the time passes outside the run
    assert seen[-1].valid_bpc is not None
    assert run.metrics()[-1]["step"] == run.trainer.steps == seen[-1].step


def test_a_budget_of_no_time_makes_one_step(tmp_path: Path) -> None:
    run = start(tmp_path / "m", steps=None, minutes=1e-6)
    assert [(progress.step, progress.valid_bpc is not None) for progress in run][-1] == (1, True)
    assert run.final_bpc is not None


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
        found, expected = logits.joined.mean(dim=0)[lane, :, :-1], torch.cat([before, after], dim=1)[0]
        assert torch.allclose(found, expected[:, : found.shape[1]], atol=1e-6)
        assert torch.allclose(state.row(lane).layers[0][0], last.layers[0][0], atol=1e-6)
        assert torch.equal(state.row(lane).recent, last.recent)
        assert torch.equal(state.row(lane).reading, last.reading)
        assert torch.allclose(state.row(lane).expected, last.expected, atol=1e-6)


def test_the_loss_is_that_of_all_tokens(tokenizer: CharTokenizer, counted: NgramModel) -> None:
    """Symbols and the bytes' shares of the escape cost what tokens cost; the network's own prediction has its share."""
    model = tiny(tokenizer, counts=counted)
    torch.nn.init.normal_(model.spelling)
    text = torch.from_numpy(tokenizer.encode_array("o caf€ e o ch☃, " * 3))
    ids = text[None].long()
    window = Window(ids[:, :-1], ids[:, 1:], ())
    nats = {share: WindowLoss(model, share)(window, None, None)[0] for share in (0.0, 0.25, 1.0)}
    read = model.unroll(ids[:, :-1], model.initial_state())
    expected = torch.nn.functional.cross_entropy(model.logits(read)[0], ids[0, 1:])
    assert torch.allclose(nats[0.0], expected, atol=1e-5)
    assert torch.allclose(nats[0.25], 0.75 * nats[0.0] + 0.25 * nats[1.0], atol=1e-5)
    model.fusion = None
    alone = torch.nn.functional.cross_entropy(model.logits(read)[0], ids[0, 1:])
    assert torch.allclose(nats[1.0], alone, atol=1e-5)


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
            found = logits.joined.mean(dim=0)[lane, time, :-1]
            assert torch.allclose(found, model.predict(prompt)[0, : len(found)], atol=1e-5)
    assert sum(len(window.paragraph[1]) for window in windows) > 4


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
    with pytest.raises(UserError, match="--resume continues its run, --overwrite replaces it"):
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
    with pytest.raises(UserError, match=r"step 10: the loss is nan and the gradient's norm nan"):
        list(run)


def test_learning_rate_climbs_stays_then_falls_to_zero() -> None:
    rates = [learning_rate(step / 100, 1.0, 0.1, 0.5) for step in range(101)]
    assert rates[10] == rates[30] == rates[50] == max(rates) == 1.0
    assert 0 < rates[0] < rates[5] < rates[10] > rates[51] > rates[99] > rates[100] == 0
    assert rates[75] == pytest.approx(0.5)
    assert learning_rate(0.0, 1.0, 0.0, 0.5) == 1.0
    late = [learning_rate(step / 100, 1.0, 0.8, 0.5) for step in range(101)]  # a warm-up that takes more than half
    assert late[79] < late[80] == 1.0 > late[90] == pytest.approx(0.5)


def test_longer_runs_have_lower_rates_that_fall_sooner() -> None:
    rates = [peak(SHAPE, 16, updates) for updates in (1, FEW_UPDATES, 20_000, 100_000)]
    assert rates[0] == rates[1] > rates[2] > rates[3] > 0
    decays = [decay(updates) for updates in (1, FEW_UPDATES, 20_000, 100_000)]
    assert 0 < decays[0] == decays[1] < decays[2] < decays[3] < 1


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
def test_cuda_gives_the_cpu_s_outputs(tokenizer: CharTokenizer) -> None:
    model, tokens = tiny(tokenizer), torch.tensor([tokenizer.encode("Era uma vez")])
    with torch.no_grad():
        expected, _ = model(tokens, model.initial_state())
        model.cuda()
        found, _ = model(tokens.cuda(), model.initial_state())
    assert torch.allclose(found.cpu(), expected, atol=1e-4)


def test_a_network_is_watched_from_nothing(tmp_path: Path) -> None:
    """Scored before it has read anything, then on a logarithmic clock; whatever is known elsewhere is left out."""
    run = start(tmp_path / "m", JOINED, steps=12, evaluations=2, watch=True)
    assert run.base is None
    assert run.model.counts is None
    list(run)
    rows = run.metrics()
    assert [row["step"] for row in rows] == [0, 1, 2, 5, 6, 10, 12]
    symbols = len(run.tokenizer.characters) + 1
    assert rows[0]["valid_bpc"] == rows[0]["train_bpc"] == pytest.approx(math.log2(symbols), abs=0.3)
    timed = start(tmp_path / "timed", JOINED, steps=None, minutes=1, watch=True)
    assert timed.config.minutes == 1  # not cut for a short text, which is seen to be learned by heart
    again = start(tmp_path / "again", JOINED, steps=12, evaluations=2, watch=True)
    assert next(iter(again)).step == 0  # and killed before that was saved
    resumed = Run.resume(tmp_path / "again")
    list(resumed)
    assert without_times(resumed) == without_times(run)
