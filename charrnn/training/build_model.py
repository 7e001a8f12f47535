"""The model that a run begins with: a new one, as wide as the budget allows, or another one that learns on."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from charrnn.config import ModelConfig, TrainConfig
from charrnn.corpus.documents import Note
from charrnn.data.dataset import TrainingText
from charrnn.data.stream import Paragraphs, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.training import plan
from charrnn.training.distributed import ProcessGroup
from charrnn.training.ngram_prefetch import block_length
from charrnn.training.probe import Trial, try_out

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel  # loads numba, which only a model with counts needs

MOST_CHARACTERS = 1000  # in an alphabet that is counted: its time and memory grow with it
MISJUDGED = 0.7  # of the tokens that a plan expects to be read: if there is time for fewer, the plan is made again


@dataclass(frozen=True)
class BuildTask:
    """What is to be learned, and in what time."""

    text: TrainingText
    config: TrainConfig  # settled: batch, window, device, how much is counted
    ranks: ProcessGroup
    began: float  # by `time.perf_counter`

    def share(self) -> TextStream:
        """As many lanes as one rank reads, to try out how fast it is."""
        lanes = max(1, self.config.batch_size // self.ranks.count)
        works = self.text.train.starts if self.config.at_work_end == "reset" else ()
        return TextStream(self.text.train.ids, lanes, self.config.window, works)

    def tokens(self, seconds: float) -> float:
        """That can be read in the time that is left, if a step takes so many seconds; or in the steps."""
        each = self.config.batch_size * self.config.window
        if self.config.steps is not None:
            return self.config.steps * each
        assert self.config.minutes is not None  # TrainConfig has one of the two
        left = 0.9 * 60 * self.config.minutes - (time.perf_counter() - self.began)
        return max(left, 0.0) / seconds * each

    def counting(self) -> dict[str, Any]:
        """How the training part is counted: in which blocks, by how many threads, how much of it, which beginnings."""
        assert self.config.counted is not None
        ids = self.text.train.ids
        block, paragraphs = block_length(len(ids), self.config.batch_size), Paragraphs.of(ids, self.text.tokenizer)
        threads = torch.get_num_threads()
        return {"block": block, "threads": threads, "most": self.config.counted, "paragraphs": paragraphs}

    @property
    def counts_size(self) -> float | None:
        """In bytes, at most."""
        return None if self.config.counts_size is None else 1e6 * self.config.counts_size


def new(shape: ModelConfig, task: BuildTask, name: str, note: Note) -> tuple[CharRNN, Trial]:
    """A model of this shape, what it leaves open planned from the budget; how fast it learns.

    note: told what cannot be had.
    """
    tokenizer, ids = task.text.tokenizer, task.text.train.ids
    shape = replace(shape, vocab_size=tokenizer.vocab_size)
    if shape.counts != "none" and len(tokenizer.characters) >= MOST_CHARACTERS:
        note(f"counts: more than {MOST_CHARACTERS:,} different characters are not counted")
        shape = replace(shape, counts="none")
    counts = None
    if shape.counts != "none":
        from charrnn.ngram.model import NgramModel, reader_of

        reader = task.ranks.agreed(lambda: reader_of(ids, tokenizer.characters))  # its classes are of rounded numbers
        counts = NgramModel.of(ids, reader, size=task.counts_size, **task.counting())

    def planned(budget: plan.Budget) -> ModelConfig:
        return plan.shaped(shape, len(ids), budget)

    def probed() -> plan.Budget:
        if task.config.steps is not None:
            return plan.Budget(tokens=task.tokens(1.0))
        probe = CharRNN(replace(shape, hidden=plan.PROBE, members=1), counts=counts).to(task.config.device)
        return plan.Budget(tokens_at_probe=task.tokens(try_out(probe, task.share(), task.config).seconds))

    def built(shape: ModelConfig) -> tuple[CharRNN, Trial]:
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
    """`base` with the text's characters, what it had counted and what is counted in the text; how fast it learns.

    dropout: None to choose it by how often the text will be read. Raises UserError if the alphabet is too large.
    """
    tokenizer = task.text.tokenizer
    assert tokenizer.characters.startswith(base[1].characters)  # by whose ids the counts know their contexts
    if base[0].config.counts != "none" and (size := len(tokenizer.characters)) >= MOST_CHARACTERS:
        raise UserError("too-many-characters-to-count", base=base[0].name, most=MOST_CHARACTERS, found=size)
    model, _ = expand_vocab(*base, tokenizer, dropout or 0.0, name=name)
    if (known := base[0].counts) is not None:
        counts = known.beside(task.text.train.ids, tokenizer.characters, size=task.counts_size, **task.counting())
        model = model.with_counts(counts)
    model = model.to(task.config.device)
    trial = task.ranks.agreed(lambda: try_out(model, task.share(), task.config))
    if dropout is None:
        passes = task.tokens(trial.seconds) / len(task.text.train.ids)
        model.drop(plan.dropout_for(min(passes, plan.TUNED_PASSES)))
    return model, trial


def recounted(counts: NgramModel, task: BuildTask) -> NgramModel:
    """What a saved run had counted, ready to train on."""
    return counts.again(task.text.train.ids, **task.counting())


def expand_vocab(
    model: CharRNN, old: CharTokenizer, new: CharTokenizer, dropout: float | None, name: str
) -> tuple[CharRNN, CharTokenizer]:
    """`model` with a vocabulary that holds both tokenizers' characters; the old ones keep their weights.

    A new character starts with an average embedding, and as unlikely as its lead byte was.
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
    # Of the symbols: a character that the old model spelled by bytes takes over what the escape had learned.
    symbols = rows[: tokenizer.first_byte + 1].clamp(max=old.first_byte)
    lead = torch.where(known, 0.0, weights["spelling"].log_softmax(0)[(rows - old.first_byte).clamp(min=0)])
    weights["output.weight"] = weights["output.weight"][symbols]
    weights["output.bias"] = weights["output.bias"][symbols] + lead[: len(symbols)]
    if "fusion.input.weight" in weights:
        weights["fusion.input.weight"] = weights["fusion.input.weight"][:, symbols]
    result.load_state_dict(weights)
    return result, tokenizer
