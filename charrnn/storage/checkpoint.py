"""A model directory: safetensors and JSON only, saved whole or not at all, checked when loaded.

config.json            format version, shape of the network, hash of the vocabulary
model.safetensors      weights: the best by held-out score
counts.safetensors     the n-gram model of the training text, if the network is joined to one; shipped as .gz
tokenizer.json         the vocabulary (with tokenizer_config.json, which names its class)
generation_config.json charrnn's default sampling settings, for programs that look for them there
README.md              the model card, with learning_curve.png
metrics.jsonl          one line per evaluation of the training run
passages.safetensors   fingerprints of passages of the training text, which tell a text that was trained on from another
training/              what `--resume` needs; sampling does not read it
"""

import contextlib
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, numpy, safe_open
from safetensors.torch import save
from torch import Tensor

from charrnn import paths
from charrnn.config import ModelConfig, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError, cause
from charrnn.model import CharRNN
from charrnn.model.network import MIXTURE
from charrnn.storage import run_log
from charrnn.storage.counts_file import COUNTS, PACKED, read_counts
from charrnn.storage.registry import LARGEST_JSON, find

FORMAT = 2
LARGEST_HEADER = 2**22  # bytes of a safetensors header, some 80 for each tensor: 64 layers of 64 members take 2 MB
DTYPES = {"BOOL", "U8", "I8", "I32", "I64", "F16", "BF16", "F32", "F64"}  # of tensors in our files
LARGEST_PASSAGES = 2**24  # bytes; a sketch takes 0.5 MB
LARGEST_WEIGHT = 2.0**25  # up to here no product in a network overflows; trained ones are below 100, counts below 2^24
WEIGHTS = "model.safetensors"
PASSAGES = "passages.safetensors"
STATE = run_log.STATE
LATER = {"mixture.recency", "mixture.places", "fusion.place.weight", "fusion.place_gates.weight"}
"""Weights missing from older checkpoints; zeros reproduce the old behaviour."""
OURS = {
    "config.json", WEIGHTS, COUNTS, PACKED, PASSAGES, "tokenizer.json", "tokenizer_config.json",
    "generation_config.json", "README.md", "learning_curve.png", "metrics.jsonl", "training",
}  # fmt: skip


class TensorSlice(Protocol):
    def get_shape(self) -> list[int]: ...
    def get_dtype(self) -> str: ...


class TensorFile(Protocol):
    """An open safetensors file."""

    def keys(self) -> list[str]: ...
    def metadata(self) -> dict[str, str] | None: ...
    def get_slice(self, name: str) -> TensorSlice: ...
    def get_tensor(self, name: str) -> Tensor: ...


def load(
    name: str | Path | None = None, weights: Literal["best", "last"] = "best"
) -> tuple[CharRNN, CharTokenizer]:  # fmt: skip
    """Return a model in evaluation mode, and its tokenizer.

    Args:
        name: a model directory, the name of a model, or "last"; default: $CHARRNN_MODEL, else `registry.DEFAULT`.
        weights: the best by held-out score, or the last that training saved.

    Raises UserError if there is no such model, or if its parts are damaged or do not fit together.
    """
    directory = find(name)
    config, tokenizer = read_config(directory)
    path, under = (directory / WEIGHTS, "") if weights == "best" else (directory / STATE, "model.")
    if weights == "last" and not path.is_file():
        raise UserError("no-last-weights", folder=directory, file=STATE)
    with _opened(path) as file:  # no memory is taken before names and shapes agree
        names = [name.removeprefix(under) for name in file.keys() if name.startswith(under)]  # noqa: SIM118
        found = {name: tuple(file.get_slice(under + name).get_shape()) for name in names}
        if (least := config.layers * config.member_count) > len(found):
            raise UserError("other-weights", path=path, weight="layers", expected=least, found=len(found))
        # "meta" takes no memory, but torch then imports its compiler, which takes a second: only for what is large.
        is_large = max(config.hidden_size, config.embed) * max(config.hidden_size, config.vocab_size) > 2**22
        with torch.device("meta") if is_large else contextlib.nullcontext():
            model = CharRNN(config, name=directory.name, fresh=False)
        network = {name: shape for name, shape in found.items() if not name.startswith(MIXTURE)}
        _refuse_other_shapes(path, shapes_of(model.weights()), network)
        if config.counts == "joined":
            model.counts = read_counts(directory, tokenizer)
        _refuse_other_shapes(path, shapes_of(model.weights()), found)
        # Copies: the tensors of the file are mapped, and if another program cut it, using them would end the process.
        tensors = {name: file.get_tensor(under + name).to(torch.float32, copy=True) for name in found}
    refuse_non_finite(path, tensors, LARGEST_WEIGHT)
    model.load_weights(migrated(tensors, shapes_of(model.weights())), assign=True)
    return model.eval(), tokenizer


