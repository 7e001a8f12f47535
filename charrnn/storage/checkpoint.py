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
import gzip
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, numpy, safe_open
from safetensors.torch import save
from torch import Tensor

from charrnn.config import ModelConfig, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError, cause
from charrnn.model import CharRNN
from charrnn.storage import run_log
from charrnn.storage.registry import find

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel  # loads numba, which only a model with counts needs

FORMAT = 2
WEIGHTS = "model.safetensors"
COUNTS = "counts.safetensors"
PACKED = "counts.safetensors.gz"
PASSAGES = "passages.safetensors"
STATE = run_log.STATE
LATER = {"mixture.recency", "mixture.places", "fusion.place.weight", "fusion.place_gates.weight"}
"""Weights missing from older checkpoints; zeros reproduce the old behaviour."""
OURS = {
    "config.json", WEIGHTS, COUNTS, PACKED, PASSAGES, "tokenizer.json", "tokenizer_config.json",
    "generation_config.json", "README.md", "learning_curve.png", "metrics.jsonl", "training",
}  # fmt: skip


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
    counts = read_counts(directory, tokenizer) if config.counts == "joined" else None
    model = CharRNN(config, name=directory.name, fresh=False, counts=counts)
    shapes = {name: tuple(weight.shape) for name, weight in model.weights().items()}
    tensors = migrated(read_weights(directory, weights), shapes)
    found = {name: tuple(weight.shape) for name, weight in tensors.items()}
    for name in sorted({*shapes, *found}):
        if shapes.get(name) != found.get(name):
            path, none = directory / (WEIGHTS if weights == "best" else STATE), Phrase("nothing")
            expected = shapes.get(name, none)
            raise UserError("other-weights", path=path, weight=name, expected=expected, found=found.get(name, none))
    model.load_weights(tensors, assign=True)
    return model.eval(), tokenizer


