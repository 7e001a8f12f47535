"""Validation: how well a run's model predicts held-out text, and the calibration of the finished model.

Evaluations take a small share of the training time. Calibration fits two numbers on held-out text when training ends,
because a network that has read its text often is overconfident, and trusts itself more than the n-gram model
(temperature scaling: Guo et al., ICML 2017):

    z_t ← α z_t + γ ℓ_t        ℓ_t: the log-probabilities of the n-gram model, if there is one

Both become part of the weights, see `CharRNN.rescale`.
"""

import json
import math
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path

import torch
from torch import Tensor, nn

from charrnn.corpus import baselines
from charrnn.corpus.baselines import Baselines
from charrnn.data.dataset import TrainingText
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import held_out_bits, held_out_windows
from charrnn.storage import checkpoint, run_log, saved_model
from charrnn.training import stages
from charrnn.training.setup import BestModel, SavedRun
from charrnn.training.trainer import Trainer

LANES, CONTEXT = 32, 256  # of the strips that are scored side by side (see `held_out_windows`)
QUICK = 2048  # tokens of each lane, at most, that an evaluation during training reads
QUICK_SHARE, WHOLE_SHARE = 0.003, 0.03  # of the training time, for each evaluation and for the last one
TURNED = 0.01  # bits per character above the best score: such an evaluation is clearly worse
BASELINE_TRAIN, BASELINE_VALID = 2**20, 2**17  # tokens: the end of the training part, the start of the held-out part
FINISH = 4.0  # seconds kept for saving, drawing the card and leaving

MOST = 2**23  # logits that calibration reads, 32 MB; as many again of the n-gram model
SPREAD = 0.1  # standard deviation of the prior of α around 1 and γ around 0: a few characters must not decide
STEPS = 20  # of L-BFGS


