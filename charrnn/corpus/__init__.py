"""In: names of files, folders, archives and works of the catalogue. Out: clean text, and a report on it.

Read `works.py` first. `doctor/` reports on a text, `repairs/` repairs it, `catalogue/` fetches works. The names below
are imported when they are first used: most rooms only clean a text, and need no reader of archives and markup.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrnn.corpus.cleaning import clean
    from charrnn.corpus.works import Work, open_works, read_file, read_files

__all__ = ["Work", "clean", "open_works", "read_file", "read_files"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'charrnn.corpus' has no attribute {name!r}")
    return getattr(import_module(f"charrnn.corpus.{'cleaning' if name == 'clean' else 'works'}"), name)
