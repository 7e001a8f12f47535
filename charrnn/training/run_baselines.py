"""What simple models need on the same held-out text: figures for a run's curves to stand beside."""

from dataclasses import asdict

from charrnn.corpus import baselines
from charrnn.corpus.baselines import Baselines
from charrnn.storage import checkpoint, run_log
from charrnn.training.run import Run

TRAIN, VALID = 2**20, 2**17  # tokens: the last of the training part, the first held out; a second or two


def measure(run: Run) -> Baselines:
    """Measure the baselines on the run's own split, or on a part of a long one, and keep them in its directory."""
    train, valid = run.text.train.ids[-TRAIN:], run.text.valid.ids[:VALID]
    found = baselines.measure(run.tokenizer.decode(train.tolist()), run.tokenizer.decode(valid.tolist()))
    checkpoint.write_json(run.out / run_log.BASELINES, asdict(found))
    return found
