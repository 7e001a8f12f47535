"""The tab Memory: a small network shown number by number, and a trained one on the visitor's own text.

In: a word or a text. Out: what the network's memory held at each character. Read `network_view` first, a text as the
trained network reads it; `views` measures that, and `tiny_network` is the small one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from charrnn.errors import Phrase, UserError
from charrnn.ui.assets import script
from charrnn.ui.memory import network_view, tiny_network, views
from charrnn.ui.memory.network_view import NetworkView
from charrnn.ui.model_cache import MENU, choices, chosen, listed, preselected
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.texts.memory_tab import EXAMPLE, PROPERTIES
from charrnn.ui.visitors import Permissions, ShownErrors, told, waiting

QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}
INFER: dict[str, object] = {**QUIET, "show_progress": "minimal", "concurrency_limit": 2, "concurrency_id": "memory"}
EXTENTS = ("all", "marked")  # where the memory is changed
THRESHOLD = 0.5
KEEP = 16
VIEWS = ("findings", "reach", "effects", "similar")  # measured only on request
Shown = tuple[object, ...]  # values of components


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out and connect the tab. Call it inside `blocks`."""
    events = MemoryEvents(models, allowed)
    _small_network(events)
    parts = _lay_out(models)
    _connect(blocks, parts, events)


@dataclass(frozen=True)
class ViewParts:
    """The components of one of VIEWS."""

    opened: gr.Accordion
    controls: dict[str, gr.Component]
    button: gr.Button
    found: gr.HTML


@dataclass(frozen=True)
class MemoryParts:
    """The components for the memory of a real network."""

    text: gr.Textbox
    model: gr.Dropdown
    read: gr.Button
    limit: gr.HTML
    stage: gr.HTML
    measured: gr.Column  # all below the stage, seen once a text is read
    order: gr.Dropdown
    picture: gr.HTML
    first: gr.Number
    last: gr.Number
    views: dict[str, ViewParts]
    held: gr.State  # the text that was read


def _small_network(events: "MemoryEvents") -> None:
    """Lay out and connect the small network, which is taught a word."""
    gr.Markdown(label("memory_small_intro"), elem_id="memory-head")
    with gr.Row(elem_id="memory-word-row"):
        word = gr.Textbox(tiny_network.WORD, lines=1, label=label("memory_word"), elem_id="memory-word")
        teach = gr.Button(label("memory_teach"), variant="primary", min_width=190, scale=0, elem_id="do-teach")
    taught = _html("small", script("player") + script("small"))
    gr.on([teach.click, word.submit, taught.select], events.learn, word, taught, **INFER)


def _lay_out(models: Path) -> MemoryParts:
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
            first = gr.Number(1, label=label("memory_first"), precision=0, min_width=80, elem_id="memory-first")
            last = gr.Number(1, label=label("memory_last"), precision=0, min_width=80, elem_id="memory-last")
        found = {name: _view_parts(name, models) for name in VIEWS}
    return MemoryParts(
        text, menu, read, limit, stage, measured, order, picture, first, last, found, gr.State(None)
    )  # fmt: skip


def _view_parts(name: str, models: Path) -> ViewParts:
    with gr.Accordion(label(f"memory_{name}"), open=False, elem_id=f"memory-{name}") as opened:
        gr.Markdown(label(f"memory_{name}_help"))
        controls = _controls(name, models)
        button = gr.Button(label("memory_measure"), size="sm", elem_id=f"do-{name}")
        return ViewParts(opened, controls, button, _html(f"{name}-found", script("linked")))


def _connect(blocks: gr.Blocks, parts: MemoryParts, events: "MemoryEvents") -> None:
    shown = [parts.held, parts.stage, parts.picture, parts.measured, parts.first, parts.last]
    results = [one.found for one in parts.views.values()]
    parts.read.click(events.begin, [parts.text, parts.model, parts.order], [*shown, *results], **INFER)
    parts.order.input(events.redraw, [parts.held, parts.order], parts.picture, **INFER)
    parts.stage.select(events.mark, None, [parts.first, parts.last], queue=False, **QUIET)
    for name, one in parts.views.items():
        inputs = [parts.held, parts.first, parts.last, *one.controls.values()]
        gr.on([one.button.click, one.opened.expand], events.measure(name), inputs, one.found, **INFER)
    second, empty = parts.views["reach"].controls["second"], parts.views["effects"].controls["unit"]
    blocks.load(None, outputs=empty, js="() => null")  # as gradio shows it, no value would be a 0
    blocks.load(events.arrive, None, [parts.model, second, parts.limit, parts.stage], queue=False, **QUIET)


