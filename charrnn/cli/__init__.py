"""The command line, one file per command.

In: arguments. Out: a command's work, or one line that says what is wrong with them, and exit code 2. Read `options.py`
first: it turns the settings of `config/` into options. Importing this package loads no command, nor torch nor gradio.
"""

import os
import signal
import sys

import typer

from charrnn import __version__, compiled
from charrnn.cli.late import add_commands, load_help
from charrnn.cli.terminal import guard, note
from charrnn.cli.usage import explain
from charrnn.errors import UserError, refusal

cli = typer.Typer(
    name="charrnn",
    help="A character-level recurrent language model: train on a text file, generate, score.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
add_commands(cli)


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


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. An error that the user can correct is one line on stderr and exit code 2."""
    guard()
    if {"-h", "--help"} & {*(arguments or sys.argv[1:] or ["--help"])}:
        load_help()
    # Exit normally, so that temporary files are removed; `train` has a handler of its own while it trains.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with compiled.listening(_compiling):
            sys.exit(cli(arguments, prog_name="charrnn", standalone_mode=False) or 0)
    except UsageError as error:
        line = explain(error, sys.argv[1:] if arguments is None else arguments)
    except (UserError, OSError) as error:  # OSError: a full disk, a directory taken away
        failure = error if isinstance(error, UserError) else refusal(error)
        if "CHARRNN_FAILURE" in os.environ:  # the page started this process
            from charrnn.training.jobs import report

            report(failure)
        line = str(failure)
    except typer.Abort:
        sys.exit(1)
    if line:
        note(f"charrnn: {line}")
    sys.exit(2)


def _compiling(name: str) -> None:
    loops = {"counts": "the n-gram loops", "engine": "the fast engine"}[name]
    note(f"compiling {loops} for this computer, once (a few seconds)…")
