"""The progress bar of downloads, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from charrnn.corpus.catalogue.obtain import Progress


@contextmanager
def downloading(console: "Console") -> Iterator["Progress"]:
    """What to pass as `progress` to `obtain` and `fetch`: a bar that appears with the first bytes and then vanishes."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from charrnn.corpus.catalogue.entries import CatalogueEntry

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[CatalogueEntry, int] = {}

        def progress(entry: CatalogueEntry, done: int, total: int) -> None:
            if entry not in tasks:
                for task in bar.task_ids:
                    bar.remove_task(task)
                tasks[entry] = bar.add_task(entry.title, total=total)
            bar.update(bar.task_ids[-1], completed=done)

        yield progress
