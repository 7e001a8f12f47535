"""What the options of ConstraintConfig ask of `charrnn sample`: constraints, words, and a report of what is copied."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from charrnn.config import ConstraintConfig

if TYPE_CHECKING:  # these load torch
    from charrnn.sampling.constraints import Constraint
    from charrnn.sampling.novelty import Novelty, Spans
    from charrnn.sampling.sampler import Sampler
    from charrnn.sampling.session import Recorder, Session

SHOWN = 10  # matches, of the longest, that are told on stderr


@dataclass(frozen=True)
class Form:
    """What is asked of each text, with the texts that it is compared with, read."""

    wishes: ConstraintConfig
    training: tuple[tuple[str, str], ...]  # (name, text) of each work
    compared: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, wishes: ConstraintConfig) -> Self:
        """Read the texts. Raises UserError if one cannot be read."""
        return cls(wishes, _works(wishes.training), _works(wishes.novelty))

    @property
    def searches(self) -> bool:
        """Whether there are words whose places are searched for."""
        return bool(self.wishes.start or self.wishes.contain)

    def stream(
        self, sampler: "Sampler", prompt: str, document: "Session", recorder: "Recorder"
    ) -> Iterator[str]:  # fmt: skip
        """What follows in a document, to which the prompt was read."""
        constraints = self._constraints(sampler, document)
        if not self.searches:
            return recorder.follow(document.steps(sampler, constraints))
        from charrnn.sampling.search import stream_with_words

        wishes = self.wishes
        return stream_with_words(sampler, prompt, document.config, wishes.contain, wishes.start, constraints)

    def together(self, sampler: "Sampler", prompt: str, document: "Session", seeds: Sequence[int]) -> list[str]:
        """The same for each of these seeds."""
        constraints = self._constraints(sampler, document)
        if not self.searches:
            return document.branches(sampler, seeds, constraints)
        from charrnn.sampling.search import with_words

        contain, start = self.wishes.contain, self.wishes.start
        configs = [replace(document.config, seed=seed) for seed in seeds]
        return [with_words(sampler, prompt, config, contain, start, constraints) for config in configs]

    def _constraints(self, sampler: "Sampler", document: "Session") -> "list[Constraint]":
        from charrnn.sampling.constraints import asked

        spans = None if self.wishes.most_copied is None else self._spans
        return asked(sampler.tokenizer, self.wishes, len(document.text) - document.written, spans)

    @cached_property
    def _spans(self) -> "Spans":
        from charrnn.sampling.novelty import Spans

        assert self.wishes.most_copied is not None
        return Spans.of((text for _, text in self.training), self.wishes.most_copied + 1)

    def json(self, text: str) -> dict[str, Any]:
        """What is added to the JSON of a text."""
        if not self.compared:
            return {}
        found = self._novelty(text)
        return {"novelty": {"share": found.share, **asdict(found)}}

    def tell(self, texts: dict[int, str]) -> None:
        """Report on the text of each seed, on stderr."""
        for seed, text in texts.items() if self.compared else ():
            found = self._novelty(text)
            which = f" of seed {seed}" if len(texts) > 1 else ""
            runs = f"runs of {found.least} characters or more that are not its own"
            print(f"novelty: {found.share:.1%} of the text{which} stands in {runs}", file=sys.stderr)
            for match in found.matches[:SHOWN]:
                place = f"{match.name}, line {match.line:,}, character {match.offset:,}"
                print(f"novelty: {len(match.text):,} characters of {place}: {match.text!r}", file=sys.stderr)

    def _novelty(self, text: str) -> "Novelty":
        from charrnn.sampling.novelty import novelty

        return novelty(text, self.compared)


def _works(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    from charrnn.corpus import open_works

    def note(line: str) -> None:
        print(line, file=sys.stderr)

    return tuple((work.name, "".join(work.text())) for work in open_works(names, note=note)) if names else ()
