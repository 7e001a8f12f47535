"""Laws of the thread tuner, on a machine whose times are made up."""

from collections.abc import Callable

import pytest
import torch

from charrnn.model.threads import AGAIN, LONGEST, RECENT, TRIED, ThreadTuner, candidates


class Machine:
    """A clock, and steps that take as long as `seconds` says for a number of threads."""

    def __init__(self, threads: int, seconds: Callable[[int], float]) -> None:
        torch.set_num_threads(threads)
        self.now, self.seconds, self.said = 0.0, seconds, list[str]()
        self.tuner = ThreadTuner(self.said.append, lambda: self.now)

    def run(self, steps: int) -> list[int]:
        """Make steps; the number of threads in each."""
        used = []
        for _ in range(steps):
            used.append(torch.get_num_threads())
            with self.tuner.step():
                self.now += self.seconds(torch.get_num_threads())
        return used


def idle(threads: int) -> float:
    return 0.1 / threads


def busy(threads: int) -> float:
    """A core is taken: more than one thread wait for one another."""
    return 0.1 if threads == 1 else 0.5


@pytest.mark.parametrize(("most", "tried"), [(1, [1]), (2, [2, 1]), (3, [3, 2, 1]), (16, [16, 15, 8, 1])])
def test_candidates_are_distinct_and_fall(most: int, tried: list[int]) -> None:
    assert candidates(most) == tried


def test_an_idle_machine_compares_once_and_is_then_left_alone() -> None:
    machine = Machine(4, idle)
    used = machine.run(2000)
    others = sum(count != 4 for count in used)
    assert 0 < others <= TRIED[0] * len(candidates(4))
    assert others == sum(count != 4 for count in used[:30])
    assert machine.said == []


def test_a_number_that_was_chosen_is_kept_on_a_busy_machine() -> None:
    machine = Machine(2, idle)
    machine.tuner.start(2, fixed=True)
    machine.run(20)
    machine.seconds = busy
    assert set(machine.run(100)) == {2}


def test_the_only_core_is_kept_however_busy_it_is() -> None:
    machine = Machine(1, idle)
    machine.tuner.start(1)
    machine.run(20)
    machine.seconds = lambda _: 0.5
    assert set(machine.run(100)) == {1}


@pytest.mark.parametrize("compared", [False, True])
def test_fewer_threads_are_taken_when_they_are_faster_and_given_back(compared: bool) -> None:
    machine = Machine(2, idle)
    if compared:
        machine.tuner.start(2)
    machine.run(200)
    machine.seconds = busy
    machine.run(RECENT[0] + TRIED[0] + 1)
    assert machine.tuner.count == torch.get_num_threads() == 1
    assert machine.said[-1].endswith("1 of 2 threads from now on")
    beside = machine.run(2000)
    lost = sum(count == 2 for count in beside) * busy(2) / (2000 * busy(1))
    assert lost < 0.1  # what looking whether the machine is free again costs
    machine.seconds = idle
    machine.run(int(LONGEST / idle(1)) + 100)
    assert machine.tuner.count == torch.get_num_threads() == 2
    assert machine.said[-1].startswith("2 of 2 threads again")


def test_a_machine_that_is_busy_from_the_first_step_on() -> None:
    machine = Machine(8, busy)
    machine.run(40)
    assert machine.tuner.count == 1


def test_steps_that_are_slow_with_any_number_of_threads_change_nothing() -> None:
    machine = Machine(2, idle)
    machine.run(100)
    machine.seconds = lambda threads: 3 * idle(threads)  # the text became harder, say
    began = machine.now
    used = machine.run(3000)
    assert machine.tuner.count == 2
    assert machine.said == []
    assert sum(count != 2 for count in used) <= TRIED[0] * (4 + (machine.now - began) / LONGEST)


def test_the_number_of_threads_is_restored() -> None:
    torch.set_num_threads(2)
    with ThreadTuner(clock=lambda: 0.0) as tuner:
        assert list(tuner.timed("abc")) == ["a", "b", "c"]
        tuner.start(1)
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


def test_one_thread_is_never_changed() -> None:
    machine = Machine(1, lambda threads: 1.0)
    assert machine.run(50) == [1] * 50
    assert AGAIN < LONGEST
