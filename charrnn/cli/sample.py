"""charrnn sample: generated text on stdout, everything else on stderr."""

import signal
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from charrnn.cli.options import MODEL, Given, json_help, one_thread, options, write_json
from charrnn.cli.reading import prompt_of
from charrnn.cli.terminal import note
from charrnn.config import ConstraintConfig, SampleConfig, StartConfig
from charrnn.config.fields import Config, setting
from charrnn.errors import Phrase, UserError

if TYPE_CHECKING:  # these load torch
    from charrnn.sampling.novelty import Novelty
    from charrnn.sampling.sampler import Sampler
    from charrnn.sampling.session import Session

BETWEEN = "\n\n---\n"
TOGETHER = 16  # samples that are drawn side by side
SHOWN = 10  # copied runs that are reported on stderr, the longest first


@dataclass(frozen=True)
class SampleOptions(Config):
    """What `charrnn sample` writes, beside the settings of the text and of its state."""

    prompt: str = setting(
        "", r"how the text begins, \n for a line end; - for standard input", flags=("--prompt", "-p"), escapes=True
    )
    prompt_file: str | None = setting(
        None, "read the prompt, however long, from this file; - for standard input", metavar="FILE"
    )
    encoding: str | None = setting(None, "encoding of that file or of standard input; default: detected")
    samples: int = setting(1, "samples to draw; each has the next seed", flags=("--samples", "-n"), low=1)
    interactive: bool = setting(False, "write a text together with the model", flags=("--interactive", "-i"))
    engine: str | None = setting(
        None,
        "how to draw: auto, int8, f32 or eager; default: $CHARRNN_ENGINE or auto",
        panel="Machine",
        metavar="NAME",
    )  # fmt: skip
    json: bool = setting(False, json_help("a line for each text, with its settings"), panel="Output")


@options(SampleOptions, SampleConfig, ConstraintConfig, StartConfig)
def sample(model: str | None = MODEL, **given: object) -> None:
    """Generate text: the prompt and its continuation, written character by character.

    Example: charrnn sample --prompt "Era uma vez" --length 800 --temperature 0.6
    """
    if hasattr(signal, "SIGPIPE"):  # `charrnn sample | head` ends quietly, as other Unix programs do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    one_thread()
    wanted, constraints = SampleOptions.picked(given), ConstraintConfig.picked(given)
    _check(wanted, constraints, given)  # before torch loads
    wanted = replace(wanted, prompt=_prompt(wanted))
    if wanted.interactive:
        from charrnn.cli.interactive import converse

        converse(model, wanted, given)
        return
    compared = Comparison.of(constraints)
    from charrnn.cli.source import source

    sampler, session = source(model, wanted.prompt, wanted.engine, given)
    if constraints != ConstraintConfig():  # else those that were saved
        session = replace(session, constraints=constraints)
    if wanted.json or wanted.samples > 1:
        texts = _write_all(wanted, compared, sampler, session)
    else:
        texts = _write_one(wanted.prompt, sampler, session, StartConfig.picked(given).save_state)
    if not wanted.json:
        print(flush=True)
        compared.tell(texts)


def _check(wanted: SampleOptions, constraints: ConstraintConfig, given: Given) -> None:
    """Raise a UserError for settings beyond their limits and for options that exclude one another."""
    SampleConfig.picked(given)
    start = StartConfig.picked(given)
    if (wanted.interactive or start.save_state) and (wanted.json or wanted.samples > 1):
        found = "--json" if wanted.json else Phrase("samples", count=wanted.samples)
        raise UserError("not-one-sample", setting="interactive" if wanted.interactive else "save-state", found=found)
    if wanted.interactive and constraints != ConstraintConfig():
        raise UserError("interactive-with-constraints", setting="interactive")
    if (constraints.start or constraints.contain) and (start.save_state or start.load_state):
        raise UserError("state-with-words", setting="contain")


def _prompt(wanted: SampleOptions) -> str:
    """Return the prompt: as it was typed, or from a file or standard input."""
    file = wanted.prompt_file or ("-" if wanted.prompt == "-" else None)
    if file is None:
        return wanted.prompt
    if wanted.prompt not in ("", "-"):
        raise UserError("prompt-twice", setting="prompt-file", found=wanted.prompt)
    if file == "-" and wanted.interactive:
        raise UserError("prompt-among-lines", setting="prompt")
    return prompt_of(file, wanted.encoding)


def _write_all(wanted: SampleOptions, compared: "Comparison", sampler: "Sampler", session: "Session") -> dict[int, str]:
    """Write each sample when it is complete. Return those that will be compared, by seed."""
    config, texts = session.config, {}
    assert config.seed is not None
    every = range(config.seed, config.seed + wanted.samples)
    for first in range(0, wanted.samples, TOGETHER):
        seeds = every[first : first + TOGETHER]
        for seed, text in zip(seeds, session.branches(sampler, seeds), strict=True):
            if compared.works:
                texts[seed] = text
            if wanted.json:
                row = {"prompt": wanted.prompt, "text": text, "model": sampler.model.name, **asdict(config)}
                write_json(row | {"seed": seed} | compared.json(text))
            else:
                sys.stdout.write(f"{BETWEEN if seed > config.seed else ''}{wanted.prompt}{text}")
    return texts


def _write_one(prompt: str, sampler: "Sampler", session: "Session", save_state: str | None) -> dict[int, str]:
    """Write a sample character by character. Return it by its seed."""
    from charrnn.sampling import session_file
    from charrnn.sampling.session import Recorder

    sys.stdout.write(prompt)
    recorder, kept = Recorder(session), []
    try:
        for character in recorder.write(sampler):
            if session.constraints.novelty:
                kept.append(character)
            sys.stdout.write(character)
            sys.stdout.flush()
    finally:  # also when it is interrupted
        if save_state:
            session_file.save(recorder.session, Path(save_state))
    assert session.config.seed is not None
    return {session.config.seed: "".join(kept)}


@dataclass(frozen=True)
class Comparison:
    """The contents of the texts that each sample is compared with."""

    works: tuple[tuple[str, str], ...]  # (name, text) of each

    @classmethod
    def of(cls, constraints: ConstraintConfig) -> Self:
        """Read the texts to compare with and those not to copy. Raises UserError if one cannot be read."""
        if constraints.most_copied is not None:
            from charrnn.sampling.novelty import spans_of

            for line in spans_of(constraints.training, constraints.most_copied + 1)[1]:
                note(line)
        if not constraints.novelty:
            return cls(())
        from charrnn.corpus import open_works

        return cls(tuple((work.name, "".join(work.text())) for work in open_works(constraints.novelty, note=note)))

    def json(self, text: str) -> dict[str, object]:
        """Return the fields that a comparison adds to the JSON of a text."""
        if not self.works:
            return {}
        found = self._novelty(text)
        return {"novelty": {"share": found.share, **asdict(found)}}

    def tell(self, texts: dict[int, str]) -> None:
        """Report on the text of each seed, on stderr."""
        for seed, text in texts.items() if self.works else ():
            found = self._novelty(text)
            which = f" of seed {seed}" if len(texts) > 1 else ""
            runs = f"copied runs of {found.least} characters or more"
            note(f"novelty: {found.share:.1%} of the text{which} is in {runs}")
            for match in found.matches[:SHOWN]:
                place = f"{match.name}, line {match.line:,}, character {match.offset:,}"
                note(f"novelty: {len(match.text):,} characters of {place}: {match.text!r}")

    def _novelty(self, text: str) -> "Novelty":
        from charrnn.sampling.novelty import novelty

        return novelty(text, self.works)
