"""Command-line options from the fields of config dataclasses, so that each default lives in one place."""

import dataclasses
import inspect
import math
from collections.abc import Callable
from typing import Any, TypeVar

import typer

from charrnn.config import PANELS, kinds_of
from charrnn.errors.quantities import number

Config = TypeVar("Config")


def options(*configs: type[Any], without: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a command that takes `**given`: it gets an option for each field of `configs`.

    `given` holds only what the user gave, so that a command can tell a wish from a default. `--help` lists the options
    under the headings of `charrnn.config.PANELS`.
    """
    fields = [f for config in configs for f in dataclasses.fields(config) if f.name not in without]
    panels = [config.PANEL for config in configs for f in dataclasses.fields(config) if f.name not in without]
    extra = [_parameter(f, f.metadata["panel"] or panel) for f, panel in zip(fields, panels, strict=True)]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def wrapper(**values: Any) -> None:
            unset = [field.name for field in fields if values[field.name] in (None, [], ())]
            command(**{name: value for name, value in values.items() if name not in unset})

        own = [p for p in inspect.signature(command).parameters.values() if p.kind is not p.VAR_KEYWORD]
        parameters = sorted((p.replace(kind=p.KEYWORD_ONLY) for p in [*own, *extra]), key=_place)
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
        return wrapper

    return decorate


def _place(parameter: inspect.Parameter) -> int:
    """Where a parameter's heading comes; the general one is the first."""
    panel = parameter.default.rich_help_panel
    return -1 if panel is None else PANELS.index(panel)


def _parameter(field: "dataclasses.Field[Any]", panel: str | None) -> inspect.Parameter:
    kind = kinds_of(field)[0]
    annotation = list[str] | None if kind is tuple else kind | None
    metavar = {int: "N", float: "X", str: "TEXT", tuple: "TEXT", bool: None}[kind]
    if "choices" in field.metadata:
        metavar = "|".join(field.metadata["choices"])
    default: Any = field.default
    unsaid = kind is bool or default in (None, (), "")
    shown = None if unsaid else number(default) if kind in (int, float) else str(default)
    help, range_ = field.metadata["help"], _range(field)
    option = typer.Option(
        None,
        f"--{field.name.replace('_', '-')}",
        help="; ".join([help[0].upper() + help[1:], *range_, *([] if shown is None else [f"default: {shown}"])]) + ".",
        metavar=metavar,
        rich_help_panel=panel,
    )
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation)


def _range(field: "dataclasses.Field[Any]") -> list[str]:
    """What values a field may have, where it has limits: one text or none."""
    limits = field.metadata
    bounded = limits.get("high", math.inf) < 1e9  # else it is a fence, not a limit
    if "above" in limits:
        return [f"above {number(limits['above'])}" + (f", at most {number(limits['high'])}" if bounded else "")]
    if "low" in limits:
        low = number(limits["low"])
        return [f"from {low} to {number(limits['high'])}" if bounded else f"at least {low}"]
    return []


def pick(config: type[Config], given: dict[str, Any]) -> Config:
    """The config that `given` and the defaults make. Raises UserError for a value outside its limits."""
    names = {field.name for field in dataclasses.fields(config)}  # type: ignore[arg-type]
    return config(**{name: value for name, value in given.items() if name in names})


MODEL = typer.Option(
    None,
    "--model",
    "-m",
    help="Directory, name or `last`; default: $CHARRNN_MODEL or the shipped one.",
    metavar="MODEL",
)


def json_option(what: str, panel: str | None = None) -> Any:
    """`--json`, which writes `what`. docs/json.md describes each field."""
    help = f"Write JSON for programs: {what}. docs/json.md describes the fields."
    return typer.Option(False, "--json", help=help, rich_help_panel=panel)
