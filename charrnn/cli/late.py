"""Late imports of the command line: a command's module when the command runs, and typer's help without Markdown."""

import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS = {  # the first paragraph of each command's help, so that the list of commands imports none of them
    "train": "Train a model on text files, for the time that you have.",
    "sample": "Generate text: the prompt and its continuation, written character by character.",
    "score": "Score texts: bits per character and per byte, with the state carried through each text.",
    "export": "Export a model as one web page that writes offline, or one step of it as ONNX for other programs.",
    "inspect": "Show how much each character of a text surprises a model, and what it expected where it was most "
    "surprised.",
    "exam": "Examine models in Portuguese grammar: in how many pairs of sentences is the right one likelier to them?",
    "proof": "Find slips in a Portuguese text: words that surprise the model and that one small edit repairs.",
    "whose": "Tell which of several models a text is likeliest from, and by which passages.",
    "accents": "Put accents back into Portuguese that was typed without them, and write the text.",
    "models": "List the shipped and trained models: bits per character and on which text, size, date.",
    "pack": "Pack a model into one file, to send to others; `--model FILE.charrnn` reads it everywhere.",
    "unpack": "Unpack a model that someone sent, checked, to models/NAME, beside those that you have trained.",
    "push": "Upload a model with its card to the Hugging Face hub; others then use it as `--model hf:USER/NAME`.",
    "app": "Open the app: generate text in the browser.",
    "serve": "Answer other programs' requests for text, as OpenAI's completions do.",
    "corpus": "Examine texts before training on them, repair them, fetch public-domain works.",
}
UNSHOWN = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}  # what typer imports for help, and ours lacks


def command(name: str) -> TyperCommand | TyperGroup:
    """Return a command of `charrnn`, imported from the module of its name."""
    module = import_module(f"charrnn.cli.{name}")
    group = getattr(module, "cli", None)
    if group is None:
        group = typer.Typer(add_completion=False)
        group.command(name)(getattr(module, name))
    found = get_command(group)
    assert isinstance(found, TyperCommand | TyperGroup)
    return found


class LateCommand(TyperCommand):
    """A command that stands in COMMANDS until it is imported, when its arguments are read."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        return command(str(self.name)).make_context(*given, **named)


def add_commands(cli: typer.Typer) -> None:
    """Add all commands to the command line, each to be imported late."""
    for name, about in COMMANDS.items():
        cli.command(name, cls=LateCommand, help=about)(lambda: None)


def load_help() -> None:
    """Import typer's help without the parts of rich that it does not show here: these take half of its time."""
    if "typer.rich_utils" in sys.modules:
        return
    absent = {name: ModuleType(name) for name in UNSHOWN if name not in sys.modules}
    for name, module in absent.items():
        setattr(module, UNSHOWN[name], type(UNSHOWN[name], (), {}))
    sys.modules.update(absent)
    with suppress(ImportError):  # then help imports all of it
        import_module("typer.rich_utils")
    for name in absent:
        del sys.modules[name]
