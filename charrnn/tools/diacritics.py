"""Accents put back into Portuguese that was typed without them, and places where a text probably has wrong ones.

In: a text in NFC. Out: a `Suggestion` for each such place; `applied` gives the text with them. Nothing but accents and
cedillas ever changes. Addresses, names with @ or #, code and words with digits are left alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from charrnn.corpus import accent_model, language
from charrnn.corpus.accent_model import TOKEN, AccentModel, bare, enclitic
from charrnn.errors import UserError

KNOWN, GUESSED, NAMED = 0.999, 0.99, 0.8  # probability of forms by the lexicon, by the ending, of a name by its ending
ALWAYS = 0.02  # share of its accents that even a careful text lacks
DOUBT = 0.95  # probability of the likeliest form below which a word is read again
SURE = 0.97  # probability from which `suspicious` reports a place
LONGEST = 10_000_000  # characters
PIECE = 50_000  # characters after which a text is cut at the next line end
PRONOUN = re.compile(r"-l[oa]s?\b", re.IGNORECASE)
WORD = re.compile("[a-zA-ZàáâãçéêíóôõúüÀÁÂÃÇÉÊÍÓÔÕÚÜ]+")
CODE = re.compile(r"```.*?```|`[^`\n]{1,200}`|<[^<>\n]{1,200}>|https?://\S+|www\.\S+", re.DOTALL)  # tags and addresses
RUN = re.compile(r"""[^\s,;!?()<>«»“”"—…]+""")
NO_PROSE = re.compile(r"[@#$%&_/\\\d]|^www\.|\w\.[a-z]{2,4}\.?$|^\w-\w")
"""Whatever is an address, a name with @, a path, a host, a word with digits, or an e-mail."""


@dataclass(frozen=True)
class Suggestion:
    """A word that another form should replace. Both have the same letters, but for accents."""

    start: int  # in the text
    word: str
    form: str
    probability: float  # that the form is right


@dataclass(frozen=True)
class WordReading:
    """A word of a text with the forms that it may have, in small letters, and the probability of each."""

    start: int
    word: str
    forms: tuple[str, ...]
    chances: tuple[float, ...]

    @property
    def must_have(self) -> bool:
        """True if the lexicon knows a single form of this word, so that any accented text has its accent."""
        return self.chances[0] == KNOWN

    def suggestion(self, dropped: float = 1.0) -> Suggestion | None:
        """Return the likeliest form if it is not the word as it stands. dropped: P(an accent is left out)."""
        chances = [
            chance * (1 if form.isascii() else dropped) for form, chance in zip(self.forms, self.chances, strict=True)
        ]
        best = int(np.argmax(chances))
        if self.forms[best] == self.word.lower():
            return None
        return Suggestion(self.start, self.word, self.cased(self.forms[best]), chances[best] / sum(chances))

    def cased(self, form: str) -> str:
        """Return a form with the capitals of the word."""
        pairs = zip(form, self.word, strict=True)
        return "".join(letter.upper() if old.isupper() else letter for letter, old in pairs)


Reread = Callable[[str, list[WordReading]], list[WordReading]]
"""Takes a text and readings of some of its words; returns these readings with better probabilities."""


def restored(text: str, model: AccentModel | None = None, reread: Reread | None = None) -> list[Suggestion]:
    """Return the accents that a text lacks, in order. Accents that it has are kept.

    The more of its other accents a text has, the surer it must be that one is missing: P(form | bare word) is
    proportional to P(form) × P(a writer leaves its accents out), estimated from words that have one form only.

    Args:
        reread: a second reading of the words that are in doubt, such as `reading_ahead.ReadingAhead(…).reread`.
    """
    return [one for start, piece in _pieces(text) for one in _shifted(_restored(piece, model, reread), start)]


def _restored(text: str, model: AccentModel | None, reread: Reread | None) -> list[Suggestion]:
    readings = _read(text, model or accent_model.shipped())
    known = [one for one in readings if one.must_have]
    dropped = max(ALWAYS, (sum(one.word.isascii() for one in known) + 1) / (len(known) + 1))
    typed = [one for one in readings if one.word.isascii()]
    found = [one.suggestion(dropped) for one in typed]
    if reread:
        doubtful = [one for one in typed if max(one.chances) < DOUBT]
        again = {one.start: one for one in reread(applied(text, filter(None, found)), doubtful)}
        found = [again.get(one.start, one).suggestion(dropped) for one in typed]
    return [one for one in found if one]


