"""The components of the tab Generate, made from the fields of configs and read back into them; and links to it."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import parse_qsl

import gradio as gr

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.config.fields import kinds_of, typable, typed
from charrnn.ui import my_models
from charrnn.ui.assets import script, worded
from charrnn.ui.generate.draft import FILES, Given
from charrnn.ui.model_cache import choices, preselected
from charrnn.ui.texts import Language, label, say
from charrnn.ui.texts.generate_tab import EXAMPLES
from charrnn.ui.visitors import Permissions

Field = dataclasses.Field[object]
Config = TypeVar("Config", SampleConfig, ConstraintConfig)

FIELDS = dataclasses.fields(SampleConfig)
IN_SIGHT = ("length", "temperature", "seed")  # the other settings are folded away
SLIDERS = {  # the end and step of a slider, if not 200 and 1 for a whole number, 1 and 0.01 for another
    "length": (5000, 10), "temperature": (2.0, 0.05), "repetition_penalty": (2.0, 0.05),
}  # fmt: skip
SHOWN_FIRST = {"end": "sentence"}  # where a reader of the page wants another default than a program
BUTTONS = {  # with their looks; the first three stand by the prompt, the others by the text
    "generate": "primary", "add": "secondary", "stop": "stop",
    "continue": "secondary", "again": "secondary", "undo": "secondary", "forget": "secondary", "clear": "secondary",
    "copy": "secondary", "download": "secondary", "keep": "secondary", "link": "secondary",
    "speak": "secondary",
}  # fmt: skip


@dataclass(frozen=True)
class GenerateParts:
    """The components of the tab."""

    column: gr.Column  # of all that is about the text
    prompt: gr.Textbox
    buttons: dict[str, gr.Button]
    text: gr.HTML
    opening: gr.Button
    facts: gr.HTML
    kept: gr.HTML  # the texts that this browser keeps
    model: gr.Dropdown
    sharing: gr.Button  # unseen where a visitor may have no files of this machine
    settings: list[gr.Component]  # a control for each of FIELDS, then for each of constraint_fields
    rules: gr.Accordion  # the fold of the latter
    panel: gr.HTML  # the alternatives at the letter that is looked at
    memo: gr.Textbox  # unseen, for what scripts hand over: the kept text,
    query: gr.Textbox  # a link's settings,
    typed: gr.Textbox  # the prompt before a reload,
    packed: gr.Textbox  # a file to download,
    copied: gr.Textbox  # and what was copied
    draft: gr.State
    looked: gr.State  # the letter that is looked at
    cleared: gr.State  # the config of the text that was cleared

    @property
    def shown(self) -> list[gr.Component]:
        """The components that show a text, in the order in which the events return their values."""
        return [self.text, self.facts, self.draft, self.kept, self.panel, self.looked]

    @property
    def inputs(self) -> list[gr.Component]:
        """The components that hold the settings of a text."""
        return [self.model, self.prompt, *self.settings]


def lay_out(models: Path, allowed: Permissions) -> GenerateParts:
    """Lay out the components of the tab."""
    with gr.Row(elem_id="generating"):
        with gr.Column(scale=5, min_width=320) as column:
            prompt, buttons = _prompt()
            text = gr.HTML(elem_id="text", max_height="46vh", autoscroll=True, js_on_load=script("text"))
            buttons |= _buttons("text-buttons", list(BUTTONS)[3:], size="sm")
            # A file that "keep" or `charrnn sample --save-state` wrote, by whatever name.
            opening = gr.Button(label("open_button"), size="sm", elem_id="do-open")
            gr.Markdown(label("text_help"), elem_id="text-help")
            facts = gr.HTML(elem_id="status")
            # Not in an Accordion, whose contents are only there once it is opened.
            folded = "<details><summary></summary><ul></ul></details>"
            kept = gr.HTML(
                "", html_template=folded, elem_id="texts", apply_default_css=False, js_on_load=worded("texts", "kept_")
            )
        with gr.Column(scale=2, min_width=280, elem_id="settings"):
            model, sharing, settings, rules, panel = _settings(models, allowed)
    with gr.Row(visible=False):
        memo, query, typed, packed, copied = (gr.Textbox(visible=False) for _ in range(5))
    draft, looked, cleared = gr.State(None), gr.State(None), gr.State(None)
    return GenerateParts(
        column, prompt, buttons, text, opening, facts, kept, model, sharing, settings, rules, panel, memo, query, typed,
        packed, copied, draft, looked, cleared,
    )  # fmt: skip


def _prompt() -> tuple[gr.Textbox, dict[str, gr.Button]]:
    """Lay out the prompt with its examples; return it and the buttons by name."""
    texts = {"label": label("prompt"), "info": label("prompt_help"), "placeholder": label("prompt_hint")}
    prompt = gr.Textbox(EXAMPLES[0], lines=2, max_lines=8, elem_id="prompt", **texts)
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES[1:]:
            chip = gr.Button(example.strip(), size="sm", min_width=0, scale=0)
            filled = chip.click(None, outputs=prompt, js=f"() => {json.dumps(example)}")
            filled.then(None, js="() => document.querySelector('#do-generate').click()")
    return prompt, _buttons("buttons", list(BUTTONS)[:3])


def _buttons(name: str, names: list[str], size: Literal["sm", "lg"] = "lg") -> dict[str, gr.Button]:
    with gr.Row(elem_id=name):
        return {
            one: gr.Button(label(f"{one}_button"), min_width=0, size=size, elem_id=f"do-{one}", variant=BUTTONS[one])
            for one in names
        }


def _settings(
    models: Path, allowed: Permissions
) -> tuple[gr.Dropdown, gr.Button, list[gr.Component], gr.Accordion, gr.HTML]:
    """Lay out the model, a control for each field of both configs (returned in that order), and the alternatives."""
    model = gr.Dropdown(
        list(choices(models)), value=preselected(models), elem_id="model", label=label("model"),
        info=label("model_help_paths" if allowed.paths else "model_help"), allow_custom_value=allowed.paths,
    )  # fmt: skip
    sharing = gr.Button(label("share_button"), size="sm", elem_id="do-share", visible=allowed.paths)
    if allowed.models:
        my_models.panel(models, model)
    by_name = {}
    for field in (field for field in FIELDS if field.name in IN_SIGHT):
        by_name[field.name] = control(field)
        if field.name == "temperature":  # which is seen to reshape them
            panel = gr.HTML(elem_id="alternatives", apply_default_css=False, js_on_load=script("alternatives"))
    with gr.Accordion(label("more"), open=False):
        by_name |= {field.name: control(field) for field in FIELDS if field.name not in IN_SIGHT}
    with gr.Accordion(label("constraints"), open=False, elem_id="constraints") as rules:
        constraints = [control(field, "rule-") for field in constraint_fields(allowed)]
        ruled = gr.Button(label("generate_button"), variant="primary", elem_id="do-generate-ruled")  # on a phone
        ruled.click(None, js=script("generate_ruled"))
    return model, sharing, [*(by_name[field.name] for field in FIELDS), *constraints], rules, panel


def link_script(fields: tuple[Field, ...]) -> str:
    """Return the script that makes a link of what the controls of these fields hold."""
    known = [
        {
            "name": field.name, "shown": displayed(field, _first(field)), "many": field.default == (),
            "escaped": field.metadata["escapes"],
        }
        for field in fields
    ]  # fmt: skip
    return script("link").replace("SETTINGS", json.dumps(known, ensure_ascii=False))


def constraint_fields(allowed: Permissions) -> tuple[Field, ...]:
    """Return the fields of ConstraintConfig that have a control: novelty is a report, and files need permission."""
    left_out = ("novelty",) if allowed.paths else FILES
    return tuple(field for field in dataclasses.fields(ConstraintConfig) if field.name not in left_out)


def control(field: Field, prefix: str = "") -> gr.Component:
    """Return the control of one field, with its default and its limits; its id is the field's name after a prefix."""
    name, limits, kinds = field.name, field.metadata, kinds_of(field)
    default = _first(field)
    texts = {"label": label(name), "info": label(f"{name}_help"), "elem_id": prefix + name.replace("_", "-")}
    if "choices" in limits:
        return gr.Dropdown(list(limits["choices"]), value=default, **texts)
    if kinds[0] is tuple:
        return gr.Textbox(displayed(field, default), lines=2, **texts)
    if kinds[0] is bool:
        return gr.Checkbox(default, **texts)
    if kinds[0] is str:
        return gr.Textbox(displayed(field, default), max_lines=1, **texts)
    if type(None) in kinds:
        # Without a precision, which would round 1.5: the config is to refuse it.
        return gr.Number(default, placeholder=label("empty" if name == "seed" else "any"), **texts)
    far, step = SLIDERS.get(name, (200, 1) if kinds[0] is int else (1.0, 0.01))
    low = limits["low"] if "low" in limits else limits["above"] + step
    high = min(far, limits.get("high", far))
    return gr.Slider(low, high, default, step=step, precision=0 if kinds[0] is int else None, **texts)


