"""The app: a page in the browser, a folder per tab. Only importing this room loads gradio.

In: a folder of models, and what visitors may do. Out: a served page (`build`, then `start` or `serve`). Read `build`
first, then a tab, such as `generate`; `server` guards and serves what was built.
"""

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from charrnn.serving.api import StandardApi
from charrnn.serving.loaded_models import ServedModels
from charrnn.ui import about, generate, invitation, lesson, memory, model_cache, score, tools, train
from charrnn.ui.assets import TOOLS, script, worded
from charrnn.ui.limits import LimitedBlocks
from charrnn.ui.server import TITLE, serve, start
from charrnn.ui.texts import label
from charrnn.ui.visitors import EVERYTHING, Permissions

__all__ = ["build", "serve", "start"]

TABS = {  # in the order of the page; a name also names the file of texts
    "generate": generate.tab,
    "train": train.tab,
    "lesson": lesson.tab,
    "memory": memory.tab,
    "score": score.tab,
    "tools": tools.tab,
    "about": about.tab,
}

LINKED = {"lesson-word": "word", "memory-word": "word", "memory-text": "text"}  # controls that a link fills, by what
ALSO = {"aula": "lesson"}  # how else a link may call a tab
REMEMBERED = (  # what a reload and the other language leave as it was, beside the text that is written
    "train-name",  # before the texts, whose change proposes a name where there is none
    "train-upload", "train-paste", "train-shelf", "train-path", "train-minutes", "train-aim", "train-exam",
    "train-cell", "train-prompt", "score-text", "score-models", "score-adaptive", "memory-word", "memory-text",
    "memory-model", "memory-second",
)  # fmt: skip
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


def build(models: Path, allowed: Permissions = EVERYTHING, others: Sequence[str] = ()) -> LimitedBlocks:
    """Return the page, not yet served.

    models: the directory of the trained models, which need not exist; others: the addresses at which other machines
    reach a page, to be shown to them.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"  # it goes through all of them after each event
    os.environ.setdefault("MPLBACKEND", "agg")  # else gradio loads pyplot at the first event, which waits half a second
    options = {"title": TITLE, "analytics_enabled": False, "delete_cache": (3600, 3600)}
    blocks = LimitedBlocks(api=StandardApi(ServedModels(models), own=allowed.training and allowed.paths), **options)
    with blocks:
        with gr.Row(elem_id="head"):
            gr.Markdown(label("head"))
            tools = TOOLS + invitation.class_address(others)
            gr.HTML(tools, elem_id="tools", apply_default_css=False, js_on_load=worded("tools", "tool_"))
            gr.Button(label("other_language"), elem_id="language", size="sm", min_width=0, scale=0).click(
                None, js=script("language")
            )
        if others:
            invitation.panel(others)
        with gr.Tabs(elem_id="tabs") as tabs:
            for name, tab in TABS.items():
                with gr.Tab(label(f"{name}_tab"), id=name, elem_id=f"{name}-tab"):
                    tab(blocks, models, allowed)
        model_cache.refresh_menus(blocks, tabs, models)
        asked, named = gr.Textbox(visible=False), {block.elem_id: block for block in blocks.blocks.values()}
        filled = [tabs, *(named[control] for control in LINKED)]
        train.lead_on(tabs, named, models)
        blocks.load(linked, asked, filled, js=script("asked"), queue=False, **QUIET)
        controls = [named[control] for control in REMEMBERED if control in named]  # training may not be allowed
        blocks.load(None, controls, controls, js=script("recall"), **QUIET)
        gr.on([control.change for control in controls], None, controls, js=script("remember"), **QUIET)
        _remember_signatures(blocks)
    return blocks


def _remember_signatures(blocks: gr.Blocks) -> None:
    """Keep the signatures of components, which gradio takes for each component of each visitor: half of that time."""
    for kind in {type(block) for block in blocks.blocks.values()}:
        create: Any = kind.__init__
        create.__signature__ = inspect.signature(create)


def linked(asks: str | None) -> list[object]:
    """Open the tab that a link names and fill its controls, as in ?tab=memory&word=ana&text=Era+uma+vez."""
    given = dict(parse_qsl((asks or "").removeprefix("?")))
    tab = ALSO.get(given.get("tab", ""), given.get("tab"))
    selected = gr.Tabs(selected=tab) if tab in TABS else gr.skip()
    return [selected, *(given.get(name, gr.skip()) for name in LINKED.values())]
