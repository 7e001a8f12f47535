"""In: symbols of a text. Out: log-probabilities of the next one, by context mixing (the PAQ family).

    symbols ─ ContextHasher ─ Contexts ─ Tables ─ ContextMixer ─▶ log-probabilities
              (state:         (keys)     (what     (experts, weights;
               ContextState)              followed) DocumentCounts)

Read `model.py` first, then `contexts.py`. Importing this room compiles nothing, but it loads numba.
"""

from charrnn.ngram import word_classes
from charrnn.ngram.context_mixer import MOST_SYMBOLS, ContextMixer
from charrnn.ngram.contexts import KINDS, Alphabet, ContextHasher, Contexts, ContextState, WordClasses
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.layout.rewrapper import Rewrapper
from charrnn.ngram.mixing import Prediction
from charrnn.ngram.model import RATE, NgramModel, NgramPrediction, reader_of, start
from charrnn.ngram.tables import MOST, Tables

__all__ = [
    "KINDS",
    "MOST",
    "MOST_SYMBOLS",
    "RATE",
    "STATIC",
    "Alphabet",
    "ContextHasher",
    "ContextMixer",
    "ContextState",
    "Contexts",
    "DocumentCounts",
    "NgramModel",
    "NgramPrediction",
    "Prediction",
    "Rewrapper",
    "Tables",
    "WordClasses",
    "reader_of",
    "start",
    "word_classes",
]