def migrated(tensors: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Return the weights of an older checkpoint with those that a model of these shapes has besides, as zeros.

    (The setting that older checkpoints lack, `members`, is set by `ModelConfig.from_json`.)
    """
    return {**{name: torch.zeros(shapes[name]) for name in LATER & shapes.keys()}, **tensors}


def read_weights(directory: Path, which: Literal["best", "last"] = "best") -> dict[str, Tensor]:
    """Return the weights of a saved model in float32. Raises UserError if they are missing or damaged."""
    if which == "best":
        return {name: weight.float() for name, weight in read_tensors(directory / WEIGHTS)[0].items()}
    if not (directory / STATE).is_file():
        raise UserError("no-last-weights", folder=directory, file=STATE)
    tensors, _ = read_tensors(directory / STATE)
    under = "model."
    return {name.removeprefix(under): weight for name, weight in tensors.items() if name.startswith(under)}


def read_config(directory: Path) -> tuple[ModelConfig, CharTokenizer]:
    """Return the shape of a saved model and its tokenizer. Raises UserError if they do not fit together."""
    path = directory / "config.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        version = values.pop("format_version")
        digest = values.pop("tokenizer_sha256")
        values.pop("model_type")
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    except KeyError as error:
        found = Phrase("no-key", key=error.args[0], file=path.name)
        raise UserError("not-a-model", path=directory, found=found) from None
    except (ValueError, TypeError, AttributeError):
        raise UserError("not-a-model", path=directory, found=Phrase("a-damaged-file")) from None
    if version != FORMAT:
        raise UserError("other-format", path=path, expected=FORMAT, found=version)
    if (form := values.pop("normalization", None)) != "NFC":
        raise UserError("other-normalization", path=path, found=form)
    if missing := sorted({field.name for field in dataclasses.fields(ModelConfig)} - {"members"} - set(values)):
        raise UserError("shape-incomplete", path=path, missing=", ".join(missing))
    config = ModelConfig.from_json(values)
    if config.hidden is None:
        raise UserError("shape-incomplete", path=path, missing="hidden")
    tokenizer = CharTokenizer.from_file(directory / "tokenizer.json")
    if tokenizer.sha256 != digest:
        path = directory / "tokenizer.json"
        raise UserError("other-tokenizer", path=path, expected=digest[:12], found=tokenizer.sha256[:12])
    return config, tokenizer


def read_counts(directory: Path, tokenizer: CharTokenizer) -> "NgramModel":
    """Return the n-gram model of a saved model. Raises UserError if it is missing or damaged."""
    path = directory / COUNTS
    if not path.exists() and (directory / PACKED).exists():
        path = directory / PACKED
    unpacked = gzip.decompress if path.name == PACKED else bytes
    try:
        with ThreadPoolExecutor(1) as pool:
            arrays = pool.submit(lambda: numpy.load(unpacked(path.read_bytes())))
            from charrnn.ngram.model import NgramModel  # loads numba meanwhile
        return NgramModel.from_arrays(arrays.result(), tokenizer.characters)
    except KeyError as error:
        found = Phrase("counts-without-key", key=error.args[0], file=COUNTS)
    except (EOFError, zlib.error, SafetensorError, ValueError, gzip.BadGzipFile):  # the last one is also an OSError
        found = Phrase("counts-damaged")
    except OSError as error:
        found = Phrase("counts-refused", cause=cause(error))
    raise UserError("counts-unreadable", path=path, found=found)


def read_passages(directory: Path) -> NDArray[np.uint64] | None:
    """Return the sketch of a model's training text (see `corpus.fingerprints`); None if there is none."""
    try:
        return np.asarray(numpy.load_file(directory / PASSAGES)["read"], dtype=np.uint64)
    except (OSError, SafetensorError, KeyError):
        return None


def write_packed_counts(directory: Path, counts: "NgramModel") -> None:
    """Write the n-gram model compressed by a third, for shipping."""
    write_bytes(directory / PACKED, gzip.compress(numpy.save(counts.arrays()), compresslevel=9, mtime=0))


def create(
    directory: Path,
    model: CharRNN,
    tokenizer: CharTokenizer,
    *,
    overwrite: bool = False,
    passages: NDArray[np.uint64] | None = None,
) -> None:
    """Make a model directory, which appears under its name all at once, when it is complete.

    passages: sketch of the training text.
    An older model of that name is replaced only with `overwrite`; anything else there is never touched.
    """
    refuse_to_replace(directory, overwrite=overwrite)
    directory = directory.resolve()  # a link stays; the directory that it points to is replaced
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        temporary.chmod(0o755)
        _write_parts(temporary, model, tokenizer, passages)
        if directory.exists() and any(directory.iterdir()):
            old = directory.with_name(f"{temporary.name}-old")
            directory.rename(old)
            try:
                temporary.rename(directory)
            except BaseException:  # also Ctrl-C
                old.rename(directory)
                raise
            shutil.rmtree(old)
        else:
            temporary.rename(directory)
    except OSError as error:
        raise UserError("system-refused", name=directory, cause=cause(error)) from None
    finally:
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
        write_bytes(directory / COUNTS, numpy.save(model.counts.arrays()))
    if passages is not None:
        write_bytes(directory / PASSAGES, numpy.save({"read": passages}))
    (directory / "training").mkdir()


def refuse_to_replace(directory: Path, *, overwrite: bool) -> None:
    """Raise UserError unless `directory` is new or empty or, with `overwrite`, a model and nothing else."""
    if not directory.exists():
        return
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {directory.name}
    torn = {name for name in names if any(name.startswith(f".{own}-") for own in OURS)}  # a write was killed
    ours = "config.json" in names and names - torn <= OURS and _is_ours(directory)
    if names and not (ours and overwrite):
        raise UserError("folder-holds-model" if ours else "folder-not-empty", folder=directory)


def _is_ours(directory: Path) -> bool:
    try:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("model_type") == "charrnn"


def write_weights(directory: Path, model: CharRNN, dtype: torch.dtype = torch.float32) -> None:
    weights = {name: weight.to("cpu", dtype).contiguous() for name, weight in model.weights().items()}
    write_tensors(directory / WEIGHTS, weights, {"format": "pt"})


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors and metadata to one file, so that both are of the same moment whatever happens."""
    write_bytes(path, save({n: t.contiguous() for n, t in tensors.items()}, metadata))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return tensors and metadata of a file. Raises UserError if it is missing or damaged."""
    try:
        path.open("rb").close()  # its errors say why, those of safetensors do not
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError):
        raise UserError("not-safetensors", path=path) from None


def write_json(path: Path, values: object) -> None:
    write_bytes(path, (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file: write a sibling, flush it to the disk, rename it. A reader sees the old file or the new one."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path`, which takes its place if the block succeeds, and else is removed."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the name that the user knows
        raise
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
