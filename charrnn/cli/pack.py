"""charrnn pack: a model as one file."""

import typer

from charrnn.cli.options import output


def pack(
    model: str = typer.Argument(
        ..., help="Model to pack: a directory, a name, `last` or hf:USER/NAME.", metavar="MODEL"
    ),
    file: str | None = typer.Argument(
        None, help="File to write; default: the model's name with .charrnn, here.", metavar="[FILE]"
    ),
) -> None:
    """Pack a model into one file, to send to others; `--model FILE.charrnn` reads it everywhere."""
    from charrnn.errors import UserError
    from charrnn.storage import packing, registry, saved_model

    directory = registry.find(model)
    target = file or f"{directory.resolve().name}{registry.SUFFIX}"
    if not target.lower().endswith(registry.SUFFIX):  # which tells every command that it is a model
        raise UserError("pack-suffix", suffix=registry.SUFFIX, found=target)
    path = output("FILE", target, "charrnn")
    saved_model.read(directory)  # so that what is sent can be used
    packing.pack(directory, path)
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
