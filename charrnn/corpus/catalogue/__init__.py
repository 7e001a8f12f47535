"""In: a name. Out: public-domain works of the catalogue, `works.tsv`, and their verified files.

`select` turns a name into works, here; `obtain.py` gets them, next to read; `cache.py` keeps and downloads them.
"""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from charrnn.errors import Phrase, UserError

FILE = Path(__file__).with_name("works.tsv")


@dataclass(frozen=True)
class CatalogueEntry:
    """One work: a line of `works.tsv`."""

    collection: str
    id: str  # unique in the catalogue, whatever the case
    year: int | None  # of the first edition; None if unknown
    author: str  # "Surname, Given names [other name] (born-died)"
    title: str
    licence: str
    bytes: int  # of the file as published
    sha256: str
    address: str

    @property
    def name(self) -> str:
        """Return the name that always selects this work and no other: "machado:domCasmurro"."""
        return f"{self.collection}:{self.id}"

    @property
    def file(self) -> str:
        """Return the file's name as published: "domCasmurro.txt"."""
        return self.address.rpartition("/")[2]

    @property
    def short_author(self) -> str:
        """Return the author without other names and dates: "Dinis, Júlio"."""
        return re.split(r"\s*[\[(]", self.author, maxsplit=1)[0]

    @cached_property
    def author_words(self) -> frozenset[str]:
        return frozenset(words(re.sub(r"\([^)]*\)$", "", self.author)))

    @cached_property
    def title_words(self) -> frozenset[str]:
        return frozenset(words(self.title))


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return all works, in the order of the file: by collection, then by id."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_entry(row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _entry(row: dict[str, str]) -> CatalogueEntry:
    year, size = row.pop("year"), row.pop("bytes")
    return CatalogueEntry(**row, year=int(year) if year else None, bytes=int(size))


def collections() -> list[str]:
    return list(dict.fromkeys(entry.collection for entry in catalogue()))


def select(name: str) -> list[CatalogueEntry]:
    """Return the works that a name means, in the order of the catalogue; at least one.

    A name is COLLECTION (`machado`), the id of a work (`POR0010_CamCB_Perdicao`), or COLLECTION:WORDS, where the
    words single out one work, or all works of one author. Accents, case, punctuation and the order of words do not
    matter. The first of these rules that matches anything decides:

    1. the words are the id of a work (`machado:domCasmurro`);
    2. they are a whole title (`machado:dom-casmurro`);
    3. they are the words of an author's whole name;
    4. all of them are words of an author's name, or of a title (`eltec-por:castelo-branco`, `machado:cubas`);
    5. all of them begin such words (`eltec-por:camil`);
    6. they begin the id of a work (`eltec-por:POR0010`).

    If nothing matches, the works of the collections that belong to this one are tried: `machado:semana` is a work of
    `machado-cronicas`.

    Raises UserError if nothing matches, with close names, or if several authors or works match, with their names.
    """
    collection, colon, wish = name.partition(":")
    works = _works_of(collection)
    if not colon:
        works = works or [entry for entry in catalogue() if entry.id.casefold() == name.casefold()]
        if not works:
            raise UserError("no-such-collection", name=name, collections=", ".join(collections()), close=close(name))
        return works
    if not works:
        known = ", ".join(collections())
        raise UserError("no-such-collection-before-colon", name=name, collections=known, close=close(name))
    choices = _choices(wish, works) or _choices(wish, _belonging_to(works[0].collection))
    if not choices:
        raise UserError("no-such-work", name=name, collection=works[0].collection, close=close(name))
    if len(choices) > 1:
        shown = ", ".join(choice.name() for choice in choices[:8]) + ", …" * (len(choices) > 8)
        raise UserError("several-works", name=name, count=len(choices), choices=shown)
    return choices[0].works


def is_catalogue_name(text: str) -> bool:
    """Return whether a text has the form of a catalogue name: a collection, alone or before a colon, or an id.

    `select` may still refuse it: `machado:nonsense` has that form, too.
    """
    head = text.partition(":")[0]
    return bool(_works_of(head)) or any(entry.id.casefold() == text.casefold() for entry in catalogue())


def close_names(text: str) -> list[str]:
    """Return at most three names for `select`, best first, that `text` may be a misspelling of."""
    head, colon, wish = text.partition(":")
    works = _works_of(head) if colon else []
    if works:
        known = {word: word for entry in works for word in entry.author_words | entry.title_words}
        known |= {_joined(text): "-".join(words(text)) for entry in works for text in (entry.short_author, entry.title)}
        known |= {_joined(entry.id): entry.id for entry in works}
        return [f"{works[0].collection}:{known[key]}" for key in get_close_matches(_joined(wish), known, cutoff=0.75)]
    known = {} if colon else {_joined(entry.id): entry.id for entry in catalogue()}
    known |= {_joined(collection): collection + colon + wish for collection in collections()}
    return [known[key] for key in get_close_matches(_joined(head), known, cutoff=0.75)]


def words(text: str) -> list[str]:
    """Return the words of a name without accents and case; a capital inside a word begins a new one.

    >>> words("Memórias de Brás"), words("domCasmurro")
    (['memorias', 'de', 'bras'], ['dom', 'casmurro'])
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", plain).casefold())


def _joined(text: str) -> str:
    return "".join(words(text))


def _works_of(collection: str) -> list[CatalogueEntry]:
    return [entry for entry in catalogue() if entry.collection == collection.casefold()]


def _belonging_to(collection: str) -> list[CatalogueEntry]:
    return [entry for entry in catalogue() if entry.collection.startswith(f"{collection}-")]


class _Choice(NamedTuple):
    """A meaning of the words of a name."""

    works: list[CatalogueEntry]
    author: bool  # all works of an author, even if only one; else one work

    def name(self) -> str:
        """Return the name that selects exactly these works."""
        first = self.works[0]
        surname = first.short_author.partition(",")[0]
        among = _works_of(first.collection)
        for text in (surname, first.short_author) if self.author else (first.title,):
            wish = "-".join(words(text))
            if [choice.works for choice in _choices(wish, among)] == [self.works]:
                return f"{first.collection}:{wish}"
        return first.name


def _choices(wish: str, works: Sequence[CatalogueEntry]) -> list[_Choice]:
    """Return the meanings of `wish` by the first rule of `select` that matches; no two with the same works."""
    given = words(wish)
    joined = "".join(given)
    if not given:
        return []
    for fact in ("id", "title"):
        if same := [entry for entry in works if _joined(getattr(entry, fact)) == joined]:
            return [_Choice([entry], author=False) for entry in same]
    for fit in (set(given).__eq__, set(given).issubset, lambda known: _begin(given, known)):
        authors = dict.fromkeys(entry.author for entry in works if fit(entry.author_words))
        choices = [_Choice([entry for entry in works if entry.author == name], author=True) for name in authors]
        choices += [_Choice([entry], author=False) for entry in works if fit(entry.title_words)]
        if choices:
            return [c for i, c in enumerate(choices) if all(c.works != other.works for other in choices[:i])]
    return [_Choice([entry], author=False) for entry in works if _joined(entry.id).startswith(joined)]


def _begin(given: Sequence[str], known: frozenset[str]) -> bool:
    return all(any(word.startswith(start) for word in known) for start in given)


def close(name: str) -> Phrase:
    """Return "; close to it: …" with the close names, or nothing if none is close."""
    names = close_names(name)
    return Phrase("close-names", names=", ".join(names)) if names else Phrase("no-close-names")
