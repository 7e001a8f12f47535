"""Training: a step function (`Trainer`), and a run that plans, evaluates and saves (`Run`)."""

from charrnn.train.run import Progress, Run
from charrnn.train.trainer import Trainer

__all__ = ["Progress", "Run", "Trainer"]
