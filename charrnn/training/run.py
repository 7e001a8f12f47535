"""Run: one training run in its directory, from a text to the best model that its budget buys.

run = Run.start(files, out, …)            or   Run.resume(out)
for progress in run: …                    stop iterating at any step, then run.save()
"""

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from charrnn.config import ModelConfig, SampleConfig, TrainConfig
from charrnn.corpus.documents import Note, silent
from charrnn.data.dataset import Source
from charrnn.errors import UserError
from charrnn.errors.quantities import duration
from charrnn.model import CharRNN
from charrnn.model.threads import ThreadTuner
from charrnn.sampling import Sampler
from charrnn.scoring.evaluate import evaluating
from charrnn.storage import checkpoint, run_log
from charrnn.training import model_card, plan
from charrnn.training.distributed import Moment
from charrnn.training.model_card import RunSummary
from charrnn.training.ngram_prefetch import NgramPrefetcher
from charrnn.training.setup import RunSetup, SavedRun, new_run, saved_run
from charrnn.training.trainer import Trainer
from charrnn.training.validation import Validation

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

    def __init__(self, setup: RunSetup) -> None:
        saved = setup.saved or SavedRun()
        self.out, self.text, self.tokenizer, self.config = setup.out, setup.text, setup.tokenizer, setup.config
        self.base, self.ranks, self.trial, self.note = setup.base, setup.ranks, setup.trial, setup.note
        self.shrunk = setup.shrunk
        self.tokens_per_character = len(self.text.train.ids) / self.text.train.characters
        self._began, self._earlier = setup.began, saved.seconds
        self.best_bpc = saved.best_bpc  # of the evaluations during training
        self.final_bpc: float | None = None  # of the best weights, on as much of the held-out text as there is time for
        self.calibration = 1.0, 0.0  # of the best weights, see `calibrate`
        self.scored = 0  # held-out characters that the last score is of
        self._worse, self._last = saved.worse, saved.last_bpc
        self.finished = self._stopping = self._ended = False
        self.trainer = _trainer(setup)
        device = setup.model.device
        self.threads = ThreadTuner(self.note)
        fixed = self.config.threads is not None or not self.ranks.alone or device.type != "cpu"
        self.threads.start(self.trial.threads, self.trial.threads if fixed else torch.get_num_threads())
        valid = torch.from_numpy(self.text.valid.ids.astype(np.int64)).to(device)
        speed = self.config.batch_size * self.config.window / self.trial.seconds
        self.held_out = Validation(self.trainer, self.tokenizer, valid, speed, self._budget)
        self.held_out.resume(saved.quick, saved.speed)
        if setup.saved is not None:
            self.trainer.restore(saved.tensors, saved.steps)
        else:
            self._end_in_time()
        # Evaluations made so far: none is due before training began. They are spread over a new budget, and over what
        # is left of one that was ended early.
        due = int(self.fraction * self.config.evaluations)
        self.evaluations = due if setup.saved is None else min(saved.evaluations, due)
        self._sitting, self._before = time.perf_counter(), 0  # when these steps began, and how many there were
        self._losses = saved.losses  # steps since the last evaluation, and the sum of their losses
        self._loss = saved.tensors["loss"].to(device) if setup.saved else torch.zeros((), device=device)
        self._journal = run_log.Journal(self.out)
        if setup.saved is not None and self.ranks.first:
            self._keep_metrics(saved.steps)
            bits = self._loss.item() / math.log(2) * self.tokens_per_character
            self._journal = run_log.Journal(self.out, saved.steps, (bits, self._losses))

    @classmethod
    def start(
        cls,
        texts: Source | Sequence[str | Path],
        out: Path,
        shape: ModelConfig | None = None,
        config: TrainConfig | None = None,
        base: str | None = None,
        *,
        overwrite: bool = False,
        note: Note = silent,
    ) -> Self:
        """Begin a run: `out` appears, complete, with untrained weights.

        texts: names as in `corpus.documents.files`, or a Source, which also says what is held out and repaired; base: a
        model to start from, whose shape and vocabulary are taken over, the latter grown by the text's characters;
        "auto": `romances`, if it helps; note: told of what a user should know. Raises UserError if the text cannot be
        used, or if `out` holds something and not a model that `overwrite` gives up.
        """
        source = texts if isinstance(texts, Source) else Source.of(texts)
        shape, config = shape or ModelConfig(), config or TrainConfig()
        checkpoint.refuse_to_replace(out, overwrite=overwrite)
        setup = new_run(source, out, shape, config, base, note)
        run = cls(setup)
        if run.ranks.first:
            checkpoint.create(out, run.model, run.tokenizer, overwrite=overwrite, passages=setup.passages)
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
        """Resume the run in `out`, with what is left of its budget, or of a new total budget.

        The text is taken from the cache, or else read again. files, valid: where it is now, if it has moved.
        Raises UserError if `out` holds no run, or if the text is not the one that the run began with.
        """
        return cls(saved_run(out, (minutes, steps), files, valid, note))

    @property
    def model(self) -> CharRNN:
        """The model as it is now."""
        return self.trainer.trained

    def _end_in_time(self) -> None:
        """Plan a shorter run if its minutes are enough to learn the text by heart."""
        if self.config.steps is not None or self.config.minutes is None:
            return
        passes = plan.PASSES if self.base is None else plan.TUNED_PASSES
        minutes = (1.2 * passes * self.trainer.stream.windows * self.trial.seconds + self.seconds) / 60
        if minutes < self.config.minutes:
            self.note(
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
            lr = plan.learning_rate(moment.fraction, self.config.lr or 0.0, self.config.warmup)
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
        """Return the state of the run after a step, agreed by all processes. saved: when it was last saved."""
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
        valid_bpc = self.held_out.quick_score(self.model)
        if self.best_bpc is None or valid_bpc < self.best_bpc:
            self.best_bpc = valid_bpc
            checkpoint.write_weights(self.out, self.model)
        self._stop_early(valid_bpc, self.best_bpc)
        with evaluating(self.model) as model:
            sampler = Sampler(model, self.tokenizer)
            sample = self.config.prompt + "".join(sampler.stream(self.config.prompt, SAMPLE))
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
            model_card.write(self.out, self.summary())

    def summary(self) -> RunSummary:
        """Return what the model card says of the run."""
        model = self.model
        return RunSummary(
            name=model.name, text=self.text, config=self.config, shape=model.config, base=self.base, trial=self.trial,
            parameters=model.parameter_count, characters=len(self.tokenizer.characters), steps=self.trainer.steps,
            seconds=self.seconds, final_bpc=self.final_bpc, scored=self.scored, calibration=self.calibration,
            metrics=self.metrics(),
        )  # fmt: skip

    def _score_best(self) -> None:
        model = self.model
        last = {name: weight.clone() for name, weight in model.weights().items()}
        model.load_weights(checkpoint.read_tensors(self.out / checkpoint.WEIGHTS)[0])
        self.calibration = self.held_out.calibrate(model)
        checkpoint.write_weights(self.out, model)
        self.final_bpc, self.scored = self.held_out.last_score(model, self._budget)
        model.load_weights(last)
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


def _trainer(setup: RunSetup) -> Trainer:
    config, counts, stream, foresight = setup.config, setup.model.counts, setup.stream(), None
    if counts is not None:  # their mixture learns in the first pass, if the budget is enough for one
        steps = config.steps or math.ceil(60 * (config.minutes or 0.0) / setup.trial.seconds)
        foresight = NgramPrefetcher(counts, stream, min(steps, stream.windows))
    return Trainer(setup.model, stream, config, foresight, setup.ranks, bf16=setup.trial.bf16)
