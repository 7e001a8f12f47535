"""RunSetup: text, model and settings, for a new run or from a checkpoint."""

import hmac
import json
import math
import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrnn import paths
from charrnn.config import ModelConfig, TrainConfig
from charrnn.corpus import fingerprints
from charrnn.corpus.documents import Note, silent
from charrnn.data.dataset import Source, TrainingText
from charrnn.data.stream import EVERY, TUNED_EVERY, Paragraphs, TextStream, fitted
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.weights import NetworkWeights, refuse_non_finite, shapes_of
from charrnn.ngram.layout import Rewrapper
from charrnn.sampling.session_file import fingerprint
from charrnn.storage import checkpoint, registry, run_log, saved_model, tensor_file
from charrnn.storage.counts_file import read_counts
from charrnn.training import build_model, plan, stages
from charrnn.training.build_model import already_read, choose_base
from charrnn.training.distilling import Teacher
from charrnn.training.distributed import ProcessGroup
from charrnn.training.ngram_prefetch import NgramPrefetcher
from charrnn.training.probe import Trial, choose_device
from charrnn.training.trainer import Trainer

OWN_SHARE = 1 / 3  # of the network's own prediction in the loss, beside the joined one (docs/lab-notebook.md)
REST = 2**25  # bytes, at most, of a run's context mixer and random numbers


@dataclass(frozen=True)
class BestModel:
    """The best weights of a finished run: how they were calibrated, and their score."""

    bits_per_character: float
    characters: int  # of the held-out text in this score
    own: float  # α and
    counted: float  # γ of `calibrate`
    day: str  # in ISO 8601


@dataclass(frozen=True)
class SavedRun:
    """The checkpoint of a run, apart from its settings; the defaults are those of a new run."""

    steps: int = 0
    seconds: float = 0.0  # spent in earlier sittings
    best_bpc: float | None = None  # of the evaluations
    evaluations: int = 0  # made
    losses: int = 0  # steps since the last evaluation
    worse: int = 0  # evaluations in a row, up to the last one, that got clearly worse
    last_bpc: float | None = None  # of the last evaluation
    quick: int | None = None  # tokens that the evaluations score
    speed: float | None = None  # tokens that they score in a second
    exam: int | None = None  # pairs of each category that the exams ask
    final: BestModel | None = None  # if the run is finished, and was not ended early
    tensors: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: dict[str, object], tensors: dict[str, Tensor]) -> Self:
        """Return what was saved; earlier versions lack some of it. Raises ValueError for what no run saves."""
        if tensors["loss"].shape != ():
            raise ValueError("loss")
        final = values.get("final")
        final = None if final is None else run_log.parsed(BestModel, final)
        return run_log.parsed(cls, {**values, "final": final, "tensors": tensors})


@dataclass(frozen=True)
class RunSetup:
    """All that a run needs to start or resume in this process."""

    out: Path
    text: TrainingText
    tokenizer: CharTokenizer
    model: CharRNN
    config: TrainConfig  # settled: batch, window, device, learning rate, how much is counted
    trial: Trial  # of this model, on this machine
    base: str | None  # the model that it started from
    ranks: ProcessGroup
    note: Note  # told of what a user should know
    began: float  # by `time.perf_counter`
    shrunk: str = ""  # the batch and window asked for, if the text was too short for them
    passages: NDArray[np.uint64] | None = None  # sketch of all that the model will have read
    teacher: Teacher | None = None
    saved: SavedRun | None = None  # of a run that is resumed
    seal: str = ""  # see `seal_of`

    def stream(self) -> TextStream:
        """Return the windows that the run reads."""
        ids, config, counts = self.text.train.ids, self.config, self.model.counts
        works = self.text.train.starts if config.at_work_end == "reset" else ()
        edition = None
        if counts is not None and config.line_ends == "moved":
            edition = Rewrapper(ids, counts.reader.script)
        paragraphs, every = Paragraphs.of(ids, self.tokenizer), EVERY if self.base is None else TUNED_EVERY
        return TextStream(ids, config.batch_size, config.window, works, edition, paragraphs, every)

    def trainer(self) -> Trainer:
        """Return a trainer of the model, at step 0."""
        config, counts, stream, prefetcher = self.config, self.model.counts, self.stream(), None
        if counts is not None:  # their mixture learns in the first pass, if the budget is enough for one
            prefetcher = NgramPrefetcher(counts, stream, min(updates_of(config, self.trial), stream.windows))
        # A model that is trained further has learned to correct the counts, not to predict alone.
        own_share = OWN_SHARE if prefetcher is not None and self.base is None else 0.0
        return Trainer(
            self.model, stream, config, prefetcher, self.ranks,
            bf16=self.trial.bf16, teacher=self.teacher, own_share=own_share,
        )  # fmt: skip


