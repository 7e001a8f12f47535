"""In: a model and a state. Out: text, character by character.

Read `sampler.py` first, then `filters.py`; tokens come from a `Decoder` (`decoder.py`): the model itself, or `compiled/`.
"""

from charrnn.sampling.sampler import Sampler, Step

__all__ = ["Sampler", "Step"]
