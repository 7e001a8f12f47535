"""charrnn push: a model to the Hugging Face hub."""

import sys

import typer


def push(
    model: str = typer.Argument(..., help="Model to upload: a directory, a name or `last`.", metavar="MODEL"),
    repository: str = typer.Argument(..., help="Where to on the hub.", metavar="USER/NAME"),
    private: bool = typer.Option(False, "--private", help="Make a repository that only you can see."),
    license: str | None = typer.Option(
        None, "--license", help="License that the card names, such as mit or cc0-1.0.", metavar="ID"
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Upload without asking."),
) -> None:
    """Upload a model with its card to the Hugging Face hub; others then use it as `--model hf:USER/NAME`.

    Log in first, with `hf auth login` or the variable HF_TOKEN.
    """
    from charrnn.cli.terminal import note
    from charrnn.errors import UserError
    from charrnn.storage import card, hub, packing, registry, saved_model

    repository = hub.parsed(repository.partition("@")[0]).repository
    directory = registry.find(model)
    saved_model.read(directory)  # what is uploaded can be used
    if not hub.has_token():
        raise UserError("hub-no-token", host=hub.host())
    entry, text = registry.entry(directory), registry.card(directory, whole=True) or f"# {repository}\n"
    values = card.metadata(repository.partition("/")[2], entry.bits_per_character, card.facts(directory))
    values |= {"license": license} if license else {}
    text = card.with_metadata(text, values, ["license"] if license else [])
    found = packing.contents(directory)
    size = sum(path.stat().st_size for path in found.values())
    who = "private" if private else "public"
    where = f"{hub.host()}/{repository} ({who})"
    note(f"{len(found)} files of {directory}, {size / 1e6:.1f} MB → {where}: {', '.join(found)}")
    if "\nlicense:" not in text:
        note("the card names no license, so others may not know what they may do with it; --license ID names one")
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("push-needs-yes")
        typer.confirm("Upload?", abort=True, err=True)
    print(hub.push(directory, repository, text, private=private))
