"""Saved counts may come from anyone: arrays that no model can have saved are refused, as compiled loops check nothing.

To try more mutations than the quick run does, with bounds checked: `CHARRNN_BOUNDS=1 CHARRNN_LOOPS=$(mktemp -d)
CHARRNN_MUTATIONS=5000 python -m pytest -n 0 tests/ngram/test_saved_arrays.py`.
"""

import os
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support import QUATRAINS

from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.ngram.contexts import CLASS, MEMORY
from charrnn.ngram.document_counts import DocumentCounts
from charrnn.ngram.layout import PAGE_PLACES
from charrnn.ngram.model import NgramModel, start
from charrnn.ngram.vocabulary import Alphabet

Arrays = dict[str, NDArray[np.generic]]

MUTATIONS = int(os.environ.get("CHARRNN_MUTATIONS", 400))
EXTREMES = (0, 1, -1, 2, 127, 128, 143, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, -(2**31), 2**32, 2**63 - 1, -(2**63))
TYPES = (np.uint8, np.int8, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64, np.bool_)


@pytest.fixture(scope="module")
def arrays(counted: NgramModel) -> Arrays:
    return counted.arrays()


def read(arrays: Arrays, characters: str, like: NgramModel) -> NgramModel:
    """Load a model and let each kind of loop read it: contexts, lists, mixture, document counts, learning."""
    model = NgramModel.from_arrays(arrays, characters).with_weights(like.weights())
    text = QUATRAINS.read_text(encoding="utf-8")[:300] + characters + "\n\n"
    ids = [characters.index(one) if one in characters else len(characters) for one in text]
    tokens = torch.tensor([ids, ids[::-1]])
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    past, none = DocumentCounts(2 * len(ids), lanes=2), np.full(inputs.shape, -1)
    _, prediction = model.learn(inputs, targets, start(2), 1e-3, none, past, np.arange(2))
    assert torch.isfinite(prediction.values).all()
    assert torch.isfinite(model.expect(inputs, prediction.reading).values).all()
    assert model.accepts(prediction.reading.numpy(), prediction.values[:, -1].numpy())
    return model


def mutated(arrays: Arrays, draw: np.random.Generator) -> Arrays:
    """Change one array, or two, as a stranger might."""
    found = dict(arrays)
    for _ in range(draw.integers(1, 3)):
        name = str(draw.choice(sorted(found)))
        array, ways = found[name].copy(), (_set, _set, _set, _flip, _length, _shuffle, _cast, _copy, _shape)
        found[name] = ways[draw.integers(len(ways))](array, draw)
        if draw.random() < 0.02:
            del found[name]
        elif draw.random() < 0.05:
            found[name] = found[str(draw.choice(sorted(found)))]
    return found


def _places(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.int64]:
    return draw.integers(0, max(1, array.size), min(array.size, int(draw.choice((1, 1, 2, 20, 1000)))))


