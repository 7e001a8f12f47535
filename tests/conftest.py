"""Small models, trained or not, that the tests share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ["CHARRNN_MODEL"] = ""  # the tests name their models themselves
os.environ["CHARRNN_CACHE"] = tempfile.mkdtemp(prefix="charrnn-tests-")  # and leave nothing in the user's cache

import pytest
import torch
from hypothesis import settings

from charrnn import checkpoint
from charrnn.config import ModelConfig, TrainConfig
from charrnn.model import CharRNN
from charrnn.tokenizer import CharTokenizer

settings.register_profile("charrnn", deadline=None)  # machines that run tests are often busy
settings.load_profile("charrnn")

ROOT = Path(__file__).parent.parent
STORIES = ROOT / "corpora" / "contos.txt"
QUATRAINS = ROOT / "corpora" / "quadras.txt"
CACHE = os.environ["CHARRNN_CACHE"]
CELLS = ("elman", "gru", "lstm")


def pytest_unconfigure() -> None:
    shutil.rmtree(CACHE, ignore_errors=True)


@pytest.fixture(autouse=True)
def _exact_arithmetic() -> Iterator[None]:
    """Training sets the process to flush denormal numbers to zero; that must not reach the next test."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def tokenizer() -> CharTokenizer:
    return CharTokenizer.fit(QUATRAINS.read_text(encoding="utf-8"))


@pytest.fixture(params=CELLS)
def model(request: pytest.FixtureRequest, tokenizer: CharTokenizer) -> CharRNN:
    """An untrained network of two layers, in evaluation mode, for each cell."""
    return tiny(tokenizer, request.param)


def tiny(tokenizer: CharTokenizer, cell: str = "lstm", layers: int = 2, dropout: float = 0.0) -> CharRNN:
    torch.manual_seed(0)
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, cell=cell, embed=8, hidden=16, layers=layers, dropout=dropout)
    return CharRNN(shape, name="tiny").eval()


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, tokenizer: CharTokenizer) -> Path:
    """A model directory, to be read only."""
    directory = tmp_path_factory.mktemp("models") / "tiny"
    checkpoint.create(directory, tiny(tokenizer), tokenizer)
    return directory


def quick(**changes: object) -> TrainConfig:
    """A run of a few seconds."""
    values = {"steps": 12, "batch": 4, "window": 16, "evaluations": 3, "precision": "f32", "threads": 1}
    return TrainConfig(**{**values, **changes})
