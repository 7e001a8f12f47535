"""In: names of files, folders, archives and works of the catalogue. Out: clean text, and a report on it.

Read `works.py` first. `doctor/` reports on a text, `repairs/` repairs it, `catalogue/` fetches works.
"""

from charrnn.corpus.works import Work, clean, open_works, read_file, read_files

__all__ = ["Work", "clean", "open_works", "read_file", "read_files"]
