"""In: a model and a state. Out: text, character by character.

Read `sampler.py` first, then `filters.py`; a `Session` is a text so far. Tokens come from a `Decoder`: the model
itself, or `compiled/`. Importing this loads no torch; `Sampler` does.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrnn.sampling.sampler import Sampler

__all__ = ["Sampler"]


def __getattr__(name: str) -> object:
    if name != "Sampler":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from charrnn.sampling.sampler import Sampler

    return Sampler
