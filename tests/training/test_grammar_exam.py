"""The exam in grammar at each evaluation: its answers are those of `charrnn exam`, and training does not notice it."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
import torch
from runs import assert_same_runs, start, without_times
from safetensors.torch import load_file

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.sampling import Sampler
from charrnn.scoring.bits import costs
from charrnn.scoring.grammar import categories, minimal_pairs
from charrnn.storage import run_log
from charrnn.training import grammar_exam
from charrnn.training.model_card import learning_curve
from charrnn.training.run import Run


def test_sentences_side_by_side_cost_what_each_costs_alone(
    model: CharRNN, tokenizer: CharTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar_exam, "LANES", 3)
    sentences = ["A menina bonita saiu.", "À noite, o caf€ ☃ fechou!", "Não.", minimal_pairs()[7].wrong]
    decoder = Sampler(model, tokenizer).decoder
    alone = [float(costs(decoder, tokenizer, sentence, 1).surprisal.sum()) for sentence in sentences]
    assert grammar_exam.bits(model, tokenizer, sentences) == pytest.approx(alone, rel=1e-4)


def test_each_category_has_its_share_of_pairs_and_time() -> None:
    assert grammar_exam.some(10**9) == list(minimal_pairs())
    for each in (1, 7, 39):
        pairs = grammar_exam.some(each)
        assert Counter(pair.category for pair in pairs) == Counter(dict.fromkeys(categories(), each))
        assert len({*pairs}) == len(pairs)
    found = [grammar_exam.affordable(20_000.0, budget) for budget in (1.0, 60.0, 300.0, 3600.0, None)]
    assert found == sorted(found)
    assert found[0] == grammar_exam.FEWEST
    assert found[-2:] == [40, 40]


def test_a_run_with_an_exam_is_the_same_and_goes_on_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charrnn.training.run.affordable", lambda speed, budget: 2)
    plain, whole, parts = start(tmp_path / "plain"), start(tmp_path / "m", exam=True), start(tmp_path / "p", exam=True)
    list(plain)
    list(whole)
    list(islice(parts, 5))
    parts.save()
    monkeypatch.setattr("charrnn.training.run.affordable", lambda speed, budget: 3)  # but the pairs stay the same
    resumed = Run.resume(tmp_path / "p")
    list(resumed)
    assert_same_runs(whole, resumed)
    weights, others = (load_file(run.out / "training/state.safetensors") for run in (plain, whole))
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    assert [{**row, "exam": 0} for row in without_times(whole)] == [{**row, "exam": 0} for row in without_times(plain)]
    taken = run_log.read(whole.out).evaluations
    for one in taken:
        assert one.exam is not None
        assert [*one.exam] == [*categories(), "all"]
        assert one.exam["all"] == pytest.approx(sum(one.exam[name] for name in categories()) / 8)
    assert len(learning_curve(taken)) > len(learning_curve(run_log.read(plain.out).evaluations))
