"""Durations, numbers and the operating system's errors in words, for messages, help and the model card."""

import errno
import math
import socket
from decimal import Decimal

_UNITS = (("hour", 3600), ("minute", 60), ("second", 1))


def duration(seconds: float) -> str:
    """Return a rounded duration in at most two units: “0.4 seconds”, “1 minute”, “2 hours 5 minutes”."""
    if seconds < 9.95:
        return _counted(round(seconds, 1), "second")
    whole = round(seconds) if seconds < 3599.5 else 60 * round(seconds / 60)
    parts = []
    for unit, size in _UNITS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(_counted(count, unit))
    return " ".join(parts)


def _counted(count: float, unit: str) -> str:
    return f"{number(count)} {unit}" + ("" if count == 1 else "s")


def number(value: float) -> str:
    """Return a number in full, with commas: 16777216 → “16,777,216”, 5.0 → “5”, 1e-05 → “0.00001”."""
    if not math.isfinite(value) or abs(value) >= 1e21:
        return f"{value:g}"
    return format(Decimal(repr(value)).normalize(), ",f")


_REASONS = {
    errno.ENOENT: "no such file or folder",
    errno.ENOTDIR: "a file where a folder should be",
    errno.EISDIR: "a folder where a file should be",
    errno.EEXIST: "a file or folder of that name",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "a read-only disk",
    errno.ENOSPC: "no room left on the disk",
    errno.EFBIG: "a file that is too large for the disk",
    errno.EIO: "a disk or device that cannot be read or written",
    errno.ENAMETOOLONG: "a name that is too long",
    errno.ELOOP: "links that lead in a circle",
    errno.EMFILE: "too many open files",
    errno.ECONNREFUSED: "a refused connection",
    errno.ENETUNREACH: "no network",
    errno.EHOSTUNREACH: "no way to that host",
}
if hasattr(errno, "EDQUOT"):  # not on Windows
    _REASONS[errno.EDQUOT] = "no room left in the user's quota"


def reason(error: OSError) -> str:
    """Return, as a noun phrase to follow “found”, what the operating system reports."""
    if isinstance(error, socket.gaierror):
        return "no such host, or no network"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return _REASONS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
