"""The decoding engine: characters drawn one by one, in one compiled loop.

    State ─ predict ─ rule out ─ draw ─ read ─▶ State        all b texts, n steps in one call
            (products) (choice)   (cell_steps, counts)

The model in `charrnn.model` says what is computed; here is how it is done fast.
"""

from charrnn.sampling.compiled.cell_steps import COMPILED
from charrnn.sampling.compiled.engine import PRECISIONS, Engine, EngineGenerated, EngineState

__all__ = ["COMPILED", "PRECISIONS", "Engine", "EngineGenerated", "EngineState"]
