"""charrnn corpus fetch: public-domain works, from the cache, a folder or the network."""

import shutil
from pathlib import Path

import typer

from charrnn.cli.outputs import output_folder
from charrnn.errors import UserError


def fetch(
    names: list[str] = typer.Argument(
        ..., help="Collection, collection:author or collection:work; see `charrnn corpus list`.", metavar="NAME..."
    ),
    mirror: str | None = typer.Option(
        None, "--mirror", help="Ask this address for <collection>/<file>, and no other.", metavar="URL"
    ),
    out: Path | None = typer.Option(
        None,
        "--out",
        "-o",
        help="Copy the works to DIR/<collection>/<file>; default: the cache holds them.",
        metavar="DIR",
    ),
) -> None:
    """Fetch public-domain works, each verified by its SHA-256, and print the paths of their files.

    Works in the cache, or under any name in the folder CHARRNN_CORPORA or an archive there, need no network.
    """
    from rich.console import Console

    from charrnn.cli.corpus.bar import downloading
    from charrnn.corpus.catalogue.entries import select
    from charrnn.corpus.catalogue.obtain import fetch as fetch_works
    from charrnn.corpus.catalogue.obtain import require

    if out is not None:
        output_folder("--out", out)
    console = Console(stderr=True, highlight=False)

    def note(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    works = list(dict.fromkeys(entry for name in names for entry in select(name)))
    with downloading(console) as progress:
        fetched = fetch_works(works, mirror, progress, note)
    for entry, path in fetched.found.items():
        print(path if out is None else _copy(path, out / entry.collection / path.name), flush=True)
    if fetched.found:  # else the error below says it all
        for line in fetched.skipped():
            note(line)
    for name in names:
        require(name, fetched)


def _copy(source: Path, target: Path) -> Path:
    """Copy a file to where none is yet; one that holds the same is left alone."""
    if target.exists():
        if target.read_bytes() == source.read_bytes():
            return target
        raise UserError("other-file-exists", path=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}-half")
    shutil.copyfile(source, half)
    return half.replace(target)
