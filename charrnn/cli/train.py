"""charrnn train: from a text file to a model directory."""

import _thread
import functools
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from charrnn.cli.options import Given, json_help, options, output_folder, write_json
from charrnn.config import CorpusConfig, ModelConfig, TrainConfig
from charrnn.config.fields import Config, setting
from charrnn.errors import UserError
from charrnn.errors.quantities import duration
from charrnn.storage import registry
from charrnn.training import stages
from charrnn.training.stages import Stage

if TYPE_CHECKING:
    from charrnn.cli.console import Console
    from charrnn.training.run import Progress, Run

SETTINGS = (TrainConfig, ModelConfig, CorpusConfig)
Note = Callable[[str], None]
DOING: dict[Stage, str] = {
    "starting": "Starting",
    "reading": "Reading the text",
    "choosing": "Choosing where to start from",
    "counting": "Counting sequences",
    "probing": "Trying out this computer",
    "comparing": "Measuring simple models to compare with",
    "learning": "Learning",
    "calibrating": "Calibrating and scoring the best weights",
    "writing": "Writing the model and its card",
}


@dataclass(frozen=True)
class TrainOptions(Config):
    """Where `charrnn train` starts from, and where and what it writes."""

    PANEL = "Output"

    out: str | None = setting(
        None, "model directory; default: models/<first file>", flags=("--out", "-o"), metavar="DIR"
    )
    valid: str | None = setting(
        None, "held-out text; default: 5 % of the text, in whole works or at its end", panel="Text"
    )
    base: str = setting(
        "auto",
        "start from scratch or from this model; auto: from one that knows Portuguese, if that helps",
        panel="Start",
        flags=("--from",),
        metavar="auto|scratch|MODEL",
    )
    resume: bool = setting(False, "resume an interrupted run", panel="Start")
    overwrite: bool = setting(False, "replace the model in the directory")
    baselines: bool = setting(False, "measure simple models on the held-out text with --steps, too, for the verdict")
    attached: bool = setting(
        False,
        "train while standard input is open, then stop and save; the line `finish` on it ends the run early",
    )
    json: bool = setting(False, json_help("a line for each evaluation, and one for the model at the end"))


@options(TrainOptions, *SETTINGS, without=("vocab_size",))
def train(
    files: list[str] = typer.Argument(
        None,
        help="Texts in this order: files, folders, archives, - for standard input, or names of `charrnn corpus list`.",
        metavar="TEXT...",
    ),
    **given: object,
) -> None:
    """Train a model on text files, for the time that you have.

    Example: charrnn train livros/ --minutes 30 --out models/livros
    """
    began = time.perf_counter()
    wanted, texts = TrainOptions.picked(given), files or []
    out = _check(texts, wanted, given)  # before torch loads
    early = _listen() if wanted.attached else threading.Event()
    began -= time.time() - stages.ordered(time.time())  # the budget covers the start of this process, too
    from charrnn.cli.console import Console
    from charrnn.training.distributed import ProcessGroup

    console = Console(quiet=wanted.json or not ProcessGroup.is_first())
    with ExitStack() as held:
        held.enter_context(stages.telling())
        stages.enter("reading")
        _fetch([*texts, *filter(None, [wanted.valid])], console)
        with (
            console.status(f"{DOING['reading']} …") as shown,
            stages.listening(lambda stage, _: shown.update(f"{DOING[stage]} …")),
        ):
            begin = _resume if wanted.resume else functools.partial(_start, began=began)
            run = begin(out, texts, wanted, given, held, console.tell)
            if run.ranks.first and not wanted.resume and (wanted.baselines or run.config.steps is None):
                from charrnn.training.validation import measure_baselines

                measure_baselines(run.text, run.out)
        with _signals(run) as caught:
            steps = _steps(run, early)
            _report_json(run, steps) if wanted.json else _report(run, steps, console)
    if caught and not run.finished:
        resume = f"charrnn train --out {shlex.quote(str(run.out))} --resume"
        console.tell(f"Stopped and saved. Resume with: {resume}")
        sys.exit(128 + caught[0])


