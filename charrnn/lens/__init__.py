"""Looking into the memory: what a model carries from character to character, and what it makes of it."""

from charrnn.lens.tracing import Candidates, Trace, trace

__all__ = ["Candidates", "Trace", "trace"]
