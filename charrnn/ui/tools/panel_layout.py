"""What the panels of the tab Tools share: their layout, the limits of a text, and how their events run."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import gradio as gr

from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.ui.score.marks import SCRIPT
from charrnn.ui.texts import Language, label, say

QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


@contextmanager
def two_columns(name: str) -> Iterator[tuple[gr.Column, gr.Column]]:
    """Lay out a panel: its introduction, a column for what is asked, and one for what is found."""
    gr.Markdown(label(f"{name}_intro"))
    with gr.Row(elem_id=f"{name}-row", elem_classes="tool-row"):
        yield gr.Column(scale=1, min_width=300), gr.Column(scale=1, min_width=300)


def text_field(name: str, example: str) -> gr.Textbox:
    """Return the field for a text, which holds an example."""
    return gr.Textbox(
        example, lines=9, max_lines=18, label=label("tool_text"), info=label(f"{name}_help"),
        elem_id=f"{name}-text", elem_classes="tool-text",
    )  # fmt: skip


def start_button(name: str) -> gr.Button:
    return gr.Button(label(f"{name}_button"), variant="primary", min_width=120, elem_id=f"do-{name}")


def found_page(name: str) -> gr.HTML:
    """Return the place for what is found."""
    return gr.HTML(elem_id=f"{name}-found", elem_classes="tool-found", js_on_load=SCRIPT)


def running(name: str, at_once: int = 2) -> dict[str, object]:
    """Return how an event that computes runs. at_once: how many of them, over all visitors."""
    return {**QUIET, "concurrency_limit": at_once, "concurrency_id": name}


def busy(name: str, language: Language) -> str:
    """Return what stands in place of the result until it is there."""
    return f'<p role="status" aria-busy="true">{escape(say(language, f"{name}_reading"))}</p>'


def marked(html: str, language: Language) -> str:
    """Return a text with marks, which keys lead through, and a line that tells of one."""
    name = escape(say(language, "tool_marks"))
    return (
        f'<div class="marks" tabindex="0" role="group" aria-label="{name}">{html}</div>'
        '<p class="told" aria-live="polite">&nbsp;</p>'
    )


def usable_text(text: str, name: str, limit: int) -> str:
    """Return a text in normal form. Raises UserError if there is none, or more than `limit` characters."""
    text = clean(text)
    if not text.strip():
        raise UserError("no-text-given")
    if len(text) > limit:
        raise UserError("text-too-long-on-page", found=len(text), limit=limit, command=name)
    return text
