"""The command line, one file per command.

In: arguments. Out: a command's work, or one line that says what is wrong with them, and exit code 2. Read `options.py`
first: it turns the settings of `config.py` into options. Importing this package loads neither torch nor gradio.
"""

import io
import os
import re
import shlex
import signal
import sys

import typer

from charrnn import __version__, compiled
from charrnn.cli import app as app_command
from charrnn.cli import corpus, export, inspect, models, sample, score, train
from charrnn.errors import UserError, near, refusal

cli = typer.Typer(
    name="charrnn",
    help="A character-level recurrent language model: train on a text file, generate, score.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command("train")(train.train)
cli.command("sample")(sample.sample)
cli.command("score")(score.score)
cli.command("export")(export.export)
cli.command("inspect")(inspect.inspect)
cli.command("models")(models.models)
cli.add_typer(corpus.cli, name="corpus")
cli.command("app")(app_command.app)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"charrnn {__version__}")
        raise typer.Exit


@cli.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """A character-level recurrent language model: train on a text file, generate, score."""


# The parser's errors: typer exports their kinds, but not their base, which is click's in earlier versions.
UsageError: type[typer.BadParameter] = typer.BadParameter.__base__  # type: ignore[assignment]

QUOTED = {
    "sample": "a beginning is given with -p: charrnn sample -p {found}",
    "inspect": "a text of several words stands in quotes",
}  # where an argument too many is most likely a text


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. An error that the user can correct is one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):  # UTF-8 on every platform, whatever the terminal's code page
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Exit normally, so that temporary files are removed; `train` has a handler of its own while it trains.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with compiled.listening(_compiling):
            sys.exit(cli(arguments, prog_name="charrnn", standalone_mode=False) or 0)
    except UsageError as error:
        line = explain(error)
    except (UserError, OSError) as error:  # OSError: a full disk, a directory taken away
        failure = error if isinstance(error, UserError) else refusal(error)
        if "CHARRNN_FAILURE" in os.environ:  # the page started this process
            from charrnn.training.jobs import report

            report(failure)
        line = str(failure)
    except typer.Abort:
        sys.exit(1)
    if line:
        print(f"charrnn: {line}", file=sys.stderr)
    sys.exit(2)


def _compiling(name: str) -> None:
    loops, seconds = {"counts": ("the n-gram loops", 20), "engine": ("the fast engine", 40)}[name]
    print(f"compiling {loops} for this computer, once (about {seconds} seconds)…", file=sys.stderr, flush=True)


def explain(error: typer.BadParameter) -> str:
    """Return the line for an error of the parser; "" where the parser has shown the help instead."""
    message, context = error.format_message(), error.ctx
    if found := re.match(r"Option '(.*)' requires an argument", message):
        return f"{found[1]} needs a value"
    if not message or context is None:
        return str(message)
    path, command = context.command_path, context.command
    where, more = ": ".join([*path.split()[1:], ""]), f"See {path} --help"
    if hasattr(error, "possibilities"):
        options = [name for parameter in command.params for name in parameter.opts]
        name = str(getattr(error, "option_name", ""))
        message = f"no option {name}{near(name, options)}"
    elif found := re.match(r"No such command '(.*?)'", message):
        commands = getattr(command, "commands", {})
        message = f"no command {found[1]}{near(found[1], commands)}"
        more = f"There are: {', '.join(commands)}"
    elif found := re.match(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", message):
        message = f"unexpected argument {found[1]!r}"
        if command.name in QUOTED:
            text = shlex.quote(found[1]) if set(found[1]) & set('"\\$`!') else f'"{found[1]}"'
            return f"{where}{message}; {QUOTED[command.name].format(found=text)}"
    elif found := re.match(r"Missing argument '(.*?)'", message):
        message = f"{found[1]} is missing ({_help(error.param)})"
    elif found := re.match(r"Invalid value for '(.*?)': .*?\b(integer|float|number)\b", message):
        message = f"{found[1]}: expected a {'whole ' * (found[2] == 'integer')}number ({_help(error.param)})"
    return f"{where}{message}{'' if message[-1] in '.?' else '.'} {more}"


def _help(parameter: object) -> str:
    """Return the help of a parameter, to stand within a sentence."""
    text = str(getattr(parameter, "help", ""))
    return text[:1].lower() + text[1:].rstrip(".")
