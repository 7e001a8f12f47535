"""In: a model and a text. Out: what the memory carries from character to character, and what the model makes of it.

Read `tracing.py` first (X, H, M, S and surprisal at each character), then

memory_map.py       the trace as rows, one for each unit; their order; where else the same units are on
findings.py         properties of a text (quotations, speech, …), and the units that follow them by more than chance
reach.py            how far back the memory reaches
interventions.py    changing the memory, and what that costs
tiny_elman.py       a network so small that every number can be followed by hand
surprisal.py        what each character of a text costs, for one model beside another
"""

from charrnn.lens import interventions, memory_map, tiny_elman
from charrnn.lens.findings import PROPERTIES, UnitFinding, findings
from charrnn.lens.interventions import Effect, effects
from charrnn.lens.reach import Reach, connectivity, influence, reach
from charrnn.lens.surprisal import Guess, Marks, Opponents, apart, mark, opponents
from charrnn.lens.tracing import Candidates, Trace, extended, trace

__all__ = [
    "PROPERTIES", "Candidates", "Effect", "Guess", "Marks", "Opponents", "Reach", "Trace", "UnitFinding", "apart",
    "connectivity", "effects", "extended", "findings", "influence", "interventions", "mark", "memory_map", "opponents",
    "reach", "tiny_elman", "trace",
]  # fmt: skip
