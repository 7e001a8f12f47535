"""Files → clean text."""

from charrnn.corpus.reading import clean, read_file, read_files

__all__ = ["clean", "read_file", "read_files"]
