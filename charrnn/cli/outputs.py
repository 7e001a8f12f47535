"""Files and folders that commands write: checked before any work is done for them."""

import os
from pathlib import Path

from charrnn.errors import UserError


def output(name: str, given: str) -> Path:
    """Return the path of a file that can be written. name: of the option or command that asks for it.

    Raises UserError if it is a folder, or if its folder is not there or lets nobody write.
    """
    path = Path(given)
    if path.is_dir():
        raise UserError("output-is-folder", name=name, path=given)
    if not path.parent.is_dir():
        raise UserError("output-folder-missing", name=name, path=given, folder=path.parent)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError("output-not-writable", name=name, path=given)
    return path


def output_folder(name: str, path: Path) -> Path:
    """Return the path of a folder that is there or can be made. name: of the option that asks for it.

    Raises UserError if a file is in the way, or if nobody may write there.
    """
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise UserError("output-folder-is-file", name=name, path=path, there=there)
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError("output-folder-not-writable", name=name, path=path, there=there)
    return path
