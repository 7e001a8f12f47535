"""Check characters, lines and passages for faults, repairable or not."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from charrnn.corpus.doctor.report import Example, Finding, Places, Severity
from charrnn.corpus.repairs import REPAIRS, Edit, characters, duplicates, pages
from charrnn.corpus.repairs.hyphens import Words, words_of

BINARY = 0.01  # share of control characters above which a file is binary; a single one proves nothing
WRAPPED = 0.02  # share of lines that end within a paragraph from which a text is hard-wrapped
COPIED = 0.01  # share of copied characters from which copies are a fault


class Subject:
    """A text under examination: as it was read, and after the three repairs of every reading."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        text, self.boms = characters.bom(raw)
        text, self.returns = characters.newlines(text)
        self.text, self.marks = characters.nfc(text)

    @cached_property
    def places(self) -> Places:
        return Places(self.text)

    @cached_property
    def raw_places(self) -> Places:
        return Places(self.raw)

    @property
    def words(self) -> Words:
        return words_of(self.text)


Check = Callable[[Subject], Iterator[Finding]]


def no_text(subject: Subject) -> Iterator[Finding]:
    if not subject.text.strip():
        yield Finding("empty", "fault", 1, "There is no text in it.")


def line_ends(subject: Subject) -> Iterator[Finding]:
    raw = subject.raw
    pairs = raw.count("\r\n")
    if pairs:
        start = raw.index("\r\n")
        first = subject.raw_places.first([(start, start + 2)])
        yield Finding("crlf", "note", pairs, "Lines end in CR LF, as Windows writes them.", first, "newlines")
    if subject.returns > pairs:
        match = re.search(r"\r(?!\n)", raw)
        assert match is not None
        example = subject.raw_places.around(*match.span())
        sentence = "Lines end in CR alone, as old Macs wrote them."
        yield Finding("cr", "note", subject.returns - pairs, sentence, (example,), "newlines")


def normal_form(subject: Subject) -> Iterator[Finding]:
    if subject.marks:
        match = re.search("[\u0300-\u036f]", subject.raw)
        examples = (subject.raw_places.around(match.start() - 1, match.end()),) if match else ()
        sentence = "Accents are characters of their own, after their letters (the text is not NFC)."
        yield Finding("nfd", "note", subject.marks, sentence, examples, "nfc")


def odd_characters(subject: Subject) -> Iterator[Finding]:
    """Yield controls, soft hyphens, odd spaces and other characters that text should not have."""
    text = subject.text
    found = [match.start() for match in characters.CONTROLS.finditer(text) if match[0] != "\f"]
    if sum(text[place] < "\x80" for place in found) > max(1, BINARY * len(text)):  # above: Windows-1252 gone astray
        sentence = "So many control characters mean that this is not text but a program's data."
        yield Finding("binary", "fault", len(found), sentence, subject.places.first((p, p + 1) for p in found))
    else:
        nul = [place for place in found if text[place] == "\0"]
        other = [place for place in found if text[place] != "\0"]
        yield from _at(subject, "nul", "fault", nul, "NUL characters, which no text has.", "controls")
        yield from _at(subject, "controls", "fault", other, "Control characters, which nobody reads.", "controls")
    for name, severity, pattern, sentence, repair in PATTERNS:
        places = [match.start() for match in pattern.finditer(text)]
        yield from _at(subject, name, severity, places, sentence, repair)


PATTERNS: tuple[tuple[str, Severity, re.Pattern[str], str, str | None], ...] = (
    ("form-feeds", "note", re.compile("\f"), "Form feeds, where pages ended.", "controls"),
    ("soft-hyphens", "fault", re.compile("\xad"), "Soft hyphens, which are not seen.", "soft-hyphens"),
    ("odd-spaces", "note", characters.ODD_SPACES, "Spaces that do not break, or of odd widths.", "spaces"),
    ("zero-width", "fault", characters.ZERO_WIDTH, "Spaces without width, which are not seen.", "spaces"),
    ("lost-characters", "fault", re.compile("\ufffd"),
     "The sign � stands for letters that were lost before this file was written; look for a better copy.", None),
)  # fmt: skip


