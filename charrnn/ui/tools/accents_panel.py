"""The panel that puts accents back into a text, and finds wrong ones."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import gradio as gr

from charrnn.ui.assets import script
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.texts.tools_tab import BARE
from charrnn.ui.tools import panel_layout
from charrnn.ui.visitors import Permissions, ShownErrors

LIMIT = 20_000  # characters


def panel(models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panel."""
    with panel_layout.two_columns("accents") as (asked, shown):
        with asked:
            text = panel_layout.text_field("accents", BARE)
            with gr.Row():
                put = panel_layout.start_button("accents")
                check = gr.Button(label("accents_check"), min_width=120, elem_id="do-check-accents")
        with shown:
            page = panel_layout.found_page("accents")
            copy = gr.Button(label("copy_button"), size="sm", visible=False, elem_id="do-copy-accents")
    put.click(_events(changed=True), text, [page, copy], **panel_layout.running("accents"))
    check.click(_events(changed=False), text, [page, copy], **panel_layout.running("accents"))
    copied = gr.Textbox(visible=False)
    copy.click(None, None, copied, js=script("copy_marks")).then(
        _tell_copied, copied, queue=False, **panel_layout.QUIET
    )


def _events(*, changed: bool) -> Callable[[gr.Request, str | None], tuple[object, object]]:
    def suggest(request: gr.Request, text: str | None) -> tuple[object, object]:
        language = language_of(request)
        with ShownErrors(language):
            return found(text or "", language, changed=changed), gr.Button(visible=changed)
        return gr.skip(), gr.skip()

    return suggest


def found(text: str, language: Language, *, changed: bool) -> str:
    """Return a text with its accents restored, or with the wrong ones marked, and how many there are.

    Raises UserError if there is no text, or too much.
    """
    from charrnn.html.suggestions import spans
    from charrnn.tools import diacritics

    text = panel_layout.usable_text(text, "accents", LIMIT)
    foreign = diacritics.other_language(text)
    suggestions = diacritics.restored(text) if changed else diacritics.suspicious(text)
    count = say(language, "accents_made" if changed else "accents_due", count=number(language, len(suggestions)))
    lines = [count, *([say(language, "accents_foreign")] if foreign else [])]
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return said + panel_layout.marked(spans(text, suggestions, language, changed=changed), language)


def _tell_copied(request: gr.Request, copied: str | None) -> None:
    if copied:
        gr.Info(say(language_of(request), "text_copied"))
