"""Files, archives and works of the catalogue → clean text."""

from charrnn.corpus.reading import Work, clean, open_works, read_file, read_files

__all__ = ["Work", "clean", "open_works", "read_file", "read_files"]
