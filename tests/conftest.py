"""Small models, trained or not, that the tests share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"  # each worker has a core
os.environ["CHARRNN_MODEL"] = ""  # the tests name their models themselves
os.environ["CHARRNN_ENGINE"] = "eager"  # which compiles nothing; the engine has tests of its own
os.environ["CHARRNN_CACHE"] = tempfile.mkdtemp(prefix="charrnn-tests-")  # and leave nothing in the user's cache

import numpy as np
import pytest
import torch
from hypothesis import settings
from support import CELLS, QUATRAINS, tiny

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.ngram.contexts import ContextHasher
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.layout import UNIT, Page
from charrnn.ngram.model import CountOptions, NgramModel, start
from charrnn.storage import checkpoint

settings.register_profile("charrnn", deadline=None)  # machines that run tests are often busy
settings.load_profile("charrnn")

CACHE = os.environ["CHARRNN_CACHE"]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker for each core; but none where times are measured."""
    return 0 if config.option.markexpr in ("slow", "timed") else os.cpu_count() or 1


def pytest_unconfigure() -> None:
    shutil.rmtree(CACHE, ignore_errors=True)


@pytest.fixture(autouse=True)
def _settings_of_torch_restored() -> Iterator[None]:
    """Training sets the process to flush denormal numbers to zero, and threads; that must not reach the next test."""
    threads = torch.get_num_threads()
    yield
    torch.set_flush_denormal(False)
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tokenizer() -> CharTokenizer:
    return CharTokenizer.fit(QUATRAINS.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def counted(tokenizer: CharTokenizer) -> NgramModel:
    """What is counted in the quatrains, and a mixture that has read them once, with and without their past.

    It reads as if their lines ended at a margin.
    """
    ids = tokenizer.encode_array(QUATRAINS.read_text(encoding="utf-8"))
    lane, block = (len(ids) - 1) // 2, 600
    wide = np.random.default_rng(0).integers(UNIT // 2, 2 * UNIT, len(tokenizer.characters) + 1)
    reader = replace(ContextHasher.fit(ids, tokenizer.characters), page=Page(wide, 20 * UNIT))
    known = NgramModel.count(ids, reader, CountOptions(block))
    targets = np.arange(1, 2 * lane + 1).reshape(2, lane)
    text = torch.from_numpy(ids).long()
    past, lanes = DocumentCounts(len(ids)), np.array([STATIC, 1])
    return known.learn(text[targets - 1], text[targets], start(2), 1e-3, targets // block, past, lanes)[0]


@pytest.fixture
def joined(tokenizer: CharTokenizer, counted: NgramModel) -> CharRNN:
    """An untrained network joined to counts, with gates that heed what they are given."""
    return tiny(tokenizer, counts=counted)


@pytest.fixture
def ensemble(tokenizer: CharTokenizer, counted: NgramModel) -> CharRNN:
    """Likewise, of two members."""
    return tiny(tokenizer, counts=counted, members=2)


@pytest.fixture(params=[*CELLS, "joined", "ensemble"])
def model(request: pytest.FixtureRequest, tokenizer: CharTokenizer) -> CharRNN:
    """An untrained network of two layers, in evaluation mode: for each cell without counts, and two with them."""
    return tiny(tokenizer, request.param) if request.param in CELLS else request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, tokenizer: CharTokenizer) -> Path:
    """A model directory, to be read only."""
    directory = tmp_path_factory.mktemp("models") / "tiny"
    checkpoint.create(directory, tiny(tokenizer), tokenizer)
    return directory
