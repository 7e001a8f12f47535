"""A model directory: safetensors and JSON only, saved whole or not at all, checked when loaded.

config.json            format version, shape of the network, hash of the vocabulary
model.safetensors      weights: the best by held-out score
counts.safetensors     what was counted in the training text, if the model is joined to that; .gz where it is shipped
tokenizer.json         the vocabulary (with tokenizer_config.json, which names its class)
generation_config.json charrnn's default sampling settings, for programs that look for them there
README.md              the model card, with learning_curve.png
metrics.jsonl          one line per evaluation of the training run
passages.safetensors   fingerprints of some passages, by which a text that the model has read is told from a new one
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
from typing import TYPE_CHECKING, Any, Literal

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
    from charrnn.ngram import NgramModel  # loads numba, which only a model with counts needs

FORMAT = 2
WEIGHTS = "model.safetensors"
COUNTS = "counts.safetensors"
PACKED = "counts.safetensors.gz"
PASSAGES = "passages.safetensors"
STATE = run_log.STATE
LATER = {"mixture.recency", "mixture.places", "fusion.place.weight", "fusion.place_gates.weight"}
"""Weights that models of earlier versions lack: with zeros they are as they were."""
OURS = {
    "config.json", WEIGHTS, COUNTS, PACKED, PASSAGES, "tokenizer.json", "tokenizer_config.json",
    "generation_config.json", "README.md", "learning_curve.png", "metrics.jsonl", "training",
}  # fmt: skip


def load(
    name: str | Path | None = None, weights: Literal["best", "last"] = "best"
) -> tuple[CharRNN, CharTokenizer]:  # fmt: skip
    """A model, ready to read, and its tokenizer.

    name: a model directory, the name of a shipped model, or "last"; default: $CHARRNN_MODEL, else the
    shipped `registry.DEFAULT`. weights: the best by held-out score, or the last ones that its training saved. Raises
    UserError if there is none, or if its parts are damaged or do not fit together.
    """
    directory = find(name)
    config, tokenizer = read_config(directory)
    counts = read_counts(directory, tokenizer) if config.counts == "joined" else None
    model = CharRNN(config, name=directory.name, fresh=False, counts=counts)
    path = directory / (WEIGHTS if weights == "best" else STATE)
    tensors = read_weights(directory, weights)
    expected = {name: tuple(weight.shape) for name, weight in model.weights().items()}
    tensors |= {name: torch.zeros(expected[name]) for name in LATER & expected.keys() - tensors.keys()}
    found = {name: tuple(weight.shape) for name, weight in tensors.items()}
    if expected != found:
        differing = [n for n in sorted({*expected, *found}) if expected.get(n) != found.get(n)]
        first = differing[0]
        shapes = (expected.get(first, Phrase("nothing")), found.get(first, Phrase("nothing")))
        raise UserError("other-weights", path=path, weight=first, expected=shapes[0], found=shapes[1])
    model.load_weights(tensors, assign=True)
    return model.eval(), tokenizer


def read_weights(directory: Path, which: Literal["best", "last"] = "best") -> dict[str, Tensor]:
    """The weights of a saved model, in float32. Raises UserError if they are missing or damaged."""
    if which == "best":
        return {name: weight.float() for name, weight in read_tensors(directory / WEIGHTS)[0].items()}
    if not (directory / STATE).is_file():
        raise UserError("no-last-weights", folder=directory, file=STATE)
    tensors, _ = read_tensors(directory / STATE)
    under = "model."
    return {name.removeprefix(under): weight for name, weight in tensors.items() if name.startswith(under)}


def read_config(directory: Path) -> tuple[ModelConfig, CharTokenizer]:
    """The shape of a saved model and its tokenizer, checked against each other."""
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
        raise UserError(
            "other-tokenizer",
            path=directory / "tokenizer.json",
            expected=digest[:12],
            found=tokenizer.sha256[:12],
        )
    return config, tokenizer


def read_counts(directory: Path, tokenizer: CharTokenizer) -> "NgramModel":
    """What was counted in the training text of a saved model. Raises UserError if that is missing or damaged."""
    path = directory / COUNTS
    if not path.exists() and (directory / PACKED).exists():
        path = directory / PACKED
    unpacked = gzip.decompress if path.name == PACKED else bytes
    try:
        with ThreadPoolExecutor(1) as pool:
            arrays = pool.submit(lambda: numpy.load(unpacked(path.read_bytes())))
            from charrnn.ngram import NgramModel  # loads numba meanwhile
        return NgramModel.from_arrays(arrays.result(), tokenizer.characters)
    except KeyError as error:
        found = Phrase("counts-without-key", key=error.args[0], file=COUNTS)
    except (EOFError, zlib.error, SafetensorError, ValueError, gzip.BadGzipFile):  # the last one is also an OSError
        found = Phrase("counts-damaged")
    except OSError as error:
        found = Phrase("counts-refused", cause=cause(error))
    raise UserError("counts-unreadable", path=path, found=found)


def read_passages(directory: Path) -> NDArray[np.uint64] | None:
    """The sketch of what a model has read (see `corpus.fingerprints`); None if it is not known."""
    try:
        return np.asarray(numpy.load_file(directory / PASSAGES)["read"], dtype=np.uint64)
    except (OSError, SafetensorError, KeyError):
        return None


def write_packed_counts(directory: Path, counts: "NgramModel") -> None:
    """For shipping: a third smaller."""
    write_bytes(directory / PACKED, gzip.compress(numpy.save(counts.arrays()), compresslevel=9, mtime=0))


def create(
    directory: Path,
    model: CharRNN,
    tokenizer: CharTokenizer,
    overwrite: bool = False,
    passages: NDArray[np.uint64] | None = None,
) -> None:
    """Make a model directory that appears all at once, under its name, when it is complete.

    passages: sketch of what it reads.
    An older model of that name is replaced only if `overwrite`; anything else there is never touched.
    """
    refuse_to_replace(directory, overwrite)
    directory = directory.resolve()  # behind a link, say, it is the directory that is replaced
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        temporary.chmod(0o755)
        config = {
            "model_type": "charrnn",
            "format_version": FORMAT,
            "normalization": "NFC",
            "tokenizer_sha256": tokenizer.sha256,
            **model.config.to_json(),
        }
        tokenizer.save(temporary / "tokenizer.json")
        write_json(temporary / "config.json", config)
        write_json(
            temporary / "tokenizer_config.json",
            {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False},
        )
        write_json(temporary / "generation_config.json", SampleConfig().to_json())
        write_weights(temporary, model)
        if model.counts is not None:
            write_bytes(temporary / COUNTS, numpy.save(model.counts.arrays()))
        if passages is not None:
            write_bytes(temporary / PASSAGES, numpy.save({"read": passages}))
        (temporary / "training").mkdir()
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


def refuse_to_replace(directory: Path, overwrite: bool) -> None:
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
    """Tensors and their metadata as one file: both of the same moment, whatever happens."""
    write_bytes(path, save({n: t.contiguous() for n, t in tensors.items()}, metadata))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a file. Raises UserError if it is missing or damaged."""
    try:
        path.open("rb").close()  # whose errors, unlike safetensors', say why
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError):
        raise UserError("not-safetensors", path=path) from None


def write_json(path: Path, values: Any) -> None:
    write_bytes(path, (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file: written to a sibling, flushed to the disk, renamed. A reader sees the old or the new."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary sibling of `path` that takes its place if the block succeeds, and else vanishes."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the name that is known to who reads the error
        raise
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
