"""The one exception that a user can cause, and is told about in one line; and words that such lines share."""

import errno
from collections.abc import Iterable

from charrnn.wording import cause


class UserError(Exception):
    """Something the user gave cannot be used. The message names what was expected and what was found."""


def refusal(error: OSError) -> str:
    """Return the line for what the operating system refused."""
    hint = ""
    if error.errno == errno.ENOSPC:
        hint = " (texts are kept under CHARRNN_CACHE, temporary ones under TMPDIR: set these to a place with room)"
    return f"{error.filename or 'disk'}: {cause(error)}{hint}"


def near(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean X?" with the known name that is closest or is cut short, or "." if none is close."""
    import difflib

    names = {one.lstrip("-"): one for one in known}
    given = name.lstrip("-")
    begun = [one for one in names if given and one.startswith(given)]
    found = begun if len(begun) == 1 else difflib.get_close_matches(given, names, n=1) or begun
    return f"; did you mean {names[found[0]]}?" if found else "."
