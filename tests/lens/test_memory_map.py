"""The memory as rows, and which unit follows what: against slow and simple computations of the same."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import tiny

from charrnn import UserError
from charrnn.data.tokenizer import CharTokenizer
from charrnn.lens import PROPERTIES, findings, memory_map, trace
from charrnn.lens.unit_findings import PERCENTILE, chances, in_halves
from charrnn.model import CharRNN

LETTERS = st.text('aÉç1 -—«»“”"()\n', max_size=60)


def walked(text: str, name: str) -> list[float]:
    """A property, by walking through the text with a pencil."""
    values, word, line, opened, speaking = [], 0, 0, False, False
    for place, character in enumerate(text):
        word = word + 1 if character.isalpha() else 0
        if character == "\n":
            line, opened, speaking = 0, False, False
        else:
            begins = not text[:place].rpartition("\n")[2].strip()
            line += 1
            if character == "—":
                opened = opened or begins
                speaking = opened and not speaking
        values.append({"position_in_word": word, "position_in_line": line, "speech": speaking}[name])
    return [float(value) for value in values]


@given(LETTERS)
@pytest.mark.parametrize("name", ["position_in_word", "position_in_line", "speech"])
def test_positions_and_speech(name: str, text: str) -> None:
    assert PROPERTIES[name].of(text).tolist() == walked(text, name)


@given(LETTERS)
@pytest.mark.parametrize(("name", "pairs"), [("quotes", ["«»", "“”", '""']), ("parentheses", ["()"])])
def test_what_is_within_is_between_its_marks(name: str, pairs: list[str], text: str) -> None:
    values = PROPERTIES[name].of(text).tolist()
    place = 0
    for within, group in itertools.groupby(values):
        stop = place + len(list(group))
        if within:  # one quotation, or several without anything between them
            assert any(text[place] == opens and text[stop] == closes for opens, closes in pairs)
        elif stop <= len(text):
            for opens, closes in pairs:  # nothing outside is left that is complete
                first = text.find(opens, place + 1, stop)
                assert first < 0 or text.find(closes, first + 1, stop) < 0 or opens in "«“" or place == 0
        place = stop


def test_properties_of_a_line() -> None:
    text = '— Ouvi («Água é "boa"») — disse.'
    expected = {
        "space": [place for place, character in enumerate(text) if character == " "],
        "newline": [],
        "vowel": [place for place, character in enumerate(text) if character in "OuiÁuaéoae"],
        "accent": [text.index("Á"), text.index("é")],
        "capital": [text.index("O"), text.index("Á")],
        "quotes": list(range(text.index("«"), text.index("»"))),
        "speech": list(range(text.rindex("—"))),
        "parentheses": list(range(text.index("("), text.index(")"))),
    }
    for name, places in expected.items():
        assert np.flatnonzero(PROPERTIES[name].of(text)).tolist() == places, name


def rows(time: int, units: int = 12, seed: int = 0) -> np.ndarray:
    """Units that wander, as real ones do."""
    steps = np.random.default_rng(seed).normal(size=(units, time))
    values = [steps[:, 0]]
    for step in steps.T[1:]:
        values.append(0.8 * values[-1] + step)
    return np.tanh(np.array(values).T).astype(np.float32)


def test_correlations_are_pearsons() -> None:
    units, values = rows(300), np.random.default_rng(1).normal(size=300).astype(np.float32)
    units[3] = 0.25  # which never changes
    found = memory_map.correlations(units, values)
    for number, unit in enumerate(units):
        assert found[number] == pytest.approx(0 if number == 3 else np.corrcoef(unit, values)[0, 1], abs=1e-5)
    assert not memory_map.correlations(units, np.ones(300)).any()


def test_chance_is_what_shifts_reach() -> None:
    """All shifts but those by less than a tenth, one by one."""
    units, values = rows(400), np.stack([rows(400, 1, seed)[0] for seed in (2, 3)])
    found, shifts = chances(units, values)
    assert shifts == 400 - 2 * 40 + 1
    for number, property in enumerate(values):
        greatest = [
            max(abs(np.corrcoef(unit, np.roll(property, shift))[0, 1]) for unit in units) for shift in range(40, 361)
        ]
        assert found[number] == pytest.approx(np.percentile(greatest, PERCENTILE), abs=1e-4)
    assert chances(rows(5000, 3), rows(5000, 1, seed=4))[1] == 1000


def test_a_unit_that_follows_is_found_and_others_are_not() -> None:
    text = "".join(np.random.default_rng(5).choice(list("ab "), 3000))
    spaces = PROPERTIES["space"].of(text)
    units = rows(3000)
    units[7] = 0.4 * units[7] - 0.3 * spaces
    found = {finding.followed.name: finding for finding in in_halves(units, text)}
    assert (found["space"].unit, found["space"].verdict) == (7, "confirmed")
    assert found["space"].here.correlation == pytest.approx(np.corrcoef(units[7, :1500], spaces[:1500])[0, 1], abs=1e-5)
    assert found["space"].there.correlation == pytest.approx(
        np.corrcoef(units[7, 1500:], spaces[1500:])[0, 1], abs=1e-5
    )
    by_chance = in_halves(rows(3000), text)  # these follow nothing
    assert {finding.verdict for finding in by_chance} <= {"absent", "chance", "unconfirmed"}
    assert found["quotes"].verdict == "absent"
    assert found["quotes"].here is None
    turned = units.copy()
    turned[7, 1500:] *= -1  # on the second text the same unit does the opposite
    assert in_halves(turned, text, [PROPERTIES["space"]])[0].verdict == "unconfirmed"
    alone = findings(units, text, properties=[PROPERTIES["space"]])[0]
    assert (alone.there, alone.verdict) == (None, "unconfirmed")


def test_too_short_to_tell_from_chance() -> None:
    with pytest.raises(UserError, match=r"^text: expected at least 100 characters to compare units with, found 50$"):
        findings(rows(50), "a b c" * 10)


def test_rows_in_order() -> None:
    units = rows(200)
    units[4] = 0.5
    by_variance = memory_map.by_variance(units)
    assert np.all(np.diff(units.var(axis=1)[by_variance]) <= 0)
    values = rows(200, 1, seed=9)[0]
    assert np.all(np.diff(memory_map.correlations(units, values)[memory_map.by_correlation(units, values)]) <= 1e-6)
    for order in (by_variance, memory_map.by_correlation(units, values), memory_map.by_similarity(units)):
        assert sorted(order.tolist()) == list(range(12))
    assert memory_map.by_similarity(units)[-1] == 4  # the constant one


def test_similar_rows_stand_together() -> None:
    """Rows that change gradually from the first to the last are put back into that order, or its reverse."""
    time = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    rows = np.array([np.cos(time - phase) for phase in np.linspace(0, 2, 20)], dtype=np.float32)
    mixed = np.random.default_rng(3).permutation(20)
    order = mixed[memory_map.by_similarity(rows[mixed])].tolist()
    assert order in (list(range(20)), list(range(19, -1, -1)))


def test_units_are_those_of_the_trace(model: CharRNN, tokenizer: CharTokenizer) -> None:
    found = trace(model, tokenizer, "Quem canta")
    assert np.array_equal(memory_map.units(found), found.hidden[:, 1].T)
    assert np.array_equal(memory_map.units(found, layer=0), found.hidden[:, 0].T)
    if model.config.cell == "lstm":
        assert np.array_equal(memory_map.units(found, "cell"), found.cell[:, 1].T)


def test_cells_without_a_cell_memory(tokenizer: CharTokenizer) -> None:
    found = trace(tiny(tokenizer, "gru"), tokenizer, "Quem canta")
    with pytest.raises(UserError, match=r"^part: expected hidden, as this cell has no other memory, found 'cell'$"):
        memory_map.units(found, "cell")
