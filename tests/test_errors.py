"""Durations, numbers and errors of the operating system, as a person reads them."""

import errno
import math
import random
import re
import socket

import pytest

from charrnn.errors import cause, duration, number

SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def read(text: str) -> float:
    """The seconds that a duration in words says."""
    return sum(float(n.replace(",", "")) * SECONDS[unit] for n, unit in re.findall(r"([\d.,]+) (\w+?)s?\b", text))


def test_a_duration_is_rounded_but_true() -> None:
    draw = random.Random(1)
    for _ in range(2000):
        seconds = 10 ** draw.uniform(-1, 6)
        told = read(duration(seconds))
        assert abs(told - seconds) <= (0.051 if seconds < 9.95 else 0.5 if seconds < 3600 else 30), seconds
        assert re.fullmatch(r"[\d.,]+ [a-z]+(?: \d+ [a-z]+)?", duration(seconds))


def test_a_duration_is_english() -> None:
    """One minute, two minutes; never 60 seconds, nor a decimal where there are minutes."""
    for seconds in [*range(1, 8000), 6.06654 * 60, 59.6, 3599.7, 0.04]:
        for count, unit in re.findall(r"([\d.,]+) (\w+)", duration(seconds)):
            assert unit.endswith("s") == (count != "1")
            assert not unit.startswith(("second", "minute")) or float(count) < 60
    assert [duration(60), duration(300), duration(364), duration(5400)] == [
        "1 minute", "5 minutes", "6 minutes 4 seconds", "1 hour 30 minutes",
    ]  # fmt: skip


def test_a_number_is_written_in_full_and_is_the_number() -> None:
    draw = random.Random(2)
    for value in [
        0,
        1,
        -3,
        16777216,
        2**63 - 1,
        *(draw.uniform(-1, 1) * 10.0 ** draw.randrange(-9, 15) for _ in range(500)),
    ]:
        written = number(value)
        assert type(value)(written.replace(",", "")) == value
        assert "e" not in written
        assert not re.search(r"\d{4}", written.partition(".")[0])
    assert [number(16777216), number(0.9), number(5.0), number(1e-5)] == ["16,777,216", "0.9", "5", "0.00001"]
    assert [number(math.inf), number(1e300)] == ["inf", "1e+300"]


@pytest.mark.parametrize("code", [code for name, code in vars(errno).items() if name.startswith("E")])
def test_every_error_of_the_system_has_a_cause(code: int) -> None:
    told = cause(OSError(code, "Strange words"))
    assert told
    assert "[Errno" not in told


def test_errors_without_a_number_have_one_too() -> None:
    """As those of a name that cannot be resolved, whose numbers mean something else."""
    assert cause(socket.gaierror(-2, "Name or service not known")) == "there is no such host, or no network"
    assert cause(OSError("Invalid data stream")) == "invalid data stream"
    assert cause(OSError()) == "oserror"
    assert cause(OSError("100000 requested and 12784 written")) == "the disk is full"
    assert cause(TimeoutError()) == "no answer in time"
