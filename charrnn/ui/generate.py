"""The tab that generates: a prompt, the sampling settings, and the text as it is written."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from charrnn import registry
from charrnn.config import SampleConfig, kinds_of
from charrnn.errors import UserError
from charrnn.ui.draft import Draft, begin, choices, command, go_on, preselected, stopped, version
from charrnn.ui.permissions import Permissions
from charrnn.ui.texts import Language, label, language, number, problem, say
from charrnn.ui.texts.generate import EXAMPLES

AT_ONCE = 2  # texts written side by side, over all visitors; more wait their turn
FIELDS = dataclasses.fields(SampleConfig)
IN_SIGHT = ("length", "temperature", "seed")  # the other settings are folded away
SLIDERS = {  # how far a slider goes where SampleConfig sets no useful limit, and its step
    "length": (5000, 10), "temperature": (2.0, 0.05),
    "top_k": (200, 1), "top_p": (1.0, 0.01), "min_p": (1.0, 0.01), "typical": (1.0, 0.01),
    "repetition_penalty": (2.0, 0.05), "no_repeat": (200, 1),
}  # fmt: skip

Shown = tuple[str, str, Draft | None]  # the page, the status line and what both were made from
UNCHANGED = (gr.skip(),) * 3  # yielded where there is nothing to show, as a generator without items empties the page


# Showing: all text is escaped, as gr.HTML shows what it is given


def page(draft: Draft | None, language: Language) -> str:
    """The text as HTML, the prompt apart from what the model wrote, with a caret while it writes."""
    if draft is None:
        return f'<p class="blank">{escape(say(language, "blank"))}</p>'
    writing = draft.ending == "writing"
    caret = '<span class="caret" aria-hidden="true"></span>' if writing else ""
    return (
        f'<article aria-busy="{str(writing).lower()}"><em>{escape(draft.prompt)}</em>'
        f"<span>{escape(draft.text)}</span>{caret}</article>"
    )


def status(draft: Draft | None, language: Language) -> str:
    """Why the writing ended, how much and how fast it was, and the command that repeats it."""
    if draft is None:
        return '<p role="status"></p>'
    ending = f"<strong>{escape(say(language, f'ended_{draft.ending}'))}</strong>"
    if draft.ending == "writing":  # nothing that changes: a screen reader would read out every change
        return f'<p role="status">{ending}</p>'
    count = number(language, draft.written)
    facts = [say(language, "character" if draft.written == 1 else "characters", count=count)]
    if draft.written and draft.seconds > 0:
        facts.append(say(language, "speed", count=number(language, draft.written / draft.seconds)))
    facts.append(say(language, "seed_used", seed=draft.config.seed))
    how = escape(say(language, "repeat_first" if draft.continued else "repeat"))
    line = f'<p role="status">{ending} · {escape(" · ".join(facts))}</p>'
    return f'{line}<p class="command">{how} <code tabindex="0">{escape(command(draft))}</code></p>'


# Controls


def control(field: "dataclasses.Field[Any]") -> Any:
    """The control of one field of SampleConfig: its default and its limits are the field's."""
    name, limits, kinds = field.name, field.metadata, kinds_of(field)
    default: Any = field.default
    texts = {"label": label(name), "info": label(f"{name}_help"), "elem_id": name.replace("_", "-")}
    if "choices" in limits:
        return gr.Dropdown(list(limits["choices"]), value=default, **texts)
    if kinds[0] is tuple:
        return gr.Textbox("\n".join(default), lines=2, **texts)
    if type(None) in kinds:
        # Without a precision, which would round 1.5: SampleConfig is to refuse it.
        return gr.Number(default, placeholder=label("empty"), **texts)
    far, step = SLIDERS[name]
    low = limits["low"] if "low" in limits else limits["above"] + step
    high = min(far, limits.get("high", far))
    return gr.Slider(low, high, default, step=step, precision=0 if kinds[0] is int else None, **texts)


def settings(values: tuple[Any, ...]) -> SampleConfig:
    """What the controls say, in the order of the fields. Raises UserError for a value that cannot be."""
    return SampleConfig(**{field.name: _setting(field, value) for field, value in zip(FIELDS, values, strict=True)})


def _setting(field: "dataclasses.Field[Any]", value: Any) -> Any:
    if kinds_of(field)[0] is tuple:  # one text per line, in which \n stands for a line break
        return tuple(line.replace("\\n", "\n") for line in (value or "").split("\n") if line)
    whole = kinds_of(field)[0] is int and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


# The tab

