"""The values of charrnn as a notebook shows them (see `charrnn.config.in_notebook`): HTML for each, and pictures.

An HTML view has its style with it and takes its colours from the notebook, light or dark. A picture is an SVG file on
its own paper, which is also displayed by sites that show notebooks without running them.
"""

import re
from collections.abc import Callable
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from charrnn.config import in_notebook
from charrnn.errors.quantities import Language
from charrnn.html import coloured, number_tables, plots
from charrnn.html.texts import say
from charrnn.html.writing import flowing, number, visible

if TYPE_CHECKING:  # a view is asked for by a value, whose module is loaded
    from charrnn.lens import Trace
    from charrnn.lens.tiny_elman import SmallNetwork
    from charrnn.sampling.sampler import Sample
    from charrnn.scoring.bits import Score

STYLES = tuple(Path(__file__).with_name(name) for name in ("blocks.css", "notebook.css"))
LONGEST = 2000  # characters of a text that are shown
STRIP, UNITS = 64, 8  # characters and units of the strip under a trace
PAPER, INK = "#fffdf9", "#262320"


class Picture:
    """A drawing of `figure` or `plots` as a notebook shows it: an SVG file with a light background."""

    def __init__(self, svg: str) -> None:
        tag, inside = svg.split(">", 1)
        size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', tag)
        assert size is not None
        looks = f"background:{PAPER};color:{INK};max-width:100%;height:auto"
        plain = re.sub(r' style="[^"]*"', "", tag)
        self.svg = f'{plain} width="{size[1]}" height="{size[2]}" style="{looks}">{inside}'

    def _repr_svg_(self) -> str:
        return self.svg


def html_of(value: object) -> str:
    """Return the HTML of a value that is `Displayed`, in the language of `charrnn.config.in_notebook`."""
    view = VIEWS[type(value).__name__]
    style = re.sub(
        r"/\*.*?\*/|\n\s*", "", "".join(path.read_text(encoding="utf-8") for path in STYLES), flags=re.DOTALL
    )
    language: Language = "en" if in_notebook.language == "en" else "pt"
    return f'<style>{style}</style><div class="charrnn-shown">{view(value, language)}</div>'


def _score(score: "Score", language: Language) -> str:
    facts = {
        "perplexity": number(language, score.perplexity, 2),
        "per_byte": number(language, score.bits_per_byte, 4),
        "characters": number(language, score.characters),
        "unknown": number(language, score.unknown_characters),
        "weights": say(language, "score_adaptive" if score.adaptive else "score_static"),
    }
    return _headline(score.bits_per_character, score.model, language) + _note(say(language, "score_note", **facts))


def _trace(found: "Trace", language: Language) -> str:
    from charrnn.lens import memory_map

    rows = memory_map.units(found)
    order = memory_map.by_variance(rows)[:UNITS]
    names = [f"{say(language, 'unit')} {unit}" for unit in order.tolist()]
    text = found.text[:STRIP]
    strip = plots.strip(text, rows[order, :STRIP], names, say(language, "strip_said", text=visible(text)))
    width = plots.MARGIN + plots.CELL * len(text)  # else a short text would be drawn as wide as a long one
    units = _note(say(language, "trace_units", units=len(names)))
    return (
        f"{_headline(found.bits_per_character, found.model, language)}{coloured.legend(language)}"
        f"{coloured.surprisal(found, language, LONGEST)}{_left_out(len(found.text), language)}"
        f'{units}<div class="lens-wide" style="max-width:{width}px">{strip}</div>'
    )


def _sample(sample: "Sample", language: Language) -> str:
    prompt, text = ("".join(map(flowing, part)).replace("↵\n", "\n") for part in (sample.prompt, sample[:LONGEST]))
    given = {field.name: getattr(sample.config, field.name) for field in fields(sample.config)}
    usual = {field.name: field.default for field in fields(sample.config) if field.name != "temperature"}
    settings = ", ".join(f"{name}={value!r}" for name, value in given.items() if value != usual.get(name))
    return (
        f'<div class="lens-text"><span class="lens-prompt">{prompt}</span>{text}</div>'
        f"{_left_out(len(sample), language)}{_note(f'<code>SampleConfig({escape(settings)})</code>')}"
    )


def _network(network: "SmallNetwork", language: Language) -> str:
    return number_tables.weights(network, language)


def _headline(bits: float, model: str, language: Language) -> str:
    return f"<p>{say(language, 'score_headline', bits=number(language, bits, 4), model=escape(model))}</p>"


def _left_out(length: int, language: Language) -> str:
    facts = {"shown": number(language, LONGEST), "all": number(language, length)}
    return _note(say(language, "left_out", **facts)) if length > LONGEST else ""


def _note(content: str) -> str:
    return f'<p class="lens-note">{content}</p>'


VIEWS: dict[str, Callable[..., str]] = {
    "Score": _score, "Trace": _trace, "Sample": _sample, "SmallNetwork": _network
}  # fmt: skip
