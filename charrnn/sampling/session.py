"""Session: a text so far as a value, with all that is needed to continue it as if it had never stopped.

The command line, its interactive mode and the page hold their texts as Sessions; `session_file` saves and loads them.

A token depends on the state before it, the seed and its position, and filters look back at a bounded part of the text.
So this is what is kept, as it was after the last character that was given out: whatever was drawn beyond, to see
whether a stop text comes, is drawn again. That character is whole, so no byte of another is pending.

Importing this module loads no torch.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.sampling.filters import HISTORY

if TYPE_CHECKING:
    from charrnn.model.state import AnyState
    from charrnn.sampling.constraints import Constraint
    from charrnn.sampling.sampler import Sampler
    from charrnn.sampling.stopping import Step

REWIND = 1000  # characters that can be taken back
ALL = sys.maxsize  # the reach of a text that is kept whole
SPACING = 100  # characters from one kept state to the next
FREE = ConstraintConfig()


@dataclass(frozen=True)
class Mark:
    """A state on the way. written: as of the Session at that place; negative before what was read last."""

    written: int
    state: "AnyState"


@dataclass(frozen=True)
class Session:
    """A text so far, and how it continues. Never changed in place; without text, it is the empty text."""

    config: SampleConfig  # with its seed
    constraints: ConstraintConfig = FREE
    text: str = ""  # at least its last HISTORY + reach characters
    state: "AnyState | None" = None  # after the last character; if None, it is read from the marks or the text
    position: int = 0  # tokens drawn
    written: int = 0  # characters drawn since something was read, the end of `text`
    marks: tuple[Mark, ...] = ()  # where something was read, and each SPACING characters from there; the oldest first
    reach: int = REWIND  # characters that marks are kept for
    model: str = ""  # how the model is found
    weights: str = ""  # fingerprint of the model; without it, the Session cannot be saved
    engine: str = ""  # with what it was drawn: others differ by roundings

    def added(self, text: str) -> Self:
        """Return it with `text` (NFC) at its end, which is read when the state is needed."""
        if not text:
            return self
        marks = self._marks_from(self.written + len(text))
        return replace(self, text=self.text + text, state=None, written=0, marks=marks)

    def read(self, sampler: "Sampler", text: str) -> Self:
        """Return it with `text`, made NFC, read at its end. Raises UserError for a lone surrogate."""
        return self.added(clean(text)).ready(sampler)

    def ready(self, sampler: "Sampler") -> Self:
        """Return it with its state, and a mark at its end."""
        whole = replace(self, state=self.state_at(sampler, len(self.text)))
        return replace(whole, marks=whole._all_marks()).within(self.reach)

    def state_at(self, sampler: "Sampler", place: int) -> "AnyState":
        """Return the state after `place` characters of the text: what follows the nearest mark is read again."""
        if self.state is not None and place == len(self.text):
            return self.state
        begin = len(self.text) - self.written
        known = [mark for mark in self.marks if 0 < begin + mark.written <= place]
        if not known:  # the newline of the empty text and what follows it are read at once
            return sampler.read(self.text[:place])
        at, state = begin + known[-1].written, known[-1].state
        return sampler.read(self.text[at:place], state) if at < place else state

    def steps(self, sampler: "Sampler") -> "Iterator[Step]":
        """Return what follows, by its settings and constraints."""
        state, rules = self.state_at(sampler, len(self.text)), self._rules(sampler)
        if not self.places_words:
            steps = sampler.steps(state, self.config, self.text, self.position, rules, self.written)
            return steps if self.constraints.acrostic is None else self._to_last_letter(steps)
        from charrnn.sampling.search import steps_with_words
        from charrnn.sampling.stopping import Step

        here, wanted = Step("", self.position, lambda: state), self.constraints
        return steps_with_words(sampler, here, self.text, self.config, wanted.contain, wanted.start, rules)

    def _to_last_letter(self, steps: "Iterator[Step]") -> "Iterator[Step]":
        """Yield the steps of an acrostic up to the end of the line of its last letter."""
        whole = self.text
        for step in steps:
            whole += step.text
            if self._is_complete(whole):
                return
            yield step

    def _is_complete(self, whole: str) -> bool:
        from charrnn.sampling.constraints import completes

        return whole.endswith("\n") and completes(whole, self.constraints.acrostic or "", len(self.text) - self.written)

    def branches(self, sampler: "Sampler", seeds: Sequence[int]) -> list[str]:
        """Return what follows for each of these seeds."""
        if self.places_words or self.constraints.acrostic is not None:
            each = (replace(self, config=replace(self.config, seed=seed)).steps(sampler) for seed in seeds)
            return ["".join(step.text for step in steps) for steps in each]
        state, rules = self.state_at(sampler, len(self.text)), self._rules(sampler)
        return sampler.branches(state, self.config, seeds, self.text, self.position, rules, self.written)

    @property
    def places_words(self) -> bool:
        """True if the constraints have words that `search` places where the model finds them likeliest."""
        return bool(self.constraints.start or self.constraints.contain)

    def after(self, steps: "Sequence[Step]") -> Self:
        """Return the session after these steps."""
        if not steps:
            return self
        marks, written = list(self.marks), self.written
        for step in steps:
            before, written = written, written + len(step.text)
            if written // SPACING > before // SPACING:
                marks.append(Mark(written, step.state))
        text, last = self.text + "".join(step.text for step in steps), steps[-1]
        grown = replace(self, text=text, state=last.state, position=last.position, written=written, marks=tuple(marks))
        return grown.within(self.reach)

    def rewound(self, sampler: "Sampler", count: int) -> Self:
        """Return it as it was `count` characters ago, bit for bit. Raises UserError where that is not kept."""
        drawn = [mark for mark in self.marks if mark.written >= 0]
        most = min(self.reach, self.written - drawn[0].written) if drawn else 0
        if not 0 <= count <= most:
            raise UserError("rewind-too-far", setting="rewind", most=most, found=count)
        if count == 0:
            return self
        written, end = self.written - count, len(self.text) - count
        marks = tuple(mark for mark in self.marks if mark.written <= written)
        again = self.text[end - (written - marks[-1].written) : end]
        state, decoder = sampler.decoder.from_model(marks[-1].state), sampler.decoder
        for token in sampler.tokenizer.encode(again):  # one by one, as they were drawn: roundings depend on it
            state = decoder.read(np.array([token]), state)
        dropped = len(sampler.tokenizer.encode_array(self.text[end:]))
        return replace(
            self, state=decoder.to_model(state), text=self.text[:end], position=self.position - dropped,
            written=written, marks=marks,
        )  # fmt: skip

    def cut(self, place: int) -> Self:
        """Return its first `place` characters, as a text that was read."""
        state, drawn = self.state if place == len(self.text) else None, place - len(self.text) + self.written
        return replace(
            self, text=self.text[:place], state=state, position=0, written=0, marks=self._marks_from(drawn)
        )  # fmt: skip

    def _all_marks(self) -> tuple[Mark, ...]:
        """Return the marks, with one of the state."""
        if self.state is None or (self.marks and self.marks[-1].written == self.written):
            return self.marks
        return *self.marks, Mark(self.written, self.state)

    def _marks_from(self, drawn: int) -> tuple[Mark, ...]:
        """Return the marks up to `drawn` characters, which count from there."""
        return tuple(Mark(mark.written - drawn, mark.state) for mark in self._all_marks() if mark.written <= drawn)

    def within(self, reach: int) -> Self:
        """Return it without what is further back than `reach`."""
        text, far = self.text[-(HISTORY + reach) :], sum(mark.written <= self.written - reach for mark in self.marks)
        marks = tuple(mark for mark in self.marks[max(0, far - 1) :] if self.written - mark.written <= len(text))
        return replace(self, text=text, marks=marks, reach=reach)

    def _rules(self, sampler: "Sampler") -> "list[Constraint]":
        from charrnn.sampling.constraints import build

        return build(sampler.tokenizer, self.constraints, len(self.text) - self.written)


class Recorder:
    """Writes a text: its `session` is always that of the last character given out."""

    def __init__(self, session: Session) -> None:
        self._kept: tuple[Session, list[Step]] = session, []  # one value, as a signal may come at any moment

    def write(self, sampler: "Sampler") -> Iterator[str]:
        """Yield what follows, as it is written."""
        for step in self._kept[0].steps(sampler):
            self._kept[1].append(step)
            if len(self._kept[1]) >= SPACING:
                _ = self.session  # so that the states between the marks need not be kept
            yield step.text

    @property
    def session(self) -> Session:
        session, steps = self._kept
        self._kept = session.after(steps), []
        return self._kept[0]
