"""The panel that puts accents back into a text, and finds wrong ones."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import gradio as gr

from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.ui.assets import script
from charrnn.ui.score.marks import SCRIPT
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.texts.tools_tab import BARE
from charrnn.ui.visitors import Permissions, ShownErrors

LIMIT = 20_000  # characters
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}
INFER: dict[str, object] = {**QUIET, "concurrency_limit": 2, "concurrency_id": "accents"}


def panel(models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panel."""
    gr.Markdown(label("accents_intro"))
    with gr.Row(elem_id="accents-row"):
        with gr.Column(scale=1, min_width=300):
            text = gr.Textbox(
                BARE, lines=9, max_lines=18, label=label("tool_text"), info=label("accents_help"),
                elem_id="accents-text",
            )  # fmt: skip
            with gr.Row():
                put = gr.Button(label("accents_put"), variant="primary", min_width=120, elem_id="do-accents")
                check = gr.Button(label("accents_check"), min_width=120, elem_id="do-check-accents")
        with gr.Column(scale=1, min_width=300):
            found = gr.HTML(elem_id="accents-found", js_on_load=SCRIPT)
            copy = gr.Button(label("copy_button"), size="sm", visible=False, elem_id="do-copy-accents")
    put.click(_events(changed=True), text, [found, copy], **INFER)
    check.click(_events(changed=False), text, [found, copy], **INFER)
    copied = gr.Textbox(visible=False)
    copy.click(None, None, copied, js=script("copy_marks")).then(_tell_copied, copied, queue=False, **QUIET)


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

    text = clean(text)
    if not text.strip():
        raise UserError("no-text-given")
    if len(text) > LIMIT:
        raise UserError("text-too-long-on-page", found=len(text), limit=LIMIT, command="accents")
    foreign = diacritics.other_language(text)
    suggestions = diacritics.restored(text) if changed else diacritics.suspicious(text)
    count = say(language, "accents_made" if changed else "accents_due", count=number(language, len(suggestions)))
    lines = [count, *([say(language, "accents_foreign")] if foreign else [])]
    return (
        "".join(f"<p>{escape(line)}</p>" for line in lines)
        + f'<div class="marks" tabindex="0" role="group" aria-label="{escape(say(language, "tool_marks"))}">'
        + f'{spans(text, suggestions, language, changed=changed)}</div><p class="told" aria-live="polite">&nbsp;</p>'
    )


def _tell_copied(request: gr.Request, copied: str | None) -> None:
    if copied:
        gr.Info(say(language_of(request), "text_copied"))
