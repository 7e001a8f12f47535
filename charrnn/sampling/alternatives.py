"""What could have come at a place of a text: how likely each character is, before and after the filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.config import SampleConfig
from charrnn.sampling import filters
from charrnn.sampling.constraints import Constraint
from charrnn.sampling.filters import HISTORY
from charrnn.sampling.sampler import Sampler


class Alternative(NamedTuple):
    """A character, "" for all those together that the vocabulary lacks, and two probabilities."""

    character: str
    before: float  # as the model has it
    after: float  # as it is drawn: temperature, filters and constraints applied


@dataclass(frozen=True)
class Place:
    """A place between two characters of a text: what was read before it, and the model's logits (v,) there."""

    text: str
    logits: NDArray[np.float64]

    def alternatives(
        self, sampler: Sampler, config: SampleConfig, constraints: Sequence[Constraint] = ()
    ) -> list[Alternative]:
        """All characters, the model's likeliest first. Where the constraints leave nothing, nothing is drawn: all 0."""
        before = filters.probabilities(sampler.rule_out(self.logits, self.text, ()))
        left, bias = sampler.rule_out(self.logits, self.text, constraints), filters.bias_of(config, sampler.tokenizer)
        after = np.zeros_like(before)
        if np.isfinite(left).any():
            history = sampler.tokenizer.encode_array(self.text[-HISTORY:])[-HISTORY:]
            after = filters.probabilities(filters.apply(left if bias is None else left + bias, config, history))
        known = len(sampler.tokenizer.characters)
        found = [
            Alternative(character, float(before[token]), float(after[token]))
            for token, character in enumerate(sampler.tokenizer.characters)
        ]
        found.append(Alternative("", float(before[known:].sum()), float(after[known:].sum())))
        return sorted(found, key=lambda one: -one.before)
