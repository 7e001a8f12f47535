"""The tab that looks inside the memory: first a small network, number by number, then a real one on one's own text."""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from charrnn.errors import Phrase, UserError
from charrnn.ui import menus
from charrnn.ui.memory import network_view, tiny_network, views
from charrnn.ui.memory.network_view import NetworkView
from charrnn.ui.model_cache import choices, chosen, listed, preselected
from charrnn.ui.permissions import Permissions
from charrnn.ui.problems import ShownErrors, waiting
from charrnn.ui.scripts import script
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.texts.memory_tab import EXAMPLE, PROPERTIES

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
INFER: dict[str, Any] = {**QUIET, "show_progress": "minimal", "concurrency_limit": 2, "concurrency_id": "memory"}
PLACES = ("all", "marked")  # where the memory is changed
THRESHOLD = 0.5
KEEP = 16
VIEWS = ("findings", "reach", "effects", "similar")  # what is measured only when asked for


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay the tab out and connect it; to be called inside `blocks`."""
    gr.Markdown(label("memory_small_intro"), elem_id="memory-head")
    with gr.Row(elem_id="memory-word-row"):
        word = gr.Textbox(tiny_network.WORD, lines=1, label=label("memory_word"), elem_id="memory-word")
        teach = gr.Button(label("memory_teach"), variant="primary", min_width=110, scale=0, elem_id="do-teach")
    taught = _html("small", script("player") + script("small"))
    gr.Markdown(label("memory_real_intro"), elem_id="memory-real")
    with gr.Row(elem_id="memory-order"):
        text = gr.Textbox(EXAMPLE, lines=6, max_lines=10, scale=6, label=label("memory_text"), elem_id="memory-text")
        with gr.Column(scale=3, min_width=240):
            menu = _menu(models, "memory_model", "memory-model", preselected(models))
            read = gr.Button(label("memory_read"), variant="primary", elem_id="do-read")
            limit = gr.HTML(elem_id="memory-limit")
    stage = _html("stage", script("linked") + script("player") + script("reading"))
    with gr.Column(visible=False, elem_id="memory-views") as measured:
        order = gr.Dropdown(
            _orders(), value=views.ORDERS[0], label=label("memory_map"), info=label("memory_map_help"),
            elem_id="memory-order-of-map",
        )  # fmt: skip
        picture = _html("map", script("linked"))
        gr.Markdown(label("memory_span"))
        with gr.Row(elem_id="memory-span"):
            first = gr.Number(1, label=label("memory_first"), precision=0, min_width=80)
            last = gr.Number(1, label=label("memory_last"), precision=0, min_width=80)
        shown, asking, opened = {}, {}, {}
        for name in VIEWS:
            with gr.Accordion(label(f"memory_{name}"), open=False, elem_id=f"memory-{name}") as opened[name]:
                gr.Markdown(label(f"memory_{name}_help"))
                asking[name] = _controls(name, models)
                button = gr.Button(label("memory_measure"), size="sm", elem_id=f"do-{name}")
                asking[name]["button"] = button
                shown[name] = _html(f"{name}-found", script("linked"))
    held = gr.State(None)

    def learn(request: gr.Request, given: str | None) -> Any:
        language, given = language_of(request), (given or "").strip()
        with ShownErrors(language):
            return tiny_network.shown(given, language)
        return gr.skip()

    def begin(request: gr.Request, given: str | None, name: str | None, ordered: str) -> tuple[Any, ...]:
        language, model = language_of(request), chosen(models, name, allowed)
        with ShownErrors(language), waiting(language):
            network_view.check(given or "")
            if model is None:
                raise UserError("no-model-chosen")
            found = network_view.asked(model, given or "")
            page = network_view.stage(found, language)
            drawn = views.heatmap(found, ordered, language)
            length = len(found.text)
            ends = 1, min(8, length)
            return found, page, drawn, gr.update(visible=True), *ends, *("" for _ in VIEWS)
        return (gr.skip(),) * (6 + len(VIEWS))

    def redraw(request: gr.Request, found: NetworkView | None, ordered: str) -> Any:
        with ShownErrors(language_of(request)):
            return views.heatmap(found, ordered, language_of(request)) if found else ""
        return gr.skip()

    def mark(event: gr.EventData) -> tuple[int, int]:
        return int(event.start) + 1, int(event.stop)

    def measure(name: str) -> Any:
        def found_out(request: gr.Request, found: NetworkView | None, one: Any, other: Any, *values: Any) -> Any:
            language = language_of(request)
            least = views.LEAST.get(name, 1)
            if found is None:
                return gr.skip()
            if len(found.text) < least:
                return f"<p>{escape(say(language, 'memory_too_short', least=least, found=len(found.text)))}</p>"
            with ShownErrors(language), waiting(language):
                start, stop = span(found, one, other)
                return view(name, found, start, stop, values, models, allowed, language)
            return gr.skip()

        return found_out

    def arrive(request: gr.Request) -> tuple[Any, ...]:
        language = language_of(request)
        named = gr.update(choices=listed(models, language))
        most = f"<p>{escape(say(language, 'memory_limit', limit=number(language, network_view.LONGEST)))}</p>"
        blank = f'<p class="blank">{escape(say(language, "memory_blank"))}</p>'
        return named, named, most, blank

    gr.on([teach.click, word.submit, taught.select], learn, word, taught, **INFER)
    read.click(
        begin, [text, menu, order], [held, stage, picture, measured, first, last, *shown.values()], **INFER
    )  # fmt: skip
    order.input(redraw, [held, order], picture, **INFER)
    stage.select(mark, None, [first, last], queue=False, **QUIET)
    for name in VIEWS:
        button = asking[name].pop("button")
        inputs = [held, first, last, *asking[name].values()]
        gr.on([button.click, opened[name].expand], measure(name), inputs, shown[name], **INFER)
    second, empty = asking["reach"]["second"], asking["effects"]["unit"]
    blocks.load(None, outputs=empty, js="() => null")  # as gradio shows it, no value would be a 0
    blocks.load(arrive, None, [menu, second, limit, stage], queue=False, **QUIET)


def view(
    name: str, found: NetworkView, start: int, stop: int, values: tuple[Any, ...], models: Path, allowed: Permissions,
    language: Language,
) -> str:  # fmt: skip
    """One of VIEWS. values: those of its controls."""
    if name == "findings":
        return views.findings(found, language)
    if name == "reach":
        return views.reach(found, chosen(models, values[0], allowed), start, language)
    if name == "similar":
        return views.similar(found, start, stop, _real(values[0], "threshold"), language)
    where, keep, unit, value, other = values
    if other:
        network_view.check(other)
    at = stop if where == "marked" else None
    if at is not None and at > len(found.text) - views.AHEAD:
        raise UserError("marked-too-late", ahead=views.AHEAD)
    unit = None if unit is None else int(unit)
    return views.effects(found, at, int(_real(keep, "keep")), unit, _real(value, "value"), other or "", language)


def span(found: NetworkView, first: Any, last: Any) -> tuple[int, int]:
    """Characters first to last, counted from 1, as a range from 0. Raises UserError unless they are in the text."""
    one, other = (int(_real(value, "span")) for value in (first, last))
    if not 1 <= one <= other <= len(found.text):
        raise UserError("passage-outside-text", most=len(found.text), first=one, last=other)
    return one - 1, other


def _real(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        found = Phrase("nothing") if value is None else value
        raise UserError(
            "setting", setting=name, expected=Phrase("finite-number", limits=Phrase("no-limits")), found=found
        )
    return float(value)


def _html(name: str, code: str) -> gr.HTML:
    return gr.HTML(elem_id=f"memory-{name}", apply_default_css=False, js_on_load=code)


def _menu(models: Path, key: str, name: str, value: str | None) -> gr.Dropdown:
    return gr.Dropdown(list(choices(models)), value=value, label=label(key), elem_id=name, elem_classes=menus.MENU)


def _orders() -> list[tuple[Any, str]]:
    return [(label(f"order_{name}"), name) for name in (*views.ORDERS, *PROPERTIES)]


def _controls(name: str, models: Path) -> dict[str, Any]:
    """What can be asked of a view."""
    if name == "reach":
        return {"second": _menu(models, "memory_second", "memory-second", None)}
    if name == "similar":
        return {"threshold": gr.Slider(0.05, 0.95, THRESHOLD, step=0.05, label=label("memory_threshold"))}
    if name == "findings":
        return {}
    where = gr.Radio([(label(f"where_{place}"), place) for place in PLACES], value="all", label=label("memory_where"))
    with gr.Row():
        keep = gr.Number(KEEP, precision=0, label=label("memory_keep"), min_width=120)
        unit = gr.Number(None, precision=0, label=label("memory_unit"), min_width=120)
        value = gr.Slider(-1, 1, 0, step=0.05, label=label("memory_value"), min_width=160)
    other = gr.Textbox("", lines=1, max_lines=4, label=label("memory_other"), placeholder=label("memory_other_hint"))
    return {"where": where, "keep": keep, "unit": unit, "value": value, "other": other}
