"""The tab Generate: a prompt, the settings, the text as it is written, and all that can be done to it.

A visitor's event comes in; what the components show goes out. `controls` lays the components out, `actions` handles
their events, and this module connects the two. Read `draft` first: the text as a value, and what buttons make of it.
"""

from pathlib import Path

import gradio as gr

from charrnn.ui.assets import script
from charrnn.ui.generate import comparison
from charrnn.ui.generate.actions import GenerateEvents, generate_endpoint, models_endpoint
from charrnn.ui.generate.controls import BUTTONS, FIELDS, GenerateParts, lay_out, link_script
from charrnn.ui.limits import AT_ONCE, WRITING, LimitedBlocks
from charrnn.ui.visitors import Permissions

__all__ = ["BUTTONS", "tab"]

QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}
WRITE: dict[str, object] = {"concurrency_limit": None, "concurrency_id": WRITING}  # they wait in the line of `blocks`
INFER: dict[str, object] = {"concurrency_limit": AT_ONCE, "concurrency_id": "infer"}
TELLING: dict[str, object] = {"concurrency_limit": None, **QUIET}  # in the queue, without which no message is shown


def tab(blocks: LimitedBlocks, models: Path, allowed: Permissions) -> None:
    """Lay the tab out and connect it; to be called inside `blocks`."""
    parts, events = lay_out(models, allowed), GenerateEvents(blocks, models, allowed)
    _connect_writing(parts, events)
    _connect_alternatives(parts, events)
    _connect_rules(parts, events)
    _connect_keeping(parts, events)
    _connect_comparison(parts, events)
    _connect_arriving(blocks, parts, events)
    gr.api(generate_endpoint(blocks, models, allowed), api_name="generate", **WRITE)
    gr.api(models_endpoint(models), api_name="models")


def _connect_writing(parts: GenerateParts, events: GenerateEvents) -> None:
    """Connect the events that change the text."""
    shown, buttons = parts.shown, parts.buttons
    acting = [buttons[name].click for name in ("generate", "add", "continue", "again", "undo", "forget")]
    inputs = [parts.draft, parts.looked, *parts.inputs]
    writing = gr.on([*acting, parts.prompt.submit, parts.panel.click], events.act, inputs, shown, **QUIET, **WRITE)
    for name in ("stop", "clear"):
        buttons[name].click(None, cancels=[writing])
    # What is written until the cancel arrives may come after Clear; so the run that was cleared is noted.
    wiped = buttons["clear"].click(events.clear, [parts.draft], [*shown, parts.cleared], queue=False, **QUIET)
    wiped.then(events.wipe, [parts.draft, parts.cleared], shown, queue=False, **QUIET)
    # Runs when the cancel is done: only now is the draft in the state the last one there will be.
    writing.failure(events.settle, [parts.draft, parts.cleared], shown, queue=False, **QUIET)


def _connect_alternatives(parts: GenerateParts, events: GenerateEvents) -> None:
    """Connect the events that show the alternatives at a letter."""
    picked = [parts.draft, *parts.settings]
    looked = [parts.panel, parts.looked]
    parts.text.select(events.look, picked, looked, trigger_mode="multiple", **QUIET, **INFER)
    changing = [one.input for one in parts.settings]
    inputs = [parts.draft, parts.looked, *parts.settings]
    gr.on(changing, events.reshape, inputs, parts.panel, trigger_mode="always_last", **QUIET, **INFER)


def _connect_rules(parts: GenerateParts, events: GenerateEvents) -> None:
    """Connect the events by which the fold of the rules tells how many are in force."""
    rules = parts.settings[len(FIELDS) :]
    changing = [one.change for one in rules]
    gr.on(changing, events.count_rules, rules, parts.rules, queue=False, trigger_mode="always_last", **QUIET)


def _connect_comparison(parts: GenerateParts, events: GenerateEvents) -> None:
    """Lay out and connect the fold in which texts stand side by side."""
    with parts.column:
        fold = comparison.lay_out(events)
    inputs = [*parts.inputs, *fold.temperatures]
    fold.button.click(fold.compare, inputs, fold.shown, **QUIET, **WRITE)


def _connect_keeping(parts: GenerateParts, events: GenerateEvents) -> None:
    """Connect the events that take a text out of the page and bring it back."""
    buttons, fields = parts.buttons, (*FIELDS, *events.rules)
    parts.kept.select(events.take_up, None, parts.shown, **TELLING)
    copying = {"copy": (None, script("copy")), "link": (parts.inputs, link_script(fields))}
    for name, (given, run) in copying.items():
        buttons[name].click(None, given, parts.copied, js=run).then(events.copied, parts.copied, **TELLING)
    buttons["download"].click(None, js=script("download"))
    buttons["speak"].click(None, js=script("speak"))
    packing = buttons["keep"].click(events.keep, parts.draft, parts.packed, **TELLING)
    packing.then(None, parts.packed, js=script("keep"))
    sharing = parts.sharing.click(events.share, parts.model, parts.packed, **QUIET, **INFER)
    sharing.then(None, parts.packed, js=script("share"))
    opened = [*parts.shown, *parts.inputs]
    parts.opening.click(events.open_file, parts.packed, opened, js=script("open"), **QUIET, **INFER)


def _connect_arriving(blocks: gr.Blocks, parts: GenerateParts, events: GenerateEvents) -> None:
    """Connect the events of opening the page and of opening the menu of models."""
    for empty in (one for one in parts.settings if isinstance(one, gr.Number)):
        blocks.load(None, outputs=empty, js="() => null")  # as gradio shows it, no value would be a 0
    asking, arrived = [parts.query, parts.memo, parts.typed, parts.model], [*parts.shown, *parts.inputs]
    blocks.load(events.arrive, asking, arrived, queue=False, js=script("arrive"), **QUIET)
    parts.model.focus(events.refresh, None, parts.model, queue=False, **QUIET)
