"""Find the fastest way to train on this machine, by timing training steps."""

import copy
import math
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import torch

from charrnn.config import TrainConfig
from charrnn.data.stream import TextStream
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.cells import CELLS
from charrnn.model.threads import BETTER, candidates
from charrnn.training.trainer import Trainer

MOST_THREADS = 1024
ROUNDS = 4  # at least; the first also warms up
PATIENCE, LONGEST = 0.005, 3.0  # duration of a trial: a share of the budget, at most so many seconds
DISTURBED = 1.15  # × the fastest step: if the second fastest took longer, other programs disturbed the trial

Way = TypeVar("Way")


def choose_device(name: str) -> torch.device:
    """Return the device of a name; "auto" is the GPU if there is one. Raises UserError if it is not usable."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not re.fullmatch(r"cpu|cuda(:\d{1,4})?", name):
        raise UserError("no-such-device", found=name)
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # which a device without values does not have
    except (RuntimeError, AssertionError) as error:
        raise UserError("device-not-usable", found=name, cause=str(error).splitlines()[0]) from None
    return device


@dataclass(frozen=True)
class Trial:
    """The fastest way to train a model on this machine."""

    bf16: bool  # whether matrix products use bfloat16
    seconds: float  # per training step
    threads: int  # of the CPU

    @classmethod
    def from_json(cls, values: dict[str, float], threads: int | None) -> Self:
        """threads: for a run of an earlier version, which did not store them here."""
        known, seconds = int(values.get("threads") or threads or torch.get_num_threads()), float(values["seconds"])
        if not (0 < seconds < math.inf and 1 <= known <= MOST_THREADS):
            raise ValueError("a trial that no machine made")
        return cls(bool(values["bf16"]), seconds, known)

    def usable(self, model: CharRNN) -> Self:
        """Return this trial, in f32 if this machine cannot train the model in bfloat16."""
        return replace(self, bf16=self.bf16 and has_bf16(model))


def has_bf16(model: CharRNN) -> bool:
    """Return whether this machine can train the model's cell in bfloat16 autocast."""
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
    """Time training steps in f32 and in bfloat16 autocast and then, unless `config` sets their number, fewer threads.

    bfloat16, and fewer threads, are chosen if they are at least a tenth faster. Copies of the model are trained; the
    model, the random states and the number of threads stay unchanged. Raises UserError if the requested format is not
    available.
    """
    most = torch.get_num_threads()
    minutes = config.minutes if config.steps is None and config.minutes else 0.0
    patience = min(PATIENCE * 60 * minutes, LONGEST)
    trainers = {bf16: Trainer(copy.deepcopy(model), stream, config, bf16=bf16) for bf16 in _formats(model, config)}

    def step(trainer: Trainer, threads: int) -> None:
        torch.set_num_threads(threads)
        trainer.step(0.0).item()

    try:
        with torch.random.fork_rng():
            fastest = _race(list(trainers), lambda bf16: step(trainers[bf16], most), patience)
            bf16 = True in fastest and fastest[True] < BETTER * fastest.get(False, math.inf)
            fixed = config.threads is not None or model.device.type != "cpu" or "WORLD_SIZE" in os.environ
            if fixed or most == 1:
                return Trial(bf16, fastest[bf16], most)
            times = _race(candidates(most), lambda threads: step(trainers[bf16], threads), patience)
    finally:
        torch.set_num_threads(most)
    best = min(times, key=lambda threads: times[threads])
    threads = best if times[best] < BETTER * times[most] else most
    return Trial(bf16, times[threads], threads)


def _formats(model: CharRNN, config: TrainConfig) -> tuple[bool, ...]:
    """Return the number formats to try: for each, whether it is bfloat16."""
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
    """Return the shortest time of each way, in seconds. patience: seconds to try; doubled while times differ."""
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
    """Return whether the two shortest times of some way differ, so that even the shortest may be too long."""
    return any(sorted(found)[1] > DISTURBED * min(found) for found in times)
