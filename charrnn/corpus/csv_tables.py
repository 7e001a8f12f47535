"""Tables (CSV, TSV) → the cells of one column.

A table is named with its column, by title or number, as `dados.csv:resposta` or `dados.csv:2`; otherwise the one with
the longest texts is read.
"""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from charrnn.corpus.cleaning import newlines
from charrnn.corpus.documents import with_column
from charrnn.errors import Phrase, UserError

CELL = 2**24  # characters of a cell, at most
SAMPLE = 2**17  # characters by which a table is understood
ROWS = 200  # of them, at most
ALIKE = 0.8  # share of the rows with as many cells, from which a sign separates cells
TITLE, WORDS = 80, 8  # characters of a title of words, at most, and words of that above the longest texts
QUESTIONS = 0.2  # share of texts that are questions, up to which one above them is their title
ABOVE = 10  # rows among which the titles are
SHOWN = 60  # characters of a title that are told
NOTHING = "\x1f"  # the separator of a table with one column


class Form(NamedTuple):
    """The signs of a table: what separates cells, what encloses them, and what precedes an enclosed sign, if any."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    spaced: bool = False  # whether the spaces after a delimiter belong to it
    in_texts: bool = False  # whether one that a space follows belongs to a cell without quotes

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Return an iterator over the rows; strict: with csv.Error for a quote that is closed within a cell."""
        quoting: Literal[0, 3] = csv.QUOTE_NONE if self.delimiter == NOTHING else csv.QUOTE_MINIMAL
        delimiter, quote, escape, spaced, _ = self
        return csv.reader(
            lines,
            delimiter=delimiter,
            quotechar=quote,
            escapechar=escape,
            skipinitialspace=spaced,
            quoting=quoting,
            strict=strict,
        )


class Table(NamedTuple):
    """The form of a table, and which of its columns is read."""

    form: Form
    titles: tuple[str, ...]  # or numbers
    first: int  # rows before the texts: the titles, and what stands above them
    column: int  # from 0
    width: int  # cells of most rows
    numbered: bool = False  # whether no row begins with letters: one that does continues a cell of the row before
    above: int = 0  # rows above the titles
    misfits: int = 0  # rows with more or fewer cells than the others

    @property
    def names(self) -> list[str]:
        """Return what names each column after the file: its number, or its title if another's title is that number."""
        return [
            title if str(number) in self.titles[: number - 1] + self.titles[number:] else str(number)
            for number, title in enumerate(self.titles, 1)
        ]

    @property
    def told(self) -> Phrase:
        titles = [title if len(title) <= SHOWN else title[: SHOWN - 1] + "…" for title in self.titles]
        column = titles.pop(self.column)
        rest = Phrase("other-columns", columns=", ".join(titles)) if titles else ""
        above = Phrase("rows-above", count=self.above) if self.above else ""
        misfits = Phrase("rows-uneven", count=self.misfits) if self.misfits else ""
        return Phrase("read-table", column=column, others=rest, above=above, misfits=misfits)


def layout(name: str, pieces: Iterable[str]) -> Table:
    """Return how the table of this name is written. Raises UserError if it lacks the column, or has no text."""
    file, wanted = with_column(name)
    parts = _by_length(pieces)
    sample = next(parts)
    form = _form(sample, "\t" if file.lower().endswith(".tsv") else ",")
    rows = _first_rows(sample, form)
    width = _width(rows)[0]
    even = _even(rows, width, form.delimiter)
    letters = [[sum(map(str.isalpha, row[place])) for row in even] for place in range(width)]
    longest = max(range(width), key=lambda place: sum(letters[place][1:]) or sum(letters[place]), default=0)
    found, first = _titles(rows, even, longest)
    titles = tuple(title or str(place) for place, title in enumerate(found, 1))
    titles += tuple(map(str, range(len(titles) + 1, width + 1)))
    column = _place(name, wanted, titles) if wanted else longest
    if not wanted and (not letters or not sum(letters[longest])):
        raise UserError("table-without-text", name=name)
    numbered = column > 0 and not any(_LETTER.search(row[0]) for row in even if row not in rows[:first])
    table = Table(form, titles, first, column, width, numbered, max(first - 1, 0))
    return table._replace(misfits=sum(not fits for _, fits in _fitted(name, itertools.chain([sample], parts), table)))


