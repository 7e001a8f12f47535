"""Models on the Hugging Face hub: `hf:user/name@revision` → a directory in the hub's own cache; and back.

Its library transfers, resumes and keeps; this file decides what is transferred, how large it may be, and what is told.
`HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME` and `HF_HUB_OFFLINE` work as everywhere. No torch needed.
"""

import functools
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from charrnn.errors import Phrase, UserError, cause
from charrnn.storage import hub_answers
from charrnn.storage.packing import NEEDED, SIZES, contents
from charrnn.storage.registry import HUB

FETCHED = tuple(name for name in SIZES if not name.endswith(".png"))  # numbers, JSON and the card: nothing that can run
PATIENCE = 10.0  # seconds for an answer
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_NAME = re.compile(rf"({_PART}/{_PART})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{{0,200}}))?")


class HubName(NamedTuple):
    """A model on the hub: its owner and name, and one of its versions; None for the newest."""

    repository: str
    revision: str | None


class Unreached(UserError):
    """The hub did not answer, or broke off: what is kept of the model may do."""


def parsed(name: str) -> HubName:
    """Return the parts of `hf:user/name@revision`. Raises UserError for anything else."""
    found = _NAME.fullmatch(name.removeprefix(HUB).replace("\\", "/"))  # as a path of Windows has it
    if found is None or any(two in name for two in ("--", "..")):
        raise UserError("hub-name-malformed", found=name[:200])
    return HubName(found[1], found[2])


@functools.cache  # a command finds its model several times
def fetch(name: str) -> Path:
    """Return the directory of a model on the hub, fetched unless it is there. Raises UserError if that fails.

    Where the hub cannot be reached, the copy that was fetched before is used, and a line on stderr says so.
    """
    wanted = parsed(name)
    try:
        return _fetched(wanted)
    except Unreached as error:
        if (kept := _kept(wanted)) is None:
            raise UserError("hub-not-kept", name=wanted.repository, why=error) from None
        print(f"charrnn: {Phrase('hub-kept', name=wanted.repository, why=error)}", file=sys.stderr, flush=True)
        return kept


def _fetched(wanted: HubName) -> Path:
    from huggingface_hub import HfApi, hf_hub_download

    with _refusals(wanted), _calm(), hub_answers.checked():
        found = HfApi().model_info(wanted.repository, revision=wanted.revision, files_metadata=True, timeout=PATIENCE)
        sizes = {one.rfilename: one.size or 0 for one in found.siblings or () if one.rfilename in FETCHED}
        _check(wanted, sizes)
    most = max(hub_answers.MOST_JSON, *sizes.values())
    with _refusals(wanted, "hub-broke-off"), _calm(), hub_answers.checked(most):
        # One by one and in this thread, as the library's own threads would hold up Ctrl-C.
        folder = Path(hf_hub_download(wanted.repository, "config.json", revision=wanted.revision)).parent
        for name in sorted(sizes, key=sizes.__getitem__):
            hf_hub_download(wanted.repository, name, revision=folder.name)  # of the same commit
        return folder


def _check(wanted: HubName, sizes: Mapping[str, int]) -> None:
    """Raise UserError before anything is fetched if what is there is no model of ours, or if a part is too large."""
    if missing := [name for name in NEEDED if name not in sizes]:
        raise UserError("hub-not-ours", name=wanted.repository, missing=", ".join(missing))
    for name, size in sizes.items():
        if size > SIZES[name]:
            raise UserError("part-too-large", path=f"{wanted.repository}: {name}", most=SIZES[name], found=size)


