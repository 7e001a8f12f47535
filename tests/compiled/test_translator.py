"""A function gives the same as machine code, made in haste or with care, as in Python; what cannot be is refused."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrnn.compiled.kernels import at_once, kernel, part

TABLE = np.array([3, 1, 4, 1, 5])
STEPS = (2, 7)
MASK = np.uint64(0xFF00FF00FF00FF00)


class Pair(NamedTuple):
    numbers: np.ndarray
    scale: float


class Nest(NamedTuple):
    pair: Pair
    rows: np.ndarray
    flag: bool


@part
def clipped(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    return high if value > high else value


def control(numbers: np.ndarray, most: int, found: np.ndarray) -> tuple[int, int, bool]:
    total, place, seen = 0, 0, False
    while place < len(numbers):
        value = numbers[place]
        place += 1
        if value < 0 or (value == 3 and place > 1):
            continue
        for step in range(2):
            total += STEPS[step]
        if total > most:
            seen = True
            break
        total += clipped(value, 1, 9) if value not in (5, 6) else -TABLE[0 if value > 5 else 4]
    for n in range(len(found) - 1, -1, -2):
        found[n] = total + n
    return total, place, seen and not total < most


def tuples(nest: Nest, extra: tuple[np.ndarray, int]) -> float:
    numbers, scale = nest.pair
    rows, total = nest.rows, 0.0
    weights = rows[0] if nest.flag else numbers
    for n in range(len(weights)):
        total += weights[n] * scale + extra[0][n]
    rows[1, 1:][:] = np.float32(extra[1])
    numbers[0], numbers[1] = numbers[1], numbers[0]
    return total + rows[-1, -1]


def bits(keys: np.ndarray, found: np.ndarray) -> None:
    for n in range(len(keys)):
        key = keys[n] ^ MASK
        key = (key << np.uint64(3)) | (key >> np.uint64(61))
        found[n] = key & MASK


def quotients(a: int, b: int) -> int:
    return a // b


def wider(found: np.ndarray) -> None:
    total = 0
    total = found[0]  # an integer before
    found[1] = total


def unknown(found: np.ndarray) -> None:
    with np.errstate():
        found[0] = 1


ways = pytest.mark.parametrize("way", [lambda one: one, at_once], ids=["with care", "at once"])
Way = Callable[[Callable[..., object]], Callable[..., object]]
CONTROL, TUPLES, BITS, QUOTIENTS = map(kernel, (control, tuples, bits, quotients))


@ways
@given(given=st.lists(st.integers(-3, 9), max_size=12), most=st.integers(0, 40))
@settings(max_examples=20)
def test_control_flow(way: Way, given: list[int], most: int) -> None:
    numbers = np.array(given, dtype=np.int16)
    found, expected = np.zeros(7, np.int16), np.zeros(7, np.int16)
    assert way(CONTROL)(numbers, most, found) == control(given, most, expected)  # type: ignore[arg-type]
    assert np.array_equal(found, expected)


@ways
@pytest.mark.parametrize("flag", [True, False])
def test_tuples_and_arrays(way: Way, flag: bool) -> None:
    def nest() -> Nest:
        return Nest(Pair(np.arange(4, dtype=np.float32), 0.5), np.arange(8, dtype=np.float32).reshape(2, 4), flag)

    one, other, extra = nest(), nest(), (np.linspace(0, 1, 4, dtype=np.float32), 3)
    assert way(TUPLES)(one, extra) == pytest.approx(tuples(other, extra))
    assert np.array_equal(one.pair.numbers, other.pair.numbers)
    assert np.array_equal(one.rows, other.rows)


@ways
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5))
@settings(max_examples=20)
def test_unsigned_numbers(way: Way, numbers: list[int]) -> None:
    keys = np.array(numbers, dtype=np.uint64)
    found, expected = np.zeros_like(keys), np.zeros_like(keys)
    way(BITS)(keys, found)
    bits(keys, expected)
    assert np.array_equal(found, expected)


@given(st.integers(-50, 50), st.integers(-7, 7))
def test_quotients_are_rounded_down(a: int, b: int) -> None:
    """And nothing breaks where a stranger's number is zero."""
    assert QUOTIENTS(a, b) == a // (b or 1)


def test_logarithms_and_powers() -> None:
    @kernel
    def both(x: np.ndarray, powers: np.ndarray, logarithms: np.ndarray) -> None:
        for n in range(len(x)):
            powers[n] = np.exp(x[n])
            logarithms[n] = np.log(powers[n])

    x = np.linspace(-700, 700, 20_001)
    powers, logarithms = np.empty_like(x), np.empty_like(x)
    both(x, powers, logarithms)
    assert np.abs(powers / np.exp(x) - 1).max() < 2e-13
    assert np.abs(logarithms - x).max() < 3e-13


@pytest.mark.parametrize(
    ("function", "dtype", "why"),
    [(wider, np.float64, "total was i64"), (unknown, np.int64, "do_With")],
)
def test_what_cannot_be_translated_is_refused(function: Callable[..., object], dtype: type, why: str) -> None:
    """The error names the line."""
    with pytest.raises((TypeError, AttributeError), match=why) as caught:
        kernel(function)(np.zeros(2, dtype))
    assert "test_translator, line" in caught.value.__notes__[0]


def test_kinds_that_would_lose_digits_do_not_mix() -> None:
    @kernel
    def added(keys: np.ndarray, places: np.ndarray) -> None:
        keys[0] = keys[0] + places[0]

    with pytest.raises(TypeError, match="uint64 does not mix"):
        added(np.zeros(1, np.uint64), np.zeros(1, np.int64))


def test_arrays_out_of_order_are_refused() -> None:
    with pytest.raises(AssertionError, match="in C order"):
        BITS(np.zeros((3, 2), np.uint64)[:, 0], np.zeros(3, np.uint64))
