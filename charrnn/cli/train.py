"""charrnn train: from a text file to a model directory."""

import _thread
import json as json_format
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from charrnn.cli.options import json_option, options, pick
from charrnn.cli.outputs import output_folder
from charrnn.config import CorpusConfig, ModelConfig, TrainConfig
from charrnn.errors import UserError
from charrnn.errors.quantities import duration
from charrnn.storage import registry

if TYPE_CHECKING:
    from rich.console import Console

    from charrnn.training.run import Progress, Run


@options(TrainConfig, ModelConfig, CorpusConfig, without=("vocab_size",))
def train(
    files: list[str] = typer.Argument(
        None,
        help="Texts in this order: files, folders, archives, - for standard input, or names of `charrnn corpus list`.",
        metavar="TEXT...",
    ),
    out: Path = typer.Option(
        None,
        "--out",
        "-o",
        help="Model directory; default: models/<first file>.",
        metavar="DIR",
        rich_help_panel="Output",
    ),
    valid: str = typer.Option(
        None,
        "--valid",
        help="Held-out text; default: 5 % of the text, in whole works or at its end.",
        metavar="TEXT",
        rich_help_panel="Text",
    ),
    base: str = typer.Option(
        "auto",
        "--from",
        help="Start from scratch or from this model; auto: from one that knows Portuguese, if that helps.",
        metavar="auto|scratch|MODEL",
        rich_help_panel="Start",
    ),
    resume: bool = typer.Option(False, "--resume", help="Go on with an interrupted run.", rich_help_panel="Start"),
    overwrite: bool = typer.Option(
        False, "--overwrite", help="Replace the model in the directory.", rich_help_panel="Output"
    ),
    baselines: bool = typer.Option(
        False,
        "--baselines",
        help="First measure what simple models need on the held-out text, for the app to show.",
        rich_help_panel="Output",
    ),
    attached: bool = typer.Option(
        False,
        "--attached",
        help="Train while standard input is open: then stop and save. The line `finish` on it ends the run early.",
        rich_help_panel="Output",
    ),
    json: bool = json_option("a line for each evaluation, and one for the model at the end", "Output"),
    **given: Any,
) -> None:
    """Train a model on text files, for the time that you have.

    Example: charrnn train livros/ --minutes 30 --out models/livros
    """
    if not files and not (resume and out):
        raise UserError("no-text-to-train")
    out = output_folder("--out", out or registry.TRAINED / registry.named_after(files[0]))
    # All checked before torch loads.
    config, shape, corpus = pick(TrainConfig, given), pick(ModelConfig, given), pick(CorpusConfig, given)
    shaping = [f"--{name}" for name in ("cell", "embed", "hidden", "members", "layers") if name in given]
    fixed = shaping + ["--counts"] * ("counts" in given)
    if base not in ("auto", "scratch") and fixed:
        raise UserError("base-has-shape", base=base, found=" ".join(fixed))
    if resume and overwrite:
        raise UserError("resume-or-overwrite")
    if attached and "-" in [*(files or ()), valid]:
        raise UserError("attached-reads-stdin")
    early = _listen() if attached else threading.Event()
    from rich.console import Console

    from charrnn.data.dataset import Source
    from charrnn.storage import run_log
    from charrnn.training.distributed import ProcessGroup
    from charrnn.training.run import Run

    console = Console(stderr=True, highlight=False, quiet=json or not ProcessGroup.is_first())

    def note(line: str) -> None:
        console.print(line, markup=False, soft_wrap=True)

    _fetch([*(files or ()), *filter(None, [valid])], console)
    with ExitStack() as held:
        with console.status("Reading the text and trying out this machine …"):
            if resume:
                _refuse_changes(base, given)
                if registry.is_model(out) and ProcessGroup.is_first():
                    held.enter_context(run_log.held(out))
                run = Run.resume(out, given.get("minutes"), given.get("steps"), files or (), valid, note)
            else:
                if ProcessGroup.is_first() and run_log.is_live(out):
                    raise UserError("run-in-training", folder=out)
                base_model = None if base == "scratch" or (base == "auto" and fixed) else base
                source = Source.of(files, valid, corpus)
                run = Run.start(source, out, shape, config, base_model, overwrite=overwrite, note=note)
                if base_model != "auto":
                    note(_start(base, fixed))
                if run.ranks.first:
                    held.enter_context(run_log.held(out))
            if baselines and run.ranks.first:
                from charrnn.training.validation import measure_baselines

                measure_baselines(run.text, run.out)
        with _signals(run) as caught:
            steps = _steps(run, early)
            _report_json(run, steps) if json else _report(run, steps, console)
    if caught and not run.finished:
        console.print(f"Stopped and saved. Go on with: {_resume_command(run)}", markup=False, soft_wrap=True)
        sys.exit(128 + caught[0])


def _start(base: str, fixed: Sequence[str]) -> str:
    """Where training starts, and why, if that is not for the run to choose. fixed: options that ask for a shape."""
    if base == "auto":
        fix = "fixes" if len(fixed) == 1 else "fix"
        return f"starting from scratch: {', '.join(fixed)} {fix} the network's shape, and {registry.BASE} has its own"
    return f"starting from {base}, as --from asks"


