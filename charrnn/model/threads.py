"""ThreadTuner: set the fastest number of CPU threads while other programs come and go.

The threads of a matrix product wait for one another. When another program takes one of their cores, two threads are
slower than one, often many times, because each spins while it waits.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

import torch

RECENT = 4, 1.0  # steps, or seconds, whose median tells whether steps have become slow
SLOW = 1.3  # × the fastest step's time: beyond it, other thread counts are tried
BETTER = 0.9  # × the current time: below it, another thread count is taken
TRIED = 3, 0.2  # steps, or seconds, for which each other count is tried
AGAIN, LONGEST = 5.0, 60.0  # seconds until others are tried again, doubled up to LONGEST while nothing changes

Item = TypeVar("Item")


def candidates(most: int) -> list[int]:
    """Return the thread counts worth trying, largest first: all, all but one, half, one."""
    return sorted({most, max(1, most - 1), max(1, most // 2), 1}, reverse=True)


class ThreadTuner:
    """Times equal steps of work, sets the number of PyTorch threads, and restores it at the end of a `with` block.

        with ThreadTuner() as tuner:
            for batch in tuner.timed(batches):
                …

    While steps take their usual time, it only reads a clock.
    """

    def __init__(
        self, note: Callable[[str], None] | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """note: is told when the number changes. The current number of threads is the largest that is tried."""
        self.note, self.clock = note or (lambda _: None), clock
        self.most = self.count = self._before = torch.get_num_threads()
        self.fixed = self.most == 1
        self._usual: dict[int, float] = {}  # the fastest step of each count
        self._recent: deque[float] = deque(maxlen=RECENT[0])
        self._trial: dict[int, list[float]] = {}  # steps of the counts that are tried now
        self._wait, self._tried_at = AGAIN, -math.inf
        self._warm, self._compared = False, False  # whether a first step was made; whether others were ever tried

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._before)

    def start(self, count: int, *, fixed: bool = False) -> None:
        """Begin with `count` threads, which a trial before has chosen. fixed: whether to keep them, come what may."""
        self.count, self.fixed, self._compared = count, fixed or self.most == 1, True
        torch.set_num_threads(count)

    def timed(self, work: Iterable[Item]) -> Iterator[Item]:
        """Yield the items of `work`; a step is the making of an item and what the caller does with it."""
        items = iter(work)
        while True:
            with self.step():
                try:
                    item = next(items)
                except StopIteration:
                    return
                yield item

    @contextmanager
    def step(self) -> Iterator[None]:
        """Time a step of work."""
        began = self.clock()
        yield
        self.took(self.clock() - began)

    def took(self, seconds: float) -> None:
        """Record a step's time, and set the number of threads for the next."""
        if self.fixed or not self._warm:  # the first step also loads and allocates
            self._warm = True
        elif self._trial:
            self._tried(seconds)
        else:
            self._recent.append(seconds)
            self._usual[self.count] = min(seconds, self._usual.get(self.count, math.inf))
            if self._is_due():
                self._trial = {count: [] for count in candidates(self.most) if count != self.count}
                torch.set_num_threads(next(iter(self._trial)))

    def _is_due(self) -> bool:
        """Return whether to try other counts: at first, when steps are slow, and as long as threads are idle."""
        if not _enough(self._recent, RECENT) or self.clock() - self._tried_at < self._wait:
            return False
        slow = statistics.median(self._recent) > SLOW * self._usual[self.count]
        return slow or self.count < self.most or not self._compared

    def _tried(self, seconds: float) -> None:
        """Record a step of the count on trial; then try the next, or after the last take the best."""
        count = next(count for count, times in self._trial.items() if not _enough(times, TRIED))
        self._trial[count].append(seconds)
        waiting = [count for count, times in self._trial.items() if not _enough(times, TRIED)]
        if waiting:
            torch.set_num_threads(waiting[0])
            return
        means = {count: _mean(times) for count, times in self._trial.items()}
        best, now = min(means, key=lambda count: means[count]), statistics.mean(self._recent)
        self._trial, self._tried_at, self._compared = {}, self.clock(), True
        if means[best] < BETTER * now:
            self._take(best)
            self._wait = AGAIN
        else:
            self._wait = min(2 * self._wait, LONGEST)
        torch.set_num_threads(self.count)

    def _take(self, count: int) -> None:
        fewer, self.count = count < self.count, count
        self._recent.clear()
        if fewer:
            why = "steps became slow, another program may be using this processor"
            self.note(f"{why}: {count} of {self.most} threads from now on")
        else:
            self.note(f"{count} of {self.most} threads again: steps are faster so")


def _enough(times: Sequence[float], limits: tuple[int, float]) -> bool:
    steps, seconds = limits
    return len(times) >= steps or sum(times) >= seconds


def _mean(times: list[float]) -> float:
    """Return the mean without the first step, in which threads start, if there are others."""
    return statistics.mean(times[1:] or times)