def new_run(
    source: Source,
    out: Path,
    shape: ModelConfig,
    config: TrainConfig,
    base: str | None,
    note: Note,
    began: float | None = None,
) -> RunSetup:
    """Read the text, build the model, and choose what the settings leave open.

    base: a model to start from; "auto": the shipped one, if it helps. began: when the budget began, by
    `time.perf_counter`; default: now.
    """
    began = time.perf_counter() if began is None else began
    stages.enter("reading")
    if config.watch:  # a network that knows nothing, neither by counts nor from another model
        shape, base = replace(shape, counts="none"), None
    ranks = ProcessGroup.join(choose_device(config.device).type)
    if config.teacher is not None:
        config = replace(config, teacher=str(registry.find(config.teacher).resolve()))
    text, start = _text_and_start(replace(source, window=config.window), base, config, ranks, note)
    device = _settle(config.threads, config.device, ranks)
    torch.manual_seed(config.seed + ranks.rank)  # the weights will be those of the first
    config = replace(config, batch=plan.lanes(config, text.train.characters))
    batch, window = fitted(text.train.characters, config.batch_size, config.window)
    counted = config.counted or plan.counted(config)
    settled = replace(config, batch=batch, window=window, device=str(device), counted=counted)
    if config.teacher is not None and (start.model[0].config if start.model else shape).counts != "none":
        raise UserError("teacher-of-counts")
    teacher = _teacher(text, settled, ranks)
    task = build_model.BuildTask(text, settled, ranks, began, teacher)
    if start.model is None:
        model, trial = build_model.new(shape, task, out.name, note)
    else:
        model, trial = build_model.tuned(start.model, shape.dropout, task, out.name)
    rate = plan.peak(model.config, batch, updates_of(settled, trial), is_tuned=start.model is not None)
    settled = replace(settled, lr=config.lr or rate)
    shrunk = "" if (batch, window) == (config.batch, config.window) else f"{config.batch} × {config.window}"
    passages = fingerprints.sketch(start.passages) if start.passages else None
    return RunSetup(
        out, text, text.tokenizer, model, settled, trial, start.base, ranks, note, began, shrunk, passages, teacher,
        seal=seal_of(text.source, config.teacher),
    )  # fmt: skip


def updates_of(config: TrainConfig, trial: Trial) -> int:
    """Return how many updates a run makes, as far as a trial tells."""
    return config.steps or math.ceil(60 * (config.minutes or 0.0) / trial.seconds)


def _teacher(text: TrainingText, config: TrainConfig, ranks: ProcessGroup) -> Teacher | None:
    """Return the teacher of a run whose settings are settled."""
    if config.teacher is None:
        return None
    works = text.train.starts if config.at_work_end == "reset" else ()
    stream = TextStream(text.train.ids, config.batch_size, config.window, works)
    rows = ranks.rows(config.batch_size)
    return Teacher(Path(config.teacher), text, stream, rows, config.teacher_weight).to(torch.device(config.device))


def seal_of(source: Source, teacher: str | None) -> str:
    """Return a mark on the names in a run, so that a run of someone else makes nobody open the files that it names."""
    names = json.dumps([source.names, source.valid, teacher]).encode()
    return hmac.new(paths.secret(), names, "sha256").hexdigest()


