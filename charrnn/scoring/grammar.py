"""Grammar in minimal pairs: two sentences that differ in one place, of which one follows the rules of Portuguese.

A model knows a rule as far as it finds the right sentence of a pair likelier than the wrong one; a coin would be right
in half of the pairs. They are in `grammar.tsv`: a category, and a sentence with `{right|wrong}` at the place. The
method is that of BLiMP (Warstadt et al. 2020).
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.data.tokenizer import BYTES, CharTokenizer
from charrnn.model.state import AnyState
from charrnn.scoring.bits import Predictor, costs

PAIRS = Path(__file__).with_name("grammar.tsv")
S = TypeVar("S")


@dataclass(frozen=True)
class MinimalPair:
    """A sentence that follows a rule, and the same with one fault, between the same words."""

    category: str
    before: str
    proper: str  # what stands there in the right sentence
    faulty: str  # and in the wrong one
    after: str

    @property
    def right(self) -> str:
        return self.before + self.proper + self.after

    @property
    def wrong(self) -> str:
        return self.before + self.faulty + self.after


@dataclass(frozen=True)
class ExamAnswer:
    """A model's answer to a pair: the bits that each sentence costs it after the empty prompt."""

    pair: MinimalPair
    right: float
    wrong: float

    @property
    def lead(self) -> float:
        """Return the bits by which the right sentence is likelier; below zero, the wrong one is."""
        return self.wrong - self.right

    @property
    def is_right(self) -> bool:
        return self.lead > 0


@cache
def minimal_pairs() -> tuple[MinimalPair, ...]:
    """Return all pairs, category by category."""

    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return tuple(MinimalPair(*re.split(r"[\t{|}]", line)) for line in lines)


def categories() -> tuple[str, ...]:
    """Return the categories of the pairs, in order."""
    return tuple(dict.fromkeys(pair.category for pair in minimal_pairs()))


def examine(
    decoder: Predictor[S], tokenizer: CharTokenizer, progress: Callable[[float], None] | None = None
) -> list[ExamAnswer]:
    """Let a model answer all pairs. progress: is told the share that is done."""
    answers = []
    for pair in minimal_pairs():
        right, wrong = (float(costs(decoder, tokenizer, side, 1).surprisal.sum()) for side in (pair.right, pair.wrong))
        answers.append(ExamAnswer(pair, right, wrong))
        if progress is not None:
            progress(len(answers) / len(minimal_pairs()))
    return answers


def marks(answers: list[ExamAnswer]) -> dict[str, float]:
    """Return the share of right answers by category, and, last, of all answers as "all"."""
    asked, right = Counter[str](), Counter[str]()
    for answer in answers:
        for category in (answer.pair.category, "all"):
            asked[category] += 1
            right[category] += answer.is_right
    return {category: right[category] / asked[category] for category in [*asked - Counter(all=asked["all"]), "all"]}


class Converting(Predictor[S], Protocol[S]):
    """A predictor that knows the model's own form of a state, as every decoder does."""

    def to_model(self, state: S) -> AnyState: ...


@dataclass(frozen=True)
class CountsAlone(Generic[S]):
    """The n-gram part of a model as a predictor of its own: what it expects before the network corrects it."""

    whole: Converting[S]
    characters: int  # of the vocabulary

    def start(self) -> S:
        return self.whole.start()

    def read(self, ids: NDArray[np.integer], state: S) -> S:
        return self.whole.read(ids, state)

    def logits(self, ids: NDArray[np.integer], state: S) -> NDArray[np.float64]:
        """Return (t, v); what is left for all characters outside of the vocabulary, each byte shares equally."""
        found = np.empty((len(ids), self.characters + len(BYTES)))
        for row, token in zip(found, ids, strict=True):
            expected = np.asarray(self.whole.to_model(state).expected)[0]
            row[: self.characters] = expected[: self.characters]
            row[self.characters :] = expected[self.characters] - np.log(len(BYTES))
            state = self.read(np.array([token]), state)
        return found
