"""The held-out text of a run: how well the model predicts it, told in a small share of the time that training has."""

import time
from dataclasses import asdict
from pathlib import Path

from torch import Tensor

from charrnn.corpus import baselines
from charrnn.corpus.baselines import Baselines
from charrnn.data.dataset import TrainingText
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.scoring.evaluate import held_out_bits
from charrnn.storage import checkpoint, run_log
from charrnn.training.calibration import calibrate
from charrnn.training.trainer import Trainer

LANES, CONTEXT = 32, 256  # how the text is cut to be scored quickly (see `held_out_windows`)
QUICK = 2048  # at most so many tokens of each lane are read by the evaluations during training,
QUICK_SHARE, WHOLE_SHARE = 0.003, 0.03  # and each of them, and the last one, takes about such a share of the time
BASELINE_TRAIN, BASELINE_VALID = 2**20, 2**17  # tokens from the end of the training part and the start of the other
FINISH = 2.0  # seconds kept back for saving and drawing the card


class Validation:
    """Scores the model that a trainer has, by as much of the text as there is time for.

    budget: seconds of the whole training, or None if it is told in steps: then all of the text is scored at the end.
    """

    def __init__(
        self, trainer: Trainer, tokenizer: CharTokenizer, ids: Tensor, speed: float, budget: float | None
    ) -> None:
        """ids: (n,); speed: tokens scored in a second, guessed."""
        self.trainer, self.tokenizer, self.ids, self.speed = trainer, tokenizer, ids, speed
        self.quick = min(self._tokens(QUICK_SHARE, budget), LANES * QUICK)  # tokens that all scores but the last are of
        self.quick_characters = 0  # the same in characters, once one was made

    def resume(self, quick: int | None, speed: float | None) -> None:
        """Score as many tokens as an earlier sitting did, so that scores can be compared, and expect its speed."""
        self.quick = self.quick if quick is None else quick
        self.speed = self.speed if speed is None else speed

    def quick_score(self, model: CharRNN) -> float:
        """Bits per character of the same part each time, nearly those of `charrnn.score`, and much sooner known."""
        began = time.perf_counter()
        bits, self.quick_characters = self._score(model, self.quick)
        self.speed = (LANES * CONTEXT + self.quick) / (time.perf_counter() - began)
        return bits

    def calibrate(self, model: CharRNN) -> tuple[float, float]:
        """Rescale the model by what suits that part best; see `calibration`."""
        with self.trainer.autocast():
            return calibrate(model, self.tokenizer, self.ids, *self._strips(self.quick))

    def last_score(self, model: CharRNN, budget: float | None) -> tuple[float, int]:
        """Bits per character, and of how many characters."""
        return self._score(model, self._tokens(WHOLE_SHARE, budget))

    def reserve(self, budget: float | None) -> float:
        """Seconds that calibrating, the last score and saving will take when training is over."""
        return FINISH + (2 * LANES * CONTEXT + self.quick + self._tokens(WHOLE_SHARE, budget)) / self.speed

    def _tokens(self, share: float, budget: float | None) -> int:
        """How many can be scored in a share of the budget."""
        if budget is None:
            return len(self.ids)
        return min(len(self.ids), max(LANES * CONTEXT, int(share * budget * self.speed)))

    def _score(self, model: CharRNN, tokens: int) -> tuple[float, int]:
        with self.trainer.autocast():
            bits, characters = held_out_bits(model, self.tokenizer, self.ids, *self._strips(tokens))
        return bits / characters, characters

    def _strips(self, tokens: int) -> tuple[int, int, int]:
        """How so many tokens are read: the lanes, context and limit of `held_out_windows`."""
        lanes = max(1, min(LANES, len(self.ids) // (4 * CONTEXT)))
        return lanes, CONTEXT, max(1, tokens // lanes)


def measure_baselines(text: TrainingText, folder: Path) -> Baselines:
    """Measure what simple models need on the same held-out text, or on a part of a long one; keep it in the folder."""
    train, valid = text.train.ids[-BASELINE_TRAIN:], text.valid.ids[:BASELINE_VALID]
    found = baselines.measure(text.tokenizer.decode(train.tolist()), text.tokenizer.decode(valid.tolist()))
    checkpoint.write_json(folder / run_log.BASELINES, asdict(found))
    return found
