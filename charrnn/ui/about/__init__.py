"""The tab About: what a recurrent network is, a card for each model, licences. Read `card` first."""

from collections.abc import Iterator
from html import escape
from importlib import metadata
from pathlib import Path

import gradio as gr

from charrnn.html import figure
from charrnn.html.writing import variable
from charrnn.storage import registry, run_log
from charrnn.ui.assets import script
from charrnn.ui.model_cache import MENU, choices, listed, preselected
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.train import curve
from charrnn.ui.visitors import Permissions

LIBRARIES = ("torch", "numpy", "llvmlite", "gradio", "tokenizers", "safetensors", "typer", "rich", "ftfy", "lxml")
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


def lesson(language: Language) -> str:
    """Return the introduction to recurrent networks, with its drawing."""

    def paragraph(key: str) -> str:
        return f"<p>{escape(say(language, key))}</p>"

    parts = "".join(
        f"<dt>{variable(name.upper(), 't')}</dt><dd>{escape(say(language, f'about_{name}'))}</dd>" for name in "xhms"
    )
    return (
        f"<article><h2>{escape(say(language, 'about_what'))}</h2>{paragraph('about_reading')}{paragraph('about_parts')}"
        f"<dl>{parts}</dl><p class='equation'>{variable('M', 't')} = {variable('H', 't−1')}</p>"
        f"{_drawing(language)}"
        f"<h2>{escape(say(language, 'about_whole'))}</h2>{paragraph('about_chain')}"
        f"<p class='equation'>{_chain()}</p>{paragraph('about_fades')}{paragraph('about_bits')}</article>"
    )


def _drawing(language: Language) -> str:
    """Return the network's drawing, which leads to the lesson."""
    drawn = figure.schema(*(say(language, f"about_{part}") for part in ("drawing", "alt", "clock")))
    return f"<a href='?tab=lesson' class='to-lesson'>{drawn}<span>{escape(say(language, 'about_lesson'))}</span></a>"


def _chain() -> str:
    """H_t = f(X_t, H_t−1) = f(X_t, f(X_t−1, H_t−2)) = …, as HTML."""
    x0, x1, x2 = (variable("X", instant) for instant in ("t", "t−1", "t−2"))
    h0, h1, h2 = (variable("H", instant) for instant in ("t", "t−1", "t−2"))
    f = "<i>f</i>"
    lines = (f"{h0} = {f}({x0}, {h1})", f"= {f}({x0}, {f}({x1}, {h2}))", f"= {f}({x0}, {f}({x1}, {f}({x2}, …)))")
    return "<br>".join(lines)


def card(entry: registry.ModelEntry | None, language: Language) -> str:
    """Return a model's facts, its curves, a sample, and its model card as it was written."""
    if entry is None:
        return f'<p class="blank">{escape(say(language, "card_none"))}</p>'
    record = run_log.read(entry.path)
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(entry, language))
    origin = escape(say(language, "card_shipped" if entry.shipped else "card_trained"))
    parts = [f"<h3>{escape(entry.name)} <small>{origin}</small></h3><dl class='facts'>{rows}</dl>"]
    if record.points or record.evaluations:
        parts.append(curve.drawn(record, language))
    if record.evaluations:
        sample = escape(record.evaluations[-1].sample.strip())
        parts.append(f"<h4>{escape(say(language, 'card_sample'))}</h4><blockquote>{sample}</blockquote>")
    if written := registry.card(entry.path):
        whole = f"<pre>{escape(written)}</pre>"
        parts.append(f"<details><summary>{escape(say(language, 'card_whole'))}</summary>{whole}</details>")
    return f"<section>{''.join(parts)}</section>"


def _facts(entry: registry.ModelEntry, language: Language) -> Iterator[tuple[str, str]]:
    scored = entry.bits_per_character
    shape = registry.shape(entry.path)
    yield say(language, "card_score"), say(language, "card_unscored") if scored is None else number(language, scored, 3)
    if shape is not None:
        yield say(language, "card_network"), f"{shape.cell}, {shape.layers} × {shape.hidden_size // shape.member_count}"
        if shape.member_count > 1:
            yield say(language, "card_members"), number(language, shape.member_count)
        yield say(language, "card_counts"), say(language, "card_yes" if shape.counts == "joined" else "card_no")
        yield say(language, "card_characters"), number(language, shape.vocab_size - 256)  # the others are bytes
    yield say(language, "card_size"), f"{number(language, entry.size / 1e6, 1)} MB"
    yield say(language, "card_date"), entry.date.strftime("%d/%m/%Y" if language == "pt" else "%Y-%m-%d")


def licences(language: Language) -> str:
    lines = "".join(f"<p>{escape(say(language, f'about_{key}'))}</p>" for key in ("own", "works", "yours", "nothing"))
    built = "".join(f"<li>{escape(name)} <small>{escape(_licence(name))}</small></li>" for name in LIBRARIES)
    return (
        f"<article><h2>{escape(say(language, 'about_licences'))}</h2>{lines}"
        f"<p>{escape(say(language, 'about_built'))}</p><ul class='built'>{built}</ul></article>"
    )


def _licence(library: str) -> str:
    """Return the licence that an installed package states, in one short line."""
    try:
        about = metadata.metadata(library)
    except metadata.PackageNotFoundError:
        return ""
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    said = [about[key].strip() for key in ("License-Expression", "License") if key in about and about[key].strip()]
    stated = said[0].split("\n")[0] if said else ""
    first, _, more = stated.partition(" AND ")
    return first + " …" * bool(more) if 0 < len(first) <= 40 else ", ".join(classified)


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out and connect the tab. Call it inside `blocks`."""
    text = gr.HTML(elem_id="about-lesson", js_on_load=script("to_lesson"))
    gr.Markdown(label("about_cards"), elem_id="about-cards")
    menu = gr.Dropdown(
        list(choices(models)), value=preselected(models), label=label("card_model"), elem_id="card-model",
        elem_classes=MENU,
    )  # fmt: skip
    shown = gr.HTML(elem_id="about-card")
    rights = gr.HTML(elem_id="about-licences")

    def arrive(request: gr.Request) -> tuple[object, ...]:
        language = language_of(request)
        first = choices(models).get(preselected(models) or "")
        return lesson(language), gr.update(choices=listed(models, language)), card(first, language), licences(language)

    def choose(request: gr.Request, name: str | None) -> str:
        return card(choices(models).get(name or ""), language_of(request))

    blocks.load(arrive, None, [text, menu, shown, rights], queue=False, **QUIET)
    menu.input(choose, menu, shown, queue=False, **QUIET)
