"""The tab that generates: a prompt, the settings, the text as it is written, and all that can be done to it."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import UserError
from charrnn.ui.generate.actions import Looked, asked, looked_at, view
from charrnn.ui.generate.controls import FIELDS, IN_SIGHT, Field, control, displayed, read, update, wish_fields
from charrnn.ui.generate.draft import Draft, stopped
from charrnn.ui.generate.endpoints import generate_endpoint, models_endpoint
from charrnn.ui.generate.html import alternatives, page, status
from charrnn.ui.generate.record import from_file, from_json, from_link, to_file, to_json
from charrnn.ui.model_cache import choices, chosen, listed, preselected, warm
from charrnn.ui.permissions import Permissions
from charrnn.ui.problems import ShownErrors, waiting
from charrnn.ui.scripts import script
from charrnn.ui.texts import TEXTS, Language, label, language_of, say
from charrnn.ui.texts.generate_tab import EXAMPLES

AT_ONCE = 8  # texts written side by side, over all visitors; more wait their turn
BUTTONS = {  # with their looks; the first three stand by the prompt, the others by the text
    "generate": "primary", "add": "secondary", "stop": "stop",
    "continue": "secondary", "again": "secondary", "undo": "secondary", "forget": "secondary", "clear": "secondary",
    "copy": "secondary", "download": "secondary", "keep": "secondary", "link": "secondary",
}  # fmt: skip


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay the tab out and connect it; to be called inside `blocks`."""
    wished = wish_fields(allowed)
    with gr.Row(elem_id="generating"):
        with gr.Column(scale=5, min_width=320):
            prompt, buttons = _prompt()
            text = gr.HTML(elem_id="text", max_height="46vh", autoscroll=True, js_on_load=script("text"))
            buttons |= _buttons("text-buttons", list(BUTTONS)[3:], size="sm")
            # A file that "keep" or `charrnn sample --save-state` wrote, by whatever name.
            opening = gr.UploadButton(label("open_button"), size="sm", elem_id="do-open", type="filepath")
            gr.Markdown(label("text_help"), elem_id="text-help")
            facts = gr.HTML(elem_id="status")
            # Not in an Accordion, whose contents are only there once it is opened.
            folded = "<details><summary></summary><ul></ul></details>"
            kept = gr.HTML(
                "", html_template=folded, elem_id="texts", apply_default_css=False, js_on_load=_kept_script()
            )
        with gr.Column(scale=2, min_width=280, elem_id="settings"):
            model, controls, wishes, panel = _settings(models, allowed, wished)
    with gr.Row(visible=False):
        memo, query, typed, packed = (gr.Textbox(visible=False) for _ in range(4))
    draft, looked, cleared = gr.State(None), gr.State(None), gr.State(None)
    shown, settings = [text, facts, draft, kept, panel, looked], [*controls, *wishes]
    unchanged = (gr.skip(),) * len(shown)  # where there is nothing to show: no items would empty the page
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    telling: dict[str, Any] = {"concurrency_limit": None, **quiet}  # in the queue, without which messages are not shown
    infer: dict[str, Any] = {"concurrency_limit": AT_ONCE, "concurrency_id": "infer"}

    def configs(values: tuple[Any, ...]) -> tuple[SampleConfig, ConstraintConfig]:
        return read(SampleConfig, FIELDS, values[: len(FIELDS)]), read(ConstraintConfig, wished, values[len(FIELDS) :])

    def show(now: Draft | None, language: Language, fresh: bool = True) -> tuple[Any, ...]:
        """What is shown of a text; fresh: and that no letter of it is looked at."""
        done = now is None or now.ending != "writing"
        rest = (alternatives(None, [], language) if now else "", None) if fresh else (gr.skip(), gr.skip())
        return (
            page(now, language),
            status(now, language),
            now,
            (to_json(now) if now else "") if done else gr.skip(),
            *rest,
        )

    def act(
        request: gr.Request, event: gr.EventData, now: Draft | None, at: Looked | None, name: str | None,
        start: str | None, *values: Any,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        # One event for all actions, so that a page cannot write two texts into one another.
        language, action = (
            language_of(request),
            str(event.target.elem_id).removeprefix("do-").replace("prompt", "generate"),
        )
        choose, last = (event._data or {}).get("choose") if action == "alternatives" else None, None
        with ShownErrors(language), waiting(language):
            for one in asked(action, now, at, choose, name, start or "", *configs(values), models, allowed):
                yield show(one, language, fresh=last is None)
                last = one
        if last is None:
            yield unchanged
        elif last.ending == "writing":  # it went wrong on the way
            yield show(stopped(last) if last.written else now, language)

    def clear(request: gr.Request, now: Draft | None) -> tuple[Any, ...]:
        return *show(None, language_of(request)), now and now.config

    def settle(request: gr.Request, now: Draft | None, gone: SampleConfig | None) -> tuple[Any, ...]:
        return show(None if now is None or now.config is gone else stopped(now), language_of(request))

    def wipe(request: gr.Request, now: Draft | None, gone: SampleConfig | None) -> tuple[Any, ...]:
        """Clear once more, as what was settled just before Clear may have been told after it."""
        return show(None, language_of(request)) if now is None or now.config is gone else unchanged

    def look(request: gr.Request, event: gr.EventData, now: Draft | None, *values: Any) -> tuple[Any, ...]:
        language = language_of(request)
        with ShownErrors(language), waiting(language):
            at = None if now is None else looked_at(now, event.place)
            return view(now, at, *configs(values), language), at
        return gr.skip(), gr.skip()

    def reshape(request: gr.Request, now: Draft | None, at: Looked | None, *values: Any) -> Any:
        if now is None or at is None:
            return gr.skip()
        try:
            return view(now, at, *configs(values), language_of(request))
        except UserError:  # a value that is still being typed
            return gr.skip()

    def take_up(request: gr.Request, event: gr.EventData) -> tuple[Any, ...]:
        language = language_of(request)
        with ShownErrors(language):
            return show(from_json(str(event.record), models, allowed), language)
        return unchanged

    def copied(request: gr.Request) -> None:
        gr.Info(say(language_of(request), "link_copied"))

    def arrive(
        request: gr.Request, asks: str | None, memory: str | None, start: str | None, name: str | None
    ) -> tuple[Any, ...]:  # fmt: skip
        """The page as it was before a reload, or as a link asks for."""
        language, now, given = language_of(request), None, {}
        warm(models)
        with ShownErrors(language):
            now = from_json(memory, models, allowed) if memory else None
            given = from_link(asks, allowed) if asks else _of(now)  # a link leaves out what is as usual
        prompted, named = given.get("prompt", start), given.get("model", name)
        named = named if chosen(models, named, allowed) else preselected(models)
        return (
            *show(now, language), gr.update(choices=listed(models, language), value=named),
            gr.skip() if prompted is None else prompted,
            *(update(field, language, given) for field in (*FIELDS, *wished)),
        )  # fmt: skip

    def keep(request: gr.Request, now: Draft | None) -> str:
        """The file to continue from, as base64."""
        with ShownErrors(language_of(request)):
            if now is None or now.ending == "writing":
                raise UserError("no-text-yet")
            return b64encode(to_file(now)).decode()
        return ""

    def open_file(request: gr.Request, file: str) -> tuple[Any, ...]:
        language = language_of(request)
        with ShownErrors(language), waiting(language):
            now = from_file(Path(file), models, allowed)
            given = _of(now)
            return (
                *show(now, language), gr.update(choices=listed(models, language), value=given["model"]), gr.skip(),
                *(update(field, language, given) for field in (*FIELDS, *wished)),
            )  # fmt: skip
        return (*unchanged, *(gr.skip() for _ in (model, prompt, *settings)))

    def refresh(request: gr.Request) -> Any:
        return gr.update(choices=listed(models, language_of(request)))

    acting = [buttons[name].click for name in ("generate", "add", "continue", "again", "undo", "forget")]
    inputs = [draft, looked, model, prompt, *settings]
    writing = gr.on([*acting, prompt.submit, panel.click], act, inputs, shown, **quiet, **infer)
    for name in ("stop", "clear"):
        buttons[name].click(None, cancels=[writing])
    # What is written until the cancel arrives may come after Clear; so the run that was cleared is noted.
    wiped = buttons["clear"].click(clear, [draft], [*shown, cleared], queue=False, **quiet)
    wiped.then(wipe, [draft, cleared], shown, queue=False, **quiet)
    # Runs when the cancel is done: only now is the draft in the state the last one there will be.
    writing.failure(settle, [draft, cleared], shown, queue=False, **quiet)
    text.select(look, [draft, *settings], [panel, looked], trigger_mode="multiple", **quiet, **infer)
    changing = [one.input for one in settings]
    gr.on(changing, reshape, [draft, looked, *settings], panel, trigger_mode="always_last", **quiet, **infer)
    kept.select(take_up, None, shown, **telling)
    buttons["copy"].click(None, js=script("copy"))
    buttons["download"].click(None, js=script("download"))
    buttons["keep"].click(keep, draft, packed, **telling).then(None, packed, js=script("keep"))
    opening.upload(open_file, opening, [*shown, model, prompt, *settings], **quiet, **infer)
    buttons["link"].click(None, [model, prompt, *settings], js=_link_script((*FIELDS, *wished)))
    buttons["link"].click(copied, **telling)
    for empty in (one for one in settings if isinstance(one, gr.Number)):
        blocks.load(None, outputs=empty, js="() => null")  # as gradio shows it, no value would be a 0
    arrived = [*shown, model, prompt, *settings]
    blocks.load(arrive, [query, memo, typed, model], arrived, queue=False, js=script("arrive"), **quiet)
    model.focus(refresh, None, model, queue=False, **quiet)  # there may be new ones
    gr.api(generate_endpoint(models, allowed), api_name="generate", **infer)
    gr.api(models_endpoint(models), api_name="models")


def _of(draft: Draft | None) -> dict[str, Any]:
    """The settings that a text was written with, to go on with them; but the seed, which was drawn."""
    if draft is None:
        return {}
    names = choices(draft.model.path.parent)
    values = {**draft.wishes.to_json(), **draft.config.to_json()}
    named = draft.model.path.name if draft.model.path.name in names else str(draft.model.path)
    return {name: value for name, value in values.items() if name != "seed"} | {"model": named}


def _link_script(fields: tuple[Field, ...]) -> str:
    """The script that makes a link of what the controls of these fields hold."""
    known = [
        {"name": field.name, "shown": displayed(field, field.default), "many": field.default == ()} for field in fields
    ]
    return script("link").replace("SETTINGS", json.dumps(known, ensure_ascii=False))


def _kept_script() -> str:
    """The script of the list of texts, with its words, which no label could bring there."""
    words = {
        language: {key: TEXTS[f"kept_{key}"][column] for key in ("texts", "none", "drop")}
        for column, language in enumerate(get_args(Language))
    }
    return script("texts").replace("WORDS", json.dumps(words, ensure_ascii=False))


def _prompt() -> tuple[Any, dict[str, Any]]:
    """The prompt with examples of it, and the buttons by name."""
    texts = {"label": label("prompt"), "info": label("prompt_help"), "placeholder": label("prompt_hint")}
    prompt = gr.Textbox(EXAMPLES[0], lines=2, max_lines=8, elem_id="prompt", **texts)
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES:
            chip = gr.Button(example.strip(), size="sm", min_width=0, scale=0)
            filled = chip.click(None, outputs=prompt, js=f"() => {json.dumps(example)}")
            filled.then(None, js="() => document.querySelector('#do-generate').click()")
    return prompt, _buttons("buttons", list(BUTTONS)[:3])


def _buttons(name: str, names: list[str], size: Any = "lg") -> dict[str, Any]:
    with gr.Row(elem_id=name):
        return {
            one: gr.Button(label(f"{one}_button"), min_width=0, size=size, elem_id=f"do-{one}", variant=BUTTONS[one])
            for one in names
        }


def _settings(models: Path, allowed: Permissions, wished: tuple[Field, ...]) -> tuple[Any, list[Any], list[Any], Any]:
    """The model; a control for each field of the two configs, in the order of the fields; the panel of alternatives."""
    model = gr.Dropdown(
        list(choices(models)), value=preselected(models), elem_id="model", label=label("model"),
        info=label("model_help_paths" if allowed.paths else "model_help"), allow_custom_value=allowed.paths,
    )  # fmt: skip
    by_name = {}
    for field in (field for field in FIELDS if field.name in IN_SIGHT):
        by_name[field.name] = control(field)
        if field.name == "temperature":  # which is seen to reshape them
            panel = gr.HTML(elem_id="alternatives", apply_default_css=False, js_on_load=script("alternatives"))
    with gr.Accordion(label("more"), open=False):
        by_name |= {field.name: control(field) for field in FIELDS if field.name not in IN_SIGHT}
    with gr.Accordion(label("wishes"), open=False, elem_id="wishes"):
        wishes = [control(field, "rule-") for field in wished]
    return model, [by_name[field.name] for field in FIELDS], wishes, panel
