"""Similar places: runs of characters against looking at every one of them."""

import numpy as np
import pytest
from support import QUATRAINS, tiny

from charrnn import UserError
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import memory_map, trace
from charrnn.lens.memory_map import ActiveUnit, SimilarPlace, alike, on, places_like
from charrnn.model import CharRNN

TEXT = QUATRAINS.read_text(encoding="utf-8")[:1000]


@pytest.fixture
def network(tokenizer: CharTokenizer) -> CharRNN:
    return tiny(tokenizer)


def test_units_that_are_on_throughout(network: CharRNN, tokenizer: CharTokenizer) -> None:
    rows = memory_map.units(trace(network, tokenizer, TEXT[:200]))
    for start, stop in ((0, 1), (40, 46), (199, 200)):
        expected = [
            (number, sign)
            for number, row in enumerate(rows)
            for sign in (-1, 1)
            if all(sign * value >= 0.05 for value in row[start:stop].tolist())
        ]
        assert on(rows, start, stop, 0.05) == expected
    for start, stop in ((3, 3), (0, 201), (-1, 4)):
        with pytest.raises(UserError, match=r"^span: expected characters within 0 to 200, found"):
            on(rows, start, stop, 0.05)


def found_by_looking(rows: np.ndarray, selected: list[ActiveUnit], threshold: float, length: int) -> list[SimilarPlace]:
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


def test_places_are_those_of_the_whole_trace(network: CharRNN, tokenizer: CharTokenizer) -> None:
    rows = memory_map.units(trace(network, tokenizer, TEXT))
    for start, threshold in ((40, 0.05), (500, 0.1), (999, 0.05)):
        selected = on(rows, start, start + 1, threshold)
        assert selected
        expected = found_by_looking(rows, selected, threshold, length=3)
        assert places_like(rows, selected, threshold, count=10_000, length=3) == expected
        assert places_like(rows, selected, threshold, count=5, length=3) == expected[:5]
        assert all(place.stop <= start or place.start > start
                   for place in places_like(rows, selected, threshold, besides=(start, start + 1)))  # fmt: skip


def test_alike_places_are_those_of_the_nearest_memories(network: CharRNN, tokenizer: CharTokenizer) -> None:
    """Each cosine again, one by one; the best first, none over another or the span, all above 95 of 100."""
    rows = memory_map.units(trace(network, tokenizer, TEXT))
    centred = rows - rows.mean(axis=1, keepdims=True)
    for start, stop in ((0, 1), (500, 508), (997, 1000)):
        length = stop - start
        windows = [centred[:, place : place + length].mean(axis=1) for place in range(len(TEXT) - length + 1)]
        norms = [float(np.linalg.norm(window)) for window in windows]
        cosines = np.array(
            [windows[start] @ window / norms[start] / norm for window, norm in zip(windows, norms, strict=True)]
        )
        found = alike(rows, start, stop, count=6)
        far = [place for place in range(len(windows)) if abs(place - start) >= length]
        assert found.usual == pytest.approx(np.percentile(cosines[far], 95), abs=1e-4)
        left = set(far)
        for place in found.places:
            assert place.cosine == pytest.approx(max(cosines[other] for other in left), abs=1e-4)
            assert place.cosine >= found.usual
            left -= {other for other in left if abs(other - place.start) < length}
        assert len(found.places) == 6
    assert alike(rows, 0, len(TEXT)).places == []
    with pytest.raises(UserError, match=r"^span: expected characters within 0 to 1,000, found"):
        alike(rows, 3, 3)