class _Start(NamedTuple):
    """The start of training: from scratch, or from a base model."""

    base: str | None
    model: tuple[CharRNN, CharTokenizer] | None
    passages: list[NDArray[np.uint64]]  # sketches of all that the model will have read; empty if the base's is unknown


def _text_and_start(
    source: Source, base: str | None, config: TrainConfig, ranks: ProcessGroup, note: Note
) -> tuple[TrainingText, _Start]:
    """Prepare the text, with the vocabulary of the model that training starts from, and load that model."""
    opened = source.open(note)

    def prepared(known: str, note: Note) -> TrainingText:
        with ranks.first_then_others():
            return TrainingText.prepare(replace(source, known=known), note, opened)

    place, heard = Path(base or ""), note
    if base in (None, "auto"):
        text = prepared("", note)
        if base == "auto":
            stages.enter("choosing")
            base, why = ranks.agreed(lambda: choose_base(text))
            note(f"starting from {base or 'scratch'}: {why}")
            place, heard = registry.SHIPPED / (base or ""), silent  # its notes were given above
        if base is None:
            return text, _Start(None, None, [text.train.passages])
    model = checkpoint.load(place)
    if model[0].config.counts == "none" and (config.counted or config.counts_size):
        raise UserError("base-without-counts", base=base)
    text = prepared(model[1].characters, heard)
    known = saved_model.read_passages(registry.find(place))
    if line := already_read(text, registry.find(place)):
        note(f"{line}: the score will be better than for a text that is new to it")
    return text, _Start(base, model, [] if known is None else [known, text.train.passages])


def saved_run(
    out: Path,
    budget: tuple[float | None, int | None],
    files: Sequence[str | Path],
    valid: str | Path | None,
    note: Note,
) -> RunSetup:
    """Read the run in `out`. budget: new total minutes or steps; files, valid: where its text is now, if it has moved.

    Raises UserError if `out` holds no run, or if the text is not the one that the run began with.
    """
    stages.enter("reading")
    paths.restore(out)
    path = out / saved_model.STATE
    if not path.exists():
        raise UserError("no-run-to-resume", folder=out, file=saved_model.STATE)
    checkpoint.remove_orphans(out)
    shape, tokenizer = saved_model.read_config(out)
    saved = _read_state(path, shape)
    config = saved.config
    minutes, steps = budget
    if minutes is not None or steps is not None:
        config = replace(config, minutes=minutes, steps=steps)
    is_same = config.steps == saved.config.steps and (config.steps or config.minutes == saved.config.minutes)
    progress = saved.progress if is_same else replace(saved.progress, final=None)
    ranks = ProcessGroup.join(choose_device(config.device).type)
    text, seal = _text_again(out, saved, files, valid, ranks, note)
    device = _settle(config.threads, config.device, ranks)
    if config.teacher is not None:
        _refuse_other_teacher(Path(config.teacher), saved.teacher)
    teacher = _teacher(text, replace(config, device=str(device)), ranks)
    counts = None
    if shape.counts != "none":
        task = build_model.BuildTask(text, config, ranks, time.perf_counter())
        counts = build_model.recounted(read_counts(out, tokenizer), task)
    model = CharRNN(shape, name=out.name, counts=counts).to(device)
    trial = saved.trial
    if trial.bf16 and not (trial := trial.usable(model)).bf16:
        note("this machine has no bfloat16 for this model: training continues in f32")
    return RunSetup(
        out, text, tokenizer, model, config, trial, saved.base, ranks, note, time.perf_counter(), teacher=teacher,
        saved=progress, seal=seal,
    )  # fmt: skip


