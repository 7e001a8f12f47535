"""The verdict on a finished training: is its score good, why not, and what would help. Imports no torch.

In: a run's record. Out: sentences of the catalogue, which the command line and the page show in their language.
"""

from dataclasses import dataclass
from typing import Literal

from charrnn.corpus.baselines import Baselines
from charrnn.errors import Phrase
from charrnn.storage.run_log import Evaluation, FinalScore, Record

Grade = Literal["good", "weak", "poor"]  # better than counting sequences, than counting letters, than neither
LITTLE, AMPLE = 100_000, 1_500_000  # characters of a text: fewer are learned by heart; as many teach the language
FEW_STEPS = 50  # of training: fewer teach hardly anything
SAME = 0.02  # bits per character: a smaller gain over the start is none
APART = 0.6  # bits per character between training and held-out text: the former is learned by heart, or of another kind
TURNED = 0.01  # bits per character above the best score
MINUTES = (1, 5, 15, 60)  # training times to choose from


@dataclass(frozen=True)
class Verdict:
    """A grade, and sentences: the score beside that of counting, where it came from, why it is not good, what helps."""

    grade: Grade
    sentences: tuple[Phrase, ...]

    def render(self, language: Literal["pt", "en"]) -> str:
        return " ".join(one.render(language) for one in self.sentences)


def verdict(record: Record) -> Verdict | None:
    """Return the verdict on a run; None if it is not finished, or if nothing was measured to compare it with."""
    final, simple, evaluated = record.outcome, record.baselines, record.evaluations
    if final is None or simple is None or not evaluated:
        return None
    best = min(evaluated, key=lambda one: one.valid_bpc)
    grade, found = _compared(final.final_bpc, simple)
    if evaluated[0].step == 0:
        found.append(_changed(evaluated[0].valid_bpc, best.valid_bpc, final.base))
    if grade != "good":
        found += _causes(final, best, evaluated[-1].step)
    found += _advice(final, best, evaluated[-1])
    return Verdict(grade, tuple(found))


def longer(minutes: float) -> float:
    """Return the next longer training time, in minutes."""
    return next((one for one in MINUTES if one > 1.2 * minutes), 2 * minutes)  # a budget is kept only nearly


def _compared(bits: float, simple: Baselines) -> tuple[Grade, list[Phrase]]:
    """Return how a score stands beside simple models of the same text."""
    if bits < simple.ngram:
        return "good", [Phrase("verdict-good", bits=bits, ngram=simple.ngram)]
    if bits < simple.unigram:
        return "weak", [Phrase("verdict-weak", bits=bits, ngram=simple.ngram, unigram=simple.unigram)]
    return "poor", [Phrase("verdict-poor", bits=bits, unigram=simple.unigram)]


def _changed(start: float, best: float, base: str) -> Phrase:
    """Return what training changed, by scores of the same part of the held-out text."""
    if not base:
        return Phrase("verdict-from-scratch", start=start, best=best)
    if start - best < SAME:
        return Phrase("verdict-from-same", start=start, base=base)
    return Phrase("verdict-from-base", start=start, best=best, base=base)


def _causes(final: FinalScore, best: Evaluation, steps: int) -> list[Phrase]:
    """Return why a model predicts no better than counting."""
    if steps < FEW_STEPS:
        return [Phrase("verdict-few-steps", steps=steps)]
    if final.characters < LITTLE:
        return [Phrase("verdict-short-text", characters=final.characters)]
    if best.valid_bpc - best.train_bpc > APART:
        return [Phrase("verdict-other-text", train=best.train_bpc)]
    return []


def _advice(final: FinalScore, best: Evaluation, last: Evaluation) -> list[Phrase]:
    """Return what would help: more text while there is little; more time unless the score has turned; counts."""
    seconds = 60 * longer(final.minutes)
    text = final.characters < AMPLE
    time = final.minutes > 0 and last.valid_bpc <= best.valid_bpc + TURNED
    time = time and (final.characters >= LITTLE or last.step < FEW_STEPS)
    found = [Phrase("verdict-more-text-or-time", time=seconds)] if text and time else []
    if text and not time:
        found.append(Phrase("verdict-more-text"))
    if time and not text:
        found.append(Phrase("verdict-more-time", time=seconds))
    if final.counts == "none":
        found.append(Phrase("verdict-more-counts"))
    return found
