"""charrnn corpus list: the public-domain works that can be fetched."""

import json as json_format
from dataclasses import asdict

import typer

from charrnn.cli.options import json_option


def list_works(
    names: list[str] = typer.Argument(
        None, help="Collection, collection:author or collection:work; default: all.", metavar="[NAME...]"
    ),
    json: bool = json_option("a list of the works"),
) -> None:
    """List the public-domain works of the catalogue; a star marks those that are already in the cache."""
    from charrnn.corpus.catalogue import cache
    from charrnn.corpus.catalogue.entries import catalogue, select

    works = list(dict.fromkeys(entry for name in names for entry in select(name))) if names else list(catalogue())
    paths = {entry: cache.find(entry) for entry in works}
    if json:
        rows = [{**asdict(entry), "path": str(path) if path else None} for entry, path in paths.items()]
        print(json_format.dumps(rows, ensure_ascii=False, indent=2))
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
