"""What a user can mend, told in one line, and the words that such lines share: durations, numbers, refusals."""

import errno
import math
import re
import socket
from collections.abc import Iterable
from decimal import Decimal


class UserError(Exception):
    """Something the user gave cannot be used. The message names what was expected and what was found."""


_UNITS = (("hour", 3600), ("minute", 60), ("second", 1))


def duration(seconds: float) -> str:
    """Return a rounded duration in at most two units: “0.4 seconds”, “1 minute”, “2 hours 5 minutes”."""
    if seconds < 9.95:
        return quantity(round(seconds, 1), "second")
    whole = round(seconds) if seconds < 3599.5 else 60 * round(seconds / 60)
    parts = []
    for unit, size in _UNITS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(quantity(count, unit))
    return " ".join(parts)


def quantity(count: float, unit: str) -> str:
    """Return a count with its unit, which is plural unless the count is 1."""
    return f"{number(count)} {unit}" + ("" if count == 1 else "s")


def number(value: float) -> str:
    """Return a number in full, with commas: 16777216 → “16,777,216”, 5.0 → “5”, 1e-05 → “0.00001”."""
    if not math.isfinite(value) or abs(value) >= 1e21:
        return f"{value:g}"
    return format(Decimal(repr(value)).normalize(), ",f")


_CAUSES = {
    errno.ENOENT: "there is no such file or folder",
    errno.EISDIR: "this is a folder",
    errno.EEXIST: "this is a file, and a folder is needed",
    errno.ENOTDIR: "a part of this path is a file, not a folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "this disk is read-only",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOSPC: "the disk is full",
    errno.EFBIG: "the file is too large for this disk",
    errno.EDQUOT: "the disk's quota is used up",
    errno.EIO: "the disk or device fails",
    errno.ELOOP: "links lead in a circle",
    errno.EMFILE: "too many files are open",
    errno.ECONNREFUSED: "it refuses the connection",
    errno.ENETUNREACH: "there is no network",
    errno.EHOSTUNREACH: "there is no way to it",
}


def cause(error: OSError) -> str:
    """Return why the operating system refused, as a clause."""
    if isinstance(error, socket.gaierror):
        return "there is no such host, or no network"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if error.errno is None and re.search(r"\d requested and \d+ written", str(error)):  # as numpy puts it
        return _CAUSES[errno.ENOSPC]
    return _CAUSES.get(error.errno or 0) or (error.strerror or str(error) or type(error).__name__).lower()


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
