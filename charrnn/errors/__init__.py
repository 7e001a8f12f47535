"""Errors that a user can correct, as codes with facts; `messages/` holds their texts in English and Portuguese.

In: a code and its facts. Out: one line, in English by `str(error)`, in Portuguese by `error.render("pt")`. Read
`messages/__init__.py` next: it joins the catalogue, one file per room.
"""

import errno
import re
import socket
import string
from collections.abc import Iterable, Mapping
from typing import Self

from charrnn.errors.messages import MESSAGES
from charrnn.errors.quantities import UNITS, Language, duration, number, quantity, separated


class Phrase:
    """A text of the catalogue, named by its code, and the facts that fill it. A fact may itself be a Phrase.

    Numbers are written in the language's way. A placeholder may name a unit of UNITS, `{found:characters}`, or
    `{left:duration}` or `{score:bits}`; `{path!r}` quotes; any other format is Python's.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return self.render("en")

    def render(self, language: Language, settings: Mapping[str, str] | None = None) -> str:
        """Return the text in a language.

        settings: labels that replace the fact `setting`, the name of a setting, where the text is shown.
        """
        facts = dict(self.facts)
        if settings and (name := facts.get("setting")) in settings:
            facts["setting"] = settings[str(name)]
        return _Formatter(language, settings).vformat(MESSAGES[self.code][language == "en"], (), facts)

    def to_json(self) -> dict[str, object]:
        """Return the code and the facts, for another process; a fact that JSON has no type for becomes its text."""
        plain = (str, int, float, bool, type(None))
        facts = {
            name: fact.to_json() if isinstance(fact, Phrase) else fact if isinstance(fact, plain) else str(fact)
            for name, fact in self.facts.items()
        }
        return {"code": self.code, "facts": facts}

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Return what `to_json` was called on. Raises ValueError for anything else."""
        if not isinstance(found, dict) or found.get("code") not in MESSAGES or not isinstance(found.get("facts"), dict):
            raise ValueError("not a phrase")
        facts = {name: Phrase.from_json(one) if isinstance(one, dict) else one for name, one in found["facts"].items()}
        return cls(found["code"], **facts)


class UserError(Phrase, Exception):
    """An input that cannot be used. Programs tell errors apart by `code`; see `messages/`."""


class _Formatter(string.Formatter):
    def __init__(self, language: Language, settings: Mapping[str, str] | None) -> None:
        self.language, self.settings = language, settings

    def format_field(self, value: object, spec: str) -> str:
        if isinstance(value, Phrase):
            return value.render(self.language, self.settings)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if spec == "bits":
                return separated(f"{value:.2f}", self.language)
            if spec == "duration":
                return duration(value, self.language)
            if not spec or spec in UNITS:
                return quantity(value, spec, self.language) if spec else number(value, self.language)
        return str(super().format_field(value, spec))


_CAUSES = {
    errno.ENOENT: "os-not-found",
    errno.EISDIR: "os-is-folder",
    errno.EEXIST: "os-is-file",
    errno.ENOTDIR: "os-not-a-folder",
    errno.EACCES: "os-permission",
    errno.EPERM: "os-permission",
    errno.EROFS: "os-read-only",
    errno.ENAMETOOLONG: "os-name-too-long",
    errno.ENOSPC: "os-disk-full",
    errno.EFBIG: "os-file-too-large",
    errno.E2BIG: "os-more-than-expected",
    errno.ENXIO: "os-no-regular-file",
    errno.EDQUOT: "os-quota",
    errno.EIO: "os-disk-fails",
    errno.ELOOP: "os-link-loop",
    errno.EMFILE: "os-too-many-files",
    errno.ECONNREFUSED: "os-connection-refused",
    errno.ENETUNREACH: "os-no-network",
    errno.EHOSTUNREACH: "os-no-route",
}


def cause(error: OSError) -> Phrase:
    """Return the reason for a refusal of the operating system, as a clause."""
    if isinstance(error, socket.gaierror):
        return Phrase("os-no-host")
    if isinstance(error, TimeoutError):
        return Phrase("os-timeout")
    if error.errno is None and re.search(r"\d requested and \d+ written", str(error)):  # as numpy puts it
        return Phrase("os-disk-full")
    if code := _CAUSES.get(error.errno or 0):
        return Phrase(code)
    return Phrase("os-other", cause=(error.strerror or str(error) or type(error).__name__).lower())


def refusal(error: OSError) -> UserError:
    """Return the UserError for a refusal of the operating system."""
    if error.errno == errno.ENOSPC:
        return UserError("disk-full", name=error.filename or Phrase("some-output"))
    return UserError("system-refused", name=error.filename or Phrase("the-disk"), cause=cause(error))


def near(name: str, known: Iterable[str]) -> Phrase:
    """Return "; did you mean X?" with the known name that is closest or is cut short, or "." if none is close."""
    import difflib

    names = {one.lstrip("-"): one for one in known}
    given = name.lstrip("-")
    begun = [one for one in names if given and one.startswith(given)]
    found = begun if len(begun) == 1 else difflib.get_close_matches(given, names, n=1) or begun
    return Phrase("did-you-mean", name=names[found[0]]) if found else Phrase("full-stop")
