"""The model that a run starts with: a new one, sized for the budget, or a warm start from another model.

`--from auto` chooses. A model that knows Portuguese helps most texts more than minutes of training do. It is taken if
the text is Portuguese, if the text is too short to learn the language from it (gains were measured up to a million
characters: docs/benchmarks.md), and if the model, before any fine-tuning, predicts the held-out text not much worse
than an n-gram model of the training text.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch

from charrnn.config import ModelConfig, TrainConfig
from charrnn.corpus import baselines, fingerprints
from charrnn.corpus.documents import Note
from charrnn.corpus.language import PORTUGUESE, foreign, language_of
from charrnn.data.dataset import SplitPart, TrainingText
from charrnn.data.stream import Paragraphs, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.weights import refuse_large
from charrnn.scoring.evaluate import held_out_bits
from charrnn.storage import checkpoint, registry, saved_model
from charrnn.training import plan, stages
from charrnn.training.distilling import Teacher
from charrnn.training.distributed import ProcessGroup
from charrnn.training.ngram_prefetch import block_length
from charrnn.training.probe import Trial, try_out

if TYPE_CHECKING:
    from charrnn.ngram.model import CountOptions, NgramModel

MOST_CHARACTERS = 1000  # of an alphabet that is counted: time and memory grow with it
MISJUDGED = 0.7  # share of the planned tokens: a plan is made again if a trial allows fewer

# A warm start, by `choose_base`
LONGEST = 2_000_000  # characters of a training text: a longer one teaches the language itself
PROBED, COUNTED = 8_000, 400_000  # characters of the held-out and training parts on which the models are compared
LANES, CONTEXT = 8, 64  # see `held_out_windows`
READ = 0.1  # share of a part's passages from which on the base model is said to have read it
MARGIN = 0.15  # bits per character by which the base may be worse: fine-tuning gains more than that


@dataclass(frozen=True)
class BuildTask:
    """The text to train on and the budget."""

    text: TrainingText
    config: TrainConfig  # settled: batch, window, device, how much is counted
    ranks: ProcessGroup
    began: float  # by `time.perf_counter`
    teacher: Teacher | None = None

    def share(self) -> TextStream:
        """Return a stream of as many lanes as one rank reads, to time training steps."""
        lanes = max(1, self.config.batch_size // self.ranks.count)
        works = self.text.train.starts if self.config.at_work_end == "reset" else ()
        return TextStream(self.text.train.ids, lanes, self.config.window, works)

    def tokens(self, seconds: float) -> float:
        """Return the tokens that the rest of the budget can read. seconds: duration of a training step."""
        each = self.config.batch_size * self.config.window
        if self.config.steps is not None:
            return self.config.steps * each
        assert self.config.minutes is not None  # TrainConfig has one of the two
        whole, spent = 60 * self.config.minutes, time.perf_counter() - self.began
        rest = max(0.9 * whole - spent, 0.45 * whole)  # half of the time is for training, see `Run`
        return (rest / seconds if self.teacher is None else self.teacher.windows_in(rest, seconds)) * each

    def counting(self) -> CountOptions:
        """Return how the n-gram model counts the training part."""
        from charrnn.ngram.model import CountOptions

        assert self.config.counted is not None
        ids = self.text.train.ids
        return CountOptions(
            block=block_length(len(ids), self.config.batch_size),
            threads=torch.get_num_threads(),
            most=self.config.counted,
            size=None if self.config.counts_size is None else 1e6 * self.config.counts_size,
            paragraphs=Paragraphs.of(ids, self.text.tokenizer),
        )


def new(shape: ModelConfig, task: BuildTask, name: str, note: Note) -> tuple[CharRNN, Trial]:
    """Build a new model and time its training steps. What `shape` leaves open is planned from the budget.

    note: is told what the text does not allow.
    """
    tokenizer, ids = task.text.tokenizer, task.text.train.ids
    shape = replace(shape, vocab_size=tokenizer.vocab_size)
    if shape.counts != "none" and len(tokenizer.characters) >= MOST_CHARACTERS:
        note(f"counts: an alphabet of {MOST_CHARACTERS:,} or more characters is not counted")
        shape = replace(shape, counts="none")
    counts = None
    if shape.counts != "none":
        from charrnn.ngram.contexts import ContextHasher
        from charrnn.ngram.model import NgramModel

        stages.enter("counting")
        reader = task.ranks.agreed(lambda: ContextHasher.fit(ids, tokenizer.characters))  # depends on rounding
        counts = NgramModel.count(ids, reader, task.counting())
    stages.enter("probing")

    def planned(budget: plan.Budget) -> ModelConfig:
        return plan.shaped(shape, len(ids), budget)

    def probed() -> plan.Budget:
        if task.config.steps is not None:
            return plan.Budget(tokens=task.tokens(1.0))
        probe = CharRNN(replace(shape, hidden=plan.PROBE, members=1), counts=counts).to(task.config.device)
        return plan.Budget(tokens_at_probe=task.tokens(try_out(probe, task.share(), task.config).seconds))

    def built(shape: ModelConfig) -> tuple[CharRNN, Trial]:
        refuse_large(shape, name)
        model = CharRNN(replace(shape, members=shape.member_count), name=name, counts=counts).to(task.config.device)
        return model, task.ranks.agreed(lambda: try_out(model, task.share(), task.config))

    if shape.hidden is not None and shape.dropout is not None:
        return built(shape)
    budget = task.ranks.agreed(probed)
    model, trial = built(planned(budget))
    if task.config.steps is None:  # another program may have disturbed the probe
        size = model.config.hidden_size // model.config.member_count, model.config.member_count
        actual = task.ranks.agreed(lambda: budget.adjusted(task.tokens(trial.seconds), *size))
        if actual.at(*size) < MISJUDGED * budget.at(*size) and planned(actual) != model.config:
            return built(planned(actual))
    return model, trial


def tuned(
    base: tuple[CharRNN, CharTokenizer], dropout: float | None, task: BuildTask, name: str
) -> tuple[CharRNN, Trial]:  # fmt: skip
    """Build a model that starts from `base`, and time its training steps.

    Its vocabulary and its n-gram model are the base's, extended by the text's. dropout: None to choose it by the number
    of passes over the text. Raises UserError if the alphabet is too large to count.
    """
    tokenizer = task.text.tokenizer
    assert tokenizer.characters.startswith(base[1].characters)  # the n-gram model's contexts are made of these ids
    if base[0].config.counts != "none" and (size := len(tokenizer.characters)) >= MOST_CHARACTERS:
        raise UserError("too-many-characters-to-count", base=base[0].name, most=MOST_CHARACTERS, found=size)
    model, _ = expand_vocab(*base, tokenizer, dropout or 0.0, name=name)
    if (known := base[0].counts) is not None:
        stages.enter("counting")
        counts = known.with_text(task.text.train.ids, tokenizer.characters, task.counting())
        model = model.with_counts(counts)
    stages.enter("probing")
    model = model.to(task.config.device)
    trial = task.ranks.agreed(lambda: try_out(model, task.share(), task.config))
    if dropout is None:
        passes = task.tokens(trial.seconds) / len(task.text.train.ids)
        model.drop(plan.dropout_for(min(passes, plan.TUNED_PASSES), model.config.counts))
    return model, trial


def recounted(counts: NgramModel, task: BuildTask) -> NgramModel:
    """Return a saved run's n-gram model, ready for training: its counts can be left out block by block again."""
    stages.enter("counting")
    return counts.with_blocks(task.text.train.ids, task.counting())


