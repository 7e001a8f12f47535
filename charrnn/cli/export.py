"""charrnn export: a model as a web page, or in a format that other programs run."""

from pathlib import Path

import typer

from charrnn.cli.options import MODEL, output

FORMATS = ("html", "onnx")


def export(
    file: Path = typer.Argument(..., help="File to write: .html for a web page, .onnx for programs.", metavar="FILE"),
    model: str | None = MODEL,
    to: str | None = typer.Option(None, "--to", help="Format: html or onnx; default: FILE's suffix.", metavar="FORMAT"),
    distill: float | None = typer.Option(
        None, "--distill", help="First train a network alone from the model, for this long.", metavar="MINUTES"
    ),
    text: list[str] = typer.Option(
        [], "--text", help="With --distill: a text to learn from (repeatable); default: the model's.", metavar="TEXT"
    ),
) -> None:
    """Export a model as one web page that writes offline, or one step of it as ONNX for other programs.

    Example: charrnn export meu.html --model models/meu
    """
    from charrnn.config import TrainConfig
    from charrnn.errors import UserError
    from charrnn.storage import registry

    chosen = to or file.suffix.lower().removeprefix(".")
    if chosen not in FORMATS:
        raise UserError("export-format", setting="FILE" if to is None else "to", found=to or str(file))
    if file.parent.is_dir():  # else it will be made
        output("FILE", str(file), chosen)
        if chosen == "onnx":
            output("FILE", str(file.with_suffix(".py")), "script")
    if text and distill is None:
        raise UserError("text-without-distill")
    directory = registry.find(model)
    if distill is not None:
        from charrnn.cli.student import student_of

        directory = student_of(directory, TrainConfig(minutes=distill).minutes or 0.0, text)
    {"html": _page, "onnx": _step}[chosen](directory, file)


def _page(directory: Path, file: Path) -> None:
    """Write the page of a network; see docs/share.md."""
    from charrnn import paths
    from charrnn.webpage import page_of

    written = page_of(directory).encode("utf-8")
    file.parent.mkdir(parents=True, exist_ok=True)
    paths.write(file, written)
    print(f"{file}: {len(written) / 1e6:.2f} MB")


def _step(directory: Path, file: Path) -> None:
    """Write one step of a network, and beside it an example of its use."""
    from charrnn.storage.checkpoint import load
    from charrnn.storage.onnx import export as export_step

    script = export_step(*load(directory), file)
    print(f"{file}\n{script}")
