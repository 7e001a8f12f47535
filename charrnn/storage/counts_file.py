"""The file of a saved n-gram model: safetensors, shipped compressed; checked when it is loaded."""

import gzip
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, numpy, safe_open

from charrnn import paths
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError, cause

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel  # loads numba, which only a model with counts needs

LARGEST_UNPACKED = 2**27  # bytes of counts that ship compressed, which take some 25 MB
COUNTS = "counts.safetensors"
PACKED = "counts.safetensors.gz"


def read_counts(directory: Path, tokenizer: CharTokenizer) -> "NgramModel":
    """Return the n-gram model of a saved model. Raises UserError if it is missing or damaged."""
    path = directory / COUNTS
    if not path.exists() and (directory / PACKED).exists():
        path = directory / PACKED
    try:
        with ThreadPoolExecutor(1) as pool:
            arrays = pool.submit(_arrays, path)
            from charrnn.ngram.model import NgramModel  # loads numba meanwhile
        return NgramModel.from_arrays(arrays.result(), tokenizer.characters)
    except UserError as error:
        found: Phrase = error
    except KeyError as error:
        found = Phrase("counts-without-key", key=error.args[0], file=COUNTS)
    except (EOFError, zlib.error, SafetensorError, ValueError):
        found = Phrase("counts-damaged")
    except OSError as error:
        found = Phrase("counts-refused", cause=cause(error))
    raise UserError("counts-unreadable", path=path, found=found)


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read a file of counts, compressed or not. Raises what libraries raise, which `read_counts` handles."""
    if path.name != PACKED:
        with paths.opened(path), safe_open(path, framework="np") as file:  # which checks the header before it reads
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    packed = paths.read(path, LARGEST_UNPACKED)
    size = int.from_bytes(packed[-4:], "little")  # where gzip tells it; if that is wrong, unpacking stops there
    if not 0 < size <= LARGEST_UNPACKED:
        raise EOFError(path)
    unpacking = zlib.decompressobj(wbits=31)  # gzip
    unpacked = unpacking.decompress(packed, size)
    if not unpacking.eof or unpacking.unused_data:
        raise EOFError(path)
    return numpy.load(unpacked)


def write_packed_counts(directory: Path, counts: "NgramModel") -> None:
    """Write the n-gram model compressed by a third, for shipping."""
    paths.write(directory / PACKED, gzip.compress(numpy.save(counts.arrays()), compresslevel=9, mtime=0))
