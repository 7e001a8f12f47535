"""The texts that one can choose without having one: those that come with the program, and the catalogue's works."""

from pathlib import Path

import charrnn
from charrnn.corpus.catalogue import catalogue, words
from charrnn.ui.texts import Language, say

OWN = Path(charrnn.__file__).parents[1] / "corpora"  # of a checkout
COLLECTIONS = {"machado": "Machado de Assis", "eltec-por": "ELTeC-por: romances, 1840–1920"}


def offered(language: Language) -> list[tuple[str, str]]:
    """What to show and what it stands for, a name for `charrnn.corpus.open_works`."""
    own = [(say(language, "shelf_own", title=path.name), str(path)) for path in sorted(OWN.glob("*.txt"))]
    works = catalogue()
    whole = []
    for collection in dict.fromkeys(work.collection for work in works):
        count = sum(work.collection == collection for work in works)
        title = COLLECTIONS.get(collection, collection)
        whole.append((say(language, "shelf_all", title=title, count=count), collection))
    single = [
        (f"{work.short_author} · {work.title}" + (f" ({work.year})" if work.year else ""), work.name)
        for work in sorted(works, key=lambda work: words(f"{work.short_author} {work.title}"))
    ]
    return [*own, *whole, *single]
