"""The app: a page in the browser, one folder per tab. Importing this loads gradio; nothing else does."""

import os
from pathlib import Path

import gradio as gr

from charrnn.ui import about, generate, memory, model_cache, score, train
from charrnn.ui.assets import script
from charrnn.ui.server import serve, start
from charrnn.ui.texts import label
from charrnn.ui.visitors import EVERYTHING, Permissions

__all__ = ["build", "serve", "start"]

TABS = {  # as they stand on the page; each also names its text
    "generate": generate.tab,
    "train": train.tab,
    "score": score.tab,
    "memory": memory.tab,
    "about": about.tab,
}


def build(models: Path, allowed: Permissions = EVERYTHING) -> gr.Blocks:
    """The page, not yet served. `models`: the directory of the trained models; it need not exist."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    with gr.Blocks(title=label("title"), analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        with gr.Row(elem_id="head"):
            gr.Markdown(label("head"))
            gr.Button(label("other_language"), elem_id="language", size="sm", min_width=0, scale=0).click(
                None, js=script("language")
            )
        with gr.Tabs(elem_id="tabs") as tabs:
            for name, tab in TABS.items():
                with gr.Tab(label(f"{name}_tab"), id=name, elem_id=f"{name}-tab"):
                    tab(blocks, models, allowed)
        model_cache.refresh_menus(blocks, tabs, models)
    return blocks.queue(max_size=32)
