"""What a report tells, measured: everything that the page then only shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens import Effect, Reach, Trace, UnitFinding, connectivity, effects, influence, memory_map, reach, trace
from charrnn.lens.findings import LEAST, in_halves
from charrnn.lens.tiny_elman import Instant, SmallNetwork, learn, word_of
from charrnn.model import CharRNN

LONGEST = 20_000  # characters: beyond, a page is too long to read, and slow to open
BACK = 100  # characters back that influence is followed

Found = TypeVar("Found")


@dataclass(frozen=True)
class Material:
    """None stands for what the text is too short for."""

    model: CharRNN
    tokenizer: CharTokenizer
    word: str
    network: SmallNetwork  # that was taught the word
    instants: list[Instant]  # while it reads it
    trace: Trace
    rows: memory_map.Rows  # (h, t), of the last layer
    order: memory_map.Order  # by similarity
    findings: list[UnitFinding] | None  # of the text's halves
    reach: Reach | None
    influence: NDArray[np.float64] | None  # (BACK,), see `lens.influence`
    last: NDArray[np.float32] | None  # how much each of the characters before it matters to the last one
    effects: list[Effect] | None


def gather(model: CharRNN, tokenizer: CharTokenizer, text: str) -> Material:
    """Measure all. Raises UserError if the text is empty, or longer than 20,000 characters."""
    text = clean(text)
    if not 1 <= len(text) <= LONGEST:
        raise UserError("text-too-long-for-report", most=LONGEST, found=len(text))
    word = word_of(text)
    network = learn(word)
    found = trace(model, tokenizer, text)
    rows = memory_map.units(found)
    return Material(
        model, tokenizer, word, network, network.follow(word), found, rows, memory_map.by_similarity(rows),
        findings=in_halves(rows, text) if len(text) >= 2 * LEAST else None,
        reach=_if_long_enough(lambda: reach(model, tokenizer, text)),
        influence=_if_long_enough(lambda: influence(model, tokenizer, text, back=BACK)),
        last=_if_long_enough(lambda: connectivity(model, tokenizer, text[-BACK - 1 :])),
        effects=_if_long_enough(lambda: effects(model, tokenizer, text)),
    )  # fmt: skip


def _if_long_enough(measure: Callable[[], Found]) -> Found | None:
    try:
        return measure()
    except UserError:
        return None
