"""Which way to draw: the compiled engine, once it is compiled on this machine; until then the model's own forward.

Compiling takes some 40 seconds, once for each version of charrnn and each machine. Nobody waits for it: another
process does it in the background, while the first texts are drawn the plain way. That way needs the n-gram loops, if
the model is joined to counts: for these the very first text does wait, which is announced (`compiled`). Both ways
give the same text but for roundings, which once in many thousands of characters decide on another one; with weights of
int8, which is faster still, it is another text soon.
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
SHORT = 500  # characters that are drawn sooner than the engine is loaded
PATIENCE = 600.0  # seconds after which a compilation that did not end is begun anew


def choose(engine: str | None = None, characters: int | None = None, note: Note = silent) -> str:
    """What `Sampler` takes: one of ENGINES but "auto", for which it finds one. Default: $CHARRNN_ENGINE or "auto".

    characters: how many will be drawn, if no more than that.

    Begins compiling in the background if that is needed, and says so. Raises UserError for another name.
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
    """Whether the engine is compiled."""
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
    """`prepare` in a process of its own, unless one is at it; whether it was begun.

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
    except OSError:  # too many processes, say: it stays the plain way
        return False
    return True


@functools.cache
def _mark() -> Path:
    """The file that says that this version of the engine is compiled here."""
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