class MemoryEvents:
    """The handlers of the tab's events."""

    def __init__(self, models: Path, allowed: Permissions) -> None:
        self.models, self.allowed = models, allowed

    def learn(self, request: gr.Request, given: str | None) -> object:
        """Teach the small network a word."""
        language, given = language_of(request), (given or "").strip()
        with ShownErrors(language):
            return tiny_network.shown(given, language)
        return gr.skip()

    def begin(self, request: gr.Request, given: str | None, name: str | None, ordered: str) -> Shown:
        """Read the text with the model of that name."""
        language, model = language_of(request), chosen(self.models, name, self.allowed)
        with ShownErrors(language), waiting(language):
            network_view.check(given or "")
            if model is None:
                raise UserError("no-model-chosen")
            found = network_view.asked(model, given or "")
            page = network_view.stage(found, language)
            drawn = views.heatmap(found, ordered, language)
            ends = 1, min(8, len(found.text))
            return found, page, drawn, gr.update(visible=True), *ends, *("" for _ in VIEWS)
        return (gr.skip(),) * (6 + len(VIEWS))

    def redraw(self, request: gr.Request, found: NetworkView | None, ordered: str) -> object:
        with ShownErrors(language_of(request)):
            return views.heatmap(found, ordered, language_of(request)) if found else ""
        return gr.skip()

    def mark(self, event: gr.EventData) -> Shown:
        """Return the first and last character of the passage that was marked, counted from 1."""
        start, stop = told(event, "start"), told(event, "stop")
        return (start + 1, stop) if isinstance(start, int) and isinstance(stop, int) else (gr.skip(), gr.skip())

    def measure(self, name: str) -> Callable[..., Iterator[object]]:
        """Return the handler that measures one of VIEWS."""

        def measured(
            request: gr.Request, found: NetworkView | None, first: object, last: object, *values: object
        ) -> Iterator[object]:
            language, least = language_of(request), views.LEAST.get(name, 1)
            if found is None:
                return
            if len(found.text) < least:
                yield f"<p>{escape(say(language, 'memory_too_short', least=least, found=len(found.text)))}</p>"
                return
            yield f"<p role='status'>{escape(say(language, 'memory_measuring'))}</p>"
            shown = ""
            with ShownErrors(language), waiting(language):
                start, stop = span(found, first, last)
                shown = view(name, found, start, stop, values, self.models, self.allowed, language)
            yield shown

        return measured

    def arrive(self, request: gr.Request) -> Shown:
        language = language_of(request)
        named = gr.update(choices=listed(self.models, language))
        most = f"<p>{escape(say(language, 'memory_limit', limit=number(language, network_view.LONGEST)))}</p>"
        blank = f'<p class="blank">{escape(say(language, "memory_blank"))}</p>'
        return named, named, most, blank


def view(
    name: str, found: NetworkView, start: int, stop: int, values: tuple[object, ...], models: Path,
    allowed: Permissions, language: Language,
) -> str:  # fmt: skip
    """Return one of VIEWS as HTML. values: those of its controls."""
    if name == "findings":
        return views.findings(found, language)
    if name == "reach":
        return views.reach(found, chosen(models, str(values[0] or ""), allowed), start, language)
    if name == "similar":
        return views.similar(found, start, stop, str(values[0]), _real(values[1], "threshold"), language)
    where, keep, unit, value, other = values
    other = str(other or "")
    if other:
        network_view.check(other)
    at = stop if where == "marked" else None
    if at is not None and at > len(found.text) - views.AHEAD:
        raise UserError("marked-too-late", ahead=views.AHEAD)
    clamped = None if unit is None else int(_real(unit, "unit"))
    return views.effects(found, at, int(_real(keep, "keep")), clamped, _real(value, "value"), other, language)


def span(found: NetworkView, first: object, last: object) -> tuple[int, int]:
    """Return characters first to last, counted from 1, as a range from 0. Raises UserError outside of the text."""
    one, other = (int(_real(value, "span")) for value in (first, last))
    if not 1 <= one <= other <= len(found.text):
        raise UserError("passage-outside-text", most=len(found.text), first=one, last=other)
    return one - 1, other


def _real(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        found = Phrase("nothing") if value is None else value
        raise UserError(
            "setting", setting=name, expected=Phrase("finite-number", limits=Phrase("no-limits")), found=found
        )
    return float(value)


def _html(name: str, code: str) -> gr.HTML:
    return gr.HTML(elem_id=f"memory-{name}", apply_default_css=False, js_on_load=code)


def _menu(models: Path, key: str, name: str, value: str | None) -> gr.Dropdown:
    return gr.Dropdown(list(choices(models)), value=value, label=label(key), elem_id=name, elem_classes=MENU)


def _orders() -> list[tuple[object, str]]:
    return [(label(f"order_{name}"), name) for name in (*views.ORDERS, *PROPERTIES)]


def _controls(name: str, models: Path) -> dict[str, gr.Component]:
    """Return the controls of a view by name."""
    if name == "reach":
        return {"second": _menu(models, "memory_second", "memory-second", None)}
    if name == "similar":
        ways = [(label(f"alike_by_{way}"), way) for way in views.ALIKE_BY]
        by = gr.Radio(ways, value=views.ALIKE_BY[0], label=label("memory_alike_by"), elem_id="memory-alike-by")
        threshold = gr.Slider(
            0.05, 0.95, THRESHOLD, step=0.05, label=label("memory_threshold"), elem_id="memory-threshold",
            visible=False,
        )  # fmt: skip
        by.input(lambda way: gr.update(visible=way == "active"), by, threshold, queue=False, **QUIET)
        return {"by": by, "threshold": threshold}
    if name == "findings":
        return {}
    places = [(label(f"where_{place}"), place) for place in EXTENTS]
    where = gr.Radio(places, value="all", label=label("memory_where"), elem_id="memory-where")
    with gr.Row():
        keep = gr.Number(KEEP, precision=0, label=label("memory_keep"), min_width=120, elem_id="memory-keep")
        unit = gr.Number(None, precision=0, label=label("memory_unit"), min_width=120, elem_id="memory-unit")
        value = gr.Slider(-1, 1, 0, step=0.05, label=label("memory_value"), min_width=160, elem_id="memory-value")
    texts = {"label": label("memory_other"), "placeholder": label("memory_other_hint")}
    other = gr.Textbox("", lines=1, max_lines=4, elem_id="memory-other", **texts)
    return {"where": where, "keep": keep, "unit": unit, "value": value, "other": other}
