"""charrnn unpack: a model from one file, under models/."""

from pathlib import Path

import typer

from charrnn.storage import registry


def unpack(
    file: Path = typer.Argument(..., help="File that `charrnn pack` made.", metavar="FILE"),
    name: str | None = typer.Option(None, "--name", help="Name of the model; default: that of the file."),
    directory: Path = typer.Option(registry.TRAINED, "--models", help="Folder of the trained models.", metavar="DIR"),
) -> None:
    """Unpack a model that someone sent, checked, to models/NAME, beside those that you have trained."""
    from charrnn.cli.options import output_folder
    from charrnn.storage import packing

    target = directory / registry.checked_name(registry.named_after(file.name) if name is None else name)
    output_folder("--models", directory)
    packing.unpack(file, target)
    print(target)
