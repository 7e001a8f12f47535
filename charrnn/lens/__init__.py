"""In: a model and a text. Out: what the memory carries from character to character, and what the model makes of it.

Read `tracing.py` first (X, H, M, S and surprisal at each character), then

memory_map.py       the trace as rows, one for each unit; their order; where else the same units are on
unit_findings.py    properties of a text (quotations, speech, …), and the units that follow them by more than chance
memory_reach.py     how far back the memory reaches
interventions.py    changing the memory, and what that costs
tiny_elman.py       a network so small that every number can be followed by hand
surprisal.py        what each character of a text costs, for one model beside another

Importing this loads no torch, nor does `tiny_elman`; the other modules do.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrnn.lens import interventions, memory_map, tiny_elman
    from charrnn.lens.interventions import Effect, effects
    from charrnn.lens.memory_reach import Reach, connectivity, influence, reach
    from charrnn.lens.surprisal import Guess, Marks, Opponents, apart, mark, opponents
    from charrnn.lens.tracing import Candidates, Trace, extended, trace
    from charrnn.lens.unit_findings import PROPERTIES, UnitFinding, findings

_HOME = {
    "interventions": ("Effect", "effects"),
    "memory_reach": ("Reach", "connectivity", "influence", "reach"),
    "surprisal": ("Guess", "Marks", "Opponents", "apart", "mark", "opponents"),
    "tracing": ("Candidates", "Trace", "extended", "trace"),
    "unit_findings": ("PROPERTIES", "UnitFinding", "findings"),
}
__all__ = [
    "PROPERTIES", "Candidates", "Effect", "Guess", "Marks", "Opponents", "Reach", "Trace", "UnitFinding", "apart",
    "connectivity", "effects", "extended", "findings", "influence", "interventions", "mark", "memory_map", "opponents",
    "reach", "tiny_elman", "trace",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    return import_module(f"{__name__}.{name}")
