"""What the doctor reports: plain values, to be printed or written as JSON."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from charrnn.corpus.baselines import Baselines

RARE = 5  # a character that stands in a text so many times at most is named, with its place

Severity = Literal["fault", "note"]  # a fault spoils what is learned; a note is to be known


@dataclass(frozen=True)
class Example:
    """One place: line and column from 1, what stands there (↵ for a line end), and what it becomes, if repaired."""

    line: int
    column: int
    text: str
    becomes: str | None = None


@dataclass(frozen=True)
class Finding:
    """Something found, how often, in one sentence, with the first places and the repair that mends it, if one does."""

    name: str
    severity: Severity
    count: int
    sentence: str
    examples: tuple[Example, ...] = ()
    repair: str | None = None


@dataclass(frozen=True)
class Character:
    """A character of the alphabet; line and column are of its first place, where it is rare."""

    character: str
    count: int
    name: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Report:
    """All about one text. Places are those in the text after NFC, which columns count."""

    name: str
    format: str
    encoding: str
    bytes: int
    characters: int  # as they were read
    lines: int
    words: int
    examined: int  # characters: all, or the first EXAMINED
    alphabet: tuple[Character, ...]  # the most frequent first
    findings: tuple[Finding, ...]  # faults first
    not_portuguese: float  # share of the characters
    baselines: Baselines | None  # of the last tenth of the text after the rest; None if it is too short

    @property
    def rare(self) -> tuple[Character, ...]:
        return tuple(character for character in self.alphabet if character.line is not None)

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "fault")

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)
