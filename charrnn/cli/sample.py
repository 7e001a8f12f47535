"""charrnn sample: generated text on stdout, everything else on stderr."""

import json as json_format
import signal
import sys
from dataclasses import asdict, replace

import typer

from charrnn.cli.options import JSON, MODEL, options, pick
from charrnn.config import SampleConfig

BETWEEN = "\n\n---\n"


@options(SampleConfig)
def sample(
    model: str | None = MODEL,
    prompt: str = typer.Option("", "--prompt", "-p", help="How the text begins.", metavar="TEXT"),
    samples: int = typer.Option(1, "--samples", "-n", help="Samples to draw; each has the next seed.", metavar="N"),
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
    registry.find(model)
    from charrnn.checkpoint import load
    from charrnn.sample.sampler import Sampler, with_seed

    network, tokenizer = load(model)
    if config.seed is None and config.temperature > 0:
        config = with_seed(config)
        print(f"seed {config.seed}", file=sys.stderr)
    config = with_seed(config)
    sampler = Sampler(network, tokenizer)
    assert config.seed is not None
    for index in range(samples):
        mine = replace(config, seed=config.seed + index)
        if json:
            text = sampler.generate(prompt, mine)
            row = {"prompt": prompt, "text": text, "model": network.name, **asdict(mine)}
            print(json_format.dumps(row, ensure_ascii=False), flush=True)
            continue
        sys.stdout.write(BETWEEN if index else "")
        sys.stdout.write(prompt)
        for character in sampler.stream(prompt, mine):
            sys.stdout.write(character)
            sys.stdout.flush()
    if not json:
        sys.stdout.write("\n")
    sys.stdout.flush()
