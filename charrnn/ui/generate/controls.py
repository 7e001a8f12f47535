"""Controls from the fields of config dataclasses, and configs from what the controls say."""

import dataclasses
from typing import Any, TypeVar

import gradio as gr

from charrnn.config import ConstraintConfig, SampleConfig, kinds_of
from charrnn.ui.generate.record import FILES
from charrnn.ui.permissions import Permissions
from charrnn.ui.texts import Language, label, say

Field = dataclasses.Field[Any]
Config = TypeVar("Config", SampleConfig, ConstraintConfig)

FIELDS = dataclasses.fields(SampleConfig)
IN_SIGHT = ("length", "temperature", "seed")  # the other settings are folded away
SLIDERS = {  # how far a slider goes where SampleConfig sets no useful limit, and its step
    "length": (5000, 10), "temperature": (2.0, 0.05),
    "top_k": (200, 1), "top_p": (1.0, 0.01), "min_p": (1.0, 0.01), "typical": (1.0, 0.01),
    "repetition_penalty": (2.0, 0.05), "no_repeat": (200, 1),
}  # fmt: skip


def wish_fields(allowed: Permissions) -> tuple[Field, ...]:
    """The fields of ConstraintConfig that have a control: novelty is a report, and files need permission."""
    left_out = ("novelty",) if allowed.paths else FILES
    return tuple(field for field in dataclasses.fields(ConstraintConfig) if field.name not in left_out)


def control(field: Field, prefix: str = "") -> Any:
    """The control of one field: its default and its limits are the field's, its id the field's name after a prefix."""
    name, limits, kinds = field.name, field.metadata, kinds_of(field)
    default: Any = field.default
    texts = {"label": label(name), "info": label(f"{name}_help"), "elem_id": prefix + name.replace("_", "-")}
    if "choices" in limits:
        return gr.Dropdown(list(limits["choices"]), value=default, **texts)
    if kinds[0] is tuple:
        return gr.Textbox("\n".join(default), lines=2, **texts)
    if kinds[0] is bool:
        return gr.Checkbox(default, **texts)
    if kinds[0] is str:
        return gr.Textbox(default or "", max_lines=1, **texts)
    if type(None) in kinds:
        # Without a precision, which would round 1.5: the config is to refuse it.
        return gr.Number(default, placeholder=label("empty" if name == "seed" else "any"), **texts)
    far, step = SLIDERS[name]
    low = limits["low"] if "low" in limits else limits["above"] + step
    high = min(far, limits.get("high", far))
    return gr.Slider(low, high, default, step=step, precision=0 if kinds[0] is int else None, **texts)


def read(config: type[Config], fields: tuple[Field, ...], values: tuple[Any, ...]) -> Config:
    """What the controls of `fields` say. Raises UserError for a value that cannot be."""
    return config(**{field.name: _setting(field, value) for field, value in zip(fields, values, strict=True)})


def _setting(field: Field, value: Any) -> Any:
    kinds = kinds_of(field)
    if kinds[0] is tuple:  # one text per line, in which \n stands for a line break
        return tuple(line.replace("\\n", "\n") for line in (value or "").split("\n") if line)
    if kinds[0] is str:
        return value or field.default
    whole = kinds[0] is int and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def displayed(field: Field, value: Any) -> Any:
    """A value of the field as its control takes it."""
    if isinstance(value, tuple):
        return "\n".join(line.replace("\n", "\\n") for line in value)
    return "" if value is None and kinds_of(field)[0] is str else value


def update(field: Field, language: Language, given: dict[str, Any]) -> Any:
    """What a control becomes when the page arrives: with what is `given`, and choices in the visitor's language."""
    changes: dict[str, Any] = {}
    if "choices" in field.metadata:  # which gradio would not translate
        changes["choices"] = [(say(language, f"{field.name}_{one}"), one) for one in field.metadata["choices"]]
    if field.name in given:
        changes["value"] = displayed(field, given[field.name])
    return gr.update(**changes) if changes else gr.skip()
