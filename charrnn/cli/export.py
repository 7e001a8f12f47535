"""charrnn export: a model in a form that other programs run."""

from pathlib import Path

import typer

from charrnn.cli.options import MODEL
from charrnn.cli.outputs import output


def export(
    file: Path = typer.Argument(..., help="The file to write; an example beside it uses it.", metavar="FILE"),
    model: str | None = MODEL,
    to: str = typer.Option("onnx", "--to", help="The form: onnx.", metavar="FORM"),
) -> None:
    """Write one step of a model, with explicit states, for other programs to run."""
    from charrnn.errors import Phrase, UserError
    from charrnn.storage import registry

    if file.parent.is_dir():  # else it is made
        output("FILE", str(file))
    if to != "onnx":
        raise UserError("setting", setting="to", expected=Phrase("one-of", choices="onnx"), found=repr(to))
    registry.find(model)
    from charrnn.storage.checkpoint import load
    from charrnn.storage.onnx import export as export_model

    script = export_model(*load(model), file)
    print(f"{file}\n{script}")
