"""The exam in grammar that a run takes at each evaluation, of the same pairs each time: one sees grammar being learned.

The network reads many sentences side by side, so all 320 pairs cost about as much as scoring 23,000 tokens.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch.nn.utils.rnn import pad_sequence

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import evaluating, token_bits
from charrnn.scoring.grammar import ExamAnswer, MinimalPair, categories, marks, minimal_pairs
from charrnn.training.trainer import Trainer

SHARE = 0.003  # of the training time, for each exam
FEWEST = 5  # pairs of each category, however short the time is
LANES = 64  # sentences that are read side by side


def affordable(speed: float, budget: float | None) -> int:
    """Return how many pairs of each category fit into SHARE of the budget, in seconds; all without one.

    speed: tokens scored in a second.
    """
    pairs = minimal_pairs()
    each = len(pairs) // len(categories())
    if budget is None:
        return each
    whole = sum(len(pair.right) + len(pair.wrong) for pair in pairs)
    return min(each, max(FEWEST, int(each * SHARE * budget * speed / whole)))


def some(each: int) -> list[MinimalPair]:
    """Return so many pairs of each category, evenly from all of them."""
    chosen: list[MinimalPair] = []
    for category in categories():
        pairs = [pair for pair in minimal_pairs() if pair.category == category]
        chosen += pairs if each >= len(pairs) else [pairs[place * len(pairs) // each] for place in range(each)]
    return chosen


def bits(model: CharRNN, tokenizer: CharTokenizer, sentences: Sequence[str]) -> list[float]:
    """Return the bits that each sentence costs a model after the empty prompt."""
    found: list[float] = []
    encoded = partial(torch.tensor, device=model.device)
    with evaluating(model):
        for start in range(0, len(sentences), LANES):
            ids = [encoded(tokenizer.encode(sentence)) for sentence in sentences[start : start + LANES]]
            newlines = encoded([tokenizer.encode("\n")] * len(ids))
            with torch.no_grad():
                _, state = model(newlines, model.initial_state(len(ids)))
            each, _ = token_bits(model, tokenizer, pad_sequence(ids, batch_first=True), state)
            found += [float(row[: len(own)].sum()) for row, own in zip(each, ids, strict=True)]
    return found


class GrammarExam:
    """Asks the model of a trainer `each` pairs of every category."""

    def __init__(self, trainer: Trainer, tokenizer: CharTokenizer, each: int) -> None:
        self.trainer, self.tokenizer, self.each, self.pairs = trainer, tokenizer, each, some(each)

    def marks(self) -> dict[str, float]:
        """Return the share of right answers of the model as it is now, by category and of all."""
        with self.trainer.autocast():
            right, wrong = (
                bits(self.trainer.trained, self.tokenizer, sentences)
                for sentences in ([pair.right for pair in self.pairs], [pair.wrong for pair in self.pairs])
            )
        return marks([ExamAnswer(*found) for found in zip(self.pairs, right, wrong, strict=True)])