def shapes_of(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _refuse_other_shapes(path: Path, expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    """Raise UserError unless a file has the weights of these names and shapes; those of LATER may be missing."""
    found, none = {**{name: expected[name] for name in LATER & expected.keys()}, **found}, Phrase("nothing")
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            raise UserError(
                "other-weights", path=path, weight=name, expected=expected.get(name, none), found=found.get(name, none)
            )


def refuse_non_finite(path: Path, tensors: dict[str, Tensor], largest: float = torch.finfo(torch.float32).max) -> None:
    """Raise UserError if a tensor holds NaN, infinity or a number beyond ± `largest`."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and tensor.numel() > 0:
            low, high = tensor.aminmax()  # NaN if any number is
            if not (-largest <= low and high <= largest):
                raise UserError("weights-not-numbers", path=path, weight=name)


def migrated(tensors: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Return the weights of an older checkpoint with those that a model of these shapes has besides, as zeros.

    (The setting that older checkpoints lack, `members`, is set by `ModelConfig.from_json`.)
    """
    return {**{name: torch.zeros(shapes[name]) for name in LATER & shapes.keys()}, **tensors}


def read_config(directory: Path) -> tuple[ModelConfig, CharTokenizer]:
    """Return the shape of a saved model and its tokenizer. Raises UserError if they do not fit together."""
    path = directory / "config.json"
    values, digest = _read_shape(directory)
    if missing := sorted({field.name for field in dataclasses.fields(ModelConfig)} - {"members"} - set(values)):
        raise UserError("shape-incomplete", path=path, missing=", ".join(missing))
    config = ModelConfig.from_json(values)
    if config.hidden is None:
        raise UserError("shape-incomplete", path=path, missing="hidden")
    tokenizer = CharTokenizer.from_file(directory / "tokenizer.json")
    if tokenizer.sha256 != digest:
        path = directory / "tokenizer.json"
        raise UserError("other-tokenizer", path=path, expected=digest[:12], found=tokenizer.sha256[:12])
    if (found := config.vocab_size) != tokenizer.vocab_size:
        raise UserError("other-vocabulary-size", path=path, expected=tokenizer.vocab_size, found=found)
    return config, tokenizer


def _read_shape(directory: Path) -> tuple[dict[str, object], str]:
    """Return the shape in a model's config.json and the hash of its vocabulary. Raises UserError if it is damaged."""
    path = directory / "config.json"
    try:
        values = json.loads(paths.read(path, LARGEST_JSON))
        version = values.pop("format_version")
        digest = values.pop("tokenizer_sha256")
        values.pop("model_type")
        if not isinstance(digest, str) or not isinstance(version, int):
            raise TypeError(path)
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    except KeyError as error:
        found = Phrase("no-key", key=error.args[0], file=path.name)
        raise UserError("not-a-model", path=directory, found=found) from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise UserError("not-a-model", path=directory, found=Phrase("a-damaged-file")) from None
    if version != FORMAT:
        raise UserError("other-format", path=path, expected=FORMAT, found=version)
    if (form := values.pop("normalization", None)) != "NFC":
        raise UserError("other-normalization", path=path, found=form)
    return values, digest


def read_passages(directory: Path) -> NDArray[np.uint64] | None:
    """Return the sketch of a model's training text (see `corpus.fingerprints`); None if there is none."""
    try:
        found = numpy.load(paths.read(directory / PASSAGES, LARGEST_PASSAGES))["read"]
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return None
    return found if found.dtype == np.uint64 and found.ndim == 1 else None


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
        paths.write(directory / COUNTS, numpy.save(model.counts.arrays()))
    if passages is not None:
        paths.write(directory / PASSAGES, numpy.save({"read": passages}))
    (directory / "training").mkdir()


def refuse_to_replace(directory: Path, *, overwrite: bool) -> None:
    """Raise UserError unless `directory` is new or empty or, with `overwrite`, a model and nothing else."""
    paths.restore(directory)
    if not directory.exists():
        return
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
    weights = {name: weight.to("cpu", dtype).contiguous() for name, weight in model.weights().items()}
    write_tensors(directory / WEIGHTS, weights, {"format": "pt", **(metadata or {})})


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors and metadata to one file, so that both are of the same moment whatever happens."""
    paths.write(path, save({n: t.contiguous() for n, t in tensors.items()}, metadata))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return tensors and metadata of a file. Raises UserError if it is missing or damaged."""
    with _opened(path) as file:
        return {name: file.get_tensor(name).clone() for name in file.keys()}, file.metadata() or {}  # noqa: SIM118


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TensorFile]:
    """Open a safetensors file. Raises UserError if it is missing or damaged, in opening or within the block."""
    try:
        with paths.opened(path) as file:  # its errors say why, those of safetensors do not
            header = int.from_bytes(file.read(8), "little")
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    if header > LARGEST_HEADER:
        raise UserError("not-safetensors", path=path)
    try:
        with safe_open(path, framework="pt") as tensors:
            if any(tensors.get_slice(name).get_dtype() not in DTYPES for name in tensors.keys()):  # noqa: SIM118
                raise UserError("not-safetensors", path=path)
            yield tensors
    except (OSError, SafetensorError):
        raise UserError("not-safetensors", path=path) from None


def write_json(path: Path, values: object) -> None:
    paths.write(path, (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))
