"""charrnn models: a list of the models."""

from dataclasses import asdict
from pathlib import Path

import typer

from charrnn.cli.options import json_option, write_json
from charrnn.cli.terminal import note
from charrnn.errors import Phrase, UserError
from charrnn.storage import card, registry


def models(
    directory: Path = typer.Option(registry.TRAINED, "--models", help="Folder of the trained models.", metavar="DIR"),
    json: bool = json_option("a list of the models"),
) -> None:
    """List the shipped and trained models: bits per character and on which text, size, date.

    Scores compare on the same text only: `charrnn score TEXT --model NAME` gives them for a text of yours.
    """
    if not directory.is_dir() and (directory.exists() or directory != registry.TRAINED):
        found = Phrase("a-file" if directory.exists() else "nothing")
        raise UserError("models-not-a-folder", path=directory, found=found)
    entries = registry.models(directory)
    if json:
        rows = [{**asdict(e), "path": str(e.path), "date": e.date.isoformat(), **_of(e)} for e in entries]
        write_json(rows, indent=2)
        return
    for path in registry.unlisted(directory):
        note(f"{path}: not listed, as its name is not in UTF-8; rename the folder")
    for entry in entries:
        if registry.shape(entry.path) is None:
            note(f"{entry.name}: cannot be loaded, as its config.json is damaged")
        elif not (entry.path / "model.safetensors").is_file():
            note(f"{entry.name}: cannot be loaded, as its model.safetensors is missing")
        if entry.skipped:
            note(f"{entry.name}: skipped {entry.skipped} damaged lines of metrics.jsonl")
    width = max([5, *(len(entry.name) for entry in entries)])
    texts = [_text(entry) for entry in entries]
    span = max([2, *map(len, texts)])
    print(f"{'model':{width}}  bits/char  {'on':{span}}     size  date        where")
    for entry, text in zip(entries, texts, strict=True):
        bits = "—" if entry.bits_per_character is None else f"{entry.bits_per_character:.3f}"
        where = "ships with charrnn" if entry.shipped else str(entry.path)
        print(f"{entry.name:{width}}  {bits:>9}  {text:{span}}  {entry.size / 1e6:4.1f} MB  {entry.date}  {where}")


def _of(entry: registry.ModelEntry) -> dict[str, object]:
    """Return what the score is of, for programs."""
    of = card.facts(entry.path)
    return {"held_out": of.held_out, "trained_on": of.texts, "held_out_end": of.same}


def _text(entry: registry.ModelEntry) -> str:
    """Return the text that the score is of: scores of different texts do not compare."""
    of = card.facts(entry.path)
    if entry.bits_per_character is None:
        return "—"
    return f"end of {of.scored}" if of.same and of.scored else of.scored or "other texts"
