"""Run: one training run in its directory, from a text to the best model that its budget buys.

run = Run.start(files, out, …)            or   Run.resume(out)
for progress in run: …                    stop iterating at any step, then run.save()
"""

import json
import math
import os
import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from charrnn.config import CorpusConfig, ModelConfig, SampleConfig, TrainConfig
from charrnn.corpus import fingerprints
from charrnn.corpus.documents import Note, silent
from charrnn.data.dataset import Source, TrainingText
from charrnn.data.stream import EVERY, TUNED_EVERY, Paragraphs, TextStream, fitted
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.errors.quantities import duration
from charrnn.model import CharRNN
from charrnn.model.threads import ThreadTuner
from charrnn.ngram import Rewrapper
from charrnn.sampling import Sampler
from charrnn.storage import checkpoint, registry, run_log
from charrnn.training import build_model, model_card, plan
from charrnn.training.distributed import ALONE, Moment, ProcessGroup
from charrnn.training.ngram_prefetch import NgramPrefetcher
from charrnn.training.probe import Trial, choose_device
from charrnn.training.schedule import learning_rate, peak
from charrnn.training.trainer import Trainer
from charrnn.training.validation import Validation
from charrnn.training.warm_start import already_read, choose

SAVE_EVERY = 60.0  # seconds between two saves
TURNED = 0.01  # bits per character above the best score: such an evaluation is clearly worse
SAMPLE = SampleConfig(length=240, seed=1)  # how the text of each evaluation is drawn


@dataclass(frozen=True)
class Progress:
    """Where a run stands after a step. An evaluation fills in the last three fields."""

    step: int
    seconds: float  # of the budget, over all sittings
    fraction: float  # of the budget that is spent, 0 to 1
    remaining: float  # seconds, estimated
    train_bpc: float  # mean since the last evaluation
    lr: float
    characters_per_second: float  # of this sitting, evaluations and saving included
    valid_bpc: float | None = None
    best_bpc: float | None = None
    sample: str | None = None


