"""Read text files: UTF-8 with or without BOM in; NFC with LF line ends out; nothing dropped."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from charrnn.errors import UserError


def clean(text: str) -> str:
    """The only changes made without being asked: NFC (so that é is one character) and LF line ends."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


def read_file(path: str | Path) -> str:
    """The clean text of one file.

    Raises UserError if the file is missing, a directory, empty, binary or not UTF-8.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: expected a text file, found {error.strerror or error}") from None
    if b"\0" in data:
        raise UserError(f"{path}: expected text, found a binary file (NUL at byte {data.index(0)})")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"0x{data[error.start]:02X} at byte {error.start}"
        raise UserError(f"{path}: expected UTF-8 text, found byte {found}") from None
    text = clean(text)
    if not text.strip():
        raise UserError(f"{path}: expected text, found an empty file ({len(data)} bytes)")
    return text


def read_files(paths: Iterable[str | Path]) -> str:
    """Several files as one text, in the order given, joined by a newline."""
    return "\n".join(read_file(path) for path in paths)
