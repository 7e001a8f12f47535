"""In: tokens and a state. Out: logits and a state: `(logits, state) = model(tokens, state)`.

Read `cells.py` first, which begins with the textbook's, then `network.py` and `state.py`.
"""

from charrnn.model.network import CharRNN, Unrolled
from charrnn.model.state import RecurrentState

__all__ = ["CharRNN", "RecurrentState", "Unrolled"]
