"""Starting from a model: from the shipped one if the text is Portuguese and it helps; what it had counted is kept."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support import QUATRAINS, STORIES, quick

import charrnn
from charrnn.config import ModelConfig
from charrnn.corpus.fingerprints import of, share, sketch
from charrnn.data.dataset import Source, TrainingText
from charrnn.ngram.model import start
from charrnn.storage import registry, saved_model
from charrnn.training import build_model as bases
from charrnn.training import plan
from charrnn.training.run import Run

SHAPE = ModelConfig(embed=8, hidden=32)
NEW = 6000  # characters of the stories that the shipped model has not read
ENGLISH = "The rain fell on the roof of the old house, and nobody was there to hear what it had to say about him.\n"


def story() -> str:
    return STORIES.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of shipped models, with one that has read all stories but the last ones."""
    folder = tmp_path_factory.mktemp("pretrained")
    read = tmp_path_factory.mktemp("text") / "contos.txt"
    read.write_text(story()[:-NEW], encoding="utf-8")
    list(Run.start([read], folder / registry.BASE, shape=SHAPE, config=quick(steps=40, batch=8, window=32)))
    return folder


@pytest.fixture
def here(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "SHIPPED", shipped)
    return shipped


def begun(text: Path, out: Path, base: str | None = "auto", **changes: object) -> tuple[Run, list[str]]:
    notes: list[str] = []
    return Run.start([text], out, shape=SHAPE, config=quick(**changes), base=base, note=notes.append), notes


def test_a_short_portuguese_text_starts_from_the_shipped_model(here: Path, tmp_path: Path) -> None:
    new = tmp_path / "novo.txt"
    new.write_text(story()[-NEW:], encoding="utf-8")
    run, notes = begun(new, tmp_path / "m")
    assert run.base == registry.BASE
    assert any(
        re.match(r"starting from romances: it (already )?predicts your text .+\(\d\.\d\d bits", n) for n in notes
    )
    anew, _ = begun(new, tmp_path / "anew", base=None)
    list(run)
    list(anew)
    assert run.final_bpc is not None
    assert anew.final_bpc is not None
    assert run.final_bpc < anew.final_bpc - 0.3
    assert "| started from | romances |" in (tmp_path / "m" / "README.md").read_text(encoding="utf-8")


def test_a_foreign_text_and_one_that_it_does_not_know_start_from_scratch(here: Path, tmp_path: Path) -> None:
    texts = {"foreign": ENGLISH * 30, "unlike": "".join(f"{n * n % 977};{n * n * n % 991}\n" for n in range(900))}
    for name, content in texts.items():
        (tmp_path / f"{name}.txt").write_text(content, encoding="utf-8")
        run, notes = begun(tmp_path / f"{name}.txt", tmp_path / name)
        assert run.base is None
        why = {"foreign": "your text is not Portuguese", "unlike": "romances predicts your text worse"}[name]
        assert any(note.startswith(f"starting from scratch: {why}") for note in notes), notes


def test_a_text_that_the_shipped_model_has_read_starts_from_scratch(here: Path, tmp_path: Path) -> None:
    """Its score would tell nothing; whoever asks for that model gets it, and is told. What was read is remembered."""
    (tmp_path / "lido.txt").write_text(story()[2000:20000], encoding="utf-8")
    run, notes = begun(tmp_path / "lido.txt", tmp_path / "auto")
    assert run.base is None
    why = "romances has read 100% of the training part before, and 100% of what is held out"
    assert any(note.startswith(f"starting from scratch: {why}") for note in notes)
    asked, notes = begun(tmp_path / "lido.txt", tmp_path / "asked", registry.BASE)
    assert asked.base == registry.BASE
    assert any(note.startswith("romances has read 100%") and "the score will be better" in note for note in notes)

    (tmp_path / "novo.txt").write_text(story()[-NEW:], encoding="utf-8")
    for base in (registry.BASE, str(tmp_path / "tuned")):  # of a model made from another one, too
        _, notes = begun(tmp_path / "novo.txt", tmp_path / ("tuned" if base == registry.BASE else "again"), base)
        assert any("has read" in note for note in notes) == (base != registry.BASE)
    read = saved_model.read_passages(tmp_path / "again")
    assert share(sketch([of(story()[:-NEW])]), read) > 0.9
    assert share(sketch([of(story()[-NEW:])]), read) > 0.9


