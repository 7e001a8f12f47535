"""Texts, small models and short runs that the tests share."""

import json
import os
from pathlib import Path

import torch

from charrnn.config import CELL_LABELS, ModelConfig, TrainConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.ngram.model import NgramModel

ROOT = Path(__file__).parent.parent
STORIES = ROOT / "corpora" / "contos.txt"
QUATRAINS = ROOT / "corpora" / "quadras.txt"
CELLS = tuple(CELL_LABELS)


def tiny(
    tokenizer: CharTokenizer,
    cell: str = "lstm",
    layers: int = 2,
    dropout: float = 0.0,
    counts: NgramModel | None = None,
    members: int = 1,
) -> CharRNN:
    torch.manual_seed(0)
    shape = ModelConfig(
        vocab_size=tokenizer.vocab_size, cell=cell, embed=8, hidden=16, layers=layers, dropout=dropout,
        counts="none" if counts is None else "joined", members=members,
    )  # fmt: skip
    model = CharRNN(shape, name="tiny", counts=counts)
    if model.fusion is not None:
        for weight in (model.fusion.gates.weight, model.fusion.place_gates.weight, model.fusion.attention.weight):
            torch.nn.init.normal_(weight, std=0.3)
    return model.eval()


def quick(**changes: object) -> TrainConfig:
    """A run of a few seconds."""
    values = {"steps": 12, "batch": 4, "window": 16, "evaluations": 3, "precision": "f32", "threads": 1}
    return TrainConfig(**{**values, **changes})


def tokens_of(model: CharRNN, batch: int, length: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(model.config.vocab_size, (batch, length), generator=generator)


def stretch(path: Path, size: int) -> None:
    """Add an array of `size` bytes to a file of tensors, as a hole, which takes no room on the disk."""
    data = path.read_bytes()
    stop = 8 + int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8:stop]), data[stop:]
    header["more"] = {"dtype": "U8", "shape": [size], "data_offsets": [len(body), len(body) + size]}
    told = json.dumps(header).encode()
    path.write_bytes(len(told).to_bytes(8, "little") + told + body)
    os.truncate(path, 8 + len(told) + len(body) + size)