def registered(subject: Subject) -> Iterator[Finding]:
    """Yield the edits of each repair that names its fault in the registry."""
    for name, repair in REPAIRS.items():
        if repair.fault:
            yield from _edits(subject, name, repair.find(subject.text), repair.fault, name)


def wrapped(subject: Subject) -> Iterator[Finding]:
    edits = REPAIRS["unwrap"].find(subject.text)
    if len(edits) >= WRAPPED * len(subject.places):
        sentence = "Lines are hard-wrapped: they end at a margin, within paragraphs."
        yield from _edits(subject, "wrapped", edits, sentence, "unwrap")


def printed(subject: Subject) -> Iterator[Finding]:
    numbers, heads = pages.places(subject.text)
    yield from _spans(subject, "page-numbers", "fault", numbers, "The text has page numbers.", "pages")
    yield from _spans(subject, "running-heads", "fault", heads, "The text has running heads.", "pages")


def wrappers(subject: Subject) -> Iterator[Finding]:
    edits = REPAIRS["gutenberg"].find(subject.text)
    if edits:
        size = sum(edit.stop - edit.start for edit in edits)
        sentence = f"Project Gutenberg's headers and footers take {size:,} characters."
        examples = subject.places.first(_inked(subject.text, edit) for edit in edits)
        yield Finding("gutenberg", "fault", len(edits), sentence, examples, "gutenberg")


def copies(subject: Subject) -> Iterator[Finding]:
    found = duplicates.passages(subject.text)
    if found:
        size = sum(passage.stop - passage.start for passage in found)
        at_once = any(passage.at_once for passage in found)  # no author writes so
        severity: Severity = "fault" if at_once or size >= COPIED * len(subject.text) else "note"
        sentence = f"Passages occur twice, letter by letter: {size:,} characters are copies of earlier ones."
        examples = []
        for passage in found[:3]:
            line, column = subject.places.of(passage.start)
            first = ":".join(map(str, subject.places.of(passage.first)))
            excerpt = " ".join(subject.text[passage.start : passage.start + 60].split())
            examples.append(
                Example(line, column, f"{excerpt}… (first at {first}, {passage.stop - passage.start:,} characters)")
            )
        yield Finding("duplicates", severity, len(found), sentence, tuple(examples), "duplicates")


def typography(subject: Subject) -> Iterator[Finding]:
    straight = [match.start() for match in re.finditer('"', subject.text)]
    if re.search("[“”«»]", subject.text):
        yield from _at(subject, "quotes", "note", straight, "Straight quotes are used beside “ ” or « ».", "quotes")
    doubled = [match.start() for match in re.finditer("(?<!-)--(?!--)", subject.text)]
    yield from _at(subject, "dashes", "note", doubled, "Two hyphens stand for a dash (—).", "dashes")


CHECKS: tuple[Check, ...] = (
    no_text, line_ends, normal_form, odd_characters, registered, wrapped, printed, wrappers, copies, typography,
)  # fmt: skip


def _at(
    subject: Subject, name: str, severity: Severity, places: list[int], sentence: str, repair: str | None
) -> Iterator[Finding]:
    yield from _spans(subject, name, severity, [(place, place + 1) for place in places], sentence, repair)


def _spans(
    subject: Subject, name: str, severity: Severity, spans: list[tuple[int, int]], sentence: str, repair: str | None
) -> Iterator[Finding]:
    if spans:
        yield Finding(name, severity, len(spans), sentence, subject.places.first(spans), repair)


def _edits(subject: Subject, name: str, edits: list[Edit], sentence: str, repair: str) -> Iterator[Finding]:
    if edits:
        count = sum(edit.faults for edit in edits)
        yield Finding(name, "fault", count, sentence, subject.places.edited(edits), repair)


def _inked(text: str, edit: Edit) -> tuple[int, int]:
    """Return the span of the first line that an edit removes."""
    start = edit.start
    while start < edit.stop and text[start].isspace():
        start += 1
    end = text.find("\n", start, edit.stop)
    return start, end if end >= 0 else edit.stop