def _text_again(
    out: Path, saved: "_SavedState", files: Sequence[str | Path], valid: str | Path | None, ranks: ProcessGroup,
    note: Note,
) -> tuple[TrainingText, str]:  # fmt: skip
    """Return the text of a run, and the seal of its names. Raises UserError if it is not to be had, or another one.

    Names that the run itself gives are opened only if their seal is this machine's: they may be a stranger's.
    """
    source, seal, teacher = saved.source, saved.seal, saved.config.teacher
    is_ours = hmac.compare_digest(seal, seal_of(source, teacher))
    if teacher is not None and not is_ours:
        raise UserError("run-names-teacher", folder=out, teacher=teacher)
    moved = Source.of(files or source.names, valid or source.valid, source.corpus, source.window, source.known)
    text = None if files or valid else TrainingText.cached(saved.text, source)
    if text is None:
        if "-" in source.names and not files:
            raise UserError("stdin-text-gone", folder=out)
        is_named = not files or (source.valid is not None and not valid)
        if is_named and not is_ours:
            raise UserError("run-names-files", folder=out)
        with ranks.first_then_others():
            text, seal = TrainingText.prepare(moved, note), seal_of(moved, teacher)
    if text.sha256 != saved.sha256:
        _refuse_other_text(out, text, moved)
    return text, seal


class _SavedState(NamedTuple):
    """A checkpoint as it was read, checked by itself, but not yet against text and model."""

    config: TrainConfig
    source: Source
    trial: Trial
    text: str  # its name in the cache
    sha256: str  # of the text
    base: str | None
    teacher: str | None  # the hash of its weights
    progress: SavedRun
    seal: str  # empty in runs of earlier versions


def _read_state(path: Path, shape: ModelConfig) -> _SavedState:
    """Read the state of a run whose model has a shape. Raises UserError before memory is taken that no run needs."""
    try:
        with tensor_file.opened(path) as file:
            saved = json.loads(file.metadata["run"])
            if "source" not in saved or "trial" not in saved:
                raise UserError("run-of-earlier-version", path=path)
            config = TrainConfig.from_json(saved["config"])
            file.refuse_over(_most_bytes(shape, config.batch or 1))
            tensors = {name: torch.from_numpy(array) for name, array in file.items()}
        found = _SavedState(
            config, Source.from_json(saved["source"]), Trial.from_json(saved["trial"], config.threads),
            str(saved["text"]), str(saved["sha256"]), None if saved["base"] is None else str(saved["base"]),
            saved.get("teacher"), SavedRun.from_json(saved, tensors), str(saved.get("seal", "")),
        )  # fmt: skip
        if config.batch is None or config.lr is None or not found.seal.isascii():
            raise ValueError("a run settles them")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise UserError("not-a-run-state", path=path) from None
    refuse_non_finite(path, {name: tensor.numpy() for name, tensor in tensors.items()})
    return found


def _most_bytes(shape: ModelConfig, lanes: int) -> int:
    """Return the most bytes of a run's tensors: weights, moments of each, two squares for matrices, lanes of state."""
    shapes = shapes_of(shape).values()
    weights = 4 * sum(math.prod(one) for one in shapes)
    squares = 8 * sum(one[1] ** 2 for one in shapes if len(one) == 2)
    lane = sum(one.nbytes for one in NetworkWeights(shape, {}).initial_state().tensors().values())
    return 3 * weights + squares + lanes * lane + REST


def _refuse_other_text(out: Path, text: TrainingText, moved: Source) -> None:
    names = ", ".join(Path(name).name for name in text.source.names)
    here = (os.path.relpath(n) if Path(n).is_relative_to(Path.cwd()) else n for n in moved.names)
    again = shlex.join(["charrnn", "train", *here, "--from", str(out), "--out", f"{out}2"])
    raise UserError("other-text-to-resume", names=names, command=again)


def _refuse_other_teacher(directory: Path, sha256: str | None) -> None:
    if not registry.is_model(directory) or fingerprint(directory) != sha256:
        raise UserError("other-teacher", teacher=directory)


def _settle(threads: int | None, device: str, ranks: ProcessGroup) -> torch.device:
    """Set the process up for training: threads, tiny numbers as zero (some are very slow), device."""
    if threads is not None:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    chosen = choose_device(device)
    # Of several processes each has its own GPU, whichever was named, or saved by the first.
    own = chosen.type == "cuda" and (chosen.index is None or not ranks.alone)
    return torch.device("cuda", ranks.local) if own else chosen
