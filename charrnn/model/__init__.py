"""In: tokens and a state. Out: logits and a state: `(logits, state) = model(tokens, state)`.

Read `cells.py` first, which begins with the textbook's, then `network.py` and `state.py`. Importing this loads no
torch; `CharRNN` does.
"""

from typing import TYPE_CHECKING

from charrnn.model.state import RecurrentState

if TYPE_CHECKING:
    from charrnn.model.network import CharRNN, Unrolled

__all__ = ["CharRNN", "RecurrentState", "Unrolled"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from charrnn.model import network

    return getattr(network, name)
