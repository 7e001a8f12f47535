"""Drawing text from a model."""

from charrnn.sample.sampler import Sampler, Step

__all__ = ["Sampler", "Step"]
