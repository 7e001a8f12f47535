"""In: a text or a work. Out: a `Report`: its characters, faults with their places and repairs, spelling and language.

Read `report.py` first; `faults.py` has the checks.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from charrnn.corpus import baselines
from charrnn.corpus.decoding import Encoding
from charrnn.corpus.doctor.faults import CHECKS, Subject
from charrnn.corpus.doctor.report import RARE, Character, Example, Finding, Places, Report
from charrnn.corpus.language import IN_PORTUGUESE, PORTUGUESE, UNKNOWN
from charrnn.corpus.repairs import Sentence
from charrnn.corpus.works import Work
from charrnn.errors import Phrase

__all__ = ["EXAMINED", "Character", "Example", "Finding", "Report", "examine", "examine_work", "repairable"]

EXAMINED = 10_000_000
"""Characters examined at most, from the beginning: about twenty novels."""

OTHER = "other-language"  # the finding that is told first


def examine_work(work: Work) -> Report:
    """Return the report on a work. After EXAMINED characters it only counts."""
    pieces = []
    length = 0
    for piece in work.raw():
        if length < EXAMINED:
            pieces.append(piece[: EXAMINED - length])
        length += len(piece)
    told = [] if work.told is None else [Finding(work.told, "note", 1)]
    return examine(
        "".join(pieces), told, name=work.name, bytes=work.bytes, encoding=work.encoding, format=work.format,
        characters=length,
    )  # fmt: skip


def examine(
    raw: str,
    told: Sequence[Finding] = (),
    *,
    name: str = "text",
    bytes: int | None = None,
    encoding: Encoding | None = None,
    format: str = "text",
    characters: int | None = None,
) -> Report:
    """Return the report on a text as it was read: decoded, without markup, otherwise unchanged.

    told: notes on how it was read; bytes: its size on disk, by default that in UTF-8; characters: its length, if `raw`
    is only its beginning.
    """
    examined = raw[:EXAMINED]
    encoding = encoding or Encoding("utf-8")
    subject = Subject(examined)
    text, places = subject.text, subject.places
    findings = [*told, *_encoding(encoding, subject.boms), *chain.from_iterable(check(subject) for check in CHECKS)]
    findings.extend(_language(subject))
    length = len(raw) if characters is None else characters
    return Report(
        name=name,
        format=format,
        encoding=str(encoding),
        bytes=len(raw.encode("utf-8", "surrogatepass")) if bytes is None else bytes,
        characters=length,
        lines=len(places),
        words=subject.words.forms.total(),
        examined=min(len(examined), length),
        alphabet=_alphabet(text, places),
        findings=tuple(sorted(findings, key=lambda finding: (finding.name != OTHER, finding.severity))),
        language=subject.language,
        not_portuguese=sum(map(len, subject.passages)) / max(len(text), 1),
        baselines=baselines.of_text(text),
    )


def repairable(text: str) -> list[Finding]:
    """Return the repairable faults of a text, as `examine` does, at some 1.2 million characters a second."""
    subject = Subject(text)
    findings = chain.from_iterable(check(subject) for check in CHECKS)
    return [finding for finding in findings if finding.severity == "fault" and finding.repair]


def _language(subject: Subject) -> Iterator[Finding]:
    """Yield the language of a text that is not Portuguese, or a Portuguese text's passages in other languages."""
    if subject.language != PORTUGUESE:
        known = subject.language != UNKNOWN
        named = Sentence("language-name", (f"está em {IN_PORTUGUESE[subject.language]}", f"is {subject.language}"))
        yield Finding(Phrase(OTHER, language=named if known else Phrase("unknown-language")), "note", 1)
    elif subject.passages:
        found = Counter(passage.language for passage in subject.passages).most_common()
        portuguese = ", ".join(f"{IN_PORTUGUESE[name]} ({count})" for name, count in found)
        named = Sentence("languages", (portuguese, ", ".join(f"{name} ({count})" for name, count in found)))
        examples = subject.places.first((passage.start, passage.start + 60) for passage in subject.passages)
        yield Finding(Phrase("language", languages=named), "note", len(subject.passages), examples)


def _encoding(encoding: Encoding, boms: int) -> list[Finding]:
    found = []
    if encoding.bom or boms:
        found.append(Finding(Phrase("bom"), "note", 1, repair="bom"))
    if encoding.name != "utf-8":
        example = Phrase("for-example", example=encoding.example) if encoding.example else Phrase("no-example")
        found.append(Finding(Phrase("encoding", encoding=encoding.name, example=example), "note", 1))
    if encoding.cut:
        found.append(Finding(Phrase("cut-off"), "note", 1))
    return found


def _alphabet(text: str, places: Places) -> tuple[Character, ...]:
    codes = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    counts = np.bincount(codes)
    alphabet = []
    for code in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]:
        character, count = chr(code), int(counts[code])
        where = places.of(text.index(character)) if count <= RARE else (None, None)
        alphabet.append(Character(character, count, _name(character), *where))
    return tuple(alphabet)


def _name(character: str) -> str:
    known = {"\n": "LINE FEED", "\t": "TAB", "\f": "FORM FEED", "\0": "NUL"}
    return known.get(character, unicodedata.name(character, f"U+{ord(character):04X}"))
