"""Similar places: the index against looking through the whole trace."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from support import QUATRAINS, tiny

from charrnn import UserError
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import memory_map, similar, trace
from charrnn.lens.similar import Index, SimilarPlace, Unit, on
from charrnn.model import CharRNN

TEXT = QUATRAINS.read_text(encoding="utf-8")[:1000]
THRESHOLDS = (0.05, 0.1)


@pytest.fixture
def network(tokenizer: CharTokenizer) -> CharRNN:
    return tiny(tokenizer)


@pytest.fixture
def index(network: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Of a text that comes in pieces, in blocks that its end does not fill."""
    monkeypatch.setattr("charrnn.lens.similar.BLOCK", 256)
    monkeypatch.setattr("charrnn.lens.similar.READ", 64)
    pieces = [TEXT[:100], TEXT[100:101], TEXT[101:]]
    return Index.build(tmp_path / "index", network, tokenizer, pieces, THRESHOLDS)


def test_units_that_are_on_throughout(network: CharRNN, tokenizer: CharTokenizer) -> None:
    rows = memory_map.units(trace(network, tokenizer, TEXT[:200]))
    for start, stop in ((0, 1), (40, 46), (199, 200)):
        for bounded in (False, True):
            expected = []
            for number, row in enumerate(rows):
                for sign in (-1, 1):
                    lit = [sign * value >= 0.05 for value in row.tolist()]
                    beside = lit[max(0, start - 1) : start] + lit[stop : stop + 1]
                    if all(lit[start:stop]) and not (bounded and any(beside)):
                        expected.append((number, sign))
            assert on(rows, start, stop, 0.05, bounded) == expected
    for start, stop in ((3, 3), (0, 201), (-1, 4)):
        with pytest.raises(UserError, match=r"^span: expected characters within 0 to 200, found"):
            on(rows, start, stop, 0.05)


def found_by_looking(rows: np.ndarray, selected: list[Unit], threshold: float, length: int) -> list[SimilarPlace]:
    """Every place, best first: levels from above, and at each the runs that hold none found before."""
    lit = sum((unit.sign * rows[unit.number] >= threshold).astype(int) for unit in selected).tolist()
    places: list[SimilarPlace] = []
    for enough in range(len(selected), 0, -1):
        if 2 * enough < len(selected):
            break
        runs, start = [], None
        for place, count in enumerate([*lit, -1]):
            if count >= enough and start is None:
                start = place
            elif count < enough and start is not None:
                runs.append(SimilarPlace(start, place, enough))
                start = None
        new = [run for run in runs if not any(run.start <= old.start and old.stop <= run.stop for old in places)]
        places += sorted(new, key=lambda run: (-min(length, run.stop - run.start), run.start))
    return places


def test_places_are_those_of_the_whole_trace(index: Index, network: CharRNN, tokenizer: CharTokenizer) -> None:
    rows = memory_map.units(trace(network, tokenizer, TEXT))
    for start, threshold in ((40, 0.05), (500, 0.1), (999, 0.05)):
        selected = on(rows, start, start + 1, threshold)
        assert selected
        expected = found_by_looking(rows, selected, threshold, length=3)
        assert index.similar(selected, threshold, count=10_000, length=3) == expected
        assert index.similar(selected, threshold, count=5, length=3) == expected[:5]
        best = expected[0]
        assert index.text(best.start, best.stop) == TEXT[best.start : best.stop]
        assert all(place.stop <= start or place.start > start
                   for place in index.similar(selected, threshold, besides=(start, start + 1)))  # fmt: skip


def test_an_index_lasts_and_is_replaced_whole(index: Index, network: CharRNN, tokenizer: CharTokenizer) -> None:
    directory = index.directory
    again = Index(directory)
    assert again.text(0, len(TEXT)) == TEXT
    assert again.is_of(network)
    assert not again.is_of(tiny(tokenizer, "gru"))
    with pytest.raises(UserError, match=r"^text: expected at least one character to index, found none$"):
        Index.build(directory, network, tokenizer, [""])
    assert Index(directory).text(0, 5) == TEXT[:5]  # the earlier one is still there
    Index.build(directory, network, tokenizer, ["abc"])
    assert Index(directory).text(0, 100) == "abc"
    assert [path.name for path in directory.parent.iterdir()] == ["index"]


def test_what_cannot_be_asked(index: Index, network: CharRNN, tokenizer: CharTokenizer, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^threshold: expected one of 0\.05, 0\.1, found 0\.2$"):
        index.similar([Unit(1, 1)], 0.2)
    with pytest.raises(UserError, match=r"^units: expected at least one that is on, found none$"):
        index.similar([], 0.1)
    with pytest.raises(UserError, match="expected an index of a corpus"):
        Index(tmp_path)
    with pytest.raises(UserError, match="expected a place for an index, found something else"):
        Index.build(tmp_path, network, tokenizer, ["abc"])


@pytest.mark.slow
@pytest.mark.timed
def test_five_million_characters_are_searched_in_time(tmp_path: Path) -> None:
    """An index of made-up bits, of 64 units, all of which are asked for."""
    generator = np.random.default_rng(0)
    blocks, units = -(-5_000_000 // similar.BLOCK), 64
    directory = tmp_path / "index"
    directory.mkdir()
    with (directory / "bits.bin").open("wb") as file:
        for _ in range(blocks):
            file.write(generator.integers(0, 256, (1, 2, units, similar.BLOCK // 8), dtype=np.uint8).tobytes())
    (directory / "text.bin").write_bytes("a".encode("utf-32-le") * 5_000_000)
    facts = {
        "format": similar.FORMAT, "model": "", "part": "hidden", "layer": -1, "units": units, "thresholds": [0.5],
        "characters": 5_000_000,
    }  # fmt: skip
    (directory / "index.json").write_text(json.dumps(facts))
    began = time.perf_counter()
    places = Index(directory).similar([Unit(number, 1) for number in range(units)], 0.5)
    assert time.perf_counter() - began < 2
    assert len(places) == 20
    assert places[0].on >= 48  # of 5 million sums of 64 fair coins
