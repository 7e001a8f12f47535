"""charrnn sample: generated text on stdout, everything else on stderr."""

import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from charrnn.cli.options import MODEL, Given, json_help, note, options, write_json
from charrnn.config import Config, ConstraintConfig, SampleConfig, StartConfig, setting
from charrnn.errors import Phrase, UserError

if TYPE_CHECKING:  # these load torch
    from charrnn.sampling.constraints import Constraint
    from charrnn.sampling.novelty import Novelty, Spans
    from charrnn.sampling.sampler import Sampler
    from charrnn.sampling.session import Recorder, Session

BETWEEN = "\n\n---\n"
TOGETHER = 16  # samples that are drawn side by side
SHOWN = 10  # copied runs that are reported on stderr, the longest first


@dataclass(frozen=True)
class SampleOptions(Config):
    """What `charrnn sample` writes, beside the settings of the text and of its state."""

    prompt: str = setting("", "how the text begins", flags=("--prompt", "-p"))
    samples: int = setting(1, "samples to draw; each has the next seed", flags=("--samples", "-n"), low=1)
    interactive: bool = setting(False, "write a text together with the model", flags=("--interactive", "-i"))
    engine: str | None = setting(
        None, "how to draw: auto, int8, f32 or eager; default: $CHARRNN_ENGINE or auto", panel="Machine", metavar="NAME"
    )
    json: bool = setting(False, json_help("a line for each text, with its settings"), panel="Output")


@options(SampleOptions, SampleConfig, ConstraintConfig, StartConfig)
def sample(model: str | None = MODEL, **given: object) -> None:
    """Generate text: the prompt and its continuation, written character by character.

    Example: charrnn sample --prompt "Era uma vez" --length 800 --temperature 0.6
    """
    if hasattr(signal, "SIGPIPE"):  # `charrnn sample | head` ends quietly, as other Unix programs do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    wanted, wishes = SampleOptions.picked(given), ConstraintConfig.picked(given)
    _check(wanted, wishes, given)  # before torch loads
    if wanted.interactive:
        from charrnn.cli.interactive import converse

        converse(model, wanted.prompt, wanted.engine, given)
        return
    form = Form.of(wishes)
    from charrnn.cli.source import source

    sampler, document = source(model, wanted.prompt, wanted.engine, given, wanted.samples)
    if wishes == ConstraintConfig() != document.wishes:  # those that were saved, unless others are given
        form = Form.of(document.wishes)
    document = replace(document, wishes=replace(form.wishes, start="", contain=(), novelty=()))
    if wanted.json or wanted.samples > 1:
        texts = _write_all(wanted, form, sampler, document)
    else:
        texts = _write_one(wanted.prompt, form, sampler, document, StartConfig.picked(given).save_state)
    if not wanted.json:
        print(flush=True)
        form.tell(texts)


def _check(wanted: SampleOptions, wishes: ConstraintConfig, given: Given) -> None:
    """Raise a UserError for settings beyond their limits and for options that exclude one another."""
    SampleConfig.picked(given)
    start = StartConfig.picked(given)
    if (wanted.interactive or start.save_state) and (wanted.json or wanted.samples > 1):
        found = "--json" if wanted.json else Phrase("samples", count=wanted.samples)
        raise UserError("not-one-sample", setting="interactive" if wanted.interactive else "save-state", found=found)
    if wanted.interactive and wishes != ConstraintConfig():
        raise UserError("interactive-with-constraints", setting="interactive")
    if (wishes.start or wishes.contain) and (start.save_state or start.load_state):
        raise UserError("state-with-words", setting="contain")


def _write_all(wanted: SampleOptions, form: "Form", sampler: "Sampler", document: "Session") -> dict[int, str]:
    """Write each sample when it is complete. Return those that will be compared, by seed."""
    config, texts = document.config, {}
    assert config.seed is not None
    every = range(config.seed, config.seed + wanted.samples)
    for first in range(0, wanted.samples, TOGETHER):
        seeds = every[first : first + TOGETHER]
        for seed, text in zip(seeds, form.together(sampler, wanted.prompt, document, seeds), strict=True):
            if form.compared:
                texts[seed] = text
            if wanted.json:
                row = {"prompt": wanted.prompt, "text": text, "model": sampler.model.name, **asdict(config)}
                write_json(row | {"seed": seed} | form.json(text))
            else:
                sys.stdout.write(f"{BETWEEN if seed > config.seed else ''}{wanted.prompt}{text}")
    return texts


def _write_one(
    prompt: str, form: "Form", sampler: "Sampler", document: "Session", save_state: str | None
) -> dict[int, str]:
    """Write a sample character by character. Return it by its seed, if it will be compared."""
    from charrnn.sampling.session import Recorder

    sys.stdout.write(prompt)
    recorder, kept = Recorder(document), []
    try:
        for character in form.stream(sampler, prompt, document, recorder):
            if form.compared:
                kept.append(character)
            sys.stdout.write(character)
            sys.stdout.flush()
    finally:  # also when it is interrupted
        if save_state:
            recorder.document.save(Path(save_state))
    assert document.config.seed is not None
    return {document.config.seed: "".join(kept)}


@dataclass(frozen=True)
class Form:
    """The constraints on each text, and the contents of the texts that it is compared with."""

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
        """Yield the continuation of a document into which the prompt was read."""
        constraints = self._constraints(sampler, document)
        if not self.searches:
            return recorder.follow(document.steps(sampler, constraints))
        from charrnn.sampling.search import stream_with_words

        wishes = self.wishes
        return stream_with_words(sampler, prompt, document.config, wishes.contain, wishes.start, constraints)

    def together(self, sampler: "Sampler", prompt: str, document: "Session", seeds: Sequence[int]) -> list[str]:
        """Return the continuation by each of these seeds."""
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

    def json(self, text: str) -> dict[str, object]:
        """Return the fields that a comparison adds to the JSON of a text."""
        if not self.compared:
            return {}
        found = self._novelty(text)
        return {"novelty": {"share": found.share, **asdict(found)}}

    def tell(self, texts: dict[int, str]) -> None:
        """Report on the text of each seed, on stderr."""
        for seed, text in texts.items() if self.compared else ():
            found = self._novelty(text)
            which = f" of seed {seed}" if len(texts) > 1 else ""
            runs = f"copied runs of {found.least} characters or more"
            note(f"novelty: {found.share:.1%} of the text{which} is in {runs}")
            for match in found.matches[:SHOWN]:
                place = f"{match.name}, line {match.line:,}, character {match.offset:,}"
                note(f"novelty: {len(match.text):,} characters of {place}: {match.text!r}")

    def _novelty(self, text: str) -> "Novelty":
        from charrnn.sampling.novelty import novelty

        return novelty(text, self.compared)


def _works(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    from charrnn.corpus import open_works

    return tuple((work.name, "".join(work.text())) for work in open_works(names, note=note)) if names else ()
