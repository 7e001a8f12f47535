"""Laws of what texts have in common: against the plainest search, for short texts of few letters."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn.errors import UserError
from charrnn.sampling.novelty import Spans, novelty, windows

few = st.text(alphabet="ab\n", max_size=30)


@given(text=few, works=st.lists(few, max_size=3), least=st.integers(1, 5))
def test_matches_are_the_longest_common_runs(text: str, works: list[str], least: int) -> None:
    def common(start: int, stop: int) -> bool:
        return start >= 0 and stop <= len(text) and any(text[start:stop] in work for work in works)

    expected = {
        (start, stop)
        for start in range(len(text))
        for stop in range(start + least, len(text) + 1)
        if common(start, stop) and not common(start - 1, stop) and not common(start, stop + 1)
    }
    names = [str(number) for number in range(len(works))]
    found = novelty(text, zip(names, works, strict=True), least)
    assert {(match.start, match.stop) for match in found.matches} == expected
    assert len(found.matches) == len(expected)
    assert found.copied == len({place for start, stop in expected for place in range(start, stop)})
    for match in found.matches:
        work = works[int(match.name)]
        assert match.text == text[match.start : match.stop] == work[match.offset : match.offset + len(match.text)]
        assert match.line == work[: match.offset].count("\n") + 1
    lengths = [match.stop - match.start for match in found.matches]
    assert lengths == sorted(lengths, reverse=True)


def test_copies_are_found_in_long_texts() -> None:
    stories = STORIES.read_text(encoding="utf-8")
    text = "xyz" + stories[5000:5100] + "zyx✍" + stories[100:140]
    found = novelty(text, [("quadras", QUATRAINS.read_text(encoding="utf-8")), ("contos", stories)])
    assert [(match.name, match.offset, match.start) for match in found.matches[:2]] == [
        ("contos", 5000, 3), ("contos", 100, 107),
    ]  # fmt: skip
    assert found.share == found.copied / len(text) >= 140 / len(text)


def test_a_run_that_is_repeated_takes_no_longer() -> None:
    """All pairs of places would be 8 · 10⁸."""
    found = novelty("a" * 4000, [("work", "b" + "a" * 200_000)])
    assert [(match.start, match.stop, match.offset) for match in found.matches] == [(0, 4000, 1)]


@pytest.mark.slow
@pytest.mark.timed
def test_millions_of_characters_take_seconds() -> None:
    work = "".join(np.random.default_rng(1).choice(list("abcdefgh "), 4_000_000))
    began = time.perf_counter()
    assert len(novelty(work[1000:1500] + "x" + work[7:100], [("work", work)]).matches) == 2
    assert time.perf_counter() - began < 5
    began = time.perf_counter()
    spans = Spans.of([work], 31)
    assert time.perf_counter() - began < 2
    assert spans.hashes.nbytes < 40e6


def test_least_is_checked() -> None:
    with pytest.raises(UserError, match=r"^least: expected a whole number of at least 1, found 0$"):
        novelty("a", [], 0)


@given(text=st.text(alphabet="abç", max_size=40), size=st.integers(1, 20), other=st.text(alphabet="abç", max_size=40))
def test_windows_are_equal_where_runs_are(text: str, size: int, other: str) -> None:
    def runs(text: str) -> list[str]:
        return [text[start : start + size] for start in range(len(text) - size + 1)]

    hashes = [*windows(text, size).tolist(), *windows(other, size).tolist()]
    assert len(hashes) == len(runs(text) + runs(other))
    assert len(set(hashes)) == len(set(runs(text) + runs(other)))
    assert len(set(zip(runs(text) + runs(other), hashes, strict=True))) == len(set(hashes))


@given(texts=st.lists(st.text(alphabet="abç", max_size=40), max_size=3), size=st.integers(1, 6), run=st.text("abçd"))
def test_spans_hold_the_runs_of_each_text(texts: list[str], size: int, run: str) -> None:
    spans = Spans.of(texts, size)
    runs = {text[start : start + size] for text in texts for start in range(len(text) - size + 1)}
    assert len(spans) == len(runs)
    for begun in {found[:-1] for found in [*runs, (run + "a" * size)[:size]]}:
        assert spans.hold(begun, "abçd").tolist() == [begun + character in runs for character in "abçd"]


def test_spans_need_a_size() -> None:
    with pytest.raises(UserError) as error:
        Spans.of([], 0)
    assert error.value.code == "below-one"
