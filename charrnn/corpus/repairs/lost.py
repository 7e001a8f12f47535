"""Hyphens before pronouns that a converter dropped at line ends: `disselhe` for `disse-lhe`.

Only the text itself can tell: it must hold the form with the hyphen, and at least three times as often.
"""

from charrnn.corpus.repairs.edits import Edit, settle
from charrnn.corpus.repairs.hyphens import WORD, Words

OFTEN = 3  # times: at least this often, and this many times as often
_CLITICS = ("lhes", "lhe", "nos", "vos", "los", "las", "lo", "la", "me", "te", "se")


def lost_hyphens(text: str) -> tuple[str, int]:
    """Pronouns set off from their verbs again: `disselhe` becomes `disse-lhe` where the text usually writes so."""
    return settle(find, text)


def find(text: str, words: Words | None = None) -> list[Edit]:
    """Where a hyphen is missing. Each edit leaves fewer words without one. words: of `text`, if counted already."""
    words = words or Words(text)
    lost = {word: place for word in words if (place := _lost_in(word, words))}
    if not lost:
        return []
    found = ((match.start(), lost.get(match[0].lower())) for match in WORD.finditer(text))
    return [Edit(start + place, start + place, "-") for start, place in found if place]


def _lost_in(word: str, words: Words) -> int:
    """Where in `word` a hyphen was lost; 0 if none was."""
    if not word.endswith(_CLITICS):
        return 0
    for clitic in _CLITICS:
        verb = word.removesuffix(clitic)
        if verb == word or len(verb) < 3:
            continue
        if not clitic.startswith("lhe") and (verb.endswith("s") or (len(verb) == 3 and verb.endswith("r"))):
            continue  # lembraste, verme, corte
        if words[f"{verb}-{clitic}"] >= OFTEN * words[word]:
            return len(verb)
    return 0
