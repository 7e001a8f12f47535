"""Parts of a network's work at the same time, each on threads of its own.

PyTorch shares every product among its threads, which then wait for one another, thousands of times in a training step.
Parts of the lanes meet once in a step, where their gradients are added; members of an ensemble that learn from one text
meet where a window ends.
"""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import TypeVar

import torch

FEWEST = 8  # lanes of a part: with fewer, weights are read more than they are multiplied

Part = TypeVar("Part")
Result = TypeVar("Result")


def parts_of(lanes: int) -> list[slice]:
    """Return the parts in which as many threads as PyTorch has read so many lanes."""
    count = max(1, min(torch.get_num_threads(), lanes // FEWEST))
    return [slice(*edges) for edges in pairwise(lanes * number // count for number in range(count + 1))]


def at_once(task: Callable[[Part], Result], parts: Sequence[Part], threads: int) -> list[Result]:
    """Return what a task gives for each part, on workers that share so many threads; if that is one, on this thread.

    The caller should compute on one thread: idle ones spin after each product that they shared, on the workers' cores.
    """
    workers = min(len(parts), threads)
    return [task(part) for part in parts] if workers == 1 else list(_pool(workers, threads).map(task, parts))


@functools.cache
def _pool(workers: int, threads: int) -> ThreadPoolExecutor:
    """Return a pool of workers that share so many threads."""
    all_there = Barrier(workers)

    def begin() -> None:
        torch.get_num_threads()  # a thread's first question sets its number to the main thread's, which is replaced
        torch.set_num_threads(threads // workers)
        torch.set_flush_denormal(True)  # as in training; a setting of each thread

    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(workers, "part", begin)
    list(pool.map(lambda _: all_there.wait(), range(workers)))
    torch.set_num_threads(before)  # again, as other threads take the number that was set last
    return pool
