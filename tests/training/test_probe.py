"""Trials before a run: they leave no trace, and choose what is fastest on this machine."""

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from support import QUATRAINS, quick, tiny

from charrnn.config import ModelConfig
from charrnn.data.stream import TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.ngram.model import NgramModel
from charrnn.training import build_model, plan
from charrnn.training.probe import Trial, try_out
from charrnn.training.run import Run
from charrnn.training.trainer import Trainer


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


def test_the_trial_chooses_fewer_threads_where_they_are_faster(
    tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a busy program, two threads wait for each other and one is chosen; given threads are kept."""
    stream = TextStream(tokenizer.encode_array("abc " * 40), 2, 16)
    able = Trainer.step

    def step(trainer: Trainer, lr: float) -> torch.Tensor:
        time.sleep(0.02 * torch.get_num_threads())
        return able(trainer, lr)

    monkeypatch.setattr(Trainer, "step", step)
    torch.set_num_threads(4)
    assert try_out(tiny(tokenizer), stream, quick(threads=None)).threads == 1
    assert try_out(tiny(tokenizer), stream, quick(threads=4)).threads == 4
    assert torch.get_num_threads() == 4


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
