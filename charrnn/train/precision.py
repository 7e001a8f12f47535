"""Choose the machine's fastest way to train, by trying it."""

import copy
import time
from dataclasses import dataclass

import torch

from charrnn.config import TrainConfig
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.stream import TextStream
from charrnn.train.trainer import Trainer

TRIALS = 3  # at least; more, while they take less than
PATIENCE, LONGEST = 0.005, 3.0  # such a share of the minutes, and so many seconds: other programs disturb short ones


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


@dataclass(frozen=True)
class Trial:
    """What this machine does with a model."""

    bf16: bool  # whether products are made in bfloat16
    seconds: float  # of a training step


def try_out(model: CharRNN, stream: TextStream, config: TrainConfig) -> Trial:
    """Time training steps in f32 and in bfloat16 autocast, which is chosen if it is at least a tenth faster.

    Tries both on a copy of the model, interleaved; the model and the random states stay as they were. Raises UserError
    if the one that was asked for cannot be had.
    """
    formats = {"auto": (False, True), "f32": (False,), "bf16": (True,)}[config.precision]
    if model.device.type == "cuda" and model.config.cell in ("lstm", "gru"):
        # PyTorch runs cuDNN's cells in float16 where autocast asks for bfloat16 (aten/src/ATen/cudnn/AutocastRNN.cpp),
        # and gradients would vanish in it. In f32, cuDNN multiplies in TF32 anyway.
        if config.precision == "bf16":
            raise UserError(f"precision: expected f32 or auto for {model.config.cell} on a GPU, found 'bf16'")
        formats = (False,)
    trainers = {bf16: Trainer(copy.deepcopy(model), stream, config, bf16) for bf16 in formats}
    fastest = dict.fromkeys(trainers, float("inf"))
    minutes = config.minutes if config.steps is None and config.minutes else 0.0
    began, patience = time.perf_counter(), min(PATIENCE * 60 * minutes, LONGEST)
    with torch.random.fork_rng():
        rounds = 0
        while rounds < 1 + TRIALS or time.perf_counter() - began < patience:  # the first ones also warm up
            rounds += 1
            for bf16, trainer in list(trainers.items()):
                start = time.perf_counter()
                try:
                    trainer.step(0.0).item()
                except RuntimeError as error:  # no bfloat16 kernel for this cell on this machine
                    if not bf16 or isinstance(error, torch.OutOfMemoryError):
                        raise
                    if config.precision == "bf16":
                        expected = f"a format that this machine has for {model.config.cell}"
                        reason = str(error).splitlines()[0]
                        raise UserError(f"precision: expected {expected}, found 'bf16' ({reason})") from None
                    del trainers[bf16]
                    continue
                fastest[bf16] = min(fastest[bf16], time.perf_counter() - start)
    bf16 = True in fastest and fastest[True] < 0.9 * fastest.get(False, float("inf"))
    return Trial(bf16, fastest[bf16])
