"""Tables, notebooks and subtitles → text: the cells of one column, the texts beside the code, what is said.

A table is named with its column, by title or number, as `dados.csv:resposta` or `dados.csv:2`; otherwise the one with
the longest texts is read.
"""

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from charrnn.corpus.cleaning import newlines
from charrnn.corpus.documents import PACKED, with_column
from charrnn.errors import Phrase, UserError

LONGEST = 2**25  # characters of a notebook or of subtitles, which are read as a whole
CELL = 2**24  # characters of a cell, at most
SAMPLE = 2**17  # characters by which a table is understood
ROWS = 200  # of them, at most
ALIKE = 0.8  # share of the rows with as many cells, from which a sign separates cells
TITLE, WORDS = 80, 8  # characters of a column's title, at most, and words of that above the longest texts
NOTHING = "\x1f"  # the separator of a table with one column
SUBTITLES = (".srt", ".vtt", ".sbv", ".ass", ".ssa", ".sub")
_SUBTITLES = re.compile(r"\ufeff?(?:WEBVTT\b|\[Script Info\]|\{\d+\}\{\d*\}|\[\d+\]\[\d*\])", re.IGNORECASE)
TOLD = {"notebook": "read-notebook", "subtitles": "read-subtitles"}  # codes of messages


class Form(NamedTuple):
    """The signs of a table: what separates cells, what encloses them, and what precedes an enclosed sign, if any."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Return an iterator over the rows; strict: with csv.Error for a quote that is closed within a cell."""
        quoting: Literal[0, 3] = csv.QUOTE_NONE if self.delimiter == NOTHING else csv.QUOTE_MINIMAL
        delimiter, quote, escape = self
        return csv.reader(
            lines, delimiter=delimiter, quotechar=quote, escapechar=escape, quoting=quoting, strict=strict
        )


class Table(NamedTuple):
    """The form of a table, and which of its columns is read."""

    form: Form
    titles: tuple[str, ...]  # or numbers
    has_titles: bool
    column: int  # from 0

    @property
    def told(self) -> Phrase:
        others = ", ".join(title for place, title in enumerate(self.titles) if place != self.column)
        rest = Phrase("other-columns", columns=others) if others else Phrase("no-other-column")
        return Phrase("read-table", column=self.titles[self.column], others=rest)


def kind(name: str, start: str) -> str | None:
    """Return "table", "notebook" or "subtitles" by a document's name or first characters; None for all else."""
    name = with_column(name)[0].lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    if name.endswith((".csv", ".tsv")):
        return "table"
    if name.endswith(".ipynb"):
        return "notebook"
    return "subtitles" if name.endswith(SUBTITLES) or _SUBTITLES.match(start) else None


def layout(name: str, pieces: Iterable[str]) -> Table:
    """Return how the table of this name is written. Raises UserError if it lacks the column, or has no text."""
    file, wanted = with_column(name)
    sample = "".join(itertools.islice(_by_length(pieces), 1))
    form = _form(sample, "\t" if file.lower().endswith(".tsv") else ",")
    rows = _first_rows(sample, form)
    width = max(map(len, rows), default=0)
    letters = [[sum(map(str.isalpha, row[place])) if place < len(row) else 0 for row in rows] for place in range(width)]
    longest = max(range(width), key=lambda place: sum(letters[place][1:]) or sum(letters[place]), default=0)
    has_titles = _has_titles(rows, longest)
    titles = tuple(rows[0]) if has_titles else tuple(map(str, range(1, width + 1)))
    titles += tuple(map(str, range(len(titles) + 1, width + 1)))
    if wanted:
        return Table(form, titles, has_titles, _place(name, wanted, titles))
    if not letters or not sum(letters[longest]):
        raise UserError("table-without-text", name=name)
    return Table(form, titles, has_titles, longest)


def cells(name: str, pieces: Iterable[str], table: Table) -> Iterator[str]:
    """Yield the cells of a column, a line each, without empty ones."""
    rows = _rows(name, pieces, table.form)
    if table.has_titles:
        next((row for row in rows if any(row)), None)
    while some := list(itertools.islice(rows, 1000)):
        found = (row[table.column].strip() for row in some if table.column < len(row))
        yield "".join(f"{cell}\n" for cell in found if cell)


