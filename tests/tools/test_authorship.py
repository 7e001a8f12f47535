"""Attribution: probabilities sum to one, no order of models matters, and passages add up to the text."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.tools.authorship import SHORTEST, attribute, passages

TEXT = "A casa da minha avó fica no alto do morro, e de lá se vê o mar. " * 8


def toy(seed: int) -> Callable[[str], NDArray[np.float64]]:
    """Return a model that gives each character a random number of bits."""
    return lambda text: np.random.default_rng(seed).gamma(2, 1, len(text))


@given(st.permutations(range(4)))
def test_the_order_of_models_does_not_matter(order: list[int]) -> None:
    found, other = (attribute(TEXT, {f"m{seed}": toy(seed) for seed in some}) for some in (range(4), order))
    assert found.models == other.models
    np.testing.assert_array_equal(found.probabilities(), other.probabilities())
    assert found.probabilities().sum() == pytest.approx(1)
    assert found.probabilities().argmax() == found.bits.argmin()
    for number in range(4):
        np.testing.assert_allclose(found.bits[number], found.surprisal[number].sum())
        for one in found.testimonies(number, 99):
            costs = found.surprisal[:, one.start : one.stop].sum(axis=1)
            assert one.bits == pytest.approx(np.delete(costs, number).min() - costs[number])
            assert one.bits > 0


def test_equal_models_are_equally_probable() -> None:
    np.testing.assert_allclose(attribute(TEXT, {"a": toy(1), "b": toy(1)}).probabilities(), 0.5)
    assert attribute(TEXT, {"a": toy(1), "b": toy(1)}).testimonies(0) == []


@given(st.text(st.sampled_from("ab \n"), max_size=400))
def test_passages_are_the_text(text: str) -> None:
    found = list(passages(text))
    assert "".join(text[start:stop] for start, stop in found) == text


def test_what_cannot_be_compared_is_refused() -> None:
    for text, count, code in ((TEXT, 1, "one-author"), ("a" * (SHORTEST - 1), 2, "too-short-to-attribute")):
        with pytest.raises(UserError) as refused:
            attribute(text, {f"m{seed}": toy(seed) for seed in range(count)})
        assert refused.value.code == code