def expand_vocab(
    model: CharRNN, old: CharTokenizer, new: CharTokenizer, dropout: float | None, name: str
) -> tuple[CharRNN, CharTokenizer]:
    """Return `model` with a vocabulary of both tokenizers' characters; the old ones keep their weights.

    A new character starts with the mean embedding and the probability of its lead byte.
    """
    tokenizer = CharTokenizer(old.characters + new.characters)
    place = {old.token_text(token): token for token in range(old.vocab_size)}
    texts = [tokenizer.token_text(token) for token in range(tokenizer.vocab_size)]
    rows = torch.tensor([place.get(text, old.first_byte + text.encode("utf-8")[0]) for text in texts])
    known = torch.tensor([text in place for text in texts])

    result = CharRNN(replace(model.config, vocab_size=tokenizer.vocab_size, dropout=dropout), name)
    weights = model.state_dict()
    embedding = weights["embedding.weight"]
    average = embedding[: old.first_byte].mean(dim=0)
    weights["embedding.weight"] = torch.where(known[:, None], embedding[rows], average)
    # A character that the old model spelled by bytes takes over the output weights of the escape.
    symbols = rows[: tokenizer.first_byte + 1].clamp(max=old.first_byte)
    lead = torch.where(known, 0.0, weights["spelling"].log_softmax(0)[(rows - old.first_byte).clamp(min=0)])
    weights["output.weight"] = weights["output.weight"][symbols]
    weights["output.bias"] = weights["output.bias"][symbols] + lead[: len(symbols)]
    if "fusion.input.weight" in weights:
        weights["fusion.input.weight"] = weights["fusion.input.weight"][:, symbols]
    result.load_state_dict(weights)
    return result, tokenizer