def notebook(name: str, pieces: Iterable[str]) -> str:
    """Return the texts of a Jupyter notebook, without code and results, parted by empty lines."""
    try:
        book = json.loads(_whole(name, pieces))
        found = book["cells"] if "cells" in book else [one for sheet in book["worksheets"] for one in sheet["cells"]]
        texts = ["".join(cell["source"]).strip("\n") for cell in found if cell["cell_type"] not in ("code",)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError("not-a-notebook", name=name) from None
    return "\n\n".join(text for text in texts if text.strip()) + "\n"


def subtitles(name: str, pieces: Iterable[str]) -> str:
    """Return what subtitles say, without times, numbers, names, notes and styles."""
    from charrnn.corpus.repairs import apply
    from charrnn.corpus.repairs.wrappers import find_cues

    text, _ = newlines(_whole(name, pieces).lstrip("\ufeff"))
    said = "\n\n".join(_spoken_lines(text))
    return f"{said}\n" if said else apply(text, find_cues(text))


def _spoken_lines(text: str) -> Iterator[str]:
    """Yield what is said in subtitles of a line each: SubStation Alpha, MicroDVD and MPL2.

    Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}Que horas\\Nsão?
    {25}{50}{y:i}Que horas|são?
    [10][20]/Que horas|/são?
    """
    fields = re.search(r"^Format:(.*,)[ \t]*Text[ \t]*$", text, re.MULTILINE | re.IGNORECASE)
    commas = fields[1].count(",") if fields else 9
    line = rf"^(?:Dialogue:(?:[^,\n]*,){{{commas}}}|(?!{_RATE})(?:\{{\d+\}}\{{\d*\}}|\[\d+\]\[\d*\]))(.*)"
    for said in re.findall(line, text, re.MULTILINE):
        said = re.sub(r"\\[Nn]|\|", "\n", _STYLE.sub("", said)).replace("\\h", " ")
        if said := re.sub("^/", "", said, flags=re.MULTILINE).strip():
            yield said


_RATE = r"\{[01]\}\{[01]\}[\d.,]+$"  # of MicroDVD's pictures
_STYLE = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}[^{]*|\{[^{}]*\}")  # also what is drawn


def _whole(name: str, pieces: Iterable[str]) -> str:
    parts, length = [], 0
    for piece in pieces:
        parts.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise UserError("document-too-long", name=name, most=LONGEST)
    return "".join(parts)


def _by_length(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the text in pieces of SAMPLE characters."""
    held = ""
    for piece in pieces:
        held += piece
        while len(held) > SAMPLE:
            yield held[:SAMPLE]
            held = held[SAMPLE:]
    yield held


def _rows(name: str, pieces: Iterable[str], form: Form) -> Iterator[list[str]]:
    """Yield the rows of a table. Raises UserError for a cell without end, also if a later cell's quote ends it."""
    csv.field_size_limit(CELL)
    held: list[str] = []  # the lines of one row
    first = 1  # the number of the first of them

    def lines() -> Iterator[str]:
        for line in _lines(pieces):
            held.append(line)
            yield line

    try:
        for row in form.reader(lines()):
            if len(held) > 1:
                next(form.reader(held, strict=True))
            first += len(held)
            held.clear()
            yield row
    except csv.Error:
        raise UserError("table-malformed", name=name, line=first) from None


def _first_rows(sample: str, form: Form) -> list[list[str]]:
    """Return the first rows that are not empty; a cell may end with the sample."""
    csv.field_size_limit(max(CELL, len(sample)))
    return [row for row in itertools.islice(form.reader(_lines([sample])), ROWS) if any(row)]


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table; an empty one in place of Excel's `sep=;`, which is first."""
    rest, first = "", True
    for piece in itertools.chain(pieces, [""]):
        text = rest + piece
        end = len(text.rstrip("\r\n")) if piece else len(text)  # what follows may belong to the same line end
        *lines, rest = newlines(text[:end])[0].split("\n")
        rest += text[end:]
        for line in lines:
            yield f"{line}\n" if not (first and _SEPARATOR.match(line)) else "\n"
            first = False
    yield rest


def _form(sample: str, usual: str) -> Form:
    """Return the signs that give most rows of a sample the same number of cells, above one.

    Where rows differ more, a sign separates cells if most rows have it and no space ever follows it, as in a text.
    """
    opened, closed = Counter(_OPENS.findall(sample)), Counter(_CLOSES.findall(sample))
    quote = max("\"'", key=lambda sign: min(opened[sign], closed[sign]))
    escape = "\\" if re.search(rf"\\{quote}[^,;\t|\n{quote}]", sample) else None
    if separator := _SEPARATOR.match(sample.partition("\n")[0]):
        return Form(separator[1], quote, escape)
    best, most = NOTHING, (False, 0.0, 0)
    one_column = False
    for delimiter in dict.fromkeys((usual, ";", ",", "\t", "|")):
        rows = _first_rows(sample, Form(delimiter, quote, escape))
        width, count = max(Counter(map(len, rows)).items(), key=lambda item: item[1], default=(1, 0))
        share = count / max(len(rows), 1)
        one_column |= share == 1 and width == 1 and delimiter == usual and quote in sample
        several = 2 * sum(len(row) > 1 for row in rows) > len(rows)
        is_table = share >= ALIKE or (several and not any(cell[:1] == " " for row in rows for cell in row[1:]))
        rank = share >= ALIKE, round(share, 2), width
        if width > 1 and is_table and rank > most:
            best, most = delimiter, rank
    return Form(usual if best == NOTHING and one_column else best, quote, escape)


_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?\s*\Z', re.IGNORECASE)
_OPENS = re.compile(r"""(?:^|[,;\t|])(["'])""", re.MULTILINE)
_CLOSES = re.compile(r"""(["'])(?=[,;\t|\r]|$)""", re.MULTILINE)


def _has_titles(rows: list[list[str]], column: int) -> bool:
    """Return whether the first row holds titles: short, all different, and unlike what is below them.

    column: that with the longest texts.
    """
    if len(rows) < 2:
        return False
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    if len(set(first)) < len(first) or not all(len(cell) <= TITLE and _LETTER.search(cell) for cell in first):
        return False
    below = [[row[place] for row in rest if place < len(row) and row[place].strip()] for place in range(len(first))]
    texts = below[column] if column < len(below) else []
    sentences = sum(len(text.split()) > len(first[column].split()) for text in texts)
    is_title = len(first[column].split()) <= WORDS and not first[column].endswith((".", "!", "…"))
    if (
        is_title
        and texts
        and (2 * sentences > len(texts) or sum(map(len, texts)) > 2 * len(texts) * len(first[column]))
    ):
        return True
    return any(cells and not any(map(_LETTER.search, cells)) for cells in below)  # numbers, dates


_LETTER = re.compile(r"[^\W\d_]")


def _place(name: str, wanted: str, titles: tuple[str, ...]) -> int:
    folded = [title.strip().casefold() for title in titles]
    if wanted.strip().casefold() in folded:
        return folded.index(wanted.strip().casefold())
    if wanted.isdecimal() and 1 <= int(wanted) <= len(titles):
        return int(wanted) - 1
    raise UserError("no-such-column", name=with_column(name)[0], column=wanted, columns=", ".join(titles))
