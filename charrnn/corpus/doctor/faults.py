"""Check characters, lines and passages for faults, repairable or not."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property

from charrnn.corpus.cleaning import RETURNS, newlines
from charrnn.corpus.doctor.report import Example, Finding, Places, Severity
from charrnn.corpus.language import PORTUGUESE, ForeignPassage, foreign, language_of, spellings
from charrnn.corpus.repairs import (
    REPAIRS,
    Edit,
    Sentence,
    characters,
    duplicates,
    letters,
    mojibake,
    pages,
    repair,
    wrong_pages,
)
from charrnn.corpus.repairs.hyphens import Words, words_of
from charrnn.errors import Phrase

BINARY = 0.01  # share of control characters above which a file is binary; a single one proves nothing
WRAPPED = 0.02  # share of lines that end within a paragraph from which a text is hard-wrapped
CHARACTERS = ("tex", "escapes", "entities", "markup", "mojibake", "ligatures", "accents", "line-ends")  # repairs
PROSE = 8  # mean characters per line from which the language can be told
ONLY_PORTUGUESE = ("lost-hyphens",)  # repairs that mean nothing in another language
COPIED = 0.01  # share of copied characters from which copies are a fault
WORDS = 6  # shown of a spelling


class Subject:
    """A text under examination: as it was read, and after the three repairs of every reading."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        text, self.boms = characters.bom(raw)
        text, self.returns = newlines(text)
        self.text, self.marks = characters.nfc(text)

    @cached_property
    def places(self) -> Places:
        return Places(self.text)

    @cached_property
    def raw_places(self) -> Places:
        return Places(self.raw)

    @cached_property
    def edits(self) -> dict[str, list[Edit]]:
        """The edits of each repair that names a fault, by the name of the repair."""
        return {name: repair.find(self.text) for name, repair in REPAIRS.items() if repair.fault}

    @cached_property
    def mended(self) -> str:
        """The text after the repairs of its characters."""
        if not any(self.edits[name] for name in CHARACTERS) and not characters.ZERO_WIDTH.search(self.text):
            return self.text
        return repair(self.text, [*CHARACTERS, "controls", "spaces"])[0]

    @cached_property
    def passages(self) -> tuple[ForeignPassage, ...]:
        """The passages that are not Portuguese, if lines are long enough to tell."""
        return foreign(self.text) if self.is_prose else ()

    @property
    def is_prose(self) -> bool:
        return len(self.text) >= PROSE * len(self.places)

    @cached_property
    def language(self) -> str:
        """The language of most of the text, once its characters are repaired."""
        if not self.is_prose:
            return PORTUGUESE
        return language_of(self.mended, self.passages if self.mended is self.text else foreign(self.mended))

    @property
    def words(self) -> Words:
        return words_of(self.text)


Check = Callable[[Subject], Iterator[Finding]]


def no_text(subject: Subject) -> Iterator[Finding]:
    if not subject.text.strip():
        yield Finding(Phrase("empty"), "fault", 1)


def line_ends(subject: Subject) -> Iterator[Finding]:
    found: dict[str, list[tuple[int, int]]] = {"\r\n": [], "\r\r\n": [], "\n\r": [], "\r": []}
    for match in re.finditer(RETURNS, subject.raw) if subject.returns else ():
        found.get(match[0], found["\r\r\n"]).append(match.span())
    for name, spans in zip(("crlf", "cr-crlf", "lf-cr", "cr"), found.values(), strict=True):
        if spans:
            yield Finding(Phrase(name), "note", len(spans), subject.raw_places.first(spans[:1]), "newlines")


def normal_form(subject: Subject) -> Iterator[Finding]:
    if subject.marks:
        match = re.search("[\u0300-\u036f]", subject.raw)
        examples = (subject.raw_places.around(match.start() - 1, match.end()),) if match else ()
        yield Finding(Phrase("nfd"), "note", subject.marks, examples, "nfc")


def odd_characters(subject: Subject) -> Iterator[Finding]:
    """Yield controls, soft hyphens, odd spaces and other characters that text should not have."""
    text = subject.text
    known = {edit.start for name in ("ligatures", "line-ends") for edit in subject.edits[name]}
    found = [match.start() for match in characters.CONTROLS.finditer(text) if match.start() not in known]
    meanings = letters.meanings(text) if found else {}
    doubtful = [place for place in found if meanings.get(text[place]) == "doubtful"]  # perhaps letters: nothing is safe
    rest = sorted({*found}.difference(doubtful))
    feeds, nul = ([place for place in rest if text[place] == sign] for sign in "\f\0")
    other = [place for place in rest if text[place] not in "\f\0"]
    if sum(text[place] < "\x80" for place in nul + other) > max(
        1, BINARY * len(text)
    ):  # above: Windows-1252 gone astray
        yield Finding(Phrase("binary"), "fault", len(found), subject.places.first((p, p + 1) for p in found))
    else:
        yield from _at(subject, Phrase("controls"), "fault", doubtful, None)
        yield from _at(subject, Phrase("nul"), "fault", nul, "controls")
        yield from _at(subject, Phrase("controls"), "fault", other, "controls")
    yield from _at(subject, Phrase("form-feeds"), "note", feeds, "controls")
    for name, severity, pattern, mends in PATTERNS:
        places = [match.start() for match in pattern.finditer(text)]
        yield from _at(subject, Phrase(name), severity, places, mends)