COPY = """() => {
    const text = document.querySelector("#text article");
    if (!text) return;
    getSelection().selectAllChildren(text);  // shows what is copied
    // Browsers offer the clipboard to https and to this machine only; the older way works everywhere.
    if (navigator.clipboard) navigator.clipboard.writeText(text.textContent);
    else document.execCommand("copy");
}"""


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay the tab out and connect it; to be called inside `blocks`."""
    with gr.Row(elem_id="generating"):
        with gr.Column(scale=5, min_width=320):
            prompt, buttons = _writing_column()
            text = gr.HTML(elem_id="text", max_height="46vh", autoscroll=True)
            facts = gr.HTML(elem_id="status")
        with gr.Column(scale=2, min_width=280, elem_id="settings"):
            model, controls = _side_column(models)
    draft, shown = gr.State(None), [text, facts]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    infer: dict[str, Any] = {"concurrency_limit": AT_ONCE, "concurrency_id": "infer"}

    def write(
        request: gr.Request, event: gr.EventData, before: Draft | None, name: str | None, start: str | None,
        *values: Any,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        # One event for both buttons, so that a page cannot write two texts into one another.
        go = getattr(event.target, "elem_id", None) == buttons["continue"].elem_id
        yield from _shown(models, language(request), before if go else None, go, name, start or "", values)

    def clear(request: gr.Request, now: Draft | None) -> tuple[Any, ...]:
        return *_show(None, language(request)), now and now.config

    def settle(request: gr.Request, now: Draft | None, gone: SampleConfig | None) -> Shown:
        kept = None if now is None or now.config is gone else stopped(now)
        return _show(kept, language(request))

    def arrive(request: gr.Request, name: str | None) -> tuple[Any, ...]:
        spoken = language(request)
        return _menu(models, name, spoken), page(None, spoken), *(_named(field, spoken) for field in named)

    starts = [buttons["generate"].click, prompt.submit, buttons["continue"].click]
    writing = gr.on(starts, write, [draft, model, prompt, *controls], [*shown, draft], **quiet, **infer)
    for name in ("stop", "clear"):
        buttons[name].click(None, cancels=[writing])
    # What is written until the cancel arrives may come after Clear; so the run that was cleared is noted.
    cleared = gr.State(None)
    buttons["clear"].click(clear, [draft], [*shown, draft, cleared], queue=False, **quiet)
    # Runs when the cancel is done: only now is the draft in the state the last one there will be.
    writing.failure(settle, [draft, cleared], [*shown, draft], queue=False, **quiet)
    buttons["copy"].click(None, js=COPY)
    for empty in (one for one in controls if isinstance(one, gr.Number)):
        blocks.load(None, outputs=empty, js="() => null")  # as gradio shows it, no value would be a 0
    named = [field for field in FIELDS if "choices" in field.metadata]
    menus = [controls[FIELDS.index(field)] for field in named]
    blocks.load(arrive, [model], [model, text, *menus], queue=False, **quiet)
    gr.api(_endpoint(models), api_name="generate", **infer)


def _writing_column() -> tuple[Any, dict[str, Any]]:
    """The prompt with examples of it, and the buttons by name."""
    texts = {"label": label("prompt"), "info": label("prompt_help"), "placeholder": label("prompt_hint")}
    prompt = gr.Textbox(EXAMPLES[0], lines=2, max_lines=8, elem_id="prompt", **texts)
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES:
            chip = gr.Button(example.strip(), size="sm", min_width=0, scale=0)
            chip.click(None, outputs=prompt, js=f"() => {json.dumps(example)}")
    with gr.Row(elem_id="buttons"):
        buttons = {
            name: gr.Button(
                label(f"{name}_button"), min_width=0, elem_id=f"do-{name}",
                variant="primary" if name == "generate" else "secondary",
            )
            for name in ("generate", "stop", "continue", "clear", "copy")
        }  # fmt: skip
    return prompt, buttons


def _side_column(models: Path) -> tuple[Any, list[Any]]:
    """The model, and a control for each field of SampleConfig, in the order of the fields."""
    model = gr.Dropdown(
        list(choices(models)), value=preselected(models), elem_id="model", label=label("model"),
        info=label("model_help"),
    )  # fmt: skip
    by_name = {field.name: control(field) for field in FIELDS if field.name in IN_SIGHT}
    with gr.Accordion(label("more"), open=False):
        by_name |= {field.name: control(field) for field in FIELDS if field.name not in IN_SIGHT}
    return model, [by_name[field.name] for field in FIELDS]


def _menu(models: Path, name: str | None, spoken: Language) -> Any:
    """The models there are now, with their scores; what was chosen stays chosen."""
    entries = choices(models)
    named = [(_described(entry, spoken), entry.name) for entry in entries.values()]
    return gr.Dropdown(choices=named, value=name if name in entries else preselected(models))


def _named(field: "dataclasses.Field[Any]", spoken: Language) -> Any:
    """The choices of a setting in the visitor's language, which gradio would not translate."""
    return gr.Dropdown(choices=[(say(spoken, f"{field.name}_{one}"), one) for one in field.metadata["choices"]])


def _described(entry: registry.Entry, spoken: Language) -> str:
    if entry.bits_per_character is None:
        return say(spoken, "choice_unscored", name=entry.name)
    return say(spoken, "choice", name=entry.name, bits=number(spoken, entry.bits_per_character, 2))


def _show(draft: Draft | None, spoken: Language) -> Shown:
    return page(draft, spoken), status(draft, spoken), draft


def _shown(
    models: Path, spoken: Language, before: Draft | None, go: bool, name: str | None, start: str,
    values: tuple[Any, ...],
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """What Generate, or Continue if `go`, shows; what cannot be done is told in a message."""
    try:
        config, entry = settings(values), choices(models).get(name or "")
        if entry is None:
            gr.Warning(say(spoken, "no_model"))
            yield UNCHANGED
            return
        model = version(entry.path)
        if go and (before is None or before.model != model):
            gr.Info(say(spoken, "nothing_yet"))
            yield UNCHANGED
            return
        drafts = go_on(before, config) if before else begin(model, start, config)
        yield from (_show(draft, spoken) for draft in drafts)
    except UserError as error:
        gr.Warning(escape(problem(spoken, error)))
        yield UNCHANGED


def _endpoint(models: Path) -> Callable[..., Iterator[str]]:
    def generate(prompt: str, model: str = registry.DEFAULT, settings: dict[str, Any] | None = None) -> Iterator[str]:
        """Generate text, as far as it is written; the last item is whole.

        settings: fields of SampleConfig, for example {"length": 200, "seed": 1}.
        """
        try:
            config, entry = SampleConfig.from_json(settings or {}), choices(models).get(model)
            if entry is None:
                raise UserError(f"model: expected one of {', '.join(choices(models))}; found {model!r}")
            yield from (draft.text for draft in begin(version(entry.path), prompt, config))
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return generate
