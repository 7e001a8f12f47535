"""Hyphens before pronouns that a converter dropped at line ends: `disselhe` for `disse-lhe`.

Only the text itself can tell: it must hold the form with the hyphen, and at least three times as often.
"""

from collections.abc import Iterator

from charrnn.corpus.repairs.edits import Edit, settle
from charrnn.corpus.repairs.hyphens import Words

OFTEN = 3  # times: at least this often, and this many times as often
_CLITICS = ("lhes", "lhe", "nos", "vos", "los", "las", "lo", "la", "me", "te", "se")


def lost_hyphens(text: str) -> tuple[str, int]:
    """Pronouns set off from their verbs again: `disselhe` becomes `disse-lhe` where the text usually writes so."""
    return settle(find, text)


def find(text: str, words: Words | None = None) -> list[Edit]:
    """Where a hyphen is missing. Each edit leaves fewer words without one. words: of `text`, if counted already."""
    words = words or Words(text)
    lost = {word: place for word in words if (place := _lost_in(word, words))}
    forms = [(form, lost[form.lower()]) for form in words.forms if form.lower() in lost]
    return sorted(Edit(start + place, start + place, "-") for form, place in forms for start in _places(form, text))


def _places(form: str, text: str) -> Iterator[int]:
    """Where a word stands, and not a part of another."""
    start = text.find(form)
    while start >= 0:
        stop = start + len(form)
        before, after = text[max(0, start - 1) : start], text[stop : stop + 1]
        if not (before.isalpha() or after.isalpha() or "-" in (before, after)):
            yield start
        start = text.find(form, stop)


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
