"""ProcessGroup: data-parallel training in several processes, as `torchrun` starts them; a process alone does nothing.

Each rank holds the whole model and reads its share of the lanes. Gradients are averaged (DistributedDataParallel), so
that all ranks take the same steps. The first rank decides what depends on a clock or a file, and it alone writes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self, TypeVar

import torch
from torch import Tensor, distributed, nn

from charrnn.errors import UserError

Value = TypeVar("Value")
PATIENCE = timedelta(days=7)  # of ranks that wait for the first, which may read or score a long text


class Moment(NamedTuple):
    """The state of a run, as the first rank sees it, and whether any rank was asked to stop."""

    fraction: float  # of the budget
    evaluate: bool
    save: bool
    stop: bool


@dataclass(frozen=True)
class ProcessGroup:
    """This process among `count` of them."""

    rank: int = 0
    count: int = 1
    local: int = 0  # this process among those of its machine
    talk: distributed.ProcessGroup | None = None  # for everything but gradients, on CPUs

    @classmethod
    def join(cls, device: str) -> Self:
        """Join the processes that a launcher started with this one (it sets WORLD_SIZE); else return this one alone.

        device: "cuda", where gradients are averaged between GPUs (NCCL), or "cpu" (Gloo).
        """
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls()
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if not distributed.is_initialized():
            if device == "cuda":
                torch.cuda.set_device(local)
            distributed.init_process_group("nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
        apart = device == "cuda"
        talk = distributed.new_group(backend="gloo", timeout=PATIENCE) if apart else distributed.group.WORLD
        return cls(distributed.get_rank(), distributed.get_world_size(), local, talk)

    @staticmethod
    def is_first() -> bool:
        """Return whether this process is the first rank, or alone; known before it joins the others."""
        return os.environ.get("RANK", "0") == "0"

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def alone(self) -> bool:
        return self.count == 1

    def rows(self, lanes: int) -> slice:
        """Return this rank's lanes. Raises UserError if they cannot be shared equally."""
        if lanes % self.count:
            raise UserError("batch-not-multiple", processes=self.count, found=lanes)
        share = lanes // self.count
        return slice(self.rank * share, (self.rank + 1) * share)

    def averaging(self, module: nn.Module) -> nn.Module:
        """Return the module, so wrapped that its gradients are the mean over all ranks."""
        if self.alone:
            return module
        cuda = next(module.parameters()).is_cuda
        return nn.parallel.DistributedDataParallel(module, device_ids=[self.local] if cuda else None)

    def agreed(self, settle: Callable[[], Value]) -> Value:
        """Return what `settle` returns in the first rank; the others wait for it."""
        if self.alone:
            return settle()
        said = [settle() if self.first else None]
        distributed.broadcast_object_list(said, src=0, group=self.talk)
        return said[0]  # type: ignore[return-value]

    def moment(self, mine: Moment) -> Moment:
        """Return the first rank's moment, with `stop` if any rank was asked to."""
        if self.alone:
            return mine
        numbers = torch.tensor(mine, dtype=torch.float64)
        if not self.first:
            numbers[:-1] = 0.0
        distributed.all_reduce(numbers, group=self.talk)
        fraction, *wishes = numbers.tolist()
        return Moment(fraction, *(wish > 0 for wish in wishes))

    def together(self, tensor: Tensor) -> Tensor:
        """Concatenate the ranks' tensors (b, …), on the CPU."""
        tensor = tensor.detach().cpu().contiguous()
        if self.alone:
            return tensor
        parts = [torch.empty_like(tensor) for _ in range(self.count)]
        distributed.all_gather(parts, tensor, group=self.talk)
        return torch.cat(parts)

    def wait(self) -> None:
        """Wait for all ranks."""
        if not self.alone:
            distributed.barrier(group=self.talk)

    @contextmanager
    def first_then_others(self) -> Iterator[None]:
        """Run the block in the first rank, then in the others, which find its results in the cache."""
        if not self.first:
            self.wait()
        yield
        if self.first:
            self.wait()


ALONE = ProcessGroup()
