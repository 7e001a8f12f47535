"""The choice of the engine that draws."""

import os

from charrnn.errors import Phrase, UserError

ENGINES = ("auto", "int8", "f32", "eager")


def choose(engine: str | None = None) -> str:
    """Return the engine for a `Sampler`: one of ENGINES; default: $CHARRNN_ENGINE or "auto".

    Raises UserError for another name.
    """
    engine = engine or os.environ.get("CHARRNN_ENGINE") or "auto"
    if engine not in ENGINES:
        known = Phrase("one-of", choices=", ".join(ENGINES))
        raise UserError("setting", setting="engine", expected=known, found=repr(engine))
    return engine
