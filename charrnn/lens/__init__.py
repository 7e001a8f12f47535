"""Looking into the memory: what a model carries from character to character, and what it makes of it.

tracing.py          a text, character by character: X, H, M, S, surprisal
reach.py            how far back the memory reaches
interventions.py    changing the memory, to see what it was good for
marking.py          what each character of a text cost, for one model beside another
"""

from charrnn.lens import interventions
from charrnn.lens.marking import Guess, Marks, Opponents, apart, mark, opponents
from charrnn.lens.reach import Reach, connectivity, reach
from charrnn.lens.tracing import Candidates, Trace, trace

__all__ = [
    "Candidates", "Guess", "Marks", "Opponents", "Reach", "Trace", "apart", "connectivity", "interventions", "mark",
    "opponents", "reach", "trace",
]  # fmt: skip
