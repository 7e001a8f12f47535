"""Choose the machine's fastest way to train, by trying it."""

import copy
import time

import torch

from charrnn.config import TrainConfig
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.stream import TextStream
from charrnn.train.trainer import Trainer

TRIALS = 3


def choose_device(name: str) -> torch.device:
    """The device of a name; "auto" is the GPU if there is one. Raises UserError if it is not usable."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"--device: expected a usable device, found {name!r} ({str(error).splitlines()[0]})") from None
    return device


def choose_bf16(model: CharRNN, stream: TextStream, config: TrainConfig) -> bool:
    """Whether training steps in bfloat16 autocast are at least a tenth faster here than in f32.

    Tries both on a copy of the model, interleaved; the model and the random states stay as they were.
    """
    if config.precision != "auto":
        return config.precision == "bf16"
    trainers = {bf16: Trainer(copy.deepcopy(model), stream, config, bf16) for bf16 in (False, True)}
    fastest = dict.fromkeys(trainers, float("inf"))
    try:
        with torch.random.fork_rng():
            for _ in range(1 + TRIALS):  # the first step of each also warms up, and is never the fastest
                for bf16, trainer in trainers.items():
                    start = time.perf_counter()
                    trainer.step(0.0).item()
                    fastest[bf16] = min(fastest[bf16], time.perf_counter() - start)
    except RuntimeError:  # no bfloat16 kernel for this cell on this machine
        return False
    return fastest[True] < 0.9 * fastest[False]
