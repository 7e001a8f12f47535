"""charrnn sample: generated text on stdout, everything else on stderr."""

import json as json_format
import signal
import sys
from dataclasses import asdict

import typer

from charrnn.cli.constraints import Form
from charrnn.cli.options import JSON, MODEL, options, pick
from charrnn.config import ConstraintConfig, SampleConfig

BETWEEN = "\n\n---\n"
TOGETHER = 16  # samples that are drawn side by side


@options(SampleConfig, ConstraintConfig)
def sample(
    model: str | None = MODEL,
    prompt: str = typer.Option("", "--prompt", "-p", help="How the text begins.", metavar="TEXT"),
    samples: int = typer.Option(1, "--samples", "-n", help="Samples to draw; each has the next seed.", metavar="N"),
    engine: str = typer.Option(
        None,
        "--engine",
        help="How to draw: auto, int8, f32 or eager; default: $CHARRNN_ENGINE or auto.",
        metavar="NAME",
    ),
    json: bool = JSON,
    **given: object,
) -> None:
    """Generate text: the prompt and what follows it, written as it is made."""
    from charrnn import registry
    from charrnn.errors import UserError

    if hasattr(signal, "SIGPIPE"):  # `charrnn sample | head` ends quietly, as other Unix programs do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    config = pick(SampleConfig, given)
    if samples < 1:
        raise UserError(f"samples: expected a whole number of at least 1, found {samples}")
    form = Form.of(pick(ConstraintConfig, given))
    texts: dict[int, str] = {}  # by seed, as far as they will be compared
    registry.find(model)
    from charrnn.checkpoint import load
    from charrnn.sample import engines
    from charrnn.sample.sampler import Sampler, with_seed

    chosen = engines.choose(engine, samples * config.length, lambda line: print(line, file=sys.stderr))

    network, tokenizer = load(model)
    if config.seed is None and config.temperature > 0:
        config = with_seed(config)
        print(f"seed {config.seed}", file=sys.stderr)
    config = with_seed(config)
    sampler = Sampler(network, tokenizer, chosen)
    assert config.seed is not None
    for first in range(0, samples, TOGETHER):
        seeds = [config.seed + index for index in range(first, min(first + TOGETHER, samples))]
        if json or samples > 1:
            for seed, text in zip(seeds, form.together(sampler, prompt, config, seeds), strict=True):
                texts |= {seed: text} if form.compared else {}
                if json:
                    row = {"prompt": prompt, "text": text, "model": network.name, **asdict(config), "seed": seed}
                    row |= form.json(text)
                    print(json_format.dumps(row, ensure_ascii=False), flush=True)
                else:
                    sys.stdout.write(BETWEEN if seed > config.seed else "")
                    sys.stdout.write(prompt + text)
            continue
        sys.stdout.write(prompt)
        kept = []
        for character in form.stream(sampler, prompt, config):
            kept += [character] if form.compared else []
            sys.stdout.write(character)
            sys.stdout.flush()
        texts[config.seed] = "".join(kept)
    if not json:
        sys.stdout.write("\n")
    sys.stdout.flush()
    if not json:
        form.tell(texts)
