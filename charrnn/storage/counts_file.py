"""The file of a saved n-gram model: safetensors, shipped compressed; checked when it is loaded."""

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from charrnn import paths
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import Phrase, UserError, cause
from charrnn.storage import tensor_file

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel

LARGEST_UNPACKED = 2**26  # bytes of counts that ship compressed; as tables they take up to ten times as much
LARGEST = 2**29  # bytes of counts: 2**24 characters, the most that are counted, take less
SMALL = 2**20  # bytes of a file that is read as quickly as what would be kept of it
COUNTS = "counts.safetensors"
PACKED = "counts.safetensors.gz"


def read_counts(directory: Path, tokenizer: CharTokenizer) -> "NgramModel":
    """Return the n-gram model of a saved model. Raises UserError if it is missing or damaged."""
    path = directory / COUNTS
    if not path.exists() and (directory / PACKED).exists():
        path = directory / PACKED
    try:
        return _model(path, tokenizer.characters)
    except UserError as error:
        if error.code in ("system-refused", "tensors-too-large"):
            raise
        found: Phrase = Phrase("counts-damaged") if error.code == "not-safetensors" else error
    except KeyError as error:
        found = Phrase("counts-without-key", key=error.args[0], file=COUNTS)
    except (EOFError, zlib.error, ValueError):
        found = Phrase("counts-damaged")
    except OSError as error:
        found = Phrase("counts-refused", cause=cause(error))
    raise UserError("counts-unreadable", path=path, found=found)


def _model(path: Path, characters: str) -> "NgramModel":
    """Read a file of counts, compressed or not. Raises what libraries raise, which `read_counts` handles."""
    from charrnn.ngram.model import NgramModel
    from charrnn.storage import ready_counts

    if path.name != PACKED and path.stat().st_size > LARGEST_UNPACKED:
        with tensor_file.opened(path) as file:
            file.refuse_over(LARGEST)
            return NgramModel.from_arrays(file, characters)  # which reads no other arrays than its own
    data = paths.read(path, LARGEST_UNPACKED)
    folder = ready_counts.folder_of(data, characters) if len(data) > SMALL else None
    if folder is not None and (ready := ready_counts.load(folder, characters)) is not None:
        return ready
    model = NgramModel.from_arrays(
        tensor_file.of_bytes(path, _unpacked(data) if path.name == PACKED else data), characters
    )
    if folder is not None:
        ready_counts.keep(folder, model)
    return model


def _unpacked(packed: bytes) -> bytes:
    size = int.from_bytes(packed[-4:], "little")  # where gzip tells it; if that is wrong, unpacking stops there
    unpacking = zlib.decompressobj(wbits=31)  # gzip
    unpacked = unpacking.decompress(packed, size) if 0 < size <= LARGEST_UNPACKED else b""
    if not unpacking.eof or unpacking.unused_data:
        raise EOFError
    return unpacked


def write_counts(directory: Path, counts: "NgramModel", level: int = 6) -> None:
    """Write the n-gram model, compressed by two fifths unless it is small or too large to be unpacked at once.

    level: of compression; 9 takes six times as long and saves a hundredth.
    """
    data = tensor_file.packed(counts.arrays())
    if SMALL < len(data) <= LARGEST_UNPACKED:
        paths.write(directory / PACKED, gzip.compress(data, compresslevel=level, mtime=0))
    else:
        paths.write(directory / COUNTS, data)
