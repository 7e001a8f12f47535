"""The panel that tells which of several models a text is likeliest from."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import gradio as gr

from charrnn.ui.model_cache import MENU, choices, sampler, version
from charrnn.ui.texts import Language, label, language_of, number, percent, say
from charrnn.ui.texts.score_tab import EXAMPLE
from charrnn.ui.tools import panel_layout
from charrnn.ui.visitors import Permissions, ShownErrors, waiting

LIMIT = 10_000  # characters
MODELS = 9


def panel(models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panel."""
    with panel_layout.two_columns("whose") as (asked, shown):
        with asked:
            text = panel_layout.text_field("whose", EXAMPLE)
            menu = gr.Dropdown(
                list(choices(models)), value=list(choices(models))[:2], multiselect=True, max_choices=MODELS,
                label=label("whose_models"), elem_id="whose-models", elem_classes=MENU,
            )  # fmt: skip
            button = panel_layout.start_button("whose")
        with shown:
            page = panel_layout.found_page("whose")

    def compare(request: gr.Request, given: str | None, names: list[str] | None) -> Iterator[str]:
        language, shown = language_of(request), ""
        yield panel_layout.busy("whose", language)
        with ShownErrors(language), waiting(language):
            shown = found(given or "", names or [], models, language)
        yield shown

    button.click(compare, [text, menu], page, **panel_layout.running("whose"))


def found(text: str, names: Sequence[str], models: Path, language: Language) -> str:
    """Return a table of how probable each model is for a text, and the passages that speak most for each.

    Raises UserError if the text is too short or too long, or if fewer than two models are chosen.
    """
    from charrnn.scoring.bits import costs
    from charrnn.tools.authorship import Reader, attribute

    text = panel_layout.usable_text(text, "whose", LIMIT)
    known = choices(models)

    def reader(name: str) -> Reader:
        model = sampler(version(known[name].path))
        return lambda given: costs(model.decoder, model.tokenizer, given, 1).surprisal

    result = attribute(text, {name: reader(name) for name in names if name in known})
    chances, rows, lists = result.probabilities(), "", ""
    for place in sorted(range(len(result.models)), key=lambda one: -chances[one]):
        name, bits = escape(result.models[place]), number(language, result.bits[place] / len(result.text), 3)
        rows += f"<tr><th>{name}</th><td>{percent(language, float(chances[place]), 1)}</td><td>{bits}</td></tr>"
        said = "".join(
            f"<li>{escape(' '.join(result.text[one.start : one.stop].split()))} "
            f"<small>{escape(say(language, 'whose_lead', bits=number(language, one.bits, 1)))}</small></li>"
            for one in result.testimonies(place)
        )
        head = escape(say(language, "whose_for", name=result.models[place]))
        lists += f"<h2>{head}</h2><ul>{said}</ul>" if said else ""
    heads = "".join(f"<th>{escape(say(language, key))}</th>" for key in ("whose_model", "whose_chance", "whose_bits"))
    note = f"<p>{escape(say(language, 'whose_note'))}</p>"
    return f"<table><tr>{heads}</tr>{rows}</table>{note}{lists}"