def suspicious(text: str, model: AccentModel | None = None, reread: Reread | None = None) -> list[Suggestion]:
    """Return the places where a text with accents probably lacks one or has a wrong one, in order.

    reread: a second reading of these places.
    """
    return [one for start, piece in _pieces(text) for one in _shifted(_suspicious(piece, model, reread), start)]


def _suspicious(text: str, model: AccentModel | None, reread: Reread | None) -> list[Suggestion]:
    readings = [one for one in _read(text, model or accent_model.shipped()) if one.suggestion()]
    found = [one.suggestion() for one in (reread(text, readings) if reread else readings)]
    return [one for one in found if one and one.probability >= SURE]


def _shifted(suggestions: list[Suggestion], start: int) -> Iterator[Suggestion]:
    """Yield the suggestions for a piece of text with their places in the text. start: of the piece."""
    return (replace(one, start=start + one.start) for one in suggestions)


def other_language(text: str) -> str:
    """Return the language of most of a text; "" for Portuguese.

    Raises UserError for a text without letters, or with more than LONGEST characters.
    """
    if len(text) > LONGEST:
        raise UserError("text-too-long-for-accents", most=LONGEST, found=len(text))
    if not re.search(r"[^\W\d_]", text):
        raise UserError("text-without-letters")
    found = language.language_of(sample := text[: language.SAMPLE], language.foreign(sample))
    return "" if found == language.PORTUGUESE else found


def applied(text: str, suggestions: Iterable[Suggestion]) -> str:
    """Return a text with suggestions, which are in order."""
    parts, place = [], 0
    for one in suggestions:
        parts += [text[place : one.start], one.form]
        place = one.start + len(one.word)
    return "".join([*parts, text[place:]])


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text, and where each begins."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start + PIECE) + 1 or len(text)
        yield start, text[start:stop]
        start = stop


def _read(text: str, model: AccentModel) -> list[WordReading]:
    """Return the words of a text that may have accents."""
    matches = list(TOKEN.finditer(text))
    tokens = [bare(match[0].lower()) for match in matches]
    left_alone = np.zeros(len(text) + 1, bool)
    runs = (match for match in RUN.finditer(text) if NO_PROSE.search(match[0]))
    for match in (*CODE.finditer(text), *runs):
        left_alone[match.start() : match.end()] = True
    places, forms, known = [], [], []
    for place, match in enumerate(matches):
        if WORD.fullmatch(match[0]) and not left_alone[match.start()]:
            is_enclitic = bool(PRONOUN.match(text, match.end()))
            one, chance = _forms(match[0], tokens[place], model, is_enclitic=is_enclitic)
            if len(one) > 1 or not (one[0].isascii() and match[0].isascii()):
                places.append(place)
                forms.append(one)
                known.append(chance)
    rows = zip(places, forms, accent_model.chances(tokens, places, forms, model), known, strict=True)
    return [
        WordReading(matches[place].start(), matches[place][0], *_with_bare(tokens[place], one, chances, chance))
        for place, one, chances, chance in rows
    ]


def _forms(word: str, plain: str, model: AccentModel, *, is_enclitic: bool) -> tuple[tuple[str, ...], float]:
    """Return the forms of a word, and the probability that it has one of them and is no name."""
    if is_enclitic:
        return (enclitic(plain),), KNOWN
    forms = model.lexicon.get(plain, ())
    if not word.isascii() and word.lower() not in forms and (not forms or word.istitle()):
        return (word.lower(),), 1.0  # a word or a name that the lexicon lacks
    if forms:
        return forms, KNOWN
    return (model.by_ending(plain),), NAMED if word[0].isupper() else GUESSED


def _with_bare(
    plain: str, forms: tuple[str, ...], chances: tuple[float, ...], known: float
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return forms and their probabilities with the bare word: whatever is known, a name may be written so."""
    if plain in forms:
        return forms, chances
    return (*forms, plain), (*(known * chance for chance in chances), 1 - known)
