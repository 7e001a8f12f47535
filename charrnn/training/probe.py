"""Choose the machine's fastest way to train, by trying it."""

import copy
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import torch

from charrnn.config import TrainConfig
from charrnn.data.stream import TextStream
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.cells import CELLS
from charrnn.model.threads import BETTER, candidates
from charrnn.training.trainer import Trainer

ROUNDS = 4  # at least; the first one also warms up
PATIENCE, LONGEST = 0.005, 3.0  # such a share of the minutes, and so many seconds: other programs disturb short ones
DISTURBED = 1.15  # times as long as the fastest step: then the second fastest tells that something else was running

Way = TypeVar("Way")


def choose_device(name: str) -> torch.device:
    """The device of a name; "auto" is the GPU if there is one. Raises UserError if it is not usable."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserError("device-not-usable", found=name, cause=str(error).splitlines()[0]) from None
    return device


@dataclass(frozen=True)
class Trial:
    """The fastest way that this machine has to train a model."""

    bf16: bool  # whether products are made in bfloat16
    seconds: float  # of a training step
    threads: int  # of the CPU

    @classmethod
    def from_json(cls, values: dict[str, Any], threads: int | None) -> Self:
        """threads: those that a run of an earlier version was given, which did not store them here."""
        return cls(**{"threads": threads or torch.get_num_threads(), **values})

    def usable(self, model: CharRNN) -> Self:
        """This way, or the same in f32 where the machine at hand has no bfloat16 for the model."""
        return replace(self, bf16=self.bf16 and has_bf16(model))


def has_bf16(model: CharRNN) -> bool:
    """Whether this machine can train the model's cell in bfloat16 autocast."""
    shape = replace(model.config, vocab_size=300, embed=16, hidden=16, members=1, layers=1, counts="none")
    tokens = torch.zeros(2, 3, dtype=torch.int64)
    try:
        with torch.enable_grad(), torch.random.fork_rng(), torch.autocast("cpu", torch.bfloat16):
            tiny = CharRNN(shape)
            tiny(tokens, tiny.initial_state(2))[0].sum().backward()
    except RuntimeError:
        return False
    return True


def try_out(model: CharRNN, stream: TextStream, config: TrainConfig) -> Trial:
    """Time training steps in f32 and in bfloat16 autocast and then, unless `config` says how many, with fewer threads.

    bfloat16, and fewer threads, must be at least a tenth faster. All is tried on a copy of the model; the model, the
    random states and the number of threads stay as they were. Raises UserError if the format that was asked for cannot
    be had.
    """
    most = torch.get_num_threads()
    minutes = config.minutes if config.steps is None and config.minutes else 0.0
    patience = min(PATIENCE * 60 * minutes, LONGEST)
    trainers = {bf16: Trainer(copy.deepcopy(model), stream, config, bf16=bf16) for bf16 in _formats(model, config)}

    def step(bf16: bool, threads: int) -> None:
        torch.set_num_threads(threads)
        trainers[bf16].step(0.0).item()

    try:
        with torch.random.fork_rng():
            fastest = _race(list(trainers), lambda bf16: step(bf16, most), patience)
            bf16 = True in fastest and fastest[True] < BETTER * fastest.get(False, math.inf)
            fixed = config.threads is not None or model.device.type != "cpu" or "WORLD_SIZE" in os.environ
            if fixed or most == 1:
                return Trial(bf16, fastest[bf16], most)
            times = _race(candidates(most), lambda threads: step(bf16, threads), patience)
    finally:
        torch.set_num_threads(most)
    best = min(times, key=lambda threads: times[threads])
    threads = best if times[best] < BETTER * times[most] else most
    return Trial(bf16, times[threads], threads)


def _formats(model: CharRNN, config: TrainConfig) -> tuple[bool, ...]:
    """Which number formats to try: whether each is bfloat16."""
    if config.precision == "f32":
        return (False,)
    if model.device.type == "cuda" and CELLS[model.config.cell].fused_on_gpu:
        # PyTorch runs cuDNN's cells in float16 where autocast asks for bfloat16 (aten/src/ATen/cudnn/AutocastRNN.cpp),
        # and gradients would vanish in it. In f32, cuDNN multiplies in TF32 anyway.
        if config.precision == "bf16":
            raise UserError("no-bf16-on-gpu", setting="precision", cell=model.config.cell)
        return (False,)
    if model.device.type == "cpu" and not has_bf16(model):
        if config.precision == "bf16":
            raise UserError("no-bf16", setting="precision", cell=model.config.cell)
        return (False,)
    return (True,) if config.precision == "bf16" else (False, True)


def _race(ways: Sequence[Way], run: Callable[[Way], None], patience: float) -> dict[Way, float]:
    """The fastest of the times, in seconds, that each way took. patience: seconds; twice that where times differ."""
    times: dict[Way, list[float]] = {way: [] for way in ways}
    began, rounds = time.perf_counter(), 0
    while rounds < ROUNDS or time.perf_counter() - began < patience * (1 + _disturbed(list(times.values()))):
        rounds += 1
        for way in ways:
            start = time.perf_counter()
            run(way)
            times[way].append(time.perf_counter() - start)
    return {way: min(found) for way, found in times.items()}


def _disturbed(times: Sequence[list[float]]) -> bool:
    """Whether the two fastest times of some way differ, so that the fastest may not be as fast as it could be."""
    return any(sorted(found)[1] > DISTURBED * min(found) for found in times)
