"""Files of safetensors as numpy arrays: headers are checked before memory is taken. Loads no torch."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from safetensors import SafetensorError, numpy, safe_open

from charrnn import paths
from charrnn.errors import UserError, cause
from charrnn.model.state import Arrays

LARGEST_HEADER = 2**22  # bytes, some 80 for each tensor: 64 layers of 64 members take 2 MB
DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "I32": "<i4", "I64": "<i8", "F16": "<f2", "BF16": "<u2", "F32": "<f4",
    "F64": "<f8",
}  # fmt: skip
"""Formats of the numbers in our files, as numpy stores them."""


@dataclass(frozen=True)
class TensorFile:
    """An open file of tensors."""

    file: IO[bytes]
    formats: Mapping[str, str]  # by name: one of DTYPES
    shapes: Mapping[str, tuple[int, ...]]
    places: Mapping[str, int]  # of the first byte of each
    metadata: dict[str, str]

    def read(self, name: str) -> Arrays:
        """Return a tensor, read into memory; bfloat16 becomes float32. Raises OSError if the file was cut."""
        kind = np.dtype(DTYPES[self.formats[name]])
        array = np.empty(self.shapes[name], dtype=kind)
        self.file.seek(self.places[name])
        if self.file.readinto(array.reshape(-1).view(np.uint8)) != array.nbytes:  # type: ignore[attr-defined]
            raise OSError(name)
        if self.formats[name] == "BF16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array


@contextmanager
def opened(path: Path) -> Iterator[TensorFile]:
    """Open a safetensors file. Raises UserError if it is missing or damaged, in opening or within the block."""
    try:
        with paths.opened(path) as file:  # its errors say why, those of safetensors do not
            yield _checked(path, file)
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None


def _checked(path: Path, file: IO[bytes]) -> TensorFile:
    size = int.from_bytes(file.read(8), "little")
    try:
        if size > LARGEST_HEADER:
            raise ValueError(size)
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        with safe_open(path, framework="np") as checked:  # the sizes fit the file, and no two tensors overlap
            metadata = checked.metadata() or {}
        if any(one["dtype"] not in DTYPES for one in header.values()):
            raise ValueError(header)
    except (OSError, SafetensorError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise UserError("not-safetensors", path=path) from None
    formats = {name: one["dtype"] for name, one in header.items()}
    shapes = {name: tuple(one["shape"]) for name, one in header.items()}
    places = {name: 8 + size + one["data_offsets"][0] for name, one in header.items()}
    return TensorFile(file, formats, shapes, places, metadata)


def read_arrays(path: Path) -> tuple[dict[str, Arrays], dict[str, str]]:
    """Return arrays and metadata of a file. Raises UserError if it is missing or damaged."""
    with opened(path) as file:
        return {name: file.read(name) for name in file.shapes}, file.metadata


def write_arrays(path: Path, arrays: Mapping[str, Arrays], metadata: dict[str, str]) -> None:
    """Write arrays and metadata to one file, so that both are of the same moment whatever happens."""
    paths.write(path, numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata))