def _check(texts: Sequence[str], wanted: TrainOptions, given: Given) -> Path:
    """Return the model directory. Raises UserError for options beyond their limits or that exclude one another."""
    if not texts and not (wanted.resume and wanted.out):
        raise UserError("no-text-to-train")
    out = output_folder("--out", Path(wanted.out) if wanted.out else registry.TRAINED / registry.named_after(texts[0]))
    if not wanted.resume and out.parent.resolve() == registry.TRAINED.resolve():
        registry.refuse_reserved(out.name)
    for config in SETTINGS:
        config.picked(given)
    if wanted.base not in ("auto", "scratch") and (fixed := _fixed(given)):
        raise UserError("base-has-shape", base=wanted.base, found=" ".join(fixed))
    if TrainConfig.picked(given).watch and (known := _known(wanted, given)):
        raise UserError("watch-knows-nothing", found=" ".join(known))
    if wanted.resume and wanted.overwrite:
        raise UserError("resume-or-overwrite")
    if wanted.attached and "-" in (*texts, wanted.valid):
        raise UserError("attached-reads-stdin")
    return out


def _fixed(given: Given) -> list[str]:
    """Return the options that fix the network's shape, which rules out another model's."""
    return [f"--{name}" for name in ("cell", "embed", "hidden", "members", "layers", "counts") if name in given]


def _known(wanted: TrainOptions, given: Given) -> list[str]:
    """Return the options that give a network what it has not learned itself."""
    found = [f"--from {wanted.base}"] if wanted.base not in ("auto", "scratch") else []
    found += ["--counts joined"] if given.get("counts") == "joined" else []
    return found + ["--teacher"] * ("teacher" in given)


def _resume(out: Path, texts: Sequence[str], wanted: TrainOptions, given: Given, held: ExitStack, note: Note) -> "Run":
    """Load an interrupted run. It keeps its settings: only its budget may change, and the place of its text."""
    from charrnn.storage import run_log
    from charrnn.training.distributed import ProcessGroup
    from charrnn.training.run import Run

    settings = {field.name for config in SETTINGS for field in fields(config)} - {"minutes", "steps"}
    other = [f"--{name.replace('_', '-')}" for name in given if name in settings]
    other += ["--from"] * (wanted.base != "auto")
    if other:
        raise UserError("resume-other-settings", found=" ".join(other))
    if registry.is_model(out) and ProcessGroup.is_first():
        held.enter_context(run_log.held(out))
    budget = TrainConfig.picked(given)
    minutes, steps = (budget.minutes if "minutes" in given else None), (budget.steps if "steps" in given else None)
    return Run.resume(out, minutes, steps, texts, wanted.valid, note)


def _start(
    out: Path,
    texts: Sequence[str],
    wanted: TrainOptions,
    given: Given,
    held: ExitStack,
    note: Note,
    began: float | None = None,
) -> "Run":
    """Set up a new run, and tell what it starts from unless that is for the run to choose."""
    from charrnn.data.dataset import Source
    from charrnn.storage import run_log
    from charrnn.training.distributed import ProcessGroup
    from charrnn.training.run import Run

    if ProcessGroup.is_first() and run_log.is_live(out):
        raise UserError("run-in-training", folder=out)
    fixed = _fixed(given)
    base = None if wanted.base == "scratch" or (wanted.base == "auto" and fixed) else wanted.base
    source = Source.of(texts, wanted.valid, CorpusConfig.picked(given))
    shape, config = ModelConfig.picked(given), TrainConfig.picked(given)
    run = Run.start(source, out, shape, config, base, overwrite=wanted.overwrite, note=note, began=began)
    if config.watch:
        note("starting from scratch, and without counts, as --watch says")
    elif wanted.base != "auto":
        note(f"starting from {wanted.base}, as --from says")
    elif fixed:
        options = f"{', '.join(fixed)} {'fixes' if len(fixed) == 1 else 'fix'}"
        note(f"starting from scratch: {options} the network's shape, and {registry.BASE} has its own")
    if run.ranks.first:
        held.enter_context(run_log.held(out))
    return run


