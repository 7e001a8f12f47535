"""Get works of the catalogue: from the cache, else from the folder in CHARRNN_CORPORA, else from the network."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from charrnn.corpus.catalogue import cache, local_works
from charrnn.corpus.catalogue.entries import CatalogueEntry, select
from charrnn.errors import Phrase, UserError

Progress = Callable[[CatalogueEntry, int, int], None]  # the work that is downloaded, bytes that are there, bytes in all
Note = Callable[[str], None]  # one line of text that a user should see


@dataclass(frozen=True)
class Fetched:
    """What became of the works that were asked for: each is in one of the two, in the order asked for."""

    found: dict[CatalogueEntry, Path]  # all under the cache directory, verified
    missing: dict[CatalogueEntry, Phrase]  # with the reason

    def skipped(self) -> list[str]:
        """What a user should know of the missing works: one line for each reason."""
        titles: dict[str, list[str]] = {}
        for entry, reason in self.missing.items():
            titles.setdefault(str(reason), []).append(entry.title)
        count = len(self.found) + len(self.missing)
        return [f"skipped {len(t)} of {count} works: {'; '.join(t)}. Why: {reason}" for reason, t in titles.items()]


def obtain(
    name: str, mirror: str | None = None, progress: Progress | None = None, note: Note | None = None
) -> list[tuple[CatalogueEntry, Path]]:
    """The works that a name of the catalogue stands for, as verified files under the cache directory.

    Of several works, those that cannot be had are told to `note` and skipped. Raises UserError if the name stands
    for none, or if none of its works can be had.
    """
    fetched = fetch(select(name), mirror, progress, note)
    require(name, fetched)
    if note:
        for line in fetched.skipped():
            note(line)
    return list(fetched.found.items())


def require(name: str, fetched: Fetched) -> None:
    """Raises UserError unless at least one of the works that `name` stands for was found."""
    works = select(name)
    if not any(entry in fetched.found for entry in works):
        reason = fetched.missing[works[0]]
        if len(works) == 1:
            raise UserError("work-unavailable", name=name, title=works[0].title, reason=reason)
        raise UserError("works-unavailable", name=name, count=len(works), reason=reason)


def fetch(
    entries: Sequence[CatalogueEntry],
    mirror: str | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
) -> Fetched:
    """Get works; one that cannot be had hinders no other.

    mirror: an http(s) address that is asked in place of the works' own: MIRROR/<collection>/<file>.
    progress: called while something is downloaded. note: told what could not be searched in CHARRNN_CORPORA.
    Raises UserError for a mirror that is no address.
    """
    if mirror and urlsplit(mirror).scheme not in ("http", "https"):
        raise UserError("not-an-address", setting="--mirror", found=mirror)
    note = note or (lambda text: None)
    found = {entry: path for entry in entries if (path := cache.find(entry))}
    wanted = [entry for entry in entries if entry not in found]
    if wanted and (stick := os.environ.get("CHARRNN_CORPORA")):
        for entry, data in local_works.search(Path(stick), wanted, note):
            found[entry] = cache.store(entry, data)
    wanted = [entry for entry in wanted if entry not in found]
    missing = _from_network(wanted, mirror, progress or (lambda entry, done, total: None), found) if wanted else {}
    return Fetched({entry: found[entry] for entry in entries if entry in found}, missing)


def _from_network(
    wanted: Sequence[CatalogueEntry], mirror: str | None, progress: Progress, found: dict[CatalogueEntry, Path]
) -> dict[CatalogueEntry, Phrase]:
    """Download works and add them to `found`; the others are returned with the reason."""
    import requests

    from charrnn.corpus.catalogue.download import Refused, Unreachable, download

    missing: dict[CatalogueEntry, Phrase] = {}
    silent: dict[str, Phrase] = {}  # hosts that do not answer, and why: their other works are not tried
    with requests.Session() as session:
        for entry in wanted:
            url = f"{mirror.rstrip('/')}/{entry.collection}/{entry.file}" if mirror else entry.address
            host = urlsplit(url).netloc
            if host in silent:
                missing[entry] = silent[host]
                continue
            report = partial(_report, progress, entry)
            try:
                with cache.unfinished(entry) as workplace:  # another process may have got it in the meantime
                    path = cache.find(entry) or cache.put(entry, download(session, url, entry, workplace, report))
                found[entry] = path
            except Unreachable as error:
                silent[host] = missing[entry] = error
            except Refused as error:
                missing[entry] = error
    return missing


def _report(progress: Progress, entry: CatalogueEntry, done: int) -> None:
    progress(entry, done, entry.bytes)