def _kept(wanted: HubName) -> Path | None:
    """Return the directory of a model that was fetched whole before; None if there is none."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(wanted.repository, "config.json", revision=wanted.revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return folder if all((folder / name).is_file() for name in NEEDED) else None


def push(directory: Path, repository: str, card: str, *, private: bool) -> str:
    """Upload a model with this card to the hub, in one commit. Return the address of its page.

    The repository is made if it is not there. Files of ours that this model lacks are removed from it; others stay.
    Raises UserError, also if a private upload would go to a public repository.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    found, wanted, api = contents(directory), parsed(repository), HfApi()
    added = {name: CommitOperationAdd(name, str(path)) for name, path in found.items()}
    added["README.md"] = CommitOperationAdd("README.md", card.encode("utf-8"))
    with _refusals(wanted), _calm(), hub_answers.checked():
        made = api.create_repo(repository, private=private, exist_ok=True)
        there = api.model_info(repository, timeout=PATIENCE)
        if private and not there.private:
            raise UserError("hub-is-public", name=repository)
        old = {one.rfilename for one in there.siblings or ()} & {*SIZES} - {*added}
        removed = [CommitOperationDelete(name) for name in sorted(old)]
        api.create_commit(repository, [*added.values(), *removed], commit_message="Upload a model with charrnn")
    return str(made)


def has_token() -> bool:
    """Return whether the user has logged in to the hub."""
    from huggingface_hub import get_token

    return get_token() is not None


def host() -> str:
    """Return the host name of the hub."""
    from huggingface_hub import constants

    return urlsplit(constants.ENDPOINT).netloc


@contextmanager
def _refusals(wanted: HubName, silent: str = "host-unreachable") -> Iterator[None]:
    """Turn what the hub's library raises into one line, with the code `silent` where the hub does not answer.

    A full disk stays an OSError.
    """
    try:
        yield
    except UserError:
        raise
    except _library_errors() as error:
        found = [*_chain(error)]
        if (refused := _refused(error, wanted)) is not None:
            raise refused from None
        if any(isinstance(one, OSError) and one.errno and one.filename for one in found):
            raise
        raise Unreached(silent, host=host(), cause=_why(found)) from None


def _refused(error: BaseException, wanted: HubName) -> UserError | None:
    """Return what the hub's refusal means; None for an error of another kind."""
    from huggingface_hub import errors

    codes: tuple[tuple[type[Exception], str], ...] = (
        (errors.GatedRepoError, "hub-gated"),  # before its base
        (errors.RepositoryNotFoundError, "hub-no-model"),
        (errors.RevisionNotFoundError, "hub-no-revision"),
        (errors.LocalTokenNotFoundError, "hub-no-token"),
    )
    for kind, code in codes:
        if isinstance(error, kind):
            return UserError(code, name=wanted.repository, host=host(), revision=wanted.revision or "main")
    if isinstance(error, errors.HFValidationError):
        return UserError("hub-name-malformed", found=wanted.repository)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return Unreached("hub-offline")
    if not isinstance(error, errors.HfHubHTTPError):
        return None
    status = error.response.status_code
    if status in (401, 403):
        return UserError("hub-not-allowed", name=wanted.repository, host=host())
    kind = Unreached if status == 429 or status >= 500 else UserError
    return kind("host-refuses", host=host(), status=status, reason=error.response.reason_phrase)


def _library_errors() -> tuple[type[Exception], ...]:
    """Return what the library raises where a request fails: its own kinds, those of its transport, and plain ones."""
    from huggingface_hub import errors

    transport: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]
    large = getattr(errors, "XetDownloadError", transport)  # of newer versions
    return transport, large, OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError


@contextmanager
def _calm() -> Iterator[None]:
    """Keep the library from warning of what ends in one line here, and its bars to where someone sees them."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    logger = logging.getLogger("huggingface_hub")
    level, barred = logger.level, sys.stderr.isatty() or are_progress_bars_disabled()
    logger.setLevel(logging.ERROR)
    if not barred:
        disable_progress_bars()
    try:
        yield
    finally:
        logger.setLevel(level)
        if not barred:
            enable_progress_bars()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Iterate over an error and those that caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _why(chain: list[BaseException]) -> Phrase:
    """Return the reason for a failed request: that of the system, where there is one."""
    for error in reversed(chain):
        if isinstance(error, hub_answers.UnendingAnswer):
            return Phrase("answer-unending")
        if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
            return Phrase("os-timeout")
        if isinstance(error, OSError) and error.errno:
            return cause(error)
    transport = _library_errors()[0]
    return Phrase("connection-closed" if any(isinstance(one, transport) for one in chain) else "answer-strange")
