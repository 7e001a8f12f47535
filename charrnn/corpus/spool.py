"""The clean text of many works in one file on disk, so that memory stays bounded.

A newline separates works. It belongs to the later one, as if every work were read after an empty prompt.
"""

import codecs
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charrnn.corpus.documents import Note, silent
from charrnn.corpus.works import NoText, Work

PIECE = 2**22  # bytes read at a time


@dataclass(frozen=True)
class Span:
    """A span of the spool: a work, or a part of one."""

    name: str
    start: int  # in bytes
    stop: int
    characters: int
    sha256: str  # of the whole work's text, which identifies copies


class Spool:
    """A UTF-8 file and the places of its works."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spans: list[Span] = []
        self.changes: Counter[str] = Counter()  # how often each repair changed something

    def fill(self, works: Iterable[Work], fixes: Sequence[str] = (), note: Note = silent) -> None:
        """Append the clean text of works; `note` is called for empty ones. Raises NoText if all are empty."""
        empty: list[tuple[str, NoText]] = []
        with self.path.open("ab") as file:
            for work in works:
                start, characters, digest = file.tell(), 0, hashlib.sha256()
                if self.spans:
                    characters += file.write(b"\n")
                try:
                    for piece in work.text(fixes, self.changes):
                        data = piece.encode("utf-8")
                        digest.update(data)
                        file.write(data)
                        characters += len(piece)
                except NoText as error:
                    empty.append((work.name, error))
                    file.truncate(start)
                    file.seek(start)
                    continue
                self.spans.append(Span(work.name, start, file.tell(), characters, digest.hexdigest()))
        if empty and not self.spans:
            raise empty[-1][1]
        for name, _ in empty:
            note(f"{name}: left out, there is no text in it")

    @property
    def characters(self) -> int:
        return sum(span.characters for span in self.spans)

    def text(self, span: Span) -> Iterator[str]:
        """Yield the text of a span in pieces."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.path.open("rb") as file:
            file.seek(span.start)
            left = span.stop - span.start
            while left:
                data = file.read(min(PIECE, left))
                left -= len(data)
                yield decoder.decode(data, not left)

    def cut(self, characters: int) -> tuple[list[Span], list[Span]]:
        """Return all spans in two parts, of which the second has the last `characters` characters."""
        before = list(self.spans)
        after: list[Span] = []
        while before and characters >= before[-1].characters:
            after.insert(0, before.pop())
            characters -= after[0].characters
        if characters:
            span = before.pop()
            with self.path.open("rb") as file:
                size = min(4 * characters, span.stop - span.start)
                file.seek(span.stop - size)
                tail = file.read(size).decode("utf-8", "ignore")[-characters:]
            place = span.stop - len(tail.encode("utf-8"))
            before.append(Span(span.name, span.start, place, span.characters - characters, span.sha256))
            after.insert(0, Span(span.name, place, span.stop, characters, span.sha256))
        return before, after
