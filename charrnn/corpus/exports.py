"""Notebooks and subtitles → the texts beside the code, what is said; and which files are these or tables."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from charrnn.corpus.cleaning import newlines
from charrnn.corpus.documents import PACKED, with_column
from charrnn.errors import Phrase, UserError

LONGEST = 2**25  # characters of a notebook or of subtitles, which are read as a whole
SHOWN = 60  # characters of a line that are told
SUBTITLES = (".srt", ".vtt", ".sbv", ".ass", ".ssa", ".sub")
_SUBTITLES = re.compile(r"\ufeff?(?:WEBVTT\b|\[Script Info\]|\{\d+\}\{\d*\}|\[\d+\]\[\d*\])", re.IGNORECASE)


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
    if said := "\n\n".join(_spoken_lines(text)):
        return f"{said}\n"
    said = apply(text, find_cues(text, surely=True))
    if not _ROLLING.search(text):
        return said
    lines = filter(None, map(str.strip, said.split("\n")))
    return "".join(f"{line}\n" for line, _ in groupby(lines))


def told_of_subtitles(pieces: Iterable[str]) -> Phrase:
    """Return what a user should know of subtitles that were read as `pieces`: also if some times stay in them."""
    from charrnn.corpus.repairs.wrappers import unread_time

    line = next(filter(None, map(unread_time, pieces)), "")
    return Phrase("read-subtitles-partly", line=line[:SHOWN]) if line else Phrase("read-subtitles")


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


_ROLLING = re.compile(r"<\d\d:[\d:.]+><c>")  # captions made by a machine: each line is shown again above the next
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
