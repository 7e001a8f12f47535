"""charrnn export: a model in a format that other programs run."""

from pathlib import Path

import typer

from charrnn.cli.options import MODEL, output


def export(
    file: Path = typer.Argument(..., help="File to write; an example of its use is written beside it.", metavar="FILE"),
    model: str | None = MODEL,
    to: str = typer.Option("onnx", "--to", help="Format: onnx.", metavar="FORMAT"),
) -> None:
    """Export one step of a model, with explicit states, for other programs to run."""
    from charrnn.errors import Phrase, UserError
    from charrnn.storage import registry

    if file.parent.is_dir():  # else it will be made
        output("FILE", str(file))
    if to != "onnx":
        raise UserError("setting", setting="to", expected=Phrase("one-of", choices="onnx"), found=repr(to))
    registry.find(model)
    from charrnn.storage.checkpoint import load
    from charrnn.storage.onnx import export as export_model

    script = export_model(*load(model), file)
    print(f"{file}\n{script}")
