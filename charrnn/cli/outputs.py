"""Files that commands write: checked before any work is done for them."""

import os
from pathlib import Path

from charrnn.errors import UserError


def output(name: str, given: str) -> Path:
    """Return the path of a file that can be written. name: of the option or command that asks for it.

    Raises UserError if it is a folder, or if its folder is not there or lets nobody write.
    """
    path = Path(given)
    if path.is_dir():
        raise UserError(f"{name}: expected a file, found the folder {given}")
    if not path.parent.is_dir():
        raise UserError(f"{name}: expected a file in a folder that exists, found {given}; make {path.parent} first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError(f"{name}: expected a file that may be written, found {given}; choose another place")
    return path
