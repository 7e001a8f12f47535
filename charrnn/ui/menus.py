"""Lists of models to choose from, kept true on every tab."""

from pathlib import Path

import gradio as gr

from charrnn.ui.model_cache import listed
from charrnn.ui.texts import language_of

MENU = "models"  # the class of dropdowns that list the models


def follow(blocks: gr.Blocks, tabs: gr.Tabs, models: Path) -> None:
    """Whenever another tab is chosen, list the models there are by then; to be called when all tabs are laid out."""
    menus = [block for block in blocks.blocks.values() if _lists_models(block)]

    def refresh(request: gr.Request) -> object:
        found = [gr.update(choices=listed(models, language_of(request))) for _ in menus]
        return found[0] if len(found) == 1 else found

    tabs.select(refresh, None, menus, queue=False, show_progress="hidden", api_visibility="private")


def _lists_models(block: object) -> bool:
    return isinstance(block, gr.Dropdown) and (block.elem_id == "model" or MENU in (block.elem_classes or ()))
