"""In: a model and a state. Out: text, character by character.

Read `sampler.py` first, then `filters.py`; a decoder draws the tokens: `eager.py`, or `compiled/`, which is fast.
"""

from charrnn.sampling.sampler import Sampler, Step

__all__ = ["Sampler", "Step"]
