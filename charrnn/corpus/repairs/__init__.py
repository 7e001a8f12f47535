"""Named repairs of a text. Each does one thing, changes nothing where there is nothing to mend, and counts."""

from charrnn.corpus.repairs.table import DEFAULT, REPAIRS, Repair, chosen, repair

__all__ = ["DEFAULT", "REPAIRS", "Repair", "chosen", "repair"]
