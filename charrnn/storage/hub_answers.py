"""What a hub may answer: names of versions and contents that are safe as names of files, and sizes as they were told.

The hub's library writes files under the names that the hub gives them, and reads an answer to its end.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from charrnn.errors import UserError

MOST_JSON = 2**24  # bytes of an answer about a repository
PATIENCE, SLOWEST = 60.0, 1000.0  # seconds; after them, bytes per second
IDENTIFIERS = ("sha", "oid", "sha256", "blobId", "xetHash")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_TAG = re.compile(rf'(?:W/)?"?{_IDENTIFIER.pattern}"?')
HEADERS = {"etag": _TAG, "x-linked-etag": _TAG, "x-repo-commit": _IDENTIFIER}


class HubResponse(Protocol):
    """An HTTP answer of the hub, whose body is not yet read."""

    headers: "dict[str, str]"

    def json(self) -> object: ...
    def iter_raw(self, chunk_size: int | None = None) -> Iterator[bytes]: ...
    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


class UnendingAnswer(ConnectionError):
    """An answer is longer than the hub said, or comes so slowly that it never ends."""


@contextmanager
def checked(most: int = MOST_JSON) -> Iterator[None]:
    """Check each answer to the hub's library before it uses it. most: bytes of the longest body.

    Raises UserError for a strange name, and UnendingAnswer, an OSError, for a body that does not end.
    """
    from huggingface_hub import get_session

    session = get_session()
    hooks = session.event_hooks
    session.event_hooks = {**hooks, "response": [lambda response: _check(response, most), *hooks["response"]]}
    try:
        yield
    finally:
        session.event_hooks = hooks


def _check(response: HubResponse, most: int) -> None:
    for name, form in HEADERS.items():
        if (value := response.headers.get(name)) is not None and not form.fullmatch(value):
            raise UserError("hub-answer-strange", name=name, found=repr(value[:80]))
    for method, kept in {
        "json": _valid(response.json),
        "iter_raw": _ending(response.iter_raw, most),  # as they arrive
        "iter_bytes": _ending(response.iter_bytes, most),  # uncompressed
    }.items():
        setattr(response, method, kept)


def _valid(json: Callable[[], object]) -> Callable[[], object]:
    """Return what parses an answer and checks it."""

    def parsed() -> object:
        found = json()
        if not isinstance(found, dict | list):
            raise UserError("hub-answer-strange", name="JSON", found=repr(found)[:80])
        _check_values(found, "")
        return found

    return parsed


def _ending(blocks: Callable[..., Iterator[bytes]], most: int) -> Callable[..., Iterator[bytes]]:
    """Return what yields the blocks of a body, up to `most` bytes, as long as they come fast enough."""

    def bounded(*arguments: object, **named: object) -> Iterator[bytes]:
        size, began = 0, time.monotonic()
        for block in blocks(*arguments, **named):
            size += len(block)
            if size > most or time.monotonic() - began > max(PATIENCE, size / SLOWEST):
                raise UnendingAnswer
            yield block

    return bounded


def _check_values(value: object, name: str) -> None:
    """Raise UserError for an identifier or a size that is none, anywhere in an answer."""
    if isinstance(value, dict):
        for inner, one in value.items():
            _check_values(one, inner)
    elif isinstance(value, list):
        for one in value:
            _check_values(one, name)
    elif value is not None:
        is_named = name not in IDENTIFIERS or (isinstance(value, str) and _IDENTIFIER.fullmatch(value))
        is_sized = name != "size" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)
        if not is_named or not is_sized:
            raise UserError("hub-answer-strange", name=name, found=repr(value)[:80])
