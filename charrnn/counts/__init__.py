"""Counting: what followed each of many kinds of context in a training text, mixed to one distribution.

    symbols ─ Reader ─ Contexts ─ Tables ─ Mixture ─▶ log-probabilities
              (state:   (keys)    (lists    (experts,
              Reading)             of        weights;
                                   counts)   Past)

Importing this room compiles nothing, but it loads numba.
"""

from charrnn.counts import classes
from charrnn.counts.blend import Prediction
from charrnn.counts.contexts import KINDS, Alphabet, Contexts, Reader, Reading, WordClasses
from charrnn.counts.counts import RATE, Counts, Expectation, reader_of, start
from charrnn.counts.editions import Editions
from charrnn.counts.mixture import MOST_SYMBOLS, Mixture
from charrnn.counts.past import STATIC, Past
from charrnn.counts.tables import MOST, Tables

__all__ = [
    "KINDS",
    "MOST",
    "MOST_SYMBOLS",
    "RATE",
    "STATIC",
    "Alphabet",
    "Contexts",
    "Counts",
    "Editions",
    "Expectation",
    "Mixture",
    "Past",
    "Prediction",
    "Reader",
    "Reading",
    "Tables",
    "WordClasses",
    "classes",
    "reader_of",
    "start",
]
