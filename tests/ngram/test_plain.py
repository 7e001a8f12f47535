"""Plain counts predict what the compiled loops do, and load neither numba nor torch."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import QUATRAINS, STORIES

from charrnn.data.tokenizer import CharTokenizer
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import CLASS, MEMORY, ContextHasher
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.ngram.plain import ROWS, PlainCounts
from charrnn.storage import checkpoint, registry

TEXT = "\nCapítulo I\n\nEra uma vez, disse ele — “na casa de D. Maria” — um homem; 1897, e a tarde ia caindo.\nFoi.\n\n"
NOTHING = np.zeros((1, MEMORY), dtype=np.uint64)


def assert_alike(counts: NgramModel, tokens: NDArray[np.int64], reading: NDArray[np.uint64]) -> None:
    """tokens: (b, t); reading: (b, MEMORY). The loops approximate logarithms, so improbable symbols differ more."""
    expected = counts.expect(torch.from_numpy(tokens), torch.from_numpy(reading.view(np.int64)))
    values, after = PlainCounts(counts).expect(tokens, reading)
    assert values.dtype == np.float32
    assert values.shape == expected.values.shape
    assert (after == expected.reading.numpy().view(np.uint64)).all()
    assert np.allclose(values, expected.values.numpy(), rtol=2e-5, atol=1e-4)


@pytest.mark.parametrize("name", ["romances", "machado"])
def test_shipped_counts_predict_alike(name: str) -> None:
    model, tokenizer = checkpoint.load(registry.find(name))
    assert model.counts is not None
    ids = np.array(tokenizer.encode(TEXT * 3))
    assert_alike(model.counts, np.stack([ids, ids[::-1]]), np.zeros((2, MEMORY), dtype=np.uint64))


@pytest.mark.parametrize("path", [QUATRAINS, STORIES])
def test_counts_of_pages_predict_alike(counted: NgramModel, tokenizer: CharTokenizer, path: Path) -> None:
    """Their lines end at a margin, and their mixture knows counts of documents, which are silent here."""
    ids = np.array(tokenizer.encode(path.read_text(encoding="utf-8"))[: 3 * ROWS])
    assert_alike(counted, np.stack([ids, ids[::-1]]), np.zeros((2, MEMORY), dtype=np.uint64))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 6), min_size=64, max_size=200), st.lists(st.integers(0, 9), min_size=1), st.integers(0))
def test_any_counts_predict_alike(text: list[int], tokens: list[int], seed: int) -> None:
    ids, draw = np.array(text), np.random.default_rng(seed)
    known = NgramModel.count(ids, ContextHasher.fit(ids, "\n ,abAB"), CountOptions(100))
    learned = {
        name: draw.uniform(0.002, 0.995, array.shape) if name == "trust" else draw.normal(0, 0.1, array.shape)
        for name, array in known.mixture.arrays().items()
    }
    mixture = ContextMixer.from_arrays({name: array.astype(np.float32) for name, array in learned.items()})
    assert_alike(replace(known, mixture=mixture), np.array([tokens]), NOTHING)


def test_any_split_predicts_alike(counted: NgramModel, tokenizer: CharTokenizer) -> None:
    ids, plain = np.array([tokenizer.encode(TEXT)]), PlainCounts(counted)
    whole, last = plain.expect(ids, NOTHING)
    reading, parts = NOTHING, []
    for piece in np.split(ids, [1, 2, 30, 31, 90], axis=1):
        values, reading = plain.expect(piece, reading)
        parts.append(values)
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-5
    assert (reading == last).all()


def test_any_other_state_is_read_alike(counted: NgramModel) -> None:
    """Likewise in `test_saved_arrays.py`: only the classes of a state are checked."""
    for seed in range(30):
        draw = np.random.default_rng(seed)
        reading = draw.integers(0, 2**64 - 1, (1, MEMORY), dtype=np.uint64)
        reading[0, draw.integers(0, MEMORY, 4)] = np.array([0, 2**64 - 1, 2**62, 2**63], dtype=np.uint64)
        reading[0, CLASS : CLASS + 3] = 0
        values, after = PlainCounts(counted).expect(np.array([[1, 2, 3, 0, 5, 0]]), reading)
        assert np.isfinite(values).all()
        assert counted.accepts(after.view(np.int64), values[:, -1])


def test_any_mixture_gives_numbers(counted: NgramModel) -> None:
    huge = {name: np.full_like(array, 2.0**25) for name, array in counted.mixture.arrays().items()}
    strange = replace(counted, mixture=ContextMixer.from_arrays(huge))
    assert np.isfinite(PlainCounts(strange).expect(np.array([[1, 2, 3]]), NOTHING)[0]).all()


def test_it_loads_neither_numba_nor_torch() -> None:
    code = (
        "import sys, numpy\n"
        "from charrnn.data.tokenizer import CharTokenizer\n"
        "from charrnn.ngram.plain import PlainCounts\n"
        "from charrnn.storage import counts_file, registry\n"
        "folder = registry.find('romances')\n"
        "tokenizer = CharTokenizer.from_file(folder / 'tokenizer.json')\n"
        "counts = PlainCounts(counts_file.read_counts(folder, tokenizer))\n"
        "counts.expect(numpy.array([tokenizer.encode('Era')]), numpy.zeros((1, 26), dtype=numpy.uint64))\n"
        "sys.exit(bool({'torch', 'numba'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