def cells(name: str, pieces: Iterable[str], table: Table) -> Iterator[str]:
    """Yield the cells of a column, a line each, without empty ones."""
    rows = _fitted(name, pieces, table)
    while some := list(itertools.islice(rows, 1000)):
        found = (row[table.column].strip() for row, _ in some if table.column < len(row))
        yield "".join(f"{cell}\n" for cell in found if cell)


def _fitted(name: str, pieces: Iterable[str], table: Table) -> Iterator[tuple[list[str], bool]]:
    """Yield each row below the titles, divided as the others are if that is possible, and whether it was so."""
    width, column, most = table.width, table.column, max(table.width, len(table.titles))
    held: list[str] = []
    fits = True
    for row in itertools.islice(filter(any, _rows(name, pieces, table.form)), table.first, None):
        while len(row) > most and not row[-1].strip():
            row.pop()
        if held and table.numbered and _LETTER.search(row[0]):  # a line end in a cell without quotes
            rest = row if len(held) + len(row) - 1 <= width else _tight(row, table.form.delimiter)
            if len(held) + len(rest) - 1 <= width:
                held[-1] += f"\n{rest[0]}"
                held += rest[1:]
                fits = False
                continue
        if held:
            yield held, fits
        held, fits = row, width <= len(row) <= most
        if (surplus := len(row) - most) > 0:  # delimiters in a cell without quotes
            tight = _tight(row, table.form.delimiter)
            text = table.form.delimiter.join(row[column : column + surplus + 1])
            held = tight if width <= len(tight) <= most else [*row[:column], text, *row[column + surplus + 1 :]]
    if held:
        yield held, fits


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
    rows = [row for row in itertools.islice(form.reader(_lines([sample])), ROWS) if any(row)]
    return [_tight(row, form.delimiter) for row in rows] if form.in_texts else rows


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

    Where rows differ more, a sign separates cells where no space follows it, as one does in a text.
    """
    opened, closed = Counter(_OPENS.findall(sample)), Counter(_CLOSES.findall(sample))
    quote = max("\"'", key=lambda sign: min(opened[sign], closed[sign]))
    escape = "\\" if re.search(rf"\\{quote}[^,;\t|\n{quote}]", sample) else None
    if separator := _SEPARATOR.match(sample.partition("\n")[0]):
        return Form(separator[1], quote, escape)
    best, most = Form(NOTHING, quote, escape), (False, 0.0, 0)
    one_column = False
    for delimiter, spaced in itertools.product(dict.fromkeys((usual, ";", ",", "\t", "|")), (True, False)):
        form = Form(delimiter, quote, escape, spaced)
        if spaced and f"{delimiter} {quote}" not in sample:
            continue
        rows = _first_rows(sample, form)
        width, share = _width(rows)
        one_column |= share == 1 and width == 1 and delimiter == usual and quote in sample
        rank = share >= ALIKE, round(share, 2), width
        if share >= ALIKE and width > 1 and rank > most:
            best, most = form, rank
        tight = [_tight(row, delimiter) for row in rows]
        width, share = _width(list(itertools.dropwhile(lambda row: len(row) == 1, tight)))
        rank = share >= ALIKE, round(share, 2), width
        if not spaced and _divides(tight, rows) and width > 1 and rank > most:
            best, most = form._replace(in_texts=tight != rows), rank
    return Form(usual, quote, escape) if best.delimiter == NOTHING and one_column else best


def _divides(tight: list[list[str]], rows: list[list[str]]) -> bool:
    """Return whether a sign separates cells in most rows, and in titles if it also stands in texts."""
    several = [row for row in tight if len(row) > 1]
    in_titles = tight == rows or not any(cell[:1].isdigit() for row in several[:1] for cell in row)
    return len(several) > 1 and 2 * len(several) > len(tight) and in_titles


def _width(rows: list[list[str]]) -> tuple[int, float]:
    """Return how many cells the rows of a table have, and the share of the rows with so many.

    Most have so many, but for line ends within cells: then the first row, of titles, may have more.
    """
    counts = Counter(map(len, rows))
    width, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    if rows and len(rows[0]) > width and 2 * counts[len(rows[0])] > count:
        width, count = len(rows[0]), counts[len(rows[0])]
    return width, count / max(len(rows), 1)


def _tight(row: list[str], delimiter: str) -> list[str]:
    """Return a row in which a comma or semicolon that a space follows separates no cells, as in a text."""
    cells = row[:1]
    for cell in row[1:]:
        if cell[:1] == " " and delimiter in ",;":
            cells[-1] += delimiter + cell
        else:
            cells.append(cell)
    return cells


_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?\s*\Z', re.IGNORECASE)
_OPENS = re.compile(r"""(?:^|[,;\t|])(["'])""", re.MULTILINE)
_CLOSES = re.compile(r"""(["'])(?=[,;\t|\r]|$)""", re.MULTILINE)


def _even(rows: list[list[str]], width: int, delimiter: str) -> list[list[str]]:
    """Return the rows with as many cells as most have, without those that may be a text with a comma."""
    even = [row for row in rows if len(row) == width]
    tight = [row for row in even if len(_tight(row, delimiter)) == width]
    return tight if 2 * len(tight) > len(even) else even


def _titles(rows: list[list[str]], even: list[list[str]], column: int) -> tuple[list[str], int]:
    """Return the titles of the columns, and how many rows there are down to them; none and 0 if there are none.

    Above the titles, rows are shorter or not filled. The titles themselves are one too few where a program writes none
    for the numbers of the rows. even: the rows of the usual length; column: that with the longest texts.
    """
    width = max(map(len, even), default=0)
    full = [place for place, row in enumerate(rows[:ABOVE]) if len(row) >= width and any(row[1:])] or [0][: len(rows)]
    for place in full:
        titles, below = [cell.strip() for cell in rows[place]], [row for row in even if row not in rows[: place + 1]]
        if _above_numbers(titles, below, column) or (place == full[0] and _above_texts(titles, below, column)):
            return titles, place + 1
        if all(titles):
            break  # a row of texts
    above = ["", *map(str.strip, rows[full[0] - 1])] if full and full[0] else []
    if len(above) == width > 1 and (_above_numbers(above, even, column) or _above_texts(above, even, column)):
        return above, full[0]
    return [], 0


def _cells_below(titles: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Return the cells of each column that are not empty."""
    return [[row[place] for row in rows if place < len(row) and row[place].strip()] for place in range(len(titles))]


def _above_numbers(titles: list[str], rows: list[list[str]], column: int) -> bool:
    """Return whether a row may be titles as there are numbers or dates, but no letters, below one of its cells.

    A cell without letters is a title if it is empty above a number in each row, or a number among titles, above texts.
    """
    below = _cells_below(titles, rows)
    if column >= len(below) or not below[column]:
        return False
    for title, cells in zip(titles, below, strict=True):
        is_index = not title and len(cells) == len(rows) and all(cell.strip().isdecimal() for cell in cells)
        if cells and not any(map(_LETTER.search, cells)) and (_LETTER.search(title) or is_index):
            return True
    return titles[column].isdecimal() and all(titles) and all(map(_LETTER.search, below[column]))


def _above_texts(titles: list[str], rows: list[list[str]], column: int) -> bool:
    """Return whether a row may be titles as it has words, all different, and its cell in `column` is no text.

    That cell is shorter than the texts below it, or a question above texts that mostly are none.
    """
    below = _cells_below(titles, rows)
    texts = below[column] if column < len(below) else []
    names = [title for title, cells in zip(titles, below, strict=True) if title or cells]
    title = titles[column] if texts else ""
    if not title or len(set(names)) < len(names) or not all(map(_LETTER.search, names)):
        return False
    questions = sum(text.rstrip().endswith(title[-1]) for text in texts)
    if title.endswith(("?", ":")) and len(names) > 1 and questions <= QUESTIONS * len(texts):
        return True
    if max(map(len, names)) > TITLE or len(title.split()) > WORDS or title.endswith((".", "!", "…")):
        return False
    sentences = sum(len(text.split()) > len(title.split()) for text in texts)
    return 2 * sentences > len(texts) or sum(map(len, texts)) > 2 * len(texts) * len(title)


_LETTER = re.compile(r"[^\W\d_]")


def _place(name: str, wanted: str, titles: tuple[str, ...]) -> int:
    folded = [title.strip().casefold() for title in titles]
    if wanted.strip().casefold() in folded:
        return folded.index(wanted.strip().casefold())
    if wanted.isdecimal() and 1 <= int(wanted) <= len(titles):
        return int(wanted) - 1
    raise UserError("no-such-column", name=with_column(name)[0], column=wanted, columns=", ".join(titles))
