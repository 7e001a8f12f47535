"""What `--help` says, and what is said of an option that does not exist or cannot be read."""

import re
import shlex
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from command_support import run
from support import QUATRAINS
from typer.testing import CliRunner

from charrnn.cli import cli, late, main
from charrnn.config.fields import PANELS


def help_of(*command: str) -> str:
    """What `--help` says, wide enough that no word is broken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "300")
        patch.setenv("NO_COLOR", "1")
        return CliRunner().invoke(cli, [*command, "--help"]).output


COMMANDS = [("train",), ("sample",), ("score",), ("inspect",), ("export",), ("models",), ("pack",),
            ("unpack",), ("push",), ("app",), ("serve",), ("corpus", "check"),
            ("corpus", "clean"), ("corpus", "list"), ("corpus", "fetch")]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_in_help_are_written_for_people(command: tuple[str, ...]) -> None:
    assert not re.search(r"\d{5}|\d[eE][+-]?\d", help_of(*command))


@pytest.mark.parametrize("command", ["train", "sample"])
def test_long_help_is_grouped(command: str) -> None:
    """Under the headings of PANELS, in that order, and with few options under the general one."""
    parts = re.split(r"^╭─ (.+?) ─+╮$", help_of(command), flags=re.MULTILINE)
    options = {
        head: re.findall(r"^│ (--[\w-]+)", body, re.MULTILINE)
        for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }
    options.pop("Arguments", None)
    headings = [head for head in options if head != "Options"]
    assert headings == sorted(headings, key=PANELS.index)
    assert len(headings) >= 6
    assert all(1 <= len(named) <= 12 for named in options.values())
    assert sum(len(named) for named in options.values()) > 30


@pytest.mark.parametrize("command", ["train", "sample"])
def test_the_example_in_the_help_is_a_command(command: str) -> None:
    example = re.search(r"Example: charrnn (.+?) *$", help_of(command), re.MULTILINE)
    assert example
    name, *arguments = shlex.split(example[1])
    assert name == command
    late.command(command).make_context(command, arguments)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands of the command line, by the words that call them."""
    for name in late.COMMANDS:
        found = late.command(name)
        for below, command in getattr(found, "commands", {}).items():
            yield (name, below), command
        if not hasattr(found, "commands"):
            yield (name,), found


def test_the_list_of_commands_says_what_each_command_does() -> None:
    for name, about in late.COMMANDS.items():
        help = late.command(name).help
        assert help
        assert " ".join(help.partition("\n\n")[0].split()) == about


@pytest.mark.parametrize("arguments", [["--help"], ["sample", "-h"], ["corpus", "--help"], ["train", "--help"]])
def test_help_shows_the_same_without_the_parts_of_rich_that_it_does_not_show(arguments: list[str]) -> None:
    shown = run(*arguments).stdout  # in a process that imports only what help needs
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")  # as `run` sets it
        assert CliRunner().invoke(cli, arguments, prog_name="charrnn").output == shown


def test_every_option_is_suggested_for_a_slip_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A letter left out, and the beginning alone where no other option begins like that."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for path, command in commands():
        names = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
        for name in names:
            slips = {name[: len(name) // 2 + 1] + name[len(name) // 2 + 2 :], name[: max(5, len(name) // 2)]}
            for slip in slips - set(names):
                if sum(other.startswith(slip) for other in names) > 1:
                    continue
                with pytest.raises(SystemExit) as stopped:
                    main([*path, slip])
                where = ": ".join(path)
                line = f"charrnn: {where}: no option {slip}; did you mean {name}? See charrnn {' '.join(path)} --help\n"
                assert (stopped.value.code, *capsys.readouterr()) == (2, "", line)


@pytest.mark.parametrize("arguments", [["--minutes", "soon"], ["--cell"], ["--nonsense"]])
def test_unreadable_options_are_refused(arguments: list[str]) -> None:
    done = run("train", QUATRAINS, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert arguments[0] in done.stderr


@pytest.mark.parametrize(
    ("words", "completed"),
    [("charrnn sa", "sample"), ("charrnn sample --te", "--temperature"), ("charrnn corpus che", "check")],
)
def test_a_shell_completes_commands_and_their_options(words: str, completed: str) -> None:
    asked = {"_CHARRNN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert CliRunner().invoke(cli, [], prog_name="charrnn", env=asked).output.split() == [completed]