class WarmStart(NamedTuple):
    """The name of a model to start from, or None, and the reason in one line."""

    base: str | None
    why: str


def choose_base(text: TrainingText, name: str = registry.BASE) -> WarmStart:
    """Decide whether to start from the shipped model `name`."""
    if not registry.is_model(registry.SHIPPED / name):
        return WarmStart(None, "this copy of charrnn ships no model that knows Portuguese")
    if text.train.characters > LONGEST:
        return WarmStart(None, f"{text.train.characters:,} characters are enough to learn the language from your text")
    if line := already_read(text, registry.SHIPPED / name):
        return WarmStart(None, f"{line}: the held-out score would not show how it predicts new text")
    valid, train = _beginning(text, text.valid, PROBED), _beginning(text, text.train, COUNTED)
    if language_of(valid, foreign(valid)) != PORTUGUESE:
        return WarmStart(None, f"your text is not Portuguese, the only language that {name} knows")
    model, tokenizer = checkpoint.load(registry.SHIPPED / name)
    ids = torch.from_numpy(tokenizer.encode_array(valid)).long()
    lanes = max(1, min(LANES, len(ids) // (4 * CONTEXT)))
    bits, characters = held_out_bits(model, tokenizer, ids, lanes, CONTEXT)
    known, counted = bits / characters, baselines.ngram(train, valid)
    bpc, counting = f"({known:.2f} bits per character)", f"counting in it would ({counted:.2f})"
    if known < counted:
        return WarmStart(name, f"it already predicts your text better {bpc} than {counting}")
    if known < counted + MARGIN:
        return WarmStart(name, f"it predicts your text about as well {bpc} as {counting}, and training improves it")
    return WarmStart(None, f"{name} predicts your text worse {bpc} than {counting}")


def already_read(text: TrainingText, directory: Path) -> str | None:
    """Return a line if the model in `directory` was trained on much of this text, else None.

    Then a score on the held-out part does not show how the model predicts new text, and counting the text once more
    would teach the network to trust the n-gram model too much.
    """
    known = saved_model.read_passages(directory)
    train, valid = (fingerprints.share(part.passages, known) or 0.0 for part in (text.train, text.valid))
    if max(train, valid) < READ:
        return None
    name = registry.spoken(directory)
    return f"{name} has read {train:.0%} of the training part before, and {valid:.0%} of what is held out"


def _beginning(text: TrainingText, part: SplitPart, characters: int) -> str:
    return text.tokenizer.decode(part.ids[:characters].tolist())
