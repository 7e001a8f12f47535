"""A text with suggested forms as HTML: each is marked, and tells what it replaces and how sure that is."""

from collections.abc import Sequence
from html import escape

from charrnn.errors.quantities import Language
from charrnn.html.document import document
from charrnn.html.texts import say
from charrnn.html.writing import flowing, number, percent
from charrnn.tools.diacritics import Suggestion

DOUBTFUL = 0.9  # probability below which a mark is dotted


def spans(text: str, suggestions: Sequence[Suggestion], language: Language, *, changed: bool) -> str:
    """Return a text with its suggestions marked, in order. changed: whether it shows the new forms or the old ones."""
    parts, place = [], 0
    for one in suggestions:
        parts += [*map(flowing, text[place : one.start]), _mark(one, language, changed=changed)]
        place = one.start + len(one.word)
    return "".join([*parts, *map(flowing, text[place:])]).replace("↵\n", "\n")


def _mark(one: Suggestion, language: Language, *, changed: bool) -> str:
    told = say(language, "suggested", word=one.word, form=one.form, chance=percent(language, one.probability, 1))
    kind = "doubtful" if one.probability < DOUBTFUL else "sure"
    return f'<span class="{kind}" title="{escape(told)}">{escape(one.form if changed else one.word)}</span>'


def page(text: str, suggestions: Sequence[Suggestion], language: Language, *, changed: bool) -> str:
    """Return a page of its own with the text. A mark that is touched tells its probability."""
    marked = spans(text, suggestions, language, changed=changed).replace("<span ", '<span tabindex="0" ')
    count = say(language, "changes_made" if changed else "changes_due", count=number(language, len(suggestions)))
    body = f'<p>{escape(count)}</p>\n<div class="suggestions">{marked}</div>\n'
    return document(say(language, "accents_title"), "", body, language)