def _fetch(names: Sequence[str], console: "Console") -> None:
    """Fetch works of the catalogue into the cache, with a progress bar. Failures are reported when the work is read."""
    from charrnn.cli.corpus.fetch import downloading
    from charrnn.corpus.catalogue import is_catalogue_name
    from charrnn.corpus.catalogue.obtain import obtain

    with downloading(console) as progress:
        for name in names:
            if is_catalogue_name(name) and not Path(name).exists():
                obtain(name, progress=progress)


@contextmanager
def _signals(run: "Run") -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM stop the run once it is saved; yield those that came. The second one interrupts it."""
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
    """Read standard input: set the event at the line `finish`, and act as on SIGTERM when it closes."""
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
    """Yield the run's progress, until its budget is spent or it is to end early."""
    for progress in run:
        yield progress
        if early.is_set():
            run.end()


def _report_json(run: "Run", steps: "Iterator[Progress]") -> None:
    """Write a line of JSON for each evaluation, and one at the end."""
    for progress in steps:
        if progress.valid_bpc is not None:
            values = asdict(progress).items()
            write_json({key: None if isinstance(one, float) and not isfinite(one) else one for key, one in values})
    if run.final and run.ranks.first:
        from charrnn.storage import run_log
        from charrnn.training.verdict import verdict

        found = verdict(run_log.read(run.out))
        scored = {"bits_per_character": run.final_bpc, "characters": run.final.characters}
        write_json({"model": str(run.out), **scored, "verdict": None if found is None else found.grade})


def _report(run: "Run", steps: "Iterator[Progress]", console: "Console") -> None:
    """Show what is trained, a progress bar, each evaluation with its sample, and what to do next."""
    from rich.progress import BarColumn, Progress, TextColumn

    _describe(run, console)
    columns = (
        BarColumn(None), TextColumn("{task.percentage:3.0f}%  {task.description}"), TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar, ExitStack() as finishing:
        task = bar.add_task("", total=1.0, left="")
        finishing.enter_context(stages.listening(lambda stage, _: bar.update(task, description=DOING[stage], left="")))
        for progress in steps:
            bar.update(
                task,
                completed=progress.fraction,
                description=f"{progress.train_bpc:.3f} bpc  {progress.characters_per_second:,.0f} characters/s",
                left=f"{duration(progress.remaining)} left",
            )
            if progress.valid_bpc is not None:
                _evaluation(progress, run.held_out.quick_characters, console)
    if run.final and run.ranks.first:
        scored = run.final.characters
        console.tell(
            f"\n{run.final_bpc:.4f} bits per character on the held-out text ({scored:,} of "
            f"{run.text.valid.characters:,} characters), calibrated, after {duration(run.seconds)}.",
            style="bold",
        )
        if 0 < run.held_out.quick_characters < scored:
            console.tell(
                f"The scores before it are of {run.held_out.quick_characters:,} of these characters, the beginnings of "
                "equal strips: they compare with one another, not with this one."
            )
        from charrnn.storage import run_log
        from charrnn.training.verdict import verdict

        if (found := verdict(run_log.read(run.out))) is not None:
            console.tell(found.render("en"), style="bold")
        console.tell(f"The model is in {run.out}. Sample from it:")
        console.tell(f"\n    charrnn sample --model {shlex.quote(str(run.out))}\n")


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
    if run.exam is not None:
        lines.append(f"exam      {len(run.exam.pairs)} pairs of sentences in Portuguese, at each evaluation")
    if run.shrunk:
        lines.append(f"          (the text is short: batch and window were made smaller, from {run.shrunk})")
    for line in lines:
        console.tell(line)


def _evaluation(progress: "Progress", characters: int, console: "Console") -> None:
    """Show the score of this many characters of the held-out text, and the beginning of the sample."""
    sample = " ".join((progress.sample or "").split())
    best = "  best so far" if progress.valid_bpc == progress.best_bpc else ""
    grammar = "" if progress.exam is None else f"  grammar {progress.exam['all']:.0%}"
    console.tell(
        f"step {progress.step:>6,}  training {progress.train_bpc:.3f}  "
        f"held-out {progress.valid_bpc:.3f} bpc ({characters:,} characters){grammar}{best}"
    )
    console.print(f"  {sample[:100]}", style="dim")
