"""Run: one training run in its directory, from a text to the best model that its budget buys.

run = Run.start(files, out, …)            or   Run.resume(out)
for progress in run: …                    stop after any step, then run.save()
"""

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from charrnn.config import ModelConfig, SampleConfig, TrainConfig
from charrnn.corpus.documents import Note, silent
from charrnn.data.dataset import Source
from charrnn.errors import UserError
from charrnn.errors.quantities import duration, quantity
from charrnn.model import CharRNN
from charrnn.model.threads import ThreadTuner
from charrnn.sampling import Sampler
from charrnn.scoring.evaluate import evaluating
from charrnn.storage import checkpoint, run_log, saved_model
from charrnn.training import model_card, plan, stages
from charrnn.training.distributed import Moment
from charrnn.training.grammar_exam import GrammarExam, affordable
from charrnn.training.model_card import RunSummary
from charrnn.training.setup import BestModel, RunSetup, SavedRun, new_run, saved_run, updates_of
from charrnn.training.validation import Validation
from charrnn.training.verdict import FEW_STEPS

SAVE_EVERY = 60.0  # seconds between two saves
MOST_SKIPPED = 10  # steps in a row that NaN or infinity may spoil
SAMPLE = SampleConfig(length=240, seed=1)  # how the text of each evaluation is drawn


@dataclass(frozen=True)
class Progress(run_log.Point):
    """The state of a run after a step; `train_bpc` is the mean since the last evaluation, which sets the last four."""

    lr: float
    valid_bpc: float | None = None
    best_bpc: float | None = None
    sample: str | None = None
    exam: dict[str, float] | None = None  # with --exam, the share of right answers by category


