"""The panel that finds slips in a text, and makes the corrections."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, cast

import gradio as gr

from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.html.writing import flowing
from charrnn.ui.model_cache import choices, preselected, sampler, version
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.texts.tools_tab import SLIPS
from charrnn.ui.tools import panel_layout
from charrnn.ui.visitors import Permissions, ShownErrors, waiting

if TYPE_CHECKING:  # loads numpy's and the model's rooms, for which the page does not wait
    from charrnn.tools.proofreading import Correction

LIMIT = 10_000  # characters
Proofread = tuple[str, "list[Correction]"]


def panel(models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panel."""
    with panel_layout.two_columns("proof") as (asked, shown):
        with asked:
            text = panel_layout.text_field("proof", SLIPS)
            button = panel_layout.start_button("proof")
        with shown:
            page = panel_layout.found_page("proof")
            apply = gr.Button(label("proof_apply"), visible=False, elem_id="do-apply-proof")
    kept: gr.State = gr.State()

    def read(request: gr.Request, given: str | None) -> Iterator[dict[gr.Component, object]]:
        language = language_of(request)
        yield {page: panel_layout.busy("proof", language)}
        shown, proofread = "", None
        with ShownErrors(language), waiting(language):
            proofread = corrections(given or "", models)
            shown = found(*proofread, language)
        yield {page: shown, kept: proofread, apply: gr.Button(visible=bool(proofread and proofread[1]))}

    def make(request: gr.Request, given: str | None, state: object) -> Iterator[dict[gr.Component, object]]:
        language, proofread = language_of(request), cast("Proofread | None", state)
        with ShownErrors(language):
            made = applied(given or "", proofread)
            told = say(language, "proof_made", count=number(language, len(proofread[1]) if proofread else 0))
            told = f'<p role="status">{escape(told)}</p>'
            yield {text: made, page: told, kept: None, apply: gr.Button(visible=False)}
            return
        yield {kept: gr.skip()}

    button.click(read, text, [page, kept, apply], **panel_layout.running("proof"))
    apply.click(make, [text, kept], [text, page, kept, apply], queue=False, **panel_layout.QUIET)


def corrections(text: str, models: Path) -> Proofread:
    """Return a text in normal form with its corrections, found by the default model.

    Raises UserError if there is no text, too much, or in another language.
    """
    from charrnn.tools.proofreading import Proofreader

    text = panel_layout.usable_text(text, "proof", LIMIT)
    entry = choices(models).get(preselected(models) or "")
    if entry is None:
        raise UserError("no-model-chosen")
    reader = sampler(version(entry.path))
    return text, Proofreader(reader.decoder, reader.tokenizer).read(text)


def found(text: str, ones: "list[Correction]", language: Language) -> str:
    """Return a text with the places of its corrections marked, and how many there are."""
    parts, place = [], 0
    for one in ones:
        told = say(language, "proof_told", old=one.old, new=one.new, bits=number(language, one.bits, 0))
        mark = "".join(map(flowing, one.old))
        parts += [*map(flowing, text[place : one.start]), f'<span title="{escape(told)}">{mark}</span>']
        place = one.stop
    count = say(language, "proof_count" if ones else "proof_none", count=number(language, len(ones)))
    html = "".join([*parts, *map(flowing, text[place:])]).replace("↵\n", "\n")
    return f'<p role="status">{escape(count)}</p>{panel_layout.marked(html, language)}'


def applied(text: str, proofread: Proofread | None) -> str:
    """Return the text with its corrections made. Raises UserError if it was changed after they were found."""
    from charrnn.tools.proofreading import corrected

    if proofread is None or clean(text) != proofread[0]:
        raise UserError("text-changed-since")
    return corrected(*proofread)
