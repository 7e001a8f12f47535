"""What the page's components are dressed in: the theme, the style sheets and the scripts that run in the browser."""

from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
STYLES = [HERE.parent / "html" / "blocks.css", *sorted(HERE.rglob("*.css"))]
READABLE = gr.themes.Size(  # no text is smaller than 14 pixels
    name="readable", xxs="14px", xs="14px", sm="14px", md="14px", lg="16px", xl="22px", xxl="26px"
)
# Of the fonts shipped with gradio, this one has all letters of Portuguese in both weights.
SANS = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))


def script(name: str) -> str:
    """Return one of the scripts of the folder `scripts`, a file of JavaScript for each part of the page."""
    return (HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8")


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
        input_border_color="#cfc8bc",
        input_border_color_dark="#4a4540",
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
        button_secondary_border_color="#cfc8bc",
        button_secondary_border_color_dark="#4a4540",
    )
