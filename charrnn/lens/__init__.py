"""Looking into the memory: what a model carries from character to character, and what it makes of it.

tracing.py          a text, character by character: X, H, M, S, surprisal
reach.py            how far back the memory reaches
interventions.py    changing the memory, to see what it was good for
"""

from charrnn.lens import interventions
from charrnn.lens.reach import Reach, connectivity, reach
from charrnn.lens.tracing import Candidates, Trace, trace

__all__ = ["Candidates", "Reach", "Trace", "connectivity", "interventions", "reach", "trace"]
