"""The models that the page offers."""

from charrnn import registry
from charrnn.ui.draft import Version, choices, preselected, sampler, version
from charrnn.ui.texts import Language, number, say

__all__ = ["Version", "choices", "described", "preselected", "sampler", "version"]


def described(entry: registry.Entry, spoken: Language) -> str:
    if entry.bits_per_character is None:
        return say(spoken, "choice_unscored", name=entry.name)
    return say(spoken, "choice", name=entry.name, bits=number(spoken, entry.bits_per_character, 2))