def _first(field: Field) -> object:
    """Return what the control of a field shows first."""
    return SHOWN_FIRST.get(field.name, field.default)


def read(config: type[Config], fields: tuple[Field, ...], values: tuple[object, ...]) -> Config:
    """Return the config that the controls of `fields` show. Raises UserError for a value beyond its limits."""
    return config.from_json({one.name: _setting(one, value) for one, value in zip(fields, values, strict=True)})


def _setting(field: Field, value: object) -> object:
    """Return a value of the field's type, or one that its config refuses."""
    kinds = kinds_of(field)
    if kinds[0] is tuple and isinstance(value, str | None):  # one text per line
        return tuple(typed(field, line) for line in (value or "").split("\n") if line)
    if kinds[0] is str:
        return typed(field, value) if value and isinstance(value, str) else value or field.default
    return int(value) if kinds[0] is int and isinstance(value, float) and value.is_integer() else value


def displayed(field: Field, value: object) -> object:
    """Return a value of the field as its control takes it."""
    if isinstance(value, tuple):
        return "\n".join(typable(field, line) for line in value)
    if kinds_of(field)[0] is str:
        return typable(field, str(value or ""))
    return value


def update(field: Field, language: Language, given: Given) -> object:
    """Return the update of a control when the page arrives: the value `given`, choices in the visitor's language."""
    changes: dict[str, object] = {}
    if "choices" in field.metadata:  # which gradio would not translate
        changes["choices"] = [(say(language, f"{field.name}_{one}"), one) for one in field.metadata["choices"]]
    if field.name in given:
        changes["value"] = displayed(field, given[field.name])
    return gr.update(**changes) if changes else gr.skip()


def from_link(query: str, allowed: Permissions) -> Given:
    """Return what a link asks for: "model", "prompt" and fields of the configs. Raises UserError for what cannot be.

    query: as scripts/link.js makes it. Other names are ignored: gradio and others add such.
    """
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    found: Given = {name: given[name][-1] for name in ("model", "prompt") if name in given}
    for config in (SampleConfig, ConstraintConfig):
        fields = [field for field in dataclasses.fields(config) if field.name in given]
        values: Given = {field.name: _value(field, given[field.name]) for field in fields}
        if config is ConstraintConfig and not allowed.paths:
            values = {name: value for name, value in values.items() if name not in FILES}
        config.from_json(values)
        found |= values
    return found


def _value(field: Field, texts: list[str]) -> object:
    """Return a field's value from the text of a link; left as text where it is none, for the config to refuse."""
    kind = kinds_of(field)[0]
    if kind is tuple:
        return tuple(texts)
    try:
        return {"true": True, "false": False}[texts[-1]] if kind is bool else kind(texts[-1])
    except (KeyError, ValueError):
        return texts[-1]
