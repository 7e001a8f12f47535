"""A network learns from another model's predictions, and from the text alone where they have no weight."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import JOINED, SHAPE, assert_same_runs, start
from safetensors.torch import load_file
from support import QUATRAINS, STORIES, quick, tiny

from charrnn.data.dataset import Source, TrainingText
from charrnn.data.stream import TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.storage import checkpoint
from charrnn.training.distilling import Teacher, soft_loss
from charrnn.training.run import Run


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished model with counts of the quatrains."""
    run = Run.start([QUATRAINS], tmp_path_factory.mktemp("teachers") / "joined", shape=JOINED, config=quick())
    list(run)
    return run.out


def taught(directory: Path, text: Path) -> tuple[Teacher, TrainingText, TextStream]:
    prepared = TrainingText.prepare(Source.of([text]))
    stream = TextStream(prepared.train.ids, 4, 16)
    return Teacher(directory, prepared, stream, slice(0, 4), 0.5), prepared, stream


def test_without_weight_a_run_is_a_plain_one(tmp_path: Path, saved: Path) -> None:
    shape = replace(SHAPE, dropout=0.3)
    found: list[dict[str, torch.Tensor]] = []
    for number, options in enumerate([{}, {"teacher": str(saved), "teacher_weight": 0.0}, {"teacher": str(saved)}]):
        list(start(tmp_path / str(number), shape, steps=4, evaluations=1, **options))
        found.append(load_file(tmp_path / str(number) / "model.safetensors"))
    plain, unheeding, heeding = found
    assert all(torch.equal(plain[name], unheeding[name]) for name in plain)
    assert not torch.equal(plain["output.weight"], heeding["output.weight"])


@settings(max_examples=20)
@given(st.integers(0, 2**31), st.integers(2, 9))
def test_the_loss_is_least_where_the_student_predicts_as_the_teacher(seed: int, symbols: int) -> None:
    torch.manual_seed(seed)
    chances = (3 * torch.randn(1, 4, symbols, dtype=torch.float64)).softmax(dim=-1)
    same = chances.log()[None].requires_grad_()
    least = soft_loss(same, chances)
    assert torch.allclose(least, torch.special.entr(chances).sum(dim=-1).mean())
    assert torch.autograd.grad(least, same)[0].abs().max() < 1e-12
    other = torch.randn_like(same)
    gap = other - other.mean(dim=-1, keepdim=True) - (same - same.mean(dim=-1, keepdim=True))
    assert (soft_loss(other, chances) > least).item() == (gap.abs().max() > 0).item()


def test_resumed_equals_uninterrupted_in_any_pass(tmp_path: Path, counting: Path) -> None:
    config = {"steps": 50, "teacher": str(counting), "batch": 16, "evaluations": 1}
    whole = start(tmp_path / "whole", replace(SHAPE, dropout=0.3), **config)
    assert 30 < whole.trainer.stream.windows < 45
    list(whole)
    parts = start(tmp_path / "parts", replace(SHAPE, dropout=0.3), **config)
    for stop in (10, 47):
        list(islice(parts, stop - parts.trainer.steps))
        parts.save()
        torch.manual_seed(999)
        parts = Run.resume(tmp_path / "parts")
    list(parts)
    assert_same_runs(whole, parts)


def test_it_predicts_as_it_does_elsewhere(counting: Path) -> None:
    """Window by window of a text that it has not counted; an alphabet that differs is translated."""
    teacher, text, stream = taught(counting, STORIES)
    model, own = checkpoint.load(counting)
    assert own.characters != text.tokenizer.characters
    places = torch.tensor([own.characters.find(character) for character in text.tokenizer.characters])
    state, known = model.initial_state(4), places >= 0
    for index in range(3):
        tokens = own_tokens(own, text.tokenizer, stream.window(index).inputs)
        logits, state = model(tokens, state)
        found, expected = teacher.taught(index), logits.softmax(dim=-1)[..., places[known]]
        assert found is not None
        assert torch.allclose(found.chances.sum(dim=-1), torch.ones(4, tokens.shape[1]))
        ratio = found.chances[..., :-1][..., known] / expected
        assert torch.allclose(ratio, ratio[..., :1].expand_as(ratio), rtol=0.02)  # but for what the text lacks


def own_tokens(own: CharTokenizer, tokenizer: CharTokenizer, tokens: torch.Tensor) -> torch.Tensor:
    spelled = [own.encode(character)[0] for character in tokenizer.characters]
    return torch.tensor([*spelled, *range(own.first_byte, own.vocab_size)])[tokens]


def test_of_the_text_that_it_counted_a_block_is_left_out(counting: Path) -> None:
    teacher, text, stream = taught(counting, QUATRAINS)
    model, tokenizer = checkpoint.load(counting)
    assert tokenizer.characters == text.tokenizer.characters
    targets = stream.window(0).targets[..., None]
    with torch.no_grad():
        knowing = model(stream.window(0).inputs, model.initial_state(4))[0].softmax(dim=-1)
    found = teacher.taught(0)
    assert found is not None
    honest = found.chances.gather(2, targets.clamp(max=tokenizer.first_byte))
    assert honest.log().mean() < knowing.gather(2, targets).log().mean() - 0.1


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch, saved: Path) -> None:
    monkeypatch.setattr("charrnn.training.distilling.MOST", 2**15)
    teacher, _, stream = taught(saved, QUATRAINS)
    assert 0 < teacher.windows < stream.windows
    assert teacher.taught(teacher.windows - 1) is not None
    assert teacher.taught(teacher.windows) is None
    assert teacher.taught(stream.windows) is not None  # the first of the next pass


def test_what_cannot_teach_is_refused(tmp_path: Path, saved: Path, tokenizer: CharTokenizer) -> None:
    with pytest.raises(UserError, match="no model"):
        start(tmp_path / "m", teacher=str(tmp_path / "nothing"))
    with pytest.raises(UserError, match="add --counts none"):
        start(tmp_path / "m", JOINED, teacher=str(saved))
    teacher = tmp_path / "teacher"
    checkpoint.create(teacher, tiny(tokenizer), tokenizer)
    list(islice(start(tmp_path / "m", teacher=str(teacher)), 3))
    checkpoint.write_weights(teacher, CharRNN(tiny(tokenizer).config))
    with pytest.raises(UserError, match="expected the model that the run learned from, found another"):
        Run.resume(tmp_path / "m")
