"""What the page's components are dressed in: the theme, the style sheets and the scripts that run in the browser."""

import json
from pathlib import Path
from typing import get_args

import gradio as gr

from charrnn.ui.texts import TEXTS, Language

HERE = Path(__file__).parent
STYLES = [HERE.parent / "html" / "blocks.css", *sorted(HERE.rglob("*.css"))]
SIGNS = {  # of the buttons beside the title: letters, or what is drawn in a square of 20 units
    "smaller": "A−",
    "larger": "A+",
    "full": "M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5",
    "theme": "M16.5 12A7 7 0 1 1 8.5 3.5a5.8 5.8 0 0 0 8 8.5z",
    "print": "M6 8V3h8v5M6 14H3V8h14v6h-3M6 12h8v5H6z",
}
TOOLS = "".join(
    f'<button type="button" data-tool="{name}">'
    + (sign if len(sign) == 2 else f'<svg viewBox="0 0 20 20" aria-hidden="true"><path d="{sign}"/></svg>')
    + "</button>"
    for name, sign in SIGNS.items()
)
READABLE = gr.themes.Size(  # no text is smaller than 14 pixels; in rem, so that the page's A+ enlarges it
    name="readable",
    xxs="0.875rem",
    xs="0.875rem",
    sm="0.875rem",
    md="0.875rem",
    lg="1rem",
    xl="1.375rem",
    xxl="1.625rem",
)
EDGE, EDGE_DARK = "#8f887d", "#7d766d"  # of what can be used: 3:1 on the paper
# Of the fonts shipped with gradio, this one has all letters of Portuguese in both weights.
SANS = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))


def script(name: str) -> str:
    """Return one of the scripts of the folder `scripts`, a file of JavaScript for each part of the page."""
    return (HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8")


def worded(name: str, prefix: str) -> str:
    """Return a script with its WORDS: the texts whose keys begin with a prefix, which no label could bring there."""
    words = {
        language: {key.removeprefix(prefix): pair[column] for key, pair in TEXTS.items() if key.startswith(prefix)}
        for column, language in enumerate(get_args(Language))
    }
    return script(name).replace("WORDS", json.dumps(words, ensure_ascii=False))


def on_arrival() -> str:
    """Return the script that the browser runs when the page has been laid out."""
    parts = (script("page"), worded("repairs", "control_"), worded("pictures", "picture_"))
    return f"() => {{ {' '.join(f'({part})();' for part in parts)} }}"


def theme() -> gr.themes.Base:
    """Return the colours and type of gradio's controls: paper and ink, light and dark, with one blue accent.

    The blue can be told from grey with every kind of colour vision.
    """
    base = gr.themes.Base(
        neutral_hue=gr.themes.colors.stone,
        primary_hue=gr.themes.colors.sky,
        font=(SANS, "system-ui", "sans-serif"),
        text_size=READABLE,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    )
    return base.set(
        body_background_fill="#faf7f1",
        body_background_fill_dark="#191817",
        body_text_color="#262320",
        body_text_color_dark="#e9e4da",
        body_text_color_subdued="#66605a",
        body_text_color_subdued_dark="#aba49a",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_title_text_weight="700",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        block_info_text_color="*body_text_color_subdued",
        block_info_text_color_dark="*body_text_color_subdued",
        input_background_fill="#fffdf9",
        input_background_fill_dark="#232120",
        input_border_color=EDGE,
        input_border_color_dark=EDGE_DARK,
        input_placeholder_color="*body_text_color_subdued",
        input_placeholder_color_dark="*body_text_color_subdued",
        checkbox_border_color=EDGE,
        checkbox_border_color_dark=EDGE_DARK,
        block_label_text_color="*body_text_color",
        block_label_text_color_dark="*body_text_color",
        input_border_width="1px",
        input_border_width_dark="1px",
        slider_color="#1f5a7d",
        slider_color_dark="#7fb7d8",
        button_primary_background_fill="#1f5a7d",
        button_primary_background_fill_hover="#17465f",
        button_primary_border_color="#1f5a7d",
        button_primary_border_color_dark="#8cc3e4",
        button_primary_text_color="#ffffff",
        button_primary_background_fill_dark="#8cc3e4",
        button_primary_background_fill_hover_dark="#a9d4ee",
        button_primary_text_color_dark="#10202b",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_border_width="1px",
        button_border_width_dark="1px",
        button_secondary_border_color=EDGE,
        button_secondary_border_color_dark=EDGE_DARK,
    )
