"""Which way to draw: the compiled engine, once it is compiled on this machine; until then the model's own forward.

Compiling takes some half a minute, once for each version of charrnn and each machine. Nobody waits for it: another
process does it in the background, while the first texts are drawn the plain way. Both ways give the same text but for
roundings, which once in many thousands of characters decide on another one.
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

from charrnn import cache
from charrnn.errors import UserError

ENGINES = ("auto", "int8", "f32", "eager")
PATIENCE = 600.0  # seconds after which a compilation that did not end is begun anew


def choose(engine: str | None = None) -> str:
    """What `Sampler` takes: one of ENGINES but "auto", which is what there is. Default: $CHARRNN_ENGINE or "auto".

    Begins compiling in the background if that is needed. Raises UserError for another name.
    """
    engine = engine or os.environ.get("CHARRNN_ENGINE") or "auto"
    if engine not in ENGINES:
        raise UserError(f"engine: expected one of {', '.join(ENGINES)}, found {engine!r}")
    if engine != "auto":
        return engine
    if ready():
        return "int8"
    prepare_in_background()
    return "eager"


def ready() -> bool:
    """Whether the engine is compiled."""
    return _mark().exists()


def prepare() -> None:
    """Compile the engine, and note that it is."""
    from charrnn.config import ModelConfig
    from charrnn.model import CharRNN
    from charrnn.sample.sampler import Sampler
    from charrnn.tokenizer import CharTokenizer

    tokenizer = CharTokenizer("ab")
    model = CharRNN(ModelConfig(vocab_size=tokenizer.vocab_size, embed=1, hidden=8, counts="none"))
    Sampler(model, tokenizer, "int8").generate("a")
    _mark().parent.mkdir(parents=True, exist_ok=True)
    _mark().touch()


def prepare_in_background() -> None:
    """`prepare` in a process of its own, unless one is at it."""
    begun = _mark().with_suffix(".begun")
    try:
        if begun.exists() and time.time() - begun.stat().st_mtime < PATIENCE:
            return
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.touch()
        subprocess.Popen(
            [sys.executable, "-m", "charrnn.sample.engines"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return  # a cache that cannot be written, say: it stays the plain way


@functools.cache
def _mark() -> Path:
    """The file that says that this version of the engine is compiled here."""
    numba = importlib.metadata.version("numba")  # without loading it
    facts = (__file__, cache.kernel_sources(), numba, platform.python_version(), platform.node())
    return cache.root() / "engine" / hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)
    prepare()
