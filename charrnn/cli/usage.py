"""One line for what the parser of the command line refuses: what is allowed, and where to read more."""

import itertools
import re
import shlex
from collections.abc import Mapping, Sequence

import typer

from charrnn.errors import near

TEXTS = {"prompt", "start", "stop", "contain", "only", "without", "acrostic"}  # options of several words, perhaps


def explain(error: typer.BadParameter, arguments: Sequence[str]) -> str:
    """Return the line for an error of the parser, or "" where the parser has shown the help instead."""
    message, context = error.format_message(), error.ctx
    if found := re.match(r"Option '(.*)' requires an argument", message):
        return f"{found[1]} needs a value"
    if not message or context is None:
        return message
    path = context.command_path
    where, more = ": ".join([*path.split()[1:], ""]), f"See {path} --help"
    options = {name: parameter for parameter in context.command.params for name in parameter.opts}
    if message.startswith("No such option"):
        name = str(getattr(error, "option_name", ""))
        message = f"no option {name}{near(name, options)}"
    elif found := re.match(r"No such command '(.*?)'", message):
        commands = getattr(context.command, "commands", {})
        message, more = f"no command {found[1]}{near(found[1], commands)}", f"There are: {', '.join(commands)}"
    elif found := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        message = f"unexpected argument {found[1]!r}"
        if advice := _quoted(context.command.name or "", options, arguments[len(path.split()) - 1 :]):
            return f"{where}{message}; {advice}"
    elif found := re.match(r"Missing argument '(.*?)'", message):
        message = f"{found[1]} is missing{_help(error.param)}"
    elif found := re.match(r"Invalid value for '(.*?)'(?: / '.*?')?(?: \(env var: .*?\))?: (.*)", message):
        message = f"{found[1]}: {found[2].rstrip('.')}{_help(error.param)}"
    return f"{where}{message}{'' if message[-1] in '.?' else '.'} {more}"


def _help(parameter: object) -> str:
    """Return the help of a parameter in brackets, for the middle of a sentence; "" where it has none."""
    text = getattr(parameter, "help", None)
    return f" ({text[:1].lower()}{text[1:].rstrip('.')})" if text else ""


def _quoted(command: str, options: Mapping[str, object], words: Sequence[str]) -> str:
    """Return the advice to quote a text of several words, such as `charrnn sample -p Era uma vez`; else "".

    Args:
        options: the parameters of the command, by the options that set them.
        words: what follows the command's name.
    """
    if command not in ("sample", "inspect"):
        return ""
    place = 0
    while words[place].startswith("-") and words[place] != "-":
        place += 1 if "=" in words[place] or getattr(options.get(words[place]), "is_flag", False) else 2
    text = list(itertools.takewhile(lambda word: not word.startswith("-"), words[place:]))
    before, _, value = words[place - 1].partition("=") if place else ("", "", "")
    if place > 1 and not value:
        before, value = words[place - 2], words[place - 1]
    advice, option = "a text of several words stands in quotes", ""
    if not text:
        return ""
    if getattr(options.get(before), "name", None) in TEXTS:
        option, text = f" {before}", [value, *text]
    elif command == "sample":
        advice, option = "a beginning is given with -p", " -p"
    joined = " ".join(text)
    quoted = shlex.quote(joined) if set(joined) & set('"\\$`!') else f'"{joined}"'
    return f"{advice}: charrnn {command}{option} {quoted}"
