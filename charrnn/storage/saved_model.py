"""Reading a model directory: everything is checked, and nothing of it needs torch. The files: see `checkpoint`."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charrnn import paths
from charrnn.config import ModelConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError, cause
from charrnn.model.weights import (
    LARGEST_WEIGHT,
    MIXTURE,
    NetworkWeights,
    Shape,
    refuse_large,
    refuse_non_finite,
    shapes_of,
)
from charrnn.storage import run_log, tensor_file
from charrnn.storage.counts_file import read_counts
from charrnn.storage.registry import LARGEST_JSON, find, spoken

FORMAT = 2
LARGEST_PASSAGES = 2**24  # bytes; a sketch takes 0.5 MB
WEIGHTS = "model.safetensors"
PASSAGES = "passages.safetensors"
STATE = run_log.STATE
LATER = {"mixture.recency", "mixture.places", "fusion.place.weight", "fusion.place_gates.weight"}
"""Weights missing from older checkpoints; zeros reproduce the old behaviour."""


def read(
    name: str | Path | None = None, weights: Literal["best", "last"] = "best"
) -> tuple[NetworkWeights, CharTokenizer]:
    """Return the weights of a model, and its tokenizer.

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
    with tensor_file.opened(path) as file:  # no memory is taken before names and shapes agree
        names = [name.removeprefix(under) for name in file.shapes if name.startswith(under)]
        found = {name: file.shapes[under + name] for name in names}
        if (least := config.layers * config.member_count) > len(found):
            raise UserError("other-weights", path=path, weight="layers", expected=least, found=len(found))
        expected = shapes_of(config)
        _refuse_other_shapes(path, expected, {n: shape for n, shape in found.items() if not n.startswith(MIXTURE)})
        counts = read_counts(directory, tokenizer) if config.counts == "joined" else None
        if counts is not None:
            expected |= {MIXTURE + name: array.shape for name, array in counts.mixture.arrays().items()}
        _refuse_other_shapes(path, expected, found)
        arrays = {name: file[under + name].astype(np.float32, copy=False) for name in found}
    refuse_non_finite(path, arrays, LARGEST_WEIGHT)
    arrays = migrated(arrays, expected)
    if counts is not None:
        learned = {name: arrays.pop(MIXTURE + name) for name in counts.mixture.arrays()}
        counts = replace(counts, mixture=type(counts.mixture).from_arrays(learned))
    return NetworkWeights(config, arrays, counts, spoken(directory)), tokenizer


def _refuse_other_shapes(path: Path, expected: Mapping[str, Shape], found: Mapping[str, Shape]) -> None:
    """Raise UserError unless a file has the weights of these names and shapes; those of LATER may be missing."""
    found, none = {**{name: expected[name] for name in LATER & expected.keys()}, **found}, Phrase("nothing")
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            raise UserError(
                "other-weights", path=path, weight=name, expected=expected.get(name, none), found=found.get(name, none)
            )


def migrated(arrays: Mapping[str, NDArray[np.float32]], shapes: Mapping[str, Shape]) -> dict[str, NDArray[np.float32]]:
    """Return the weights of an older checkpoint with those that a model of these shapes has besides, as zeros.

    (The setting that older checkpoints lack, `members`, is set by `ModelConfig.from_json`.)
    """
    return {**{name: np.zeros(shapes[name], np.float32) for name in LATER & shapes.keys()}, **arrays}


def read_config(directory: Path) -> tuple[ModelConfig, CharTokenizer]:
    """Return the shape of a saved model and its tokenizer. Raises UserError if they do not fit or are too large."""
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
    refuse_large(config, directory)
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
        found = tensor_file.of_bytes(directory / PASSAGES, paths.read(directory / PASSAGES, LARGEST_PASSAGES))["read"]
    except (OSError, UserError, KeyError):
        return None
    return found if found.dtype == np.uint64 and found.ndim == 1 else None
