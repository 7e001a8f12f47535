"""A model directory: safetensors and JSON only, saved whole or not at all, checked when loaded.

config.json            format version, shape of the network, hash of the vocabulary
model.safetensors      weights: the best by held-out score, the network's in float16 once calibrated
counts.safetensors     the n-gram model of the training text, if the network is joined to one; as .gz unless it is small
tokenizer.json         the vocabulary (with tokenizer_config.json, which names its class)
generation_config.json charrnn's default sampling settings, for programs that look for them there
README.md              the model card, with learning_curve.png
metrics.jsonl          one line per evaluation of the training run
passages.safetensors   fingerprints of passages of the training text, which tell a text that was trained on from another
training/              what `--resume` needs; sampling does not read it
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from charrnn import paths
from charrnn.config import SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError, cause
from charrnn.model import CharRNN
from charrnn.model.weights import MIXTURE
from charrnn.storage import saved_model, tensor_file
from charrnn.storage.counts_file import COUNTS, PACKED, write_counts
from charrnn.storage.registry import LARGEST_JSON
from charrnn.storage.saved_model import FORMAT, PASSAGES, STATE, WEIGHTS

OURS = {
    "config.json", WEIGHTS, COUNTS, PACKED, PASSAGES, "tokenizer.json", "tokenizer_config.json",
    "generation_config.json", "README.md", "learning_curve.png", "metrics.jsonl", "training",
}  # fmt: skip


def load(name: str | Path | None = None, weights: Literal["best", "last"] = "best") -> tuple[CharRNN, CharTokenizer]:
    """Return a model in evaluation mode, and its tokenizer. Arguments and errors: as of `saved_model.read`."""
    found, tokenizer = saved_model.read(name, weights)
    return CharRNN.of(found), tokenizer


def create(
    directory: Path,
    model: CharRNN,
    tokenizer: CharTokenizer,
    *,
    overwrite: bool = False,
    passages: NDArray[np.uint64] | None = None,
    state: tuple[dict[str, Tensor], dict[str, str]] | None = None,
) -> None:
    """Make a model directory, which appears under its name all at once, when it is complete.

    passages: sketch of the training text; state: tensors and metadata for `--resume`.
    An older model of that name is replaced only with `overwrite`; anything else there is never touched.
    """
    refuse_to_replace(directory, overwrite=overwrite)
    directory = directory.resolve()  # a link stays; the directory that it points to is replaced
    temporary = None
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_stale(directory.parent, f".{directory.name}-new-*")
        temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-new-", dir=directory.parent))
        temporary.chmod(0o755)
        _write_parts(temporary, model, tokenizer, passages)
        if state is not None:
            write_tensors(temporary / STATE, *state)
        paths.replace_folder(temporary, directory)
    except OSError as error:
        raise UserError("system-refused", name=directory, cause=cause(error)) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _write_parts(
    directory: Path, model: CharRNN, tokenizer: CharTokenizer, passages: NDArray[np.uint64] | None
) -> None:
    config = {
        "model_type": "charrnn", "format_version": FORMAT, "normalization": "NFC",
        "tokenizer_sha256": tokenizer.sha256, **model.config.to_json(),
    }  # fmt: skip
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    tokenizer.save(directory / "tokenizer.json")
    write_json(directory / "config.json", config)
    write_json(directory / "tokenizer_config.json", fast)
    write_json(directory / "generation_config.json", SampleConfig().to_json())
    write_weights(directory, model)
    if model.counts is not None:
        write_counts(directory, model.counts)
    if passages is not None:
        tensor_file.write_arrays(directory / PASSAGES, {"read": passages})
    (directory / "training").mkdir()


def refuse_to_replace(directory: Path, *, overwrite: bool) -> None:
    """Raise UserError unless `directory` is new or empty or, with `overwrite`, a model and nothing else."""
    paths.restore(directory)
    if not directory.exists():
        return
    if paths.is_around_us(directory):
        raise UserError("folder-around-us", folder=directory)
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {directory.name}
    torn = {name for name in names if any(name.startswith(f".{own}-") for own in OURS)}  # a write was killed
    ours = "config.json" in names and names - torn <= OURS and _is_ours(directory)
    if names and not (ours and overwrite):
        raise UserError("folder-holds-model" if ours else "folder-not-empty", folder=directory)


def remove_orphans(directory: Path) -> None:
    """Remove what killed processes had begun to write in a model directory in which nobody else writes now."""
    for name in OURS:
        paths.remove_stale(directory, f".{name}-*", age=0.0)
    paths.remove_stale(directory / "training", ".*-*", age=0.0)


def _is_ours(directory: Path) -> bool:
    try:
        config = paths.read_json(directory / "config.json", LARGEST_JSON)
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("model_type") == "charrnn"


def write_weights(
    directory: Path, model: CharRNN, dtype: torch.dtype = torch.float32, metadata: dict[str, str] | None = None
) -> None:
    """Write a model's weights. dtype: of the network's; those of the counts' mixture also count, beyond 65,504."""
    formats = {name: torch.float32 if name.startswith(MIXTURE) else dtype for name in model.weights()}
    weights = {name: weight.to("cpu", formats[name]).contiguous() for name, weight in model.weights().items()}
    write_tensors(directory / WEIGHTS, weights, {"format": "pt", **(metadata or {})})


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors and metadata to one file, so that both are of the same moment whatever happens."""
    paths.write(path, tensor_file.ordered(save({n: t.contiguous() for n, t in tensors.items()}, metadata)))


def read_tensors(path: Path, most: int = tensor_file.LARGEST) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return tensors and metadata of a file.

    most: bytes of all tensors. Raises UserError if the file is missing, damaged or has more.
    """
    arrays, metadata = tensor_file.read_arrays(path, most)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}, metadata


def write_json(path: Path, values: object) -> None:
    paths.write(path, (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))