class Validation:
    """Scores the model that a trainer has on as much held-out text as there is time for, and decides on early stopping.

    budget: seconds of the whole training, or None if it is told in steps: then all of the text is scored at the end.
    """

    def __init__(
        self, trainer: Trainer, tokenizer: CharTokenizer, ids: Tensor, speed: float, budget: float | None
    ) -> None:
        """ids: (n,); speed: tokens scored in a second, guessed."""
        self.trainer, self.tokenizer, self.ids, self.speed = trainer, tokenizer, ids, speed
        self.quick = min(self._tokens(QUICK_SHARE, budget), LANES * QUICK)  # tokens that all scores but the last are of
        self.quick_characters = 0  # the same in characters, once one was made
        self.best: float | None = None  # bits per character
        self._worse, self._last = 0, 0.0  # evaluations in a row that were clearly worse than before; the last score

    def resume(self, saved: SavedRun) -> None:
        """Continue an earlier sitting: score as many tokens, so that scores can be compared, and expect its speed."""
        self.best, self._worse, self._last = saved.best_bpc, saved.worse, saved.last_bpc or 0.0
        self.quick = self.quick if saved.quick is None else saved.quick
        self.speed = self.speed if saved.speed is None else saved.speed

    def saved(self) -> dict[str, float | None]:
        """Return what `resume` needs, by its names in SavedRun."""
        return {
            "best_bpc": self.best, "worse": self._worse, "last_bpc": self._last or None, "quick": self.quick,
            "speed": self.speed,
        }  # fmt: skip

    def quick_score(self, model: CharRNN) -> float:
        """Return bits per character on the same part of the text each time: a fast estimate of `charrnn.score`."""
        began = time.perf_counter()
        bits, self.quick_characters = self._score(model, self.quick)
        self.speed = (LANES * CONTEXT + self.quick) / (time.perf_counter() - began)
        return bits

    def is_best(self, score: float) -> bool:
        """Return whether a score is the best so far, and remember it if so."""
        if not math.isfinite(score) or (self.best is not None and score >= self.best):
            return False
        self.best = score
        return True

    def has_turned(self, score: float, patience: int) -> bool:
        """Return whether the last `patience` scores were each clearly worse (early stopping: Prechelt, 1998)."""
        assert self.best is not None
        self._worse = self._worse + 1 if score > max(self.best + TURNED, self._last) else 0
        self._last = score
        if not patience or self._worse < patience:
            return False
        self._worse = 0  # a resumed run has as much patience again
        return True

    def calibrate(self, model: CharRNN) -> tuple[float, float]:
        """Rescale the model's logits by what suits the quick part best; return α and γ of `calibrate`."""
        with self.trainer.autocast():
            return calibrate(model, self.tokenizer, self.ids, *self._strips(self.quick))

    def last_score(self, model: CharRNN, budget: float | None) -> tuple[float, int]:
        """Return bits per character on the largest part that there is time for, and the characters in it."""
        return self._score(model, self._tokens(WHOLE_SHARE, budget))

    def finish(self, model: CharRNN, out: Path, budget: float | None) -> BestModel:
        """Calibrate the best weights in `out`, unless an interrupted sitting did, and score them as they are saved.

        They are saved in float16, which changes a weight by at most a 2048th of itself. The model's own weights stay.
        Raises UserError if the score is no number.
        """
        last = {name: weight.clone() for name, weight in model.weights().items()}
        path, most = out / saved_model.WEIGHTS, sum(weight.nbytes for weight in last.values())
        weights, metadata = checkpoint.read_tensors(path, most)
        try:
            if "calibration" not in metadata:
                model.load_weights(weights)
                found = {"calibration": json.dumps(self.calibrate(model))}
                checkpoint.write_weights(out, model, torch.float16, found)
                weights, metadata = checkpoint.read_tensors(path, most)
            model.load_weights(weights)
            own, counted = json.loads(metadata["calibration"])
            score, characters = self.last_score(model, budget)
        finally:
            model.load_weights(last)
        if not math.isfinite(score):
            raise UserError("score-not-finite", model=model.name)
        return BestModel(score, characters, own, counted, date.today().isoformat())

    def reserve(self, budget: float | None) -> float:
        """Return the seconds to keep for calibration, the last score and saving."""
        return FINISH + (2 * LANES * CONTEXT + self.quick + self._tokens(WHOLE_SHARE, budget)) / self.speed

    def _tokens(self, share: float, budget: float | None) -> int:
        """Return how many tokens can be scored in a share of the budget."""
        if budget is None:
            return len(self.ids)
        return min(len(self.ids), max(LANES * CONTEXT, int(share * budget * self.speed)))

    def _score(self, model: CharRNN, tokens: int) -> tuple[float, int]:
        with self.trainer.autocast():
            bits, characters = held_out_bits(model, self.tokenizer, self.ids, *self._strips(tokens))
        return bits / characters, characters

    def _strips(self, tokens: int) -> tuple[int, int, int]:
        """Return the lanes, context and limit with which `held_out_windows` reads so many tokens."""
        lanes = max(1, min(LANES, len(self.ids) // (4 * CONTEXT)))
        return lanes, CONTEXT, max(1, tokens // lanes)


def measure_baselines(text: TrainingText, folder: Path) -> Baselines:
    """Measure what simple models need on the held-out text, or on a part of a long one, and save it in the folder."""
    stages.enter("comparing")
    train, valid = text.train.ids[-BASELINE_TRAIN:], text.valid.ids[:BASELINE_VALID]
    found = baselines.measure(text.tokenizer.decode(train.tolist()), text.tokenizer.decode(valid.tolist()))
    checkpoint.write_json(folder / run_log.BASELINES, asdict(found))
    return found


def calibrate(
    model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, lanes: int, context: int, limit: int
) -> tuple[float, float]:
    """Rescale `model` by the α and γ that predict `ids` (n,) best, and return them.

    lanes, context, limit: how the ids are read, as in `held_out_windows`; fewer are read if there are many symbols.
    """
    v = model.output.out_features
    limit = min(limit, max(1, MOST // (v * lanes)))
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    with torch.inference_mode():
        for window in held_out_windows(model, tokenizer, ids, lanes, context, limit):
            logits, targets = model.symbol_logits(window.read).float(), window.targets.clamp(max=v - 1)
            counted = torch.zeros_like(logits)
            if model.fusion is not None:
                counted = window.read.expected[..., model.fusion.layout.log_probabilities]
            parts.append((logits.flatten(0, 1), counted.flatten(0, 1), targets.flatten()))
    # Copies, as tensors made in inference mode cannot be differentiated.
    logits, counted, targets = (torch.cat(tensors).clone() for tensors in zip(*parts, strict=True))
    own, added = fit(logits, counted, targets)
    if not math.isfinite(own + added):
        return 1.0, 0.0
    model.rescale(own, added)
    return own, added


def fit(logits: Tensor, counted: Tensor, targets: Tensor) -> tuple[float, float]:
    """Return the α and γ with which `logits` and `counted`, (n, v) each, predict `targets` (n,) best (convex)."""
    usual = torch.tensor([1.0, 0.0], device=logits.device)
    factors = usual.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([factors], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        nats = nn.functional.cross_entropy(factors[0] * logits + factors[1] * counted, targets, reduction="sum")
        whole: Tensor = (nats + ((factors - usual) / SPREAD).square().sum() / 2) / len(targets)
        torch.autograd.backward(whole)
        return whole

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    own, added = factors.tolist()
    return own, added
