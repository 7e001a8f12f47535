"""The recurrent network: `(logits, state) = model(tokens, state)`."""

from charrnn.model.network import CharRNN, Unrolled
from charrnn.model.state import RecurrentState

__all__ = ["CharRNN", "RecurrentState", "Unrolled"]
