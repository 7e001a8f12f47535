"""Looking into the memory: what a model carries from character to character, and what it makes of it.

tracing.py          a text, character by character: X, H, M, S, surprisal
memory_map.py       the trace as rows, one for each unit, and in which order they stand
properties.py       what a unit might follow: quotations, speech, the position in a word
findings.py         which unit does, and whether by more than chance
similar.py          where else in a corpus the same units are on
reach.py            how far back the memory reaches
comparison.py       the same for several models
interventions.py    changing the memory, to see what it was good for
effects.py          what such a change costs, and how the text would go on
tiny_elman.py       a network so small that every number can be followed by hand
surprisal.py        what each character of a text cost, for one model beside another
"""

from charrnn.lens import interventions, memory_map, similar, tiny_elman
from charrnn.lens.comparison import Reached, compare, influence
from charrnn.lens.effects import Effect, effects
from charrnn.lens.findings import UnitFinding, findings
from charrnn.lens.properties import PROPERTIES
from charrnn.lens.reach import Reach, connectivity, reach
from charrnn.lens.surprisal import Guess, Marks, Opponents, apart, mark, opponents
from charrnn.lens.tracing import Candidates, Trace, extended, trace

__all__ = [
    "PROPERTIES",
    "Candidates",
    "Effect",
    "Guess",
    "Marks",
    "Opponents",
    "Reach",
    "Reached",
    "Trace",
    "UnitFinding",
    "apart",
    "compare",
    "connectivity",
    "effects",
    "extended",
    "findings",
    "influence",
    "interventions",
    "mark",
    "memory_map",
    "opponents",
    "reach",
    "similar",
    "tiny_elman",
    "trace",
]  # fmt: skip
