"""The decoding engine: characters drawn one by one, in one compiled loop.

    State ─ predict ─ rule out ─ draw ─ read ─▶ State        all b texts, n steps in one call
            (products) (choice)         (cells, counts)

The model in `charrnn.model` says what is computed; here is how it is done fast.
"""

from charrnn.engine.engine import PRECISIONS, Engine, State, Written

__all__ = ["PRECISIONS", "Engine", "State", "Written"]
