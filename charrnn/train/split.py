"""The text of a run, divided into what is learned and what is held out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from charrnn.corpus import read_files
from charrnn.errors import UserError
from charrnn.stream import MINIMUM

HELD_OUT = 0.05  # share of the text, at its end, that is held out if no other text is given for it


@dataclass(frozen=True)
class Split:
    """Training and held-out part, with where they came from."""

    train: str
    valid: str
    files: tuple[str, ...]  # absolute paths, for --resume
    valid_file: str | None

    @classmethod
    def read(
        cls,
        files: Sequence[str | Path],
        valid_file: str | Path | None = None,
        window: int = MINIMUM,
        held_out: int | None = None,
    ) -> Self:
        """Read and divide. Without `valid_file` the last `held_out` characters are held out.

        held_out: by default 5 % of the text, but at least one window if that is at most a tenth of it.

        Raises UserError if a file cannot be read or the text is too short to train on.
        """
        text = read_files(files)
        if valid_file is not None:
            valid = read_files([valid_file])
        else:
            size = held_out or max(MINIMUM, round(HELD_OUT * len(text)), min(window, len(text) // 10))
            text, valid = text[:-size], text[-size:]
        if len(text) < MINIMUM:
            needed = MINIMUM if valid_file is not None else 2 * MINIMUM
            found = len(text) if valid_file is not None else len(text + valid)
            raise UserError(f"text: expected at least {needed} characters to train on, found {found}")
        paths = tuple(str(Path(file).resolve()) for file in files)
        return cls(text, valid, paths, None if valid_file is None else str(Path(valid_file).resolve()))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.train}\0{self.valid}".encode()).hexdigest()