class Run:
    """Iterate to train: each step yields a Progress. `save()` at any step makes it resumable from there."""

    def __init__(
        self,
        out: Path,
        text: TrainingText,
        tokenizer: CharTokenizer,
        model: CharRNN,
        config: TrainConfig,
        trial: Trial,
        base: str | None = None,
        ranks: ProcessGroup = ALONE,
        note: Note = silent,
    ) -> None:
        """config: with batch, window and lr settled; trial: of this model, on this machine."""
        self.out, self.text, self.tokenizer, self.model, self.config = out, text, tokenizer, model, config
        self.base, self.ranks = base, ranks
        self._began = time.perf_counter()
        self._earlier = 0.0  # seconds spent in earlier sittings
        self.tokens_per_character = len(text.train.ids) / text.train.characters
        works = text.train.starts if config.at_work_end == "reset" else ()
        edition = None
        if model.counts is not None and config.line_ends == "moved":
            edition = Rewrapper(text.train.ids, model.counts.reader)
        paragraphs, every = Paragraphs.of(text.train.ids, tokenizer), EVERY if base is None else TUNED_EVERY
        stream = TextStream(text.train.ids, config.batch_size, config.window, works, edition, paragraphs, every)
        self.trial, self.note = trial, note
        self.threads = ThreadTuner(note)
        fixed = config.threads is not None or not ranks.alone or model.device.type != "cpu"
        self.threads.start(trial.threads, trial.threads if fixed else torch.get_num_threads())
        foresight = None
        if model.counts is not None:  # their mixture learns in the first pass, if the budget is enough for one
            steps = config.steps or math.ceil(60 * (config.minutes or 0.0) / self.trial.seconds)
            foresight = NgramPrefetcher(model.counts, stream, min(steps, stream.windows))
        self.trainer = Trainer(model, stream, config, self.trial.bf16, foresight, ranks)
        self.best_bpc: float | None = None  # of the evaluations during training
        self.final_bpc: float | None = None  # of the best weights, on as much of the held-out text as there is time for
        self.calibration = 1.0, 0.0  # of the best weights, see `calibrate`
        self.evaluations = 0  # made so far
        self._worse = 0  # evaluations in a row, up to the last one, that got clearly worse
        self._last: float | None = None  # score of the last one
        self.finished = False
        self._stopping = False
        self.shrunk = ""  # the batch and window asked for, if the text was too short for them
        self.scored = 0  # held-out characters that the last score is of
        valid = torch.from_numpy(text.valid.ids.astype(np.int64)).to(model.device)
        speed = config.batch_size * config.window / self.trial.seconds
        self.held_out = Validation(self.trainer, tokenizer, valid, speed, self._budget)
        self._sitting, self._before = time.perf_counter(), 0  # when these steps began, and how many there were
        self._loss = torch.zeros((), device=model.device)  # sum over the steps since the last evaluation
        self._losses = 0
        self._ended = False
        self._journal = run_log.Journal(out)

    @classmethod
    def start(
        cls,
        files: Sequence[str | Path],
        out: Path,
        valid: str | Path | None = None,
        shape: ModelConfig | None = None,
        config: TrainConfig | None = None,
        base: str | None = None,
        overwrite: bool = False,
        corpus: CorpusConfig | None = None,
        note: Note = silent,
    ) -> Self:
        """Begin a run: `out` appears, complete, with untrained weights.

        files, valid: see `corpus.open_works` for what names may be. base: a model to start from; its shape and
        vocabulary are taken over, the latter grown by the text's characters; "auto": `romances`, if it helps.
        note: told of what a user should know. Raises UserError if the text cannot be used, or if `out` holds
        something and not a model that `overwrite` gives up.
        """
        began = time.perf_counter()
        shape, config = shape or ModelConfig(), config or TrainConfig()
        checkpoint.refuse_to_replace(out, overwrite=overwrite)
        ranks = ProcessGroup.join(choose_device(config.device).type)

        source = Source.of(files, valid, corpus, config.window)
        opened = source.open(note)

        def prepared(known: str, note: Note) -> TrainingText:
            with ranks.first_then_others():
                return TrainingText.prepare(replace(source, known=known), note, opened)

        heard, place = note, Path(base or "")
        if base in (None, "auto"):
            text = prepared("", note)
        if base == "auto":
            base, why = ranks.agreed(lambda: choose(text))
            note(f"starting from {base or 'scratch'}: {why}")
            heard, place = silent, registry.SHIPPED / (base or "")  # what it told above is not told again
        loaded, passages = None, [text.train.passages] if base is None else []
        if base is not None:
            loaded = checkpoint.load(place)
            if loaded[0].config.counts == "none" and (config.counted or config.counts_size):
                raise UserError("base-without-counts", base=base)
            text = prepared(loaded[1].characters, heard)
            if (
                known := checkpoint.read_passages(registry.find(place))
            ) is not None:  # else it is not known of this one
                passages = [known, text.train.passages]
            if line := already_read(text, registry.find(place)):
                note(f"{line}: the score will be better than for a text that is new to it")
        device = _settle(config.threads, config.device, ranks)
        torch.manual_seed(config.seed + ranks.rank)  # the weights will be those of the first
        tokenizer = text.tokenizer
        config = replace(config, batch=plan.lanes(config, text.train.characters))
        batch, window = fitted(text.train.characters, config.batch_size, config.window)
        counted = config.counted or plan.counted(config)
        settled = replace(config, batch=batch, window=window, device=str(device), counted=counted)
        task = build_model.BuildTask(text, settled, ranks, began)
        if loaded is None:
            model, trial = build_model.new(shape, task, out.name, note)
        else:
            model, trial = build_model.tuned(loaded, shape.dropout, task, out.name)
        settled = replace(settled, lr=config.lr or peak(model.config, batch, tuned=loaded is not None))
        run = cls(out, text, tokenizer, model, settled, trial, base, ranks, note)
        run._began = began
        run._end_in_time(note)
        run.evaluations = int(run.fraction * config.evaluations)  # none before training began
        run.shrunk = "" if (batch, window) == (config.batch, config.window) else f"{config.batch} × {config.window}"
        if ranks.first:
            sketch = fingerprints.sketch(passages) if passages else None
            checkpoint.create(out, model, tokenizer, overwrite=overwrite, passages=sketch)
        run.save()
        return run

    @classmethod
    def resume(
        cls,
        out: Path,
        minutes: float | None = None,
        steps: int | None = None,
        files: Sequence[str | Path] = (),
        valid: str | Path | None = None,
        note: Note = silent,
    ) -> Self:
        """Go on with the run in `out`, with what is left of its budget, or of a new total budget.

        The text is taken from the cache, or else read again. files, valid: where it is now, if it has moved.
        Raises UserError if `out` holds no run, or if the text is not the one that the run began with.
        """
        path = out / checkpoint.STATE
        if not path.exists():
            raise UserError("no-run-to-resume", folder=out, file=checkpoint.STATE)
        tensors, metadata = checkpoint.read_tensors(path)
        if "run" not in metadata:
            raise UserError("not-a-run-state", path=path)
        saved = json.loads(metadata["run"])
        config = TrainConfig.from_json(saved["config"])
        if minutes is not None or steps is not None:
            config = replace(config, minutes=minutes, steps=steps)
        if "source" not in saved or "trial" not in saved:
            raise UserError("run-of-earlier-version", path=path)
        ranks = ProcessGroup.join(choose_device(config.device).type)
        source = Source.from_json(saved["source"])
        moved = Source.of(files or source.names, valid or source.valid, source.corpus, source.window, source.known)
        text = None if files or valid else TrainingText.cached(saved["text"], source)
        if text is None and "-" in source.names and not files:
            raise UserError("stdin-text-gone", folder=out)
        with ranks.first_then_others():
            text = text or TrainingText.prepare(moved, note)
        if text.sha256 != saved["sha256"]:
            names = ", ".join(Path(name).name for name in text.source.names)
            here = (os.path.relpath(n) if Path(n).is_relative_to(Path.cwd()) else n for n in moved.names)
            again = shlex.join(["charrnn", "train", *here, "--from", str(out), "--out", f"{out}2"])
            raise UserError("other-text-to-resume", names=names, command=again)
        device = _settle(config.threads, config.device, ranks)
        shape, tokenizer = checkpoint.read_config(out)
        model = CharRNN(shape, name=out.name).to(device)
        if shape.counts != "none":
            task = build_model.BuildTask(text, config, ranks, time.perf_counter())
            model.counts = build_model.recounted(checkpoint.read_counts(out, tokenizer), task)
        trial = Trial.from_json(saved["trial"], config.threads)
        if trial.bf16 and not (trial := trial.usable(model)).bf16:
            note("this machine has no bfloat16 for this model: the run goes on in f32")
        run = cls(out, text, tokenizer, model, config, trial, saved["base"], ranks, note)
        run.trainer.restore(tensors, saved["steps"])
        run._earlier = saved["seconds"]
        run.best_bpc, run.evaluations = saved["best_bpc"], saved["evaluations"]
        run.held_out.speed = saved["speed"]
        run.held_out.quick = saved.get("quick", run.held_out.quick)  # for scores to be compared
        # Evaluations are spread over a new budget, and over what is left of one that was ended early.
        run.evaluations = min(run.evaluations, int(run.fraction * config.evaluations))
        run._loss, run._losses = tensors["loss"].to(device), saved["losses"]
        run._worse, run._last = saved.get("worse", 0), saved.get("last_bpc")
        if ranks.first:
            run._keep_metrics(saved["steps"])
            bits = run._loss.item() / math.log(2) * run.tokens_per_character
            run._journal = run_log.Journal(out, saved["steps"], (bits, run._losses))
        return run

    def _end_in_time(self, note: Note) -> None:
        """Plan a shorter run if its minutes are enough to learn the text by heart."""
        if self.config.steps is not None or self.config.minutes is None:
            return
        passes = plan.PASSES if self.base is None else plan.TUNED_PASSES
        minutes = (1.2 * passes * self.trainer.stream.windows * self.trial.seconds + self.seconds) / 60
        if minutes < self.config.minutes:
            note(
                f"the text is short: {passes} passes over it, about {duration(60 * minutes)}, are planned instead of "
                f"{duration(60 * self.config.minutes)}; more would only teach it by heart"
            )
            self.config = replace(self.config, minutes=minutes)

    def stop(self) -> None:
        """Ask the run to save and end after the step that it is at; it can be resumed. In any rank, at any time."""
        self._stopping = True

    @property
    def seconds(self) -> float:
        """Time spent on the run, over all its sittings."""
        return self._earlier + time.perf_counter() - self._began

    @property
    def fraction(self) -> float:
        """Share of the budget that is spent: of the steps, or of the minutes before the last evaluation."""
        if self._ended:
            return 1.0
        if self._budget is None:
            assert self.config.steps is not None  # TrainConfig has one of the two
            return self.trainer.steps / self.config.steps
        return self.seconds / max(self._budget - self.held_out.reserve(self._budget), 0.8 * self._budget)

    @property
    def _budget(self) -> float | None:
        """In seconds, unless it is told in steps."""
        return None if self.config.steps is not None else 60 * (self.config.minutes or 0.0)

    def end(self) -> None:
        """Let the budget end here: the run is then finished as if it had been planned so. Resumed, it has the rest."""
        self._ended = True

    def __iter__(self) -> Iterator[Progress]:
        self._sitting, self._before = time.perf_counter(), self.trainer.steps
        saved = time.perf_counter()
        moment = self._moment(saved)
        while moment.fraction < 1.0 or self.trainer.steps == 0:
            lr = learning_rate(moment.fraction, self.config.lr or 0.0, self.config.warmup)
            with self.threads.step():
                loss = self.trainer.step(lr)
            self._loss = self._loss + loss
            self._losses += 1
            moment = self._moment(saved)
            progress = self._progress(lr, moment.fraction)
            if not math.isfinite(progress.train_bpc):
                raise UserError("loss-not-finite", step=progress.step, found=loss.item(), rate=lr, folder=self.out)
            if self.ranks.first:
                self._journal.note(_point(progress), self._losses, now=moment.evaluate)
            if moment.evaluate:
                progress = self._evaluate(progress)
                moment = self._moment(saved)._replace(evaluate=True)  # it may have ended the run
            stopped = moment.stop and moment.fraction < 1.0
            if moment.evaluate or moment.save or stopped:
                self.save()
                saved = time.perf_counter()
            yield progress
            if stopped:
                return
        if self._losses:  # the clock ran out between two steps: these weights were not evaluated yet
            progress = self._evaluate(self._progress(0.0, moment.fraction))
            self.save()
            yield progress
        if not self.finished:
            self._finish()

    def _moment(self, saved: float) -> Moment:
        """Where the run stands after a step. saved: when it was, last."""
        fraction = self.fraction
        evaluate = self._losses > 0 and fraction * self.config.evaluations >= self.evaluations + 1
        return self.ranks.moment(Moment(fraction, evaluate, time.perf_counter() - saved > SAVE_EVERY, self._stopping))

    @property
    def _characters_per_step(self) -> float:
        stream = self.trainer.stream
        return stream.batch * stream.lane / stream.windows / self.tokens_per_character

    def _progress(self, lr: float, fraction: float) -> Progress:
        bits_per_token = self._loss.item() / self._losses / math.log(2)
        done = (self.trainer.steps - self._before) * self._characters_per_step
        rate = done / (time.perf_counter() - self._sitting)
        if self.config.steps is not None:
            remaining = (self.config.steps - self.trainer.steps) * self._characters_per_step / max(rate, 1.0)
        else:
            remaining = 60 * (self.config.minutes or 0.0) - self.seconds
        return Progress(
            step=self.trainer.steps,
            seconds=self.seconds,
            fraction=min(fraction, 1.0),
            remaining=max(remaining, 0.0),
            train_bpc=bits_per_token * self.tokens_per_character,
            lr=lr,
            characters_per_second=rate,
        )

    def _evaluate(self, progress: Progress) -> Progress:
        """Score the held-out text quickly, keep the weights if they are the best so far, write a sample."""
        if self.ranks.first:
            progress = self._scored(progress)
        # One evaluation stands for all that are due by now, if steps or the evaluation itself take long.
        self.evaluations = max(self.evaluations + 1, int(self.fraction * self.config.evaluations))
        self._loss, self._losses = torch.zeros_like(self._loss), 0
        return progress

    def _scored(self, progress: Progress) -> Progress:
        valid_bpc = self.held_out.quick_score()
        if self.best_bpc is None or valid_bpc < self.best_bpc:
            self.best_bpc = valid_bpc
            checkpoint.write_weights(self.out, self.model)
        self._stop_early(valid_bpc, self.best_bpc)
        self.model.eval()
        sampler = Sampler(self.model, self.tokenizer)
        sample = self.config.prompt + "".join(sampler.stream(self.config.prompt, SAMPLE))
        self.model.train()
        progress = replace(progress, valid_bpc=valid_bpc, best_bpc=self.best_bpc, sample=sample)
        self._log(_metrics(progress))
        return progress

    def _stop_early(self, score: float, best: float) -> None:
        """End the run if its held-out score has clearly turned (early stopping: Prechelt, 1998)."""
        self._worse = self._worse + 1 if score > max(best + TURNED, self._last or 0.0) else 0
        self._last = score
        if self.config.patience and self._worse >= self.config.patience and self.fraction < 1.0:
            self._worse = 0  # a resumed run has as much patience again
            self.note(
                f"the held-out score has turned, from {best:.3f} to {score:.3f} bits per character: training ends "
                "early, with the best weights (--patience 0 goes on; --weights last samples the latest)"
            )
            self.end()

    def _finish(self) -> None:
        """Calibrate and score the best weights on the held-out text that there is time for, and write the card."""
        self.finished = True
        if self.ranks.first:
            self._score_best()
        self.save()
        if self.ranks.first:
            model_card.write(self)

    def _score_best(self) -> None:
        path = self.out / checkpoint.WEIGHTS
        last = {name: weight.clone() for name, weight in self.model.weights().items()}
        self.model.load_weights(checkpoint.read_tensors(path)[0])
        self.calibration = self.held_out.calibrate()
        checkpoint.write_weights(self.out, self.model)
        self.final_bpc, self.scored = self.held_out.last_score(self._budget)
        self.model.load_weights(last)
        today = date.today().isoformat()
        self._log({"step": self.trainer.steps, "final_bpc": self.final_bpc, "date": today})

    def save(self) -> None:
        """Write what `resume` needs, as one file of one moment."""
        run = {
            "config": self.config.to_json(),
            "source": asdict(self.text.source),
            "text": self.text.key,
            "sha256": self.text.sha256,
            "base": self.base,
            "trial": asdict(self.trial),
            "steps": self.trainer.steps,
            "seconds": self.seconds,
            "best_bpc": self.best_bpc,
            "evaluations": self.evaluations,
            "losses": self._losses,
            "worse": self._worse,
            "last_bpc": self._last,
            "quick": self.held_out.quick,
            "speed": self.held_out.speed,
        }
        tensors = {**self.trainer.tensors(), "loss": self._loss.cpu()}
        if self.ranks.first:
            checkpoint.write_tensors(self.out / checkpoint.STATE, tensors, {"run": json.dumps(run)})
        self.ranks.wait()

    def _log(self, line: dict[str, Any]) -> None:
        with (self.out / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """The evaluations in metrics.jsonl; the score of the best weights on all held-out text is not one."""
        path = self.out / "metrics.jsonl"
        # Not splitlines(), which would also split at the rarer line ends that a sample may hold.
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return [row for line in lines if line.endswith("}") and "valid_bpc" in (row := json.loads(line))]

    def _keep_metrics(self, steps: int) -> None:
        """Drop evaluations made after the state that is resumed from was saved."""
        kept = [line for line in self.metrics() if line["step"] <= steps]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
        checkpoint.write_bytes(self.out / "metrics.jsonl", text.encode("utf-8"))


def _point(progress: Progress) -> run_log.Point:
    return run_log.Point(
        step=progress.step,
        seconds=round(progress.seconds, 3),
        fraction=progress.fraction,
        remaining=round(progress.remaining, 1),
        train_bpc=progress.train_bpc,
        characters_per_second=round(progress.characters_per_second),
    )


def _metrics(progress: Progress) -> dict[str, Any]:
    return {
        "step": progress.step,
        "seconds": round(progress.seconds, 3),
        "train_bpc": progress.train_bpc,
        "valid_bpc": progress.valid_bpc,
        "lr": progress.lr,
        "chars_per_second": round(progress.characters_per_second),
        "sample": progress.sample,
    }


def _settle(threads: int | None, device: str, ranks: ProcessGroup) -> torch.device:
    """Set the process up for training: threads, tiny numbers as zero (some are very slow), device."""
    if threads is not None:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    chosen = choose_device(device)
    # Of several processes each has its own GPU, whichever was named, or saved by the first.
    own = chosen.type == "cuda" and (chosen.index is None or not ranks.alone)
    return torch.device("cuda", ranks.local) if own else chosen
