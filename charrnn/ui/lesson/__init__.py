"""The tab Lesson: six steps through a small network that learns a word, then a real network on the same word.

In: a word. Out: the steps as HTML, with all numbers that they show; the browser draws them. Read `guided_steps` first.
"""

from pathlib import Path

import gradio as gr

from charrnn.storage import registry
from charrnn.ui.assets import script
from charrnn.ui.lesson import guided_steps
from charrnn.ui.memory import network_view
from charrnn.ui.memory.tiny_network import WORD
from charrnn.ui.model_cache import version
from charrnn.ui.texts import label, language_of
from charrnn.ui.visitors import Permissions, ShownErrors, told, waiting

INFER: dict[str, object] = {
    "show_progress": "minimal", "api_visibility": "private", "concurrency_limit": 2, "concurrency_id": "lesson",
}  # fmt: skip


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out and connect the tab. Call it inside `blocks`."""
    code = script("small_drawing") + script("lesson")
    steps = gr.HTML(elem_id="lesson-steps", apply_default_css=False, js_on_load=code)
    code = script("linked") + script("player") + script("reading")
    real = gr.HTML(elem_id="lesson-real", apply_default_css=False, js_on_load=code)
    with gr.Row(elem_id="lesson-word-row"):
        word = gr.Textbox(WORD, lines=1, label=label("lesson_word"), elem_id="lesson-word")
        use = gr.Button(label("lesson_use"), min_width=190, scale=0, elem_id="do-lesson")
    if allowed.models:
        gr.Markdown(label("lesson_class"), elem_id="lesson-class")
    gr.on([use.click, word.submit, steps.select], answer, word, [steps, real], **INFER)


def answer(request: gr.Request, event: gr.EventData, given: str | None) -> tuple[object, object]:
    """Return the steps for a word or, where the steps ask for it with a word, a real network's reading of that."""
    language, read = language_of(request), told(event, "read")
    with ShownErrors(language), waiting(language):
        if not isinstance(read, str):
            return guided_steps.page((given or "").strip(), language), ""
        real = version(registry.SHIPPED / guided_steps.REAL)
        return gr.skip(), network_view.stage(network_view.asked(real, read), language)
    return gr.skip(), gr.skip()