PATTERNS: tuple[tuple[str, Severity, re.Pattern[str], str | None], ...] = (
    ("soft-hyphens", "fault", re.compile("\xad"), "soft-hyphens"),
    ("odd-spaces", "note", characters.ODD_SPACES, "spaces"),
    ("zero-width", "fault", characters.ZERO_WIDTH, "spaces"),
    ("odd-hyphens", "note", characters.ODD_HYPHENS, "odd-hyphens"),
    ("long-s", "note", characters.LONG_S, "long-s"),
    ("lost-characters", "fault", re.compile("\ufffd"), None),
)


def lost_accents(subject: Subject) -> Iterator[Finding]:
    """Yield accents that no repair restores: ? or another sign in place of their letters, bare letters, or none."""
    found = list(_lost_accents(subject))
    if found and subject.language == PORTUGUESE:
        yield from found


def _lost_accents(subject: Subject) -> Iterator[Finding]:
    text = ADDRESS.sub(lambda match: " " * len(match[0]), subject.mended)
    few = max(LOST, len(ACCENTED.findall(text)) / 4)
    replaced = [match.span() for match in REPLACED.finditer(text)]
    if len(replaced) >= few and letters.are_letters(text, [start for start, _ in replaced]):
        yield Finding(Phrase("accents-replaced"), "fault", len(replaced), Places(text).first(replaced))
    forms = words_of(text).forms
    dropped = {form: count for form, count in forms.items() if DROPPED.fullmatch(form)}
    count = sum(dropped.values()) if len(dropped) >= LOST else 0
    if count >= few and sum(map(forms.__getitem__, SMALL_WORDS)) >= SMALL * forms.total():
        shown = (match.span() for match in re.finditer(r"\w+", text) if match[0] in dropped)
        yield Finding(Phrase("accents-dropped"), "fault", count, Places(text).first(shown))


LOST = 3  # lost accents, at least, and words without them; and a quarter of those that the text has
ADDRESS = re.compile(r"(?:\w{2,12}://|www\.|[\w.+-]{0,64}@|\.[a-z]{2,6}/)\S*|[?&]\w{1,40}=\S*")
ACCENTED = re.compile("[áâãàçéêíóôõúÁÂÃÀÇÉÊÍÓÔÕÚ]")
REPLACED = re.compile(r"(?<=[^\W\d_])[?¿□\x1a](?=[a-zà-ÿ])|(?<![^\s—“«(])\?(?=[a-zà-ÿ])")
DROPPED = re.compile(
    r"nao|voces?|tambem|entao|irmaos?|maos?|estao|sera|ninguem|alguem|atraves|[a-z]{2,}(?:[cs]ao|coes|avel|ivel)"
    r"|voc|tambm|ento|irmo|ningum|est|at|[a-z]{2,}ao"
)
SMALL_WORDS, SMALL = ("que", "de", "da", "do", "um", "uma", "com", "os", "as", "para"), 0.12  # their share, at least


def left(subject: Subject) -> Iterator[Finding]:
    """Yield signs within words that no repair of the encoding explains."""
    text = subject.mended
    within = {place for match in INTERRUPTS.finditer(text) for place in range(*match.span())}
    certain = wrong_pages.ALIEN.search(text) or wrong_pages.LATIN_2.search(text)
    odd = [
        place
        for place in wrong_pages.suspects(text)
        if certain or subject.edits["mojibake"] or (place in within and _is_no_letter(text[place]))
    ]
    odd = sorted({*odd, *(match.start() for match in mojibake.HALF.finditer(text))})
    high = [place for match in HIGH.finditer(text) for place in range(*match.span())]
    if len(high) >= LEFT and 2 * len(high) > sum(map(str.isalpha, text)):
        odd = high  # another script, read in a page of ours
    if len(odd) >= LEFT or (certain and odd):
        yield Finding(Phrase("odd-signs"), "fault", len(odd), Places(text).first((place, place + 1) for place in odd))


LEFT = 5  # odd signs, at least
INTERRUPTS = re.compile(r"(?<=[a-zA-ZÀ-ÿ])[^\s\x00-\x7fÀ-ÿ]{1,9}(?=[a-zA-ZÀ-ÿ])")  # not what follows a word: m², Ana™
HIGH = re.compile("[\x80-\x9f\xa1-\xaa\xac\xae-\xba\xbc-\xff]{3,}")  # without spaces, soft hyphens and « »


