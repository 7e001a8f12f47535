"""Command-line options from the fields of config dataclasses, so that each default lives in one place."""

import dataclasses
import inspect
import math
from collections.abc import Callable
from typing import Any, TypeVar

import typer

from charrnn.config import kinds_of

Config = TypeVar("Config")


def options(*configs: type, without: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a command that takes `**given`: it gets an option for each field of `configs`.

    `given` holds only what the user gave, so that a command can tell a wish from a default.
    """
    fields = [f for config in configs for f in dataclasses.fields(config) if f.name not in without]
    extra = [_parameter(field) for field in fields]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def wrapper(**values: Any) -> None:
            unset = [field.name for field in fields if values[field.name] in (None, [], ())]
            command(**{name: value for name, value in values.items() if name not in unset})

        own = [p for p in inspect.signature(command).parameters.values() if p.kind is not p.VAR_KEYWORD]
        parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in [*own, *extra]]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
        return wrapper

    return decorate


def _parameter(field: "dataclasses.Field[Any]") -> inspect.Parameter:
    kind = kinds_of(field)[0]
    annotation = list[str] | None if kind is tuple else kind | None
    metavar = {int: "N", float: "X", str: "TEXT", tuple: "TEXT", bool: None}[kind]
    if "choices" in field.metadata:
        metavar = "|".join(field.metadata["choices"])
    unsaid = kind is bool or field.default in (None, (), "")
    shown = None if unsaid else f"{field.default:g}" if kind is float else str(field.default)
    help, range_ = field.metadata["help"], _range(field)
    option = typer.Option(
        None,
        f"--{field.name.replace('_', '-')}",
        help="; ".join([help[0].upper() + help[1:], *range_, *([] if shown is None else [f"default: {shown}"])]) + ".",
        metavar=metavar,
    )
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation)


def _range(field: "dataclasses.Field[Any]") -> list[str]:
    """What values a field may have, where it has limits: one text or none."""
    limits = field.metadata
    bounded = limits.get("high", math.inf) < 1e9  # else it is a fence, not a limit
    if "above" in limits:
        return [f"above {limits['above']:g}" + (f", at most {limits['high']:g}" if bounded else "")]
    if "low" in limits:
        return [f"from {limits['low']:g} to {limits['high']:g}" if bounded else f"at least {limits['low']:g}"]
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
JSON = typer.Option(False, "--json", help="Write JSON for programs.")
