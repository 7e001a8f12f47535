"""charrnn score: bits per character of texts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from charrnn.cli.corpus.check import simple_models
from charrnn.cli.options import MODEL, json_option, one_thread, options, write_json
from charrnn.cli.terminal import note
from charrnn.config import CorpusConfig

if TYPE_CHECKING:
    from charrnn.scoring.bits import Progress, Score


@options(CorpusConfig)
def score(
    files: list[str] = typer.Argument(
        ..., help="Texts, each scored on its own: whatever `charrnn train` reads.", metavar="TEXT..."
    ),
    model: str | None = MODEL,
    adapt: bool = typer.Option(
        False, "--adapt", help="Learn from each part of the text after predicting it, as compressors do."
    ),
    json: bool = json_option("a line for each text"),
    **given: object,
) -> None:
    """Score texts: bits per character and per byte, with the state carried through each text."""
    from charrnn import corpus
    from charrnn.corpus import baselines
    from charrnn.storage import registry

    one_thread()
    reading = CorpusConfig.picked(given)
    # A file that cannot be read is reported before torch loads.
    texts = [corpus.read_file(file, reading.encoding, reading.repairs, note) for file in files]
    directory = registry.find(model)
    from charrnn.corpus import fingerprints
    from charrnn.storage.saved_model import read_passages

    score_text, known = _scorer(directory, adapt=adapt), read_passages(directory)
    for file, text in zip(files, texts, strict=True):
        with bar(file) as progress:
            result = score_text(text, progress)
            read = fingerprints.share(fingerprints.sketch([fingerprints.of(text)]), known)
            beside = baselines.of_text(text)
        if json:
            row = {**asdict(result), "read_in_training": read, "baselines": None if beside is None else asdict(beside)}
            write_json(row)
            continue
        print(f"{file}")
        kind = "adaptive" if adapt else "static"
        print(f"  {result.bits_per_character:.4f} bits per character ({kind}, model {result.model})")
        print(f"  {result.bits_per_byte:.4f} bits per byte")
        print(f"  {result.perplexity:.3f} perplexity per character")
        print(f"  {result.characters:,} characters, {result.unknown_characters:,} of them not in the vocabulary")
        print(f"  {result.bytes:,} bytes")
        if beside is None:
            print(f"  simple models for comparison need {baselines.SHORTEST:,} characters", flush=True)
        else:
            print(f"  for comparison, {simple_models(beside)}", flush=True)
        if read and read >= fingerprints.NOTABLE:
            print(f"  {read:.0%} of it was read in training: the model predicts new texts less well", flush=True)


def _scorer(directory: Path, *, adapt: bool) -> "Callable[[str, Progress], Score]":
    """Return what scores a text: the fast decoder, which needs no torch, unless it must learn."""
    from charrnn.storage import saved_model

    model, tokenizer = saved_model.read(directory)
    if not adapt:
        from charrnn.sampling import Sampler, engine_choice
        from charrnn.scoring.bits import score_by_steps

        decoder = Sampler(model, tokenizer, engine_choice.choose()).decoder
        return lambda text, progress: score_by_steps(decoder, model.name, tokenizer, text, progress)
    from charrnn.model.network import CharRNN
    from charrnn.scoring.evaluate import score as whole

    network = CharRNN.of(model)
    return lambda text, progress: whole(network, tokenizer, text, adapt=True, progress=progress)


@contextmanager
def bar(name: str) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on a terminal while a text is scored; yield what takes the share that is done."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from charrnn.cli.console import Console

    console = Console()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(name, total=1.0)
        yield lambda share: shown.update(task, completed=share)