def _fetch(names: Sequence[str], console: "Console") -> None:
    """Get works of the catalogue into the cache, with a progress bar. What cannot be had is told when it is read."""
    from charrnn.cli.corpus.fetch import downloading
    from charrnn.corpus.catalogue import is_catalogue_name
    from charrnn.corpus.catalogue.obtain import obtain

    with downloading(console) as progress:
        for name in names:
            if is_catalogue_name(name) and not Path(name).exists():
                obtain(name, progress=progress)


@contextmanager
def _signals(run: "Run") -> Iterator[list[int]]:
    """Stop the run at Ctrl-C and SIGTERM, saved, and collect these; the second one does interrupt."""
    caught: list[int] = []

    def note(number: int, frame: object) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        run.stop()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen() -> threading.Event:
    """Heed standard input: set the event for the line `finish`, and act as on SIGTERM when it closes."""
    early = threading.Event()

    def listen() -> None:
        # Not `for line in sys.stdin`, whose lock a thread that waits would keep when Python ends.
        while heard := os.read(0, 4096):
            if b"finish" in heard:
                early.set()
        _thread.interrupt_main(signal.SIGTERM)

    threading.Thread(target=listen, daemon=True).start()
    return early


def _steps(run: "Run", early: threading.Event) -> "Iterator[Progress]":
    """The run's progress, until its budget is spent or it is to end early."""
    for progress in run:
        yield progress
        if early.is_set():
            run.end()


def _report_json(run: "Run", steps: "Iterator[Progress]") -> None:
    """One line of JSON for each evaluation, and one at the end."""
    for progress in steps:
        if progress.valid_bpc is not None:
            print(json_format.dumps(asdict(progress), ensure_ascii=False), flush=True)
    if run.finished and run.ranks.first:
        row = {"model": str(run.out), "bits_per_character": run.final_bpc, "characters": run.scored}
        print(json_format.dumps(row), flush=True)


def _report(run: "Run", steps: "Iterator[Progress]", console: "Console") -> None:
    """What is trained, a progress bar, each evaluation with its sample, and what to do next."""
    from rich.progress import BarColumn, Progress, TextColumn

    _describe(run, console)
    columns = (
        BarColumn(None), TextColumn("{task.percentage:3.0f}%  {task.description}"), TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, left="")
        for progress in steps:
            bar.update(
                task,
                completed=progress.fraction,
                description=f"{progress.train_bpc:.3f} bpc  {progress.characters_per_second:,.0f} characters/s",
                left=f"{duration(progress.remaining)} left",
            )
            if progress.valid_bpc is not None:
                _evaluation(progress, run.held_out.quick_characters, bar.console)
    if run.finished and run.ranks.first:
        assert run.final_bpc is not None
        console.print(
            f"\n[bold]{run.final_bpc:.4f} bits per character[/bold] on the held-out text "
            f"({run.scored:,} of {run.text.valid.characters:,} characters), calibrated, after {duration(run.seconds)}.",
            soft_wrap=True,
        )
        if 0 < run.held_out.quick_characters < run.scored:
            console.print(
                f"The scores before it are of {run.held_out.quick_characters:,} of these characters, the beginnings of "
                "equal strips: they compare with one another, not with this one.",
                soft_wrap=True,
            )
        console.print(f"The model is in {run.out}. Sample from it:", markup=False, soft_wrap=True)
        console.print(f"\n    charrnn sample --model {shlex.quote(str(run.out))}\n", markup=False, soft_wrap=True)


def _describe(run: "Run", console: "Console") -> None:
    from charrnn.training.model_card import budget, held_out

    corpus, config, shape = run.text, run.config, run.model.config
    works = f" in {len(corpus.train.works):,} works" if len(corpus.train.works) > 1 else ""
    lines = [
        f"text      {corpus.train.characters:,} characters{works}, {len(run.tokenizer.characters)} different ones; "
        f"held out: {corpus.valid.characters:,} ({held_out(corpus).replace('`', '')})",
        f"model     {shape.cell} {shape.size}, {run.model.parameter_count:,} parameters → {run.out}",
        f"training  {config.batch} lanes, windows of {config.window}, "
        f"{'bf16' if run.trainer.bf16 else 'f32'}, {config.device}, {run.trial.threads} threads, "
        f"{budget(config)}",
    ]
    if run.shrunk:
        lines.append(f"          (the text is short: batch and window were made smaller, from {run.shrunk})")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _evaluation(progress: "Progress", characters: int, console: "Console") -> None:
    """One line, and the beginning of the sample. characters: of the held-out text, that the score is of."""
    sample = " ".join((progress.sample or "").split())
    best = "  best so far" if progress.valid_bpc == progress.best_bpc else ""
    console.print(
        f"step {progress.step:>6,}  training {progress.train_bpc:.3f}  "
        f"held-out {progress.valid_bpc:.3f} bpc ({characters:,} characters){best}",
        markup=False,
        soft_wrap=True,
    )
    console.print(f"  {sample[:100]}", style="dim", markup=False)


def _resume_command(run: "Run") -> str:
    return f"charrnn train --out {shlex.quote(str(run.out))} --resume"


def _refuse_changes(base: str, given: dict[str, Any]) -> None:
    """A resumed run keeps its settings; only its budget may be given anew, and where its text has moved to."""
    other = [f"--{name.replace('_', '-')}" for name in given if name not in ("minutes", "steps")]
    other += ["--from"] * (base != "auto")
    if other:
        raise UserError("resume-other-settings", found=" ".join(other))
