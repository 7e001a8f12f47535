"""The choice of the engine that draws: the compiled one once it is compiled here, until then numpy (see `warming`).

Compiling takes some 30 seconds, once for each version of charrnn and each machine. It runs in the background, in a
process of its own, while the first texts are drawn. Weights of int8 are faster still, and soon give another text.
"""

import functools
import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from charrnn import paths
from charrnn.corpus.documents import Note, silent
from charrnn.errors import Phrase, UserError

ENGINES = ("auto", "int8", "f32", "numpy", "eager")
PATIENCE = 600.0  # seconds after which an unfinished compilation is started again


def choose(engine: str | None = None, note: Note = silent) -> str:
    """Return the engine for a `Sampler`; for "auto", start compiling in the background unless that is done.

    engine: one of ENGINES; default: $CHARRNN_ENGINE or "auto". Raises UserError for another name.
    """
    engine = engine or os.environ.get("CHARRNN_ENGINE") or "auto"
    if engine not in ENGINES:
        known = Phrase("one-of", choices=", ".join(ENGINES))
        raise UserError("setting", setting="engine", expected=known, found=repr(engine))
    if engine == "auto" and not ready():
        try:
            if prepare_in_background():
                note("the fast engine is being compiled in the background, once; until then texts come more slowly")
        except UserError as error:
            note(f"texts come slowly, as no fast engine can be kept: {error}")
            return "numpy"
    return engine


def ready() -> bool:
    """Return whether the engine is compiled."""
    try:
        return _mark().exists()
    except OSError:  # of a folder that may not be looked into
        return False


def prepare() -> None:
    """Compile the engine, and note that it is."""
    import numpy as np

    from charrnn.config import ModelConfig
    from charrnn.data.tokenizer import CharTokenizer
    from charrnn.model.weights import NetworkWeights, shapes_of
    from charrnn.sampling.sampler import Sampler

    tokenizer = CharTokenizer("ab")
    config = ModelConfig(vocab_size=tokenizer.vocab_size, embed=1, hidden=8, counts="none")
    zeros = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes_of(config).items()}
    Sampler(NetworkWeights(config, zeros), tokenizer, "int8").generate("a")
    _mark().parent.mkdir(parents=True, exist_ok=True)
    _mark().touch()


def prepare_in_background() -> bool:
    """Run `prepare` in a process of its own unless one runs already; return whether one was started.

    Raises UserError if the cache, where it is noted, cannot be written.
    """
    begun = _mark().with_suffix(".begun")
    with paths.writing():
        if begun.exists() and time.time() - begun.stat().st_mtime < PATIENCE:
            return False
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.touch()
    try:
        subprocess.Popen(
            [sys.executable, "-m", "charrnn.sampling.engine_choice"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError:  # too many processes, say
        return False
    return True


@functools.cache
def _mark() -> Path:
    """Return the file that marks this version of the engine as compiled on this machine."""
    numba = importlib.metadata.version("numba")  # without loading it
    facts = (
        __file__,
        paths.sources_of("charrnn.sampling.compiled.steps"),
        numba,
        platform.python_version(),
        platform.node(),
    )
    return paths.root() / "engine" / hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)
    prepare()
