"""Where charrnn keeps what it can get again: fetched works and tokenized texts."""

import os
from pathlib import Path


def root() -> Path:
    """$CHARRNN_CACHE, else charrnn's part of the user's cache directory."""
    if given := os.environ.get("CHARRNN_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("charrnn", appauthor=False)