def _is_no_letter(character: str) -> bool:
    """Return whether a sign within a word is neither a letter of a Latin alphabet nor a mark that is printed there.

    Such marks are dashes, accents without a composed letter and lowered digits: H₂O.
    """
    latin = character.isalpha() and unicodedata.name(character, "").startswith(("LATIN", "MODIFIER"))
    printed = character in "¡¿¬·−" or "\u2070" <= character <= "\u209f"
    return not (latin or printed) and unicodedata.category(character) not in ("Pd", "Mn")


def registered(subject: Subject) -> Iterator[Finding]:
    """Yield the edits of each repair that names its fault in the registry."""
    for name, edits in subject.edits.items():
        if edits and name in ONLY_PORTUGUESE and subject.language != PORTUGUESE:
            continue
        yield from _edits(subject, Sentence(name, REPAIRS[name].fault or ("", "")), edits, name)


def wrapped(subject: Subject) -> Iterator[Finding]:
    first = [name for name in ("stamps", "hyphens") if subject.edits[name]]
    text = repair(subject.mended, first)[0] if first else subject.mended
    places = subject.places if text is subject.text else Places(text)
    edits = REPAIRS["unwrap"].find(text)
    if edits and len(edits) >= WRAPPED * len(places):
        yield Finding(Phrase("wrapped"), "fault", len(edits), places.edited(edits), "unwrap")


def printed(subject: Subject) -> Iterator[Finding]:
    numbers, heads = pages.places(subject.text)
    yield from _spans(subject, Phrase("page-numbers"), "fault", numbers, "pages")
    yield from _spans(subject, Phrase("running-heads"), "fault", heads, "pages")


def wrappers(subject: Subject) -> Iterator[Finding]:
    edits = REPAIRS["gutenberg"].find(subject.text)
    if edits:
        size = sum(edit.stop - edit.start for edit in edits)
        examples = subject.places.first(_inked(subject.text, edit) for edit in edits)
        yield Finding(Phrase("gutenberg", size=size), "fault", len(edits), examples, "gutenberg")


def copies(subject: Subject) -> Iterator[Finding]:
    found = duplicates.passages(subject.text)
    if found:
        size = sum(passage.stop - passage.start for passage in found)
        at_once = any(passage.at_once for passage in found)  # no author writes so
        severity: Severity = "fault" if at_once or size >= COPIED * len(subject.text) else "note"
        examples = []
        for passage in found[:3]:
            line, column = subject.places.of(passage.start)
            first = ":".join(map(str, subject.places.of(passage.first)))
            excerpt = " ".join(subject.text[passage.start : passage.start + 60].split())
            examples.append(
                Example(line, column, f"{excerpt}… (first at {first}, {passage.stop - passage.start:,} characters)")
            )
        yield Finding(Phrase("duplicates", size=size), severity, len(found), tuple(examples), "duplicates")


def typography(subject: Subject) -> Iterator[Finding]:
    straight = [match.start() for match in re.finditer('"', subject.text)]
    if re.search("[“”«»]", subject.text):
        yield from _at(subject, Phrase("quotes"), "note", straight, "quotes")
    doubled = [match.start() for match in re.finditer("(?<!-)--(?!--)", subject.text)]
    yield from _at(subject, Phrase("dashes"), "note", doubled, "dashes")


def spelling(subject: Subject) -> Iterator[Finding]:
    of_text = list(spellings(subject.words.forms))
    for name, found in of_text if of_text and subject.language == PORTUGUESE else ():
        common = [form for form, _ in found.most_common(WORDS)]
        words = ", ".join(f"{form} ({found[form]})" for form in common)
        places = (re.search(rf"(?<!\w){form}(?!\w)", subject.text) for form in common)
        examples = subject.places.first(place.span() for place in places if place)
        repair = "spelling" if name == "spelling-1911" else None
        yield Finding(Phrase(name, words=words), "note", found.total(), examples, repair)


CHECKS: tuple[Check, ...] = (
    no_text, line_ends, normal_form, odd_characters, lost_accents, registered, left, wrapped, printed, wrappers,
    copies, typography, spelling,
)  # fmt: skip


def _at(
    subject: Subject, sentence: Phrase, severity: Severity, places: list[int], repair: str | None
) -> Iterator[Finding]:
    yield from _spans(subject, sentence, severity, [(place, place + 1) for place in places], repair)


def _spans(
    subject: Subject, sentence: Phrase, severity: Severity, spans: list[tuple[int, int]], repair: str | None
) -> Iterator[Finding]:
    if spans:
        yield Finding(sentence, severity, len(spans), subject.places.first(spans), repair)


def _edits(subject: Subject, sentence: Phrase, edits: list[Edit], repair: str) -> Iterator[Finding]:
    if edits:
        count = sum(edit.faults for edit in edits)
        yield Finding(sentence, "fault", count, subject.places.edited(edits), repair)


def _inked(text: str, edit: Edit) -> tuple[int, int]:
    """Return the span of the first line that an edit removes."""
    start = edit.start
    while start < edit.stop and text[start].isspace():
        start += 1
    end = text.find("\n", start, edit.stop)
    return start, end if end >= 0 else edit.stop
