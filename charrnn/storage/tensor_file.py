"""Files of safetensors as numpy arrays: the header is checked here, before memory is taken. Loads no torch."""

import errno
import io
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

import numpy as np

from charrnn import paths
from charrnn.errors import UserError, cause
from charrnn.model.state import Arrays

LARGEST_HEADER = 2**22  # bytes, some 80 for each tensor: 64 layers of 64 members take 2 MB
LARGEST = 2**30  # bytes of all tensors, where the caller does not know how many there may be
LONGEST_NAME = 200  # characters
MOST_DIMENSIONS = 8
DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
"""Formats of the numbers in our files, as numpy stores them."""


class Entry(TypedDict):
    """A tensor as the header of a file describes it; a damaged file may hold anything else."""

    dtype: str
    shape: list[int]
    data_offsets: list[int]  # of its first byte, and of that after its last, from where the header ends


@dataclass(frozen=True)
class TensorFile(Mapping[str, Arrays]):
    """An open file of tensors, each of which is read when it is looked up."""

    path: Path
    file: IO[bytes]
    formats: Mapping[str, str]  # by name: one of DTYPES
    shapes: Mapping[str, tuple[int, ...]]
    places: Mapping[str, int]  # of the first byte of each
    metadata: dict[str, str]
    size: int  # bytes of all tensors

    def __getitem__(self, name: str) -> Arrays:
        """Return a tensor, read into memory; bfloat16 becomes float32. Raises OSError if the file was cut."""
        kind = np.dtype(DTYPES[self.formats[name]])
        try:
            array = np.empty(self.shapes[name], dtype=kind)
        except MemoryError:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), str(self.path)) from None
        self.file.seek(self.places[name])
        if self.file.readinto(array.reshape(-1).view(np.uint8)) != array.nbytes:  # type: ignore[attr-defined]
            raise OSError(name)
        if self.formats[name] == "BF16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def refuse_over(self, most: int) -> None:
        """Raise UserError if all tensors together have more than `most` bytes."""
        if self.size > most:
            raise UserError("tensors-too-large", path=self.path, most=most, found=self.size)


@contextmanager
def opened(path: Path) -> Iterator[TensorFile]:
    """Open a safetensors file. Raises UserError if it is missing or damaged, in opening or within the block."""
    try:
        with paths.opened(path) as file:
            yield _checked(path, file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None


def of_bytes(path: Path, data: bytes) -> TensorFile:
    """Return the tensors of a safetensors file that was read from `path`. Raises UserError if it is damaged."""
    return _checked(path, io.BytesIO(data), len(data))


def _checked(path: Path, file: IO[bytes], size: int) -> TensorFile:
    """Read the header of a file of `size` bytes. Raises UserError unless its tensors fill the rest, one by one.

    The library for it is in Rust, whose panics are not exceptions: it panics where memory is not enough.
    """
    try:
        if (header_size := int.from_bytes(file.read(8), "little")) > LARGEST_HEADER:
            raise ValueError(header_size)
        header = json.loads(file.read(header_size))
        metadata = header.pop("__metadata__", None) or {}
        start = end = 8 + header_size
        places = {}
        for name, one in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            if start + one["data_offsets"][0] != end:
                raise ValueError(name)
            places[name], end = end, end + _bytes(name, one, size)
        if end != size or not all(isinstance(one, str) for one in metadata.values()):
            raise ValueError(size)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise UserError("not-safetensors", path=path) from None
    formats = {name: header[name]["dtype"] for name in places}
    shapes = {name: tuple(header[name]["shape"]) for name in places}
    return TensorFile(path, file, formats, shapes, places, metadata, size - start)


def _bytes(name: str, one: Entry, size: int) -> int:
    """Return the bytes of a tensor in a file of `size` bytes. Raises an error if its entry in the header is wrong."""
    (begin, stop), shape = one["data_offsets"], one["shape"]
    item = np.dtype(DTYPES[one["dtype"]]).itemsize
    sound = name.isprintable() and len(name) <= LONGEST_NAME and len(shape) <= MOST_DIMENSIONS
    sound = sound and all(type(number) is int and number >= 0 for number in (begin, stop, *shape))
    # Arrays without numbers, too, have dimensions that fit.
    if not sound or stop - begin != item * math.prod(shape) or item * math.prod(n or 1 for n in shape) > size:
        raise ValueError(name)
    return item * math.prod(shape)


def read_arrays(path: Path, most: int = LARGEST) -> tuple[dict[str, Arrays], dict[str, str]]:
    """Return arrays and metadata of a file.

    most: bytes of all arrays. Raises UserError if the file is missing, damaged or has more.
    """
    with opened(path) as file:
        file.refuse_over(most)
        return dict(file), file.metadata


def write_arrays(path: Path, arrays: Mapping[str, Arrays], metadata: dict[str, str] | None = None) -> None:
    """Write arrays and metadata to one file, so that both are of the same moment whatever happens."""
    paths.write(path, packed(arrays, metadata))


def packed(arrays: Mapping[str, Arrays], metadata: dict[str, str] | None = None) -> bytes:
    """Return arrays and metadata as the bytes of a safetensors file."""
    from safetensors.numpy import save

    return ordered(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata))


def ordered(data: bytes) -> bytes:
    """Return the bytes of a safetensors file with its metadata sorted: the library writes them in a random order."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    if "__metadata__" not in header:
        return data
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    assert len(text) <= size, "another way to write the same JSON"
    return b"".join((data[:8], text.ljust(size), data[8 + size :]))