class Run:
    """Iterate to train: each step yields a Progress. `save()` after any step makes the run resumable from there."""

    def __init__(self, setup: RunSetup) -> None:
        saved = setup.saved or SavedRun()
        self.out, self.text, self.tokenizer, self.config = setup.out, setup.text, setup.tokenizer, setup.config
        self.base, self.ranks, self.trial, self.note = setup.base, setup.ranks, setup.trial, setup.note
        self.shrunk, self._seal = setup.shrunk, setup.seal
        self.tokens_per_character = len(self.text.train.ids) / self.text.train.characters
        self._began, self._earlier = setup.began, saved.seconds
        self.final, self._was_finished = saved.final, saved.final is not None  # now; before this sitting
        self._stopping = self._ended = False
        self._evaluating = self._saving = 0.0  # seconds that the last one took
        self.trainer = setup.trainer()
        device = setup.model.device
        self.threads = ThreadTuner(self.note)
        fixed = self.config.threads is not None or not self.ranks.alone or device.type != "cpu"
        self.threads.start(self.trial.threads, fixed=fixed)
        valid = torch.from_numpy(self.text.valid.ids.astype(np.int64)).to(device)
        speed = self.config.batch_size * self.config.window / self.trial.seconds
        self.held_out = Validation(self.trainer, self.tokenizer, valid, speed, self._budget)
        self._loss, self._losses = torch.zeros((), device=device), saved.losses  # sum, and steps, since an evaluation
        self._journal = run_log.Journal(self.out)
        if setup.saved is None:
            self._end_in_time()
        else:
            self._restore(saved)
        each = saved.exam or affordable(speed, self._budget)
        self.exam = GrammarExam(self.trainer, self.tokenizer, each) if self.config.exam else None
        # Evaluations are spread over a new budget, and over the rest of a run that was ended early.
        due = int(self.fraction * self.config.evaluations)
        self.evaluations = due if setup.saved is None else min(saved.evaluations, due)
        self._sitting, self._before = time.perf_counter(), 0  # when these steps began, and how many there were

    def _restore(self, saved: SavedRun) -> None:
        """Continue from a checkpoint; log lines of later steps are dropped. A run that is complete stays as it is."""
        self.held_out.resume(saved)
        self.trainer.restore(saved.tensors, saved.steps)
        self._loss = saved.tensors["loss"].to(self._loss.device)
        if saved.final is not None:
            self.note("this run is finished; a larger --minutes or --steps continues it")
        elif self.ranks.first:
            bits = self._loss.item() / math.log(2) * self.tokens_per_character
            after = -1 if self._is_unscored else saved.steps  # of an interrupted evaluation before the first step
            self._journal = run_log.Journal(self.out, after, (bits, self._losses), self.note)

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
        began: float | None = None,
    ) -> Self:
        """Start a run: `out` appears, complete, with untrained weights.

        Args:
            texts: names as in `corpus.documents.files`, or a Source, which also says what is held out and repaired.
            base: a model for a warm start, whose shape and vocabulary are kept, the latter extended by the text's
                characters; "auto": `romances`, if it helps.
            note: is told what a user should know.
            began: when the budget began, by `time.perf_counter`; default: now.

        Raises UserError if the text cannot be used, or if `out` holds something, unless it is a model and `overwrite`.
        """
        source = texts if isinstance(texts, Source) else Source.of(texts)
        shape, config = shape or ModelConfig(), config or TrainConfig()
        checkpoint.refuse_to_replace(out, overwrite=overwrite)
        setup = new_run(source, out, shape, config, base, note, began)
        run = cls(setup)
        state = run._checkpoint()
        if run.ranks.first:
            checkpoint.create(out, run.model, run.tokenizer, overwrite=overwrite, passages=setup.passages, state=state)
        run.ranks.wait()
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
        """Resume the run in `out` with the rest of its budget, or of a new total budget.

        The text comes from the cache, or is read again. files, valid: where it is now, if it has moved.
        Raises UserError if `out` holds no run, or if the text is not the one that the run started with.
        """
        return cls(saved_run(out, (minutes, steps), files, valid, note))

    @property
    def model(self) -> CharRNN:
        """The model as it is now."""
        return self.trainer.trained

    @property
    def best_bpc(self) -> float | None:
        """The best score of the evaluations."""
        return self.held_out.best

    @property
    def _is_unscored(self) -> bool:
        """True before the first step, until the untrained model is scored."""
        return self.trainer.steps == 0 and self.best_bpc is None

    @property
    def finished(self) -> bool:
        """True once the best weights are calibrated and scored."""
        return self.final is not None

    @property
    def final_bpc(self) -> float | None:
        return None if self.final is None else self.final.bits_per_character

    def _end_in_time(self) -> None:
        """Shorten the budget of a text so short that more passes would only overfit it."""
        if self._budget is None or self.config.watch:  # whoever watches sees the text learned by heart
            return
        passes = plan.PASSES if self.base is None else plan.TUNED_PASSES
        taught = 0.0 if self.trainer.teacher is None else self.trainer.teacher.seconds
        seconds = 1.2 * (passes * self.trainer.stream.windows * self.trial.seconds + taught) + self.seconds
        if seconds < self._budget:
            self.note(
                f"the text is short: {passes} passes over it, about {duration(seconds)}, are planned instead of "
                f"{duration(self._budget)}; more would only overfit it"
            )
            self.config = replace(self.config, minutes=seconds / 60)

    def stop(self) -> None:
        """Ask the run to save and end after the current step; it can be resumed. For any rank, at any time."""
        self._stopping = True

    def end(self) -> None:
        """Let the budget end here: the run is finished as if planned so. When it is resumed, it has the rest."""
        self._ended = True

    @property
    def seconds(self) -> float:
        """Time spent on the run, summed over all sittings."""
        return self._earlier + (0.0 if self._was_finished else time.perf_counter() - self._began)

    @property
    def _budget(self) -> float | None:
        """In seconds; None if it is told in steps."""
        return None if self.config.steps is not None else 60 * (self.config.minutes or 0.0)

    @property
    def fraction(self) -> float:
        """Share of the budget that is spent: of the steps, or of the seconds before the final evaluation."""
        if self._ended or self.finished:
            return 1.0
        if self._budget is None:
            assert self.config.steps is not None  # TrainConfig has one of the two
            return self.trainer.steps / self.config.steps
        return self.seconds / self._time_to_train(self._budget)

    def _time_to_train(self, budget: float) -> float:
        """Return the seconds before the final evaluation."""
        return max(budget - self._time_to_finish - self._evaluating - self._saving, 0.8 * budget)

    @property
    def _time_to_finish(self) -> float:
        """Seconds after training: for calibration, the final score, the card and the last checkpoint."""
        return self.held_out.reserve(self._budget) + self._saving

    def _keep_half(self) -> None:
        """Give half of the time to training, however long reading the text and trying out the machine took."""
        if self._budget is not None and (spent := self.seconds) > (half := self._time_to_train(self._budget) / 2):
            self._began += spent - half
            self.note(
                f"reading the text and trying out this machine took {duration(spent)}, much of the budget of "
                f"{duration(self._budget)}: training gets {duration(half)} all the same"
            )

    def __iter__(self) -> Iterator[Progress]:
        if self.trainer.steps == 0:
            self._keep_half()
        stages.enter("learning", None if self._budget is None else self._budget - self.seconds)
        self._sitting, self._before = time.perf_counter(), self.trainer.steps
        yield from self._untrained()
        saved = time.perf_counter()
        moment = self._moment(saved)
        while moment.fraction < 1.0 or self.trainer.steps == 0:
            lr = plan.learning_rate(moment.fraction, self.config.lr or 0.0, self.config.warmup, self._decay)
            with self.threads.step():
                loss = self.trainer.step(lr)
            skipped = self._is_skipped(loss, lr)
            moment = self._moment(saved)
            if skipped and not (moment.stop and self._losses):
                continue
            progress = self._progress(lr, moment.fraction)
            if self.ranks.first:
                self._journal.note(progress, self._losses, now=moment.evaluate)
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
        if self._losses:  # the time ran out between two steps: these weights were not evaluated yet
            progress = self._evaluate(self._progress(0.0, moment.fraction))
            self.save()
            yield progress
        if not self.finished:
            self._finish()

    def _untrained(self) -> Iterator[Progress]:
        """Evaluate the model before the first step, if there is a clock or somebody watches: where learning begins."""
        if self._is_unscored and (self.config.watch or self._budget is not None):
            yield self._evaluate(self._progress(0.0, self.fraction))
            self.save()

    @property
    def _decay(self) -> float:
        """The share of the run in which the learning rate falls."""
        return plan.decay(updates_of(self.config, self.trial))

    def _is_skipped(self, loss: Tensor, lr: float) -> bool:
        """Record the loss of a step, and return whether the step was skipped because of NaN or infinity.

        Raises UserError if that happened too often in a row; the last checkpoint and the best weights stay.
        """
        if not self.trainer.skipped:
            self._loss, self._losses = self._loss + loss, self._losses + 1
            return False
        step, norm = self.trainer.steps, self.trainer.norm
        if self.trainer.skipped == 1:
            self.note(f"step {step}: skipped, as its gradient has the norm {norm:g} (learning rate {lr:.2g})")
        if self.trainer.skipped >= MOST_SKIPPED:
            raise UserError("loss-not-finite", step=step, found=loss.item(), rate=lr, norm=norm, folder=self.out)
        return True

    def _moment(self, saved: float) -> Moment:
        """Return the state of the run after a step, agreed by all processes. saved: time of the last save."""
        fraction = self.fraction
        early = self.config.watch and plan.is_early(self.trainer.steps)
        evaluate = self._losses > 0 and (early or self._is_due(fraction))
        return self.ranks.moment(Moment(fraction, evaluate, time.perf_counter() - saved > SAVE_EVERY, self._stopping))

    def _is_due(self, fraction: float) -> bool:
        """Return whether a share of the budget calls for an evaluation. Those before and early ones are others."""
        return fraction * self.config.evaluations >= self.evaluations + 1

    def _progress(self, lr: float, fraction: float) -> Progress:
        stream, done = self.trainer.stream, self.trainer.steps - self._before
        per_step = stream.batch * stream.lane / stream.windows / self.tokens_per_character
        rate = done * per_step / (time.perf_counter() - self._sitting) if done else per_step / self.trial.seconds
        if self._budget is None:
            remaining = ((self.config.steps or 0) - self.trainer.steps) * per_step / max(rate, 1.0)
        else:
            remaining = self._budget - self.seconds
        return Progress(
            step=self.trainer.steps,
            seconds=self.seconds,
            fraction=min(fraction, 1.0),
            remaining=max(remaining, 0.0),
            train_bpc=self._loss.item() / max(self._losses, 1) / math.log(2) * self.tokens_per_character,
            characters_per_second=rate,
            lr=lr,
        )

    def _evaluate(self, progress: Progress) -> Progress:
        """Score the held-out text quickly, keep the weights if they are the best so far, draw a sample."""
        began = time.perf_counter()
        if self.ranks.first:
            progress = self._scored(progress)
        self._evaluating = time.perf_counter() - began
        # One evaluation counts for all that are due by now, if steps or the evaluation itself take long.
        due = self._is_due(progress.fraction)
        self.evaluations = max(self.evaluations + due, int(self.fraction * self.config.evaluations))
        self._loss, self._losses = torch.zeros_like(self._loss), 0
        return progress

    def _scored(self, progress: Progress) -> Progress:
        score = self.held_out.quick_score(self.model)
        if not math.isfinite(score):
            self.note(f"step {progress.step}: the held-out score is {score:g}; the best weights so far are kept")
            return progress
        if self.held_out.is_best(score):
            checkpoint.write_weights(self.out, self.model)
        # While the rate stays high scores go up and down; they get better when it falls.
        counts = self._is_due(progress.fraction) and progress.fraction > 1.0 - self._decay
        if counts and self.held_out.has_turned(score, self.config.patience) and self.fraction < 1.0:
            self.note(
                f"the held-out score has turned, from {self.best_bpc:.3f} to {score:.3f} bits per character: training "
                "ends early, with the best weights (--patience 0 goes on; --weights last samples the latest)"
            )
            self.end()
        with evaluating(self.model) as model:
            sampler = Sampler(model, self.tokenizer)
            sample = self.config.prompt + "".join(sampler.stream(self.config.prompt, SAMPLE))
        exam = None if self.exam is None else self.exam.marks()
        progress = replace(progress, valid_bpc=score, best_bpc=self.best_bpc, sample=sample, exam=exam)
        if not self._losses:  # nothing was read yet: what was held out is as new as the rest
            progress = replace(progress, train_bpc=score)
        self._journal.score({
            "step": progress.step, "seconds": round(progress.seconds, 3), "train_bpc": progress.train_bpc,
            "valid_bpc": score, "lr": progress.lr, "chars_per_second": round(progress.characters_per_second),
            "sample": sample, **({} if exam is None else {"exam": exam}),
        })  # fmt: skip
        return progress

    def _finish(self) -> None:
        """Calibrate and score the best weights, write the card, and then a checkpoint that says so.

        If it is interrupted anywhere, the next sitting finishes with the same result.
        """
        if self._budget is not None and self.trainer.steps < FEW_STEPS:
            self.note(
                f"only {quantity(self.trainer.steps, 'steps')} of training fitted into {duration(self._budget)}: give "
                "more --minutes, or free the processor of other programs"
            )
        stages.enter("calibrating", self._time_to_finish)
        final = self.held_out.finish(self.model, self.out, self._budget) if self.ranks.first else None
        self.final = self.ranks.agreed(lambda: final)
        if self.ranks.first and final is not None:
            stages.enter("writing")
            self._journal.score({
                "step": self.trainer.steps, "final_bpc": final.bits_per_character, "date": final.day,
                "characters": self.text.train.characters, "base": self.base or "", "counts": self.model.config.counts,
                "minutes": 0.0 if self._budget is None else self._budget / 60,
            })  # fmt: skip
            model_card.write(self.out, self.summary(final))
        self.save()

    def metrics(self) -> list[run_log.Row]:
        """Return the evaluations as they were logged."""
        return run_log.evaluations(self.out)

    def summary(self, final: BestModel) -> RunSummary:
        """Return the facts of a finished run for its model card."""
        model = self.model
        return RunSummary(
            name=model.name, text=self.text, config=self.config, shape=model.config, base=self.base, trial=self.trial,
            parameters=model.parameter_count, characters=len(self.tokenizer.characters), steps=self.trainer.steps,
            seconds=self.seconds, final=final, evaluations=run_log.read(self.out).evaluations,
        )  # fmt: skip

    def save(self) -> None:
        """Write a checkpoint with all that `resume` needs, as one file of one moment."""
        began, state = time.perf_counter(), self._checkpoint()
        if self.ranks.first:
            checkpoint.write_tensors(self.out / saved_model.STATE, *state)
        self.ranks.wait()
        self._saving = time.perf_counter() - began

    def _checkpoint(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        run = {
            "config": self.config.to_json(), "source": asdict(self.text.source), "text": self.text.key,
            "sha256": self.text.sha256, "base": self.base, "trial": asdict(self.trial), "steps": self.trainer.steps,
            "seconds": self.seconds, "evaluations": self.evaluations, "losses": self._losses, **self.held_out.saved(),
            "seal": self._seal, "exam": None if self.exam is None else self.exam.each,
            "final": None if self.final is None or self._ended else asdict(self.final),
            **({} if self.trainer.teacher is None else {"teacher": self.trainer.teacher.sha256}),
        }  # fmt: skip
        return {**self.trainer.tensors(), "loss": self._loss.cpu()}, {"run": json.dumps(run)}
