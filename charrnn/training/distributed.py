"""ProcessGroup: several processes that train one model, as `torchrun` starts them; alone, it does nothing.

Each rank holds all of the model and reads its share of the lanes; gradients are averaged (DistributedDataParallel), so
that all take the same steps. What depends on a clock or on a file is settled by the first rank, which alone writes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, Self, TypeVar

import torch
from torch import Tensor, distributed, nn

from charrnn.errors import UserError

Value = TypeVar("Value")
PATIENCE = timedelta(days=7)  # for the first rank, which may have a long text to read or to score


class Moment(NamedTuple):
    """Where a run stands, as the first rank sees it; and whether any rank was asked to stop."""

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
    talk: Any = None  # the group over which all but gradients goes, on CPUs

    @classmethod
    def join(cls, device: str) -> Self:
        """The processes that a launcher started with this one (it sets WORLD_SIZE and its like); else this one alone.

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
        """Whether this process is the first rank, or alone; known before it joins the others."""
        return os.environ.get("RANK", "0") == "0"

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def alone(self) -> bool:
        return self.count == 1

    def rows(self, lanes: int) -> slice:
        """This rank's lanes. Raises UserError if they cannot be shared equally."""
        if lanes % self.count:
            raise UserError("batch-not-multiple", processes=self.count, found=lanes)
        share = lanes // self.count
        return slice(self.rank * share, (self.rank + 1) * share)

    def averaging(self, module: nn.Module) -> nn.Module:
        """The module, whose gradients will be the ranks' mean."""
        if self.alone:
            return module
        cuda = next(module.parameters()).is_cuda
        return nn.parallel.DistributedDataParallel(module, device_ids=[self.local] if cuda else None)

    def agreed(self, settle: Callable[[], Value]) -> Value:
        """What the first rank settles; the others wait for it."""
        if self.alone:
            return settle()
        said = [settle() if self.first else None]
        distributed.broadcast_object_list(said, src=0, group=self.talk)
        return said[0]  # type: ignore[return-value]

    def moment(self, mine: Moment) -> Moment:
        """The moment that all ranks go by."""
        if self.alone:
            return mine
        numbers = torch.tensor(mine, dtype=torch.float64)
        if not self.first:
            numbers[:-1] = 0.0
        distributed.all_reduce(numbers, group=self.talk)
        fraction, *wishes = numbers.tolist()
        return Moment(fraction, *(wish > 0 for wish in wishes))

    def together(self, tensor: Tensor) -> Tensor:
        """The ranks' tensors (b, …) one after the other, on the CPU."""
        tensor = tensor.detach().cpu().contiguous()
        if self.alone:
            return tensor
        parts = [torch.empty_like(tensor) for _ in range(self.count)]
        distributed.all_gather(parts, tensor, group=self.talk)
        return torch.cat(parts)

    def wait(self) -> None:
        """Until all are here."""
        if not self.alone:
            distributed.barrier(group=self.talk)

    @contextmanager
    def first_then_others(self) -> Iterator[None]:
        """The first rank does what follows; then the others do, and find in the cache what it made."""
        if not self.first:
            self.wait()
        yield
        if self.first:
            self.wait()


ALONE = ProcessGroup()
