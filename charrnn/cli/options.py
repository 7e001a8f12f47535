"""Command-line options from the fields of config dataclasses, and checks of the places that options name."""

import dataclasses
import inspect
import json
import math
import os
import re
from collections.abc import Callable
from pathlib import Path

import typer

from charrnn import paths
from charrnn.config.fields import PANELS, Config, kinds_of, typed
from charrnn.errors import Phrase, UserError, cause
from charrnn.errors.quantities import number, with_point

Given = dict[str, object]  # values of options that the user set, by the names of their fields
Command = Callable[..., None]

MODEL = typer.Option(
    None,
    "--model",
    "-m",
    help="Directory, name, `last`, FILE.charrnn or hf:USER/NAME; default: $CHARRNN_MODEL or the shipped one.",
    metavar="MODEL",
)


def json_help(what: str) -> str:
    """Return the help of `--json`, which writes `what`."""
    return f"write JSON for programs: {what}; docs/json.md describes the fields"


def json_option(what: str) -> bool:
    """Return the option `--json`, which writes `what`."""
    option: bool = typer.Option(False, "--json", help=_sentence(json_help(what)))
    return option


def options(*configs: type[Config], without: tuple[str, ...] = ()) -> Callable[[Command], Command]:
    """Decorate a command that takes `**given`: it gets an option for each field of `configs`.

    `given` holds only what the user set, so that a command can tell a choice from a default. `--help` lists the options
    under the headings of `charrnn.config.fields.PANELS`.
    """
    fields = {
        field.name: field for config in configs for field in dataclasses.fields(config) if field.name not in without
    }
    panels = {
        field.name: field.metadata["panel"] or config.PANEL
        for config in configs
        for field in dataclasses.fields(config)
    }
    added = {name: _parameter(field, panels[name]) for name, field in fields.items()}

    def decorate(command: Command) -> Command:
        def wrapper(**values: object) -> None:
            unset = [name for name in fields if values[name] in (None, [], ())]
            given = {name: value for name, value in values.items() if name not in unset}
            command(**{name: _typed(fields[name], value) if name in fields else value for name, value in given.items()})

        own = [p for p in inspect.signature(command).parameters.values() if p.kind is not p.VAR_KEYWORD]
        parameters = sorted((p.replace(kind=p.KEYWORD_ONLY) for p in [*own, *added.values()]), key=_place)
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
        return wrapper

    return decorate


def _typed(field: "dataclasses.Field[object]", value: object) -> object:
    if isinstance(value, list):
        return tuple(typed(field, text) for text in value)
    return typed(field, value) if isinstance(value, str) else value


def _place(parameter: inspect.Parameter) -> int:
    """Return the place of a parameter's heading; the general one comes first."""
    panel = parameter.default.rich_help_panel
    return -1 if panel is None else PANELS.index(panel)


def _parameter(field: "dataclasses.Field[object]", panel: str | None) -> inspect.Parameter:
    kind, default, about = kinds_of(field)[0], field.default, field.metadata
    metavar = "|".join(about.get("choices", ())) or {int: "N", float: "X", bool: None}.get(kind, "TEXT")
    help, _, shown = about["help"].partition("; default: ")
    if kind is not bool and default not in (None, (), ""):
        shown = number(default) if isinstance(default, int | float) else str(default)
    option = typer.Option(
        None,
        *(about["flags"] or [f"--{field.name.replace('_', '-')}"]),
        help=_sentence("; ".join([help, *_range(field), *([f"default: {shown}"] if shown else [])])),
        metavar=about["metavar"] or metavar,
        parser={int: whole, float: _decimal}.get(kind),
        rich_help_panel=panel,
    )
    annotation = list[str] | None if kind is tuple else kind | None
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation)


def one_thread() -> None:
    """Let numpy's products run in one thread, before numpy loads: its threads would wait for a core that compiles."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def whole(text: str) -> int:
    """Return the whole number that an option was given."""
    try:
        return int(text)
    except ValueError:
        pass
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", text):  # which typer would take for 1
        raise typer.BadParameter(f"write {re.sub('[.,]', '', text)}, not {text}")
    raise typer.BadParameter(f"expected a whole number, found {text!r}")


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    if meant := with_point(text):
        raise typer.BadParameter(f"write {meant}, not {text}")
    raise typer.BadParameter(f"expected a number, found {text!r}")


def _range(field: "dataclasses.Field[object]") -> list[str]:
    """Return the range of a field, if it has one: one text or none."""
    limits = field.metadata
    bounded = limits.get("high", math.inf) < 1e9  # higher ones only keep out nonsense
    if "above" in limits:
        return [f"above {number(limits['above'])}" + (f", at most {number(limits['high'])}" if bounded else "")]
    if "low" in limits:
        low = number(limits["low"])
        return [f"from {low} to {number(limits['high'])}" if bounded else f"at least {low}"]
    return []


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def write_json(value: object, indent: int | None = None) -> None:
    """Write a value to standard output as JSON: on one line, unless it is indented. Raises UserError for NaN."""
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    except ValueError:
        raise UserError("figures-not-finite") from None
    print(text, flush=True)


BEGINNINGS = {
    "charrnn": rb"PK\x03\x04.{26}config\.json",
    "html": rb'(?i)<!doctype html>.*<meta name="generator" content="charrnn',
    "onnx": rb"\x08.\x12",
    "script": rb'"""Write text with ',
    "state": rb'.{8}\{"__metadata__":\{"charrnn"',
}
"""How a file begins that charrnn has written, by its kind; only such a file, or an empty one, is replaced."""


def output(name: str, given: str, kind: str, *, replaced: bool = True) -> Path:
    """Return the path of a file that can be written without a loss.

    Args:
        name: the option or command that asks for it.
        kind: of BEGINNINGS.
        replaced: whether a new file takes its place, which a pipe or a device must not lose.

    Raises:
        UserError: if it is a folder, a file of another kind, such a pipe or device, or if its folder is missing or
            read-only.
    """
    path = Path(given)
    if path.is_dir():
        raise UserError("output-is-folder", name=name, path=given)
    if replaced and path.exists() and not path.is_file():
        raise UserError("output-is-device", name=name, path=given)
    if path.is_file() and not _is_ours(path, kind):
        raise UserError("output-not-ours", name=name, path=given)
    if not path.parent.is_dir():
        raise UserError("output-folder-missing", name=name, path=given, folder=path.parent)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError("output-not-writable", name=name, path=given)
    return path


def _is_ours(path: Path, kind: str) -> bool:
    try:
        with path.open("rb") as file:
            begin = file.read(1024)
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    return not begin or re.match(BEGINNINGS[kind], begin, re.DOTALL) is not None


def output_folder(name: str, path: Path) -> Path:
    """Return the path of a folder that exists or can be made.

    Args:
        name: the option that asks for it.

    Raises:
        UserError: if a file is in its place, or if it cannot be written to.
    """
    if paths.is_loop(path):
        raise UserError("system-refused", name=f"{name} {path}", cause=Phrase("os-link-loop"))
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise UserError("output-folder-is-file", name=name, path=path, there=there)
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError("output-folder-not-writable", name=name, path=path, there=there)
    return path
