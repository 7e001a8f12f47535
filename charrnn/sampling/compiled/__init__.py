"""The decoding engine: draws characters one by one, in one compiled loop.

    state ─ predict ─ filter and draw ─ read ─▶ state        b texts, n steps in one call
            (products) (choice)         (cell_steps, charrnn.ngram)

`charrnn.model` defines what is computed. Read `engine.py` first, then `steps.py`.
"""

from charrnn.sampling.compiled.cell_steps import COMPILED
from charrnn.sampling.compiled.engine import PRECISIONS, Engine, EngineGenerated

__all__ = ["COMPILED", "PRECISIONS", "Engine", "EngineGenerated"]
