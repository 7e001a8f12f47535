"""The choice of the engine that draws: the compiled one once it is compiled here, until then the model's own forward.

Compiling takes some 40 seconds, once for each version of charrnn and each machine. It runs in the background, in a
process of its own, while the first texts are drawn by the model's own forward. A model with counts needs compiled
n-gram loops either way; the first text waits for these, and a notice says so (`compiled`). Both engines give the same
text, except where a rounding decides on another character, once in many thousands. Weights of int8 are faster still,
and soon give another text.
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

ENGINES = ("auto", "int8", "f32", "eager")
SHORT = 500  # characters that the model's own forward draws sooner than the engine is loaded
PATIENCE = 600.0  # seconds after which an unfinished compilation is started again


def choose(engine: str | None = None, characters: int | None = None, note: Note = silent) -> str:
    """Return the engine for a `Sampler`; for "auto", start compiling one in the background if there is none.

    Args:
        engine: one of ENGINES; default: $CHARRNN_ENGINE or "auto".
        characters: the most that will be drawn, if that is known.

    Raises:
        UserError: for another name.
    """
    engine = engine or os.environ.get("CHARRNN_ENGINE") or "auto"
    if engine not in ENGINES:
        known = Phrase("one-of", choices=", ".join(ENGINES))
        raise UserError("setting", setting="engine", expected=known, found=repr(engine))
    if engine != "auto":
        return engine
    if ready():
        return "eager" if characters is not None and characters <= SHORT else "f32"
    try:
        if prepare_in_background():
            note("the fast engine is being compiled in the background, once; until then texts come more slowly")
    except UserError as error:
        note(f"texts come slowly, as no fast engine can be kept: {error}")
    return "eager"


def ready() -> bool:
    """Return whether the engine is compiled."""
    try:
        return _mark().exists()
    except OSError:  # of a folder that may not be looked into
        return False


def prepare() -> None:
    """Compile the engine, and note that it is."""
    from charrnn.config import ModelConfig
    from charrnn.data.tokenizer import CharTokenizer
    from charrnn.model import CharRNN
    from charrnn.sampling.sampler import Sampler

    tokenizer = CharTokenizer("ab")
    model = CharRNN(ModelConfig(vocab_size=tokenizer.vocab_size, embed=1, hidden=8, counts="none"))
    Sampler(model, tokenizer, "int8").generate("a")
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
