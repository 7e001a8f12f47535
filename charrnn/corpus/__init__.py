"""In: files, archives and works of the catalogue. Out: clean text, and an honest report.

Read `works.py` first; `doctor/` reports on a text, `repairs/` repair it, `catalogue/` fetches works.
"""

from charrnn.corpus.works import Work, clean, open_works, read_file, read_files

__all__ = ["Work", "clean", "open_works", "read_file", "read_files"]
