"""Fields of config dataclasses: their help and limits, the check of their values, and how a person types them."""

import dataclasses
import math
import re
import types
import typing
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict, TypeVar, Unpack

from charrnn.errors import Phrase, UserError
from charrnn.errors.quantities import with_point

PANELS = (
    "Budget", "Text", "Start", "Length and chance", "Form", "Copying", "State", "Output", "Network", "Counts",
    "Learning", "Machine",
)  # fmt: skip
"""The headings under which `--help` lists options, in this order."""

ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}
ESCAPED = {text: escape for escape, text in ESCAPES.items()}

Value = TypeVar("Value")


class Limits(TypedDict, total=False):
    """The values that a setting may have."""

    low: float
    above: float  # exclusive
    high: float
    choices: Collection[str]


def setting(
    default: Value,
    help: str,
    *,
    panel: str | None = None,
    flags: tuple[str, ...] = (),
    metavar: str | None = None,
    escapes: bool = False,
    **limits: Unpack[Limits],
) -> Value:
    """Return a dataclass field with its help and its limits.

    Args:
        panel: its heading in `--help`, if that is not its config's PANEL.
        flags: its options on the command line, if they are not made from its name.
        metavar: what stands for its value in `--help`, if not the value's type.
        escapes: whether ESCAPES in its texts are replaced where a person types them.
    """
    about = {"help": help, "panel": panel, "flags": flags, "metavar": metavar, "escapes": escapes, **limits}
    return dataclasses.field(default=default, metadata=about)


def unescaped(text: str) -> str:
    """Return a text that a person typed: in NFC, with its ESCAPES replaced. Any other backslash stands for itself."""
    return re.sub(r"\\[nt\\]", lambda found: ESCAPES[found[0]], unicodedata.normalize("NFC", text))


def escaped(text: str) -> str:
    """Return what a person types for a text: the inverse of `unescaped`."""
    return re.sub(r"[\\\n\t]", lambda found: ESCAPED[found[0]], text)


def typed(field: "dataclasses.Field[object]", text: str) -> str:
    """Return the text that a person means who typed this one for a field: without escapes, if the field has them."""
    return unescaped(text) if field.metadata["escapes"] else text


def typable(field: "dataclasses.Field[object]", text: str) -> str:
    """Return what a person types for a field that is to be this text: the inverse of `typed`."""
    return escaped(text) if field.metadata["escapes"] else text


@dataclass(frozen=True)
class Config:
    """Settings that are checked when they are built. Their JSON form refuses unknown keys."""

    PANEL: ClassVar[str | None] = None  # one of PANELS; None: the general heading

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, checked(field, getattr(self, field.name)))

    def to_json(self) -> dict[str, object]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Self:
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise UserError("unknown-settings", config=cls.__name__, known=sorted(known), unknown=unknown)
        return cls(**values)

    def typed(self) -> Self:
        """Return the settings that a person or a program meant with these, which may hold escapes."""
        values: dict[str, object] = {}
        for field in (field for field in dataclasses.fields(self) if field.metadata["escapes"]):
            value = getattr(self, field.name)
            texts = tuple(map(unescaped, value)) if isinstance(value, tuple) else value and unescaped(value)
            values[field.name] = texts
        return self.from_json({**self.to_json(), **values})

    @classmethod
    def picked(cls, values: Mapping[str, object]) -> Self:
        """Build a config from those of the values that are its fields. Raises UserError for one outside its limits."""
        return cls(**{field.name: values[field.name] for field in dataclasses.fields(cls) if field.name in values})


def checked(field: "dataclasses.Field[object]", value: object, most: float = math.inf) -> object:
    """Return a value of the field's type and within its limits, and at most `most`. Raises UserError for any other."""
    kinds, limits = kinds_of(field), limits_of(field, most)
    if value is None and type(None) in kinds:
        return None
    if float in kinds and type(value) is int and abs(value) < 10**300:
        value = float(value)
    if tuple in kinds and isinstance(value, list):  # JSON has no tuples
        value = tuple(value)
    if type(value) not in kinds or not _is_within(value, limits):  # `type`, not isinstance: True is no number here
        name, found = field.name.replace("_", "-"), value if type(value) in (int, float) else _shown(value)
        if kinds[0] in (int, float) and isinstance(value, str) and (meant := with_point(value)):
            raise UserError("decimal-comma", setting=name, meant=meant, found=value)
        raise UserError("setting", setting=name, expected=_expected(kinds[0], limits), found=found)
    return value


def limits_of(field: "dataclasses.Field[object]", most: float = math.inf) -> Limits:
    """Return the limits of a field, with a number's `high` at most `most`."""
    limits: Limits = {key: field.metadata[key] for key in Limits.__annotations__ if key in field.metadata}  # type: ignore[assignment]
    if kinds_of(field)[0] in (int, float) and most < limits.get("high", math.inf):
        limits["high"] = most
    return limits


def _shown(value: object) -> str:
    """Return a value as an error names it: a list of texts as a list, whatever kind holds it here."""
    return repr([*value] if isinstance(value, tuple) else value)


def _is_within(value: object, limits: Limits) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, str) and item for item in value)
    if not isinstance(value, int | float):
        return "choices" not in limits or value in limits["choices"]
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return limits.get("low", value) <= value <= limits.get("high", value) and limits.get("above", -math.inf) < value


def kinds_of(field: "dataclasses.Field[object]") -> tuple[type, ...]:
    """Return the plain types that a field accepts: `float | None` gives (float, NoneType)."""
    members = typing.get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,)
    return tuple(typing.get_origin(member) or member for member in members)


def _expected(kind: type, limits: Limits) -> Phrase:
    if "choices" in limits:
        return Phrase("one-of", choices=", ".join(limits["choices"]))
    if kind not in (int, float):
        return Phrase({str: "text", bool: "true-or-false"}.get(kind, "non-empty-texts"))
    bounds = {key: limit for key, limit in limits.items() if key in ("low", "above", "high")}
    within = Phrase(
        {
            (): "no-limits", ("low",): "at-least", ("above",): "above", ("high",): "at-most",
            ("low", "high"): "at-least-at-most", ("above", "high"): "above-at-most",
        }[tuple(bounds)],
        **bounds,
    )  # fmt: skip
    return Phrase("whole-number" if kind is int else "finite-number", limits=within)
