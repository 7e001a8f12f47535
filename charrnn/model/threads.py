"""ThreadTuner: as many CPU threads as are fastest now, while other programs come and go.

The threads of a matrix product wait for one another. When another program takes one of their cores, two threads are
slower than one, often many times slower, as each spins while it waits.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

import torch

RECENT = 4, 1.0  # steps whose median tells whether steps have become slow, or seconds of steps
SLOW = 1.3  # times as long as the fastest steps: other thread counts are then tried
BETTER = 0.9  # of the time of a step: a thread count must be this much faster to be taken
TRIED = 3, 0.2  # steps of each other count, and seconds, whichever is reached first
AGAIN, LONGEST = 5.0, 60.0  # seconds until others are tried again; doubles, up to the second, while nothing changes

Item = TypeVar("Item")


def candidates(most: int) -> list[int]:
    """Thread counts worth trying, largest first: all, all but one, half, one."""
    return sorted({most, max(1, most - 1), max(1, most // 2), 1}, reverse=True)


class ThreadTuner:
    """Times equal steps of work and sets the number of PyTorch threads; restores it at the end of a `with` block.

        with ThreadTuner() as tuner:
            for batch in tuner.timed(batches):
                …

    While steps take as long as they usually do, it only looks at a clock.
    """

    def __init__(
        self, note: Callable[[str], None] | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """note: is told when the number changes. The number of threads at this moment is the largest one tried."""
        self.note, self.clock = note or (lambda _: None), clock
        self.most = self.count = self._before = torch.get_num_threads()
        self._usual: dict[int, float] = {}  # the fastest step of each count
        self._recent: deque[float] = deque(maxlen=RECENT[0])
        self._trial: dict[int, list[float]] = {}  # steps of the counts that are tried now
        self._wait, self._tried_at = AGAIN, -math.inf
        self._warm, self._compared = False, False  # whether a first step was made; whether others were ever tried

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._before)

    def start(self, count: int, most: int) -> None:
        """Begin with `count` threads of at most `most`, which were compared before."""
        self.count, self.most, self._compared = count, most, True
        torch.set_num_threads(count)

    def timed(self, work: Iterable[Item]) -> Iterator[Item]:
        """The items of `work`; what is done between one and the next is a step, with the making of the latter."""
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
        """Take note of a step's time, and set the number of threads for the next."""
        if self.most == 1 or not self._warm:  # the first step also loads and allocates
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
        """Whether other counts are to be tried: at first, when steps are slow, and as long as threads are idle."""
        if not _enough(self._recent, RECENT) or self.clock() - self._tried_at < self._wait:
            return False
        slow = statistics.median(self._recent) > SLOW * self._usual[self.count]
        return slow or self.count < self.most or not self._compared

    def _tried(self, seconds: float) -> None:
        """Add a step of the count that is tried; go on to the next; after the last, take the best."""
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
    """The mean without the first step, in which threads are started, if there are others."""
    return statistics.mean(times[1:] or times)
