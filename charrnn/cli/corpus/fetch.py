"""charrnn corpus list and fetch: public-domain works, from the cache, a folder or the network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from charrnn import paths
from charrnn.cli.options import json_option, output_folder, write_json
from charrnn.errors import UserError

if TYPE_CHECKING:
    from charrnn.cli.console import Console
    from charrnn.corpus.catalogue.obtain import Progress


def list_works(
    names: list[str] = typer.Argument(
        None, help="Collection, collection:author or collection:work; default: all.", metavar="[NAME...]"
    ),
    *,
    json: bool = json_option("a list of the works"),
) -> None:
    """List the public-domain works of the catalogue; a star marks those in the cache."""
    from charrnn.corpus.catalogue import cache, catalogue, select

    works = list(dict.fromkeys(entry for name in names for entry in select(name))) if names else list(catalogue())
    paths = {entry: cache.find(entry) for entry in works}
    if json:
        rows = [{**asdict(entry), "path": str(path) if path else None} for entry, path in paths.items()]
        write_json(rows, indent=2)
        return
    wide = max(len("work"), *(len(entry.name) for entry in works))
    long = max(len("author"), *(len(entry.short_author) for entry in works))
    print(f"  {'work':{wide}}  year     size  {'author':{long}}  title")
    for entry, path in paths.items():
        print(
            f"{'*' if path else ' '} {entry.name:{wide}}  {entry.year or '—':>4}  {entry.bytes / 1e6:4.2f} MB  "
            f"{entry.short_author:{long}}  {entry.title}"
        )
    there, size = sum(path is not None for path in paths.values()), sum(entry.bytes for entry in works)
    print(f"{len(works)} works, {size / 1e6:.1f} MB; {there} of them in the cache, {cache.folder()}")


def fetch(
    names: list[str] = typer.Argument(
        ..., help="Collection, collection:author or collection:work; see `charrnn corpus list`.", metavar="NAME..."
    ),
    mirror: str | None = typer.Option(
        None, "--mirror", help="Ask only this address, for <collection>/<file>.", metavar="URL"
    ),
    out: Path | None = typer.Option(
        None,
        "--out",
        "-o",
        help="Copy the works to DIR/<collection>/<file>; default: leave them in the cache.",
        metavar="DIR",
    ),
) -> None:
    """Fetch public-domain works, each verified by its SHA-256, and print the paths of their files.

    Works in the cache, or under any name in the folder CHARRNN_CORPORA or an archive there, need no network.
    """
    from charrnn.cli.console import Console
    from charrnn.corpus.catalogue import obtain, select

    if out is not None:
        output_folder("--out", out)
    console = Console()
    works = list(dict.fromkeys(entry for name in names for entry in select(name)))
    with downloading(console) as progress:
        fetched = obtain.fetch(works, mirror, progress, console.tell)
    for entry, path in fetched.found.items():
        print(path if out is None else _copy(path, out / entry.collection / path.name), flush=True)
    if fetched.found:  # else the error below says it all
        for line in fetched.skipped():
            console.tell(line)
    for name in names:
        obtain.require(name, fetched)


@contextmanager
def downloading(console: "Console") -> Iterator["Progress"]:
    """Yield what shows the progress of `obtain` and `fetch` on a terminal: a bar while bytes arrive."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from charrnn.corpus.catalogue import CatalogueEntry

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        current: list[CatalogueEntry] = []

        def progress(entry: CatalogueEntry, done: int, total: int) -> None:
            if current != [entry]:
                current[:] = [entry]
                for task in bar.task_ids:
                    bar.remove_task(task)
                bar.add_task(entry.title, total=total)
            bar.update(bar.task_ids[-1], completed=done)

        yield progress


def _copy(source: Path, target: Path) -> Path:
    """Copy a file unless its content is there already. Raises UserError if another file has its name."""
    if target.exists():
        if target.read_bytes() == source.read_bytes():
            return target
        raise UserError("other-file-exists", path=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with paths.opened(source) as file, paths.replacing(target) as copy:
        shutil.copyfileobj(file, copy)
    return target