@pytest.mark.parametrize(
    ("known", "counted", "base", "why"),
    [
        (1.86, 2.10, "romances", r"it already predicts .* better \(1\.86 bits per character\) than .* \(2\.10\)"),
        (2.20, 2.10, "romances", r"it predicts .* about as well \(2\.20 bits per character\) as .* \(2\.10\)"),
        (3.00, 2.10, None, r"romances predicts .* worse \(3\.00 bits per character\) than .* \(2\.10\)"),
    ],
)
def test_the_choice_explains_itself(
    known: float,
    counted: float,
    base: str | None,
    why: str,
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it says is what it did: better is less, and no claim contradicts the figures."""
    (tmp_path / "novo.txt").write_text(story()[-NEW:], encoding="utf-8")
    text = TrainingText.prepare(Source.of([tmp_path / "novo.txt"]))
    monkeypatch.setattr(bases, "held_out_bits", lambda *_: (known * 1000, 1000))
    monkeypatch.setattr(bases.baselines, "ngram", lambda *_: counted)
    choice = bases.choose_base(text)
    assert choice.base == base
    assert re.match(why, choice.why)


def test_without_a_shipped_model_training_starts_from_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "nothing")
    run, notes = begun(QUATRAINS, tmp_path / "m")
    assert run.base is None
    assert bases.choose_base(run.text).base is None
    assert any("ships no model that knows Portuguese" in note for note in notes)


def test_a_long_text_starts_from_scratch(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "LONGEST", 5000)
    run, notes = begun(STORIES, tmp_path / "m")
    assert run.base is None
    assert any(re.match(r"starting from scratch: [\d,]+ characters are enough", note) for note in notes)


def test_resumed_tuning_equals_uninterrupted(here: Path, tmp_path: Path) -> None:
    """What is counted beside what the base had counted is the same when it is counted again."""
    whole, _ = begun(QUATRAINS, tmp_path / "whole", registry.BASE, steps=20)
    list(whole)
    parts, _ = begun(QUATRAINS, tmp_path / "parts", registry.BASE, steps=20)
    for progress in parts:
        if progress.step == 7:
            parts.stop()
    list(Run.resume(tmp_path / "parts"))
    weights = [charrnn.load(tmp_path / name)[0].weights() for name in ("whole", "parts")]
    assert all(torch.equal(weight, weights[1][name]) for name, weight in weights[0].items())


def test_a_model_tuned_to_another_language_writes_it_from_the_empty_prompt(here: Path, tmp_path: Path) -> None:
    """In each of six texts, and hardly a letter of the base's language in any."""
    draw = random.Random(1)
    syllables = [consonant + vowel for consonant in "βγδκλμνπρστφ" for vowel in "αειου"]
    words = ["".join(draw.choices(syllables, k=draw.randint(1, 3))) for _ in range(150)]
    sentences = [" ".join(draw.choices(words, k=draw.randint(5, 12))).capitalize() for _ in range(300)]
    (tmp_path / "outro.txt").write_text(".\n".join(sentences), encoding="utf-8")
    list(begun(tmp_path / "outro.txt", tmp_path / "m", registry.BASE, steps=100, batch=8, window=32)[0])
    sampler = charrnn.Sampler(*charrnn.load(tmp_path / "m"))
    texts = [sampler.generate("", charrnn.SampleConfig(length=60, seed=seed)) for seed in range(1, 7)]
    letters = ["".join(filter(str.isalpha, text)) for text in texts]
    assert min(sum(letter >= "α" for letter in text.lower()) / len(text) for text in letters) > 0.95


def test_a_text_from_a_pipe_is_read_once(here: Path, tmp_path: Path) -> None:
    """Though its tokens are made twice: with its own alphabet, to choose, and with that of the model."""
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = story()[-NEW:]
    writer = threading.Thread(target=pipe.write_text, args=[text], kwargs={"encoding": "utf-8"})
    writer.start()
    run, _ = begun(pipe, tmp_path / "m")
    writer.join()
    assert run.base == registry.BASE
    assert run.text.train.characters + run.text.valid.characters > NEW - 100


def test_what_was_counted_is_found_again_with_new_characters(here: Path, tmp_path: Path) -> None:
    """Even such as come before the others by code point: no id moves."""
    bits = []
    old = charrnn.load(registry.BASE)[1]
    for name, ends in (("plain", ""), ("more", ' "!#%" ')):
        (tmp_path / f"{name}.txt").write_text(ends + story()[-4000:] + ends, encoding="utf-8")
        run, _ = begun(tmp_path / f"{name}.txt", tmp_path / name, registry.BASE, steps=1)
        assert run.tokenizer.characters.startswith(old.characters)
        assert (len(run.tokenizer.characters) > len(old.characters)) == bool(ends)
        assert run.model.counts is not None
        ids = torch.from_numpy(run.tokenizer.encode_array(story()[:2000])).long()[None]
        expected = run.model.counts.expect(ids[:, :-1], start(1)).values[0]
        symbols = ids[0, 1:].clamp(max=len(run.tokenizer.characters))
        bits.append(-expected[torch.arange(len(symbols)), symbols].mean().item())
    assert bits[1] == pytest.approx(bits[0], rel=0.05)


def test_dropout_is_planned_by_how_often_the_text_is_read(here: Path, tmp_path: Path) -> None:
    often, _ = begun(QUATRAINS, tmp_path / "often", registry.BASE, steps=1000)
    once, _ = begun(QUATRAINS, tmp_path / "once", registry.BASE, steps=10)
    assert once.model.config.dropout == once.model.dropout.share == 0.0
    most = plan.dropout_for(plan.TUNED_PASSES, "joined")
    assert often.model.config.dropout == often.model.dropout.share == most > 0.0
    asked = Run.start(
        [QUATRAINS], tmp_path / "asked", shape=replace(SHAPE, dropout=0.15), config=quick(), base=registry.BASE
    )
    assert asked.model.dropout.share == 0.15
