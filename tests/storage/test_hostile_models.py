"""A model from a stranger is refused in one line, before it costs time or memory: no crash, no wait, no traceback."""

import gzip
import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file
from support import stretch

from charrnn.data.tokenizer import LARGEST_FILE, CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.model.weights import refuse_non_finite
from charrnn.scoring.bits import score_of
from charrnn.storage import checkpoint, registry, run_log, saved_model
from charrnn.storage.counts_file import LARGEST_UNPACKED, PACKED

MOST_MEMORY = 2**28  # bytes that a refusal may need
LONGEST = 2.0  # seconds


@pytest.fixture
def hostile(tmp_path: Path, joined: CharRNN, tokenizer: CharTokenizer) -> Path:
    """A model with counts, to be damaged."""
    checkpoint.create(tmp_path / "m", joined, tokenizer)
    return tmp_path / "m"


def set_values(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def refusal(folder: Path) -> str:
    """Load a model and return the one line that refuses it; also hold time and memory to their limits."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(UserError) as refused:
        checkpoint.load(folder)
    assert time.perf_counter() - began < LONGEST
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_MEMORY
    assert "\n" not in str(refused.value)
    assert "\n" not in refused.value.render("pt")
    return refused.value.code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"hidden": 16384, "embed": 8192}, "network-too-large"),
        ({"hidden": 16384, "layers": 64, "members": 64}, "network-too-large"),
        ({"hidden": 1024}, "other-weights"),
        ({"vocab_size": 10**9}, "other-vocabulary-size"),
        ({"vocab_size": 10**400}, "other-vocabulary-size"),
        ({"tokenizer_sha256": 5}, "not-a-model"),
        ({"tokenizer_sha256": None}, "not-a-model"),
        ({"format_version": "\n\n"}, "not-a-model"),
        ({"cell": ["lstm"]}, "setting"),
        ({"dropout": float("nan")}, "setting"),
        ({"another\nkey": 1}, "unknown-settings"),
        ({"counts": "none"}, "other-weights"),
    ],
)
def test_a_shape_that_the_weights_do_not_have_costs_nothing(
    hostile: Path, values: dict[str, object], code: str
) -> None:
    set_values(hostile, **values)
    assert refusal(hostile) == code


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize(
    "content", [b"[" * 60_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"\xff\xfe", b"null", b"5"]
)
def test_deep_or_strange_json_is_refused(hostile: Path, name: str, content: bytes) -> None:
    (hostile / name).write_bytes(content)
    assert refusal(hostile) in ("not-a-model", "not-a-tokenizer")


@pytest.mark.parametrize(
    "vocab", [[1], {"a": "b"}, {"\ud800": 0}, {"ab": 0}, {"a": 1}, {}, {"a": None, "b": 0}, "abc", {"a": 0.5}]
)
def test_a_strange_vocabulary_is_refused(hostile: Path, vocab: object) -> None:
    (hostile / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocab}}), encoding="utf-8")
    assert refusal(hostile) in ("not-a-tokenizer", "not-a-character-vocabulary")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "counts.safetensors", "model.safetensors"])
def test_a_file_far_too_large_is_not_read(hostile: Path, name: str) -> None:
    os.truncate(hostile / name, 2**40)  # without data: it takes no room
    assert refusal(hostile) in ("system-refused", "counts-unreadable", "not-safetensors")
    assert LARGEST_FILE < 2**40


@pytest.mark.parametrize("told", [None, 0, 1000, 2**27, 2**32 - 1])
def test_a_bomb_is_not_unpacked(hostile: Path, told: int | None) -> None:
    """told: the size that the file gives for its contents, if another than the true one."""
    (hostile / checkpoint.COUNTS).unlink()
    with gzip.open(hostile / PACKED, "wb", compresslevel=1) as file:
        for _ in range(40):
            file.write(bytes(2**22))  # 160 MB
    with (hostile / PACKED).open("r+b") as file:
        if told is not None:
            file.seek(-4, os.SEEK_END)
            file.write(told.to_bytes(4, "little"))
    assert refusal(hostile) == "counts-unreadable"


@pytest.mark.parametrize("size", [3 * 10**9, 10**12])
@pytest.mark.parametrize(
    ("name", "code"), [("counts.safetensors", "tensors-too-large"), ("model.safetensors", "other-weights")]
)
def test_an_array_that_nobody_expects_is_not_read(hostile: Path, name: str, code: str, size: int) -> None:
    stretch(hostile / name, size)
    assert refusal(hostile) == code


def test_of_large_counts_only_their_own_arrays_are_read(hostile: Path) -> None:
    stretch(hostile / checkpoint.COUNTS, LARGEST_UNPACKED)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    checkpoint.load(hostile)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < LARGEST_UNPACKED


@pytest.mark.parametrize("size", [0, 2**22 + 1, 2**40, 2**64 - 1])
def test_a_header_of_a_strange_size_is_refused(hostile: Path, size: int) -> None:
    with (hostile / "model.safetensors").open("r+b") as file:
        file.write(size.to_bytes(8, "little"))
    assert refusal(hostile) == "not-safetensors"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), -1e9])
@pytest.mark.parametrize("name", ["output.weight", "mixture.recency"])
def test_weights_that_are_no_numbers_are_refused(hostile: Path, name: str, value: float) -> None:
    weights = load_file(hostile / checkpoint.WEIGHTS)
    weights[name].view(-1)[-1] = value
    save_file(weights, hostile / checkpoint.WEIGHTS)
    assert refusal(hostile) == "weights-not-numbers"


def test_huge_weights_are_numbers() -> None:
    refuse_non_finite(Path(), {"huge": np.full(4, 3e38, np.float32), "ids": np.ones(2, np.int64)})


def test_no_score_is_no_number(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    for bits in (float("nan"), float("inf"), 5000.0):
        with pytest.raises(UserError) as refused:
            score_of(bits, joined.name, tokenizer, "abc", is_adaptive=False)
        assert refused.value.code == "score-not-finite"


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes and devices")
@pytest.mark.parametrize("kind", [pipe, device, loop, Path.mkdir])
def test_only_regular_files_are_read(hostile: Path, kind: Callable[[Path], None]) -> None:
    """Whichever file of a model is none, nothing waits for it and nobody else suffers."""
    names = [*checkpoint.OURS - {"training"}, run_log.STATE, run_log.POINTS, run_log.BASELINES]
    for name in sorted(names):
        folder = Path(shutil.copytree(hostile, hostile.parent / f"{kind.__name__} {Path(name).name}"))
        (folder / name).unlink(missing_ok=True)
        kind(folder / name)
        if name in ("config.json", "tokenizer.json", checkpoint.WEIGHTS, checkpoint.COUNTS):
            refusal(folder)
        else:
            checkpoint.load(folder)
        saved_model.read_passages(folder)
        run_log.read(folder)
        registry.card(folder)
        registry.shape(folder)
    found = {entry.name for entry in registry.models(hostile.parent)}
    assert {folder.name for folder in hostile.parent.iterdir() if (folder / "config.json").is_file()} <= found
