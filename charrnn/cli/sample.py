"""charrnn sample: generated text on stdout, everything else on stderr."""

import json as json_format
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path

import typer

from charrnn.cli.constraint_options import Form
from charrnn.cli.options import MODEL, json_option, options, pick
from charrnn.config import ConstraintConfig, SampleConfig, StartConfig

BETWEEN = "\n\n---\n"
TOGETHER = 16  # samples that are drawn side by side


@options(SampleConfig, ConstraintConfig, StartConfig)
def sample(
    model: str | None = MODEL,
    prompt: str = typer.Option("", "--prompt", "-p", help="How the text begins.", metavar="TEXT"),
    samples: int = typer.Option(1, "--samples", "-n", help="Samples to draw; each has the next seed.", metavar="N"),
    interactive: bool = typer.Option(False, "--interactive", "-i", help="Write on together, command by command."),
    engine: str = typer.Option(
        None,
        "--engine",
        help="How to draw: auto, int8, f32 or eager; default: $CHARRNN_ENGINE or auto.",
        metavar="NAME",
        rich_help_panel="Machine",
    ),
    json: bool = json_option("a line for each text, with its settings", "Output"),
    **given: object,
) -> None:
    """Generate text: the prompt and what follows it, written as it is made.

    Example: charrnn sample --prompt "Era uma vez" --length 800 --temperature 0.6
    """
    from charrnn.errors import Phrase, UserError

    if hasattr(signal, "SIGPIPE"):  # `charrnn sample | head` ends quietly, as other Unix programs do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    pick(SampleConfig, given)  # what is wrong with them is told before torch loads
    start, wishes = pick(StartConfig, given), pick(ConstraintConfig, given)
    if samples < 1:
        raise UserError("below-one", setting="samples", found=samples)
    if (interactive or start.save_state) and (json or samples > 1):
        found = "--json" if json else Phrase("samples", count=samples)
        raise UserError("not-one-sample", setting="interactive" if interactive else "save-state", found=found)
    if interactive:
        if wishes != ConstraintConfig():
            raise UserError("interactive-with-constraints", setting="interactive")
        from charrnn.cli.interactive import converse

        converse(model, prompt, engine, given)
        return
    form = Form.of(wishes)
    if form.searches and (start.save_state or start.load_state):
        raise UserError("state-with-words", setting="contain")
    from charrnn.cli.source import source
    from charrnn.sampling.session import Recorder

    sampler, document = source(model, prompt, engine, given, samples)
    if wishes == ConstraintConfig() != document.wishes:  # those that were saved, unless others are given
        form = Form.of(document.wishes)
    document = replace(document, wishes=replace(form.wishes, start="", contain=(), novelty=()))
    config = document.config
    texts: dict[int, str] = {}  # by seed, as far as they will be compared
    assert config.seed is not None
    for first in range(0, samples, TOGETHER):
        seeds = [config.seed + index for index in range(first, min(first + TOGETHER, samples))]
        if json or samples > 1:
            for seed, text in zip(seeds, form.together(sampler, prompt, document, seeds), strict=True):
                texts |= {seed: text} if form.compared else {}
                if json:
                    row = {"prompt": prompt, "text": text, "model": sampler.model.name, **asdict(config), "seed": seed}
                    row |= form.json(text)
                    print(json_format.dumps(row, ensure_ascii=False), flush=True)
                else:
                    sys.stdout.write(BETWEEN if seed > config.seed else "")
                    sys.stdout.write(prompt + text)
            continue
        sys.stdout.write(prompt)
        recorder, kept = Recorder(document), []
        try:
            for character in form.stream(sampler, prompt, document, recorder):
                kept += [character] if form.compared else []
                sys.stdout.write(character)
                sys.stdout.flush()
        finally:  # also when it is broken off
            if start.save_state:
                recorder.document.save(Path(start.save_state))
        texts[config.seed] = "".join(kept)
    if not json:
        sys.stdout.write("\n")
    sys.stdout.flush()
    if not json:
        form.tell(texts)
