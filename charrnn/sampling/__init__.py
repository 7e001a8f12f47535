"""In: a model and a state. Out: text, character by character.

Read `sampler.py` first, then `filters.py`. Tokens come from a `Decoder`: the model itself, or `compiled/`.
"""

from charrnn.sampling.sampler import Sampler, Step

__all__ = ["Sampler", "Step"]
