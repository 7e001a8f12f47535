"""The tab Tools: help with a text of one's own, and an exam for models, a panel for each use.

To add a panel: a module here with `panel(models, allowed)`, its entry in `PANELS`, and its title `<name>_panel` in
`charrnn/ui/texts/tools_tab.py`.
"""

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from charrnn.ui.texts import label
from charrnn.ui.tools import accents_panel, exam_panel, proof_panel, whose_panel
from charrnn.ui.visitors import Permissions

PANELS: dict[str, Callable[[Path, Permissions], None]] = {  # in the order of the tab
    "accents": accents_panel.panel,
    "proof": proof_panel.panel,
    "whose": whose_panel.panel,
    "exam": exam_panel.panel,
}


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panels, inside `blocks`."""
    gr.Markdown(label("tools_intro"))
    with gr.Tabs(elem_id="tool-panels"):
        for name, panel in PANELS.items():
            with gr.Tab(label(f"{name}_panel"), id=name, elem_id=f"{name}-panel"):
                panel(models, allowed)
