"""What the parser of the command line refuses, in one line that says what is allowed and where to read more."""

import re
import shlex
from typing import Any

from charrnn.errors import near

QUOTED = {
    "sample": "a beginning is given with -p: charrnn sample -p {found}",
    "inspect": "a text of several words stands in quotes",
}  # where an argument too many is most likely a text


def explain(error: Any) -> str:
    """Return the line for an error of the parser; "" where the parser has shown the help instead.

    error: a UsageError of typer or, as it once had none of its own, of click.
    """
    message, context = error.format_message(), error.ctx
    if found := re.match(r"Option '(.*)' requires an argument", message):
        return f"{found[1]} needs a value"
    if not message or context is None:
        return str(message)
    path, command = context.command_path, context.command
    where, more = ": ".join([*path.split()[1:], ""]), f"See {path} --help"
    if hasattr(error, "possibilities"):
        options = [name for parameter in command.params for name in parameter.opts]
        message = f"no option {error.option_name}{near(error.option_name, options)}"
    elif found := re.match(r"No such command '(.*?)'", message):
        message = f"no command {found[1]}{near(found[1], command.commands)}"
        more = f"There are: {', '.join(command.commands)}"
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


def _help(parameter: Any) -> str:
    """Return the help of a parameter, to stand within a sentence."""
    text = str(parameter.help)
    return text[:1].lower() + text[1:].rstrip(".")
