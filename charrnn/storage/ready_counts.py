"""The arrays of n-gram models as their loops read them, kept in the cache directory and mapped at each start.

Restoring them from a model's file takes 0.3 s, mapping them 0.03 s. They are written only after a file has passed all
checks, under a hash of all that they depend on. A folder appears complete, is never changed, and holds one .npy file
for each array.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from charrnn import paths
from charrnn.errors import UserError
from charrnn.ngram.model import NgramModel

KEPT = 4  # models, of some 80 MB each


def folder_of(data: bytes, characters: str) -> Path:
    """Return the folder for a file of counts with this content, of a model with a vocabulary of `characters`."""
    found = hashlib.sha256(data)
    found.update(f"\0{paths.sources_of('charrnn.ngram.model')}\0{characters}".encode())
    return paths.root() / "counts" / found.hexdigest()[:32]


def load(folder: Path, characters: str) -> NgramModel | None:
    """Return the model that `keep` wrote; None if there is none. Its arrays are mapped copy-on-write."""
    try:
        names = [file.name for file in folder.iterdir()]
        # Copy-on-write, as the compiled loops take writable arrays; of another class they would be compiled again.
        arrays = {name.removesuffix(".npy"): np.asarray(np.load(folder / name, mmap_mode="c")) for name in names}
        model = NgramModel.from_arrays(arrays, characters, ready=True)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, UserError):  # not as it was written
        shutil.rmtree(folder, ignore_errors=True)
        return None
    with suppress(OSError):
        os.utime(folder)
    return model


def keep(folder: Path, model: NgramModel) -> Thread:
    """Write the model to its folder, in the thread that is returned, and remove those unused for longest."""
    writing = Thread(target=_keep, args=(folder, model.arrays(ready=True)))
    writing.start()
    return writing


def _keep(folder: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    with suppress(OSError):  # where nothing can be kept, the file is read again next time
        folder.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_stale(folder.parent, ".new-*")
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent, ignore_cleanup_errors=True) as temporary:
            new = Path(temporary) / folder.name
            new.mkdir()
            for name, array in arrays.items():
                np.save(new / f"{name}.npy", array)
            if not folder.exists():
                paths.replace_folder(new, folder)
        kept = sorted(folder.parent.glob("[0-9a-f]*"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