def _set(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    value = np.array(int(draw.choice(np.array(EXTREMES, dtype=object))) % 2**64, dtype=np.uint64)
    array.reshape(-1)[_places(array, draw)] = value.astype(array.dtype)
    return array


def _flip(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    bytes_ = array.reshape(-1).view(np.uint8)
    bytes_[_places(bytes_, draw)] ^= np.uint8(1 << draw.integers(8))
    return array


def _length(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    flat = array.reshape(-1)
    return np.resize(flat, max(0, len(flat) + int(draw.choice((-1000, -1, 1, 1000, -len(flat), 1 - len(flat))))))


def _shuffle(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    return draw.permutation(array.reshape(-1))


def _cast(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    return array.astype(TYPES[draw.integers(len(TYPES))])


def _copy(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    """Repeat one number in all of a piece: symbols that come twice, lists that do not end."""
    flat = array.reshape(-1)
    at = draw.integers(0, max(1, len(flat)))
    flat[at : at + draw.integers(1, 400)] = flat[at : at + 1]
    return flat


def _shape(array: NDArray[np.generic], draw: np.random.Generator) -> NDArray[np.generic]:
    return array.reshape((1, -1)) if draw.random() < 0.5 or array.size == 0 else array.reshape(-1)[0].reshape(())


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_mutated_arrays_are_refused_or_harmless(arrays: Arrays, tokenizer: CharTokenizer, counted: NgramModel) -> None:
    refused = 0
    for seed in range(MUTATIONS):
        changed = mutated(arrays, np.random.default_rng(seed))
        try:
            read(changed, tokenizer.characters, counted)
        except (UserError, KeyError):
            refused += 1
    assert refused > MUTATIONS / 2


def _number(place: int, value: int) -> Callable[[NDArray[np.generic]], NDArray[np.generic]]:
    def change(array: NDArray[np.generic]) -> NDArray[np.generic]:
        array[place] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("tables.shape", _number(3, 25), "outside 0 to 24"),
        ("tables.shape", _number(3, -1), "outside 0 to"),
        ("tables.shape", _number(3, 13), "numbers in 'tables.sizes'"),
        ("tables.shape", _number(0, 7), "7 symbols instead of"),
        ("tables.shape", lambda a: a[:-1], "15 numbers in 'tables.shape' instead of 16"),
        ("tables.least", lambda a: a[:-1], "14 numbers in 'tables.least' instead of 15"),
        ("tables.sizes", _number(-1, 255), "'tables.remainders.low'"),
        ("tables.symbols", _number(5, 250), "a 250 in 'tables.symbols', outside 0 to "),
        ("tables.symbols", lambda a: np.zeros_like(a), "repeats a symbol"),
        ("tables.counts", lambda a: a & 127, "another number of lists"),
        ("tables.counts", _number(-1, 1), "does not end"),
        ("tables.counts", lambda a: a & 128, "a count of 0"),
        ("tables.large", lambda a: a[:-1], "another number of lists"),
        ("tables.large", _number(0, 126), "a 126 in 'tables.large', outside 127 to"),
        ("tables.times", _number(0, 0), "a 0 in 'tables.times', outside 1 to 65,536"),
        ("tables.remainders.low", lambda a: a.astype(np.uint32), "uint32 .* instead of uint8"),
        ("tables.remainders.high", _number(7, 16), "a 16 in 'tables.remainders.high', outside 0 to 15"),
        ("words.classes", _number(0, 60_000), "a 60,000 in 'words.classes', outside 0 to "),
        ("words.count", _number(0, 257), "a 257 in 'words.count', outside 0 to 256"),
        ("words.hashes", lambda a: a[::-1], "'words.hashes' out of order"),
        ("page.widths", _number(2, -5), "'page.widths', outside 0 to"),
        ("page.widths", lambda a: a[:3], "3 numbers in 'page.widths' instead of"),
        ("page.margin", lambda a: a.reshape(()), r"int64 \(\) instead of int64 \(n,\)"),
        ("wrapped", _number(0, 2), "outside 0 to 1"),
    ],
)
def test_what_is_wrong_is_named(
    arrays: Arrays,
    tokenizer: CharTokenizer,
    name: str,
    change: Callable[[NDArray[np.generic]], NDArray[np.generic]],
    expected: str,
) -> None:
    with pytest.raises(UserError, match=expected):
        NgramModel.from_arrays({**arrays, name: change(arrays[name].copy())}, tokenizer.characters)


def test_lists_that_hide_their_ends_are_refused(arrays: Arrays, tokenizer: CharTokenizer) -> None:
    """The array has as many ends as contexts, but one list runs past the last entry."""
    counts = arrays["tables.counts"].copy()
    inside = np.flatnonzero(counts < 128)[0]
    counts[inside] |= 128
    counts[-1] &= 127
    with pytest.raises(UserError, match="repeats a symbol"):
        NgramModel.from_arrays({**arrays, "tables.counts": counts}, tokenizer.characters)


def test_texts_without_words_have_no_margin(arrays: Arrays, counted: NgramModel) -> None:
    """The loop would read the width of a space that the alphabet lacks."""
    characters = "".join(map(chr, range(0x100, 0x100 + counted.symbols - 1)))
    assert Alphabet.of(characters).space == counted.symbols
    with pytest.raises(UserError, match="'wrapped', outside 0 to 0"):
        NgramModel.from_arrays(arrays, characters)


def test_another_alphabet_and_one_too_large_are_refused(arrays: Arrays, tokenizer: CharTokenizer) -> None:
    with pytest.raises(UserError, match="symbols instead of"):
        NgramModel.from_arrays(arrays, tokenizer.characters[:-1])


def test_read_only_and_strided_arrays_are_read_the_same(
    arrays: Arrays, tokenizer: CharTokenizer, counted: NgramModel
) -> None:
    strided = {name: np.repeat(array, 2)[::2] for name, array in arrays.items()}
    for array in strided.values():
        array.flags.writeable = False
    one, other = (read(given, tokenizer.characters, counted) for given in (arrays, strided))
    assert all((mine == theirs).all() for mine, theirs in zip(one.tables.lists, other.tables.lists, strict=True))
    assert other.tables.lists.contexts.flags.c_contiguous


@pytest.mark.parametrize("place", [-1.0, PAGE_PLACES, 1e9, 0.5, float("nan"), float("inf")])
def test_predictions_that_no_model_makes_are_refused(counted: NgramModel, place: float) -> None:
    prediction = counted.expect(torch.tensor([[1, 2, 3]]), start(1))
    values = prediction.values[:, -1].clone()
    assert counted.accepts(prediction.reading.numpy(), values.numpy())
    values[0, -1] = place
    assert not counted.accepts(prediction.reading.numpy(), values.numpy())


def test_states_of_words_in_no_class_are_refused(counted: NgramModel) -> None:
    prediction = counted.expect(torch.tensor([[1, 2, 3]]), start(1))
    for found in (-1, 2**62, counted.reader.words.count + 3):
        reading = prediction.reading.clone()
        reading[0, CLASS + 1] = found
        assert not counted.accepts(reading.numpy(), prediction.values[:, -1].numpy())


def test_any_other_state_is_read_without_harm(counted: NgramModel) -> None:
    """Only the classes of the state are indices; other numbers are hashed or clipped."""
    for seed in range(50):
        draw = np.random.default_rng(seed)
        reading = torch.from_numpy(draw.integers(-(2**63), 2**63 - 1, (1, MEMORY), dtype=np.int64))
        reading[0, draw.integers(0, MEMORY, 4)] = torch.tensor([0, -1, 2**62, -(2**63)])
        reading[0, CLASS : CLASS + 3] = 0
        found = counted.expect(torch.tensor([[1, 2, 3, 0, 5, 0]]), reading)
        assert torch.isfinite(found.values).all()
        assert counted.accepts(found.reading.numpy(), found.values[:, -1].numpy())
