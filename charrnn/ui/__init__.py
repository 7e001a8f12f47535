"""The app: a page in the browser, one file per tab. Importing this loads gradio; nothing else does."""

import os
import socket
import time
from pathlib import Path

import gradio as gr

from charrnn.errors import UserError
from charrnn.ui import about, generate, menus, score, train
from charrnn.ui.permissions import EVERYTHING, Permissions
from charrnn.ui.texts import label

__all__ = ["build", "serve", "start"]

TABS = {
    "generate": generate.tab,
    "train": train.tab,
    "score": score.tab,
    "about": about.tab,
}  # as they stand on the page; each also names its text
STYLE = sorted(Path(__file__).parent.glob("*.css"))
# Of the fonts that gradio brings, one that has all letters of Portuguese in both weights.
SANS = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))
KEYS = """() => document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    document.querySelector("#do-generate")?.click();
})"""


def build(models: Path, allowed: Permissions = EVERYTHING) -> gr.Blocks:
    """The page, not yet served. `models`: the directory of the trained models; it need not exist."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    with gr.Blocks(title=label("title"), analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        gr.Markdown(label("head"), elem_id="head")
        with gr.Tabs(elem_id="tabs") as tabs:
            for name, tab in TABS.items():
                with gr.Tab(label(f"{name}_tab"), id=name, elem_id=f"{name}-tab"):
                    tab(blocks, models, allowed)
        menus.follow(blocks, tabs, models)
    return blocks.queue(max_size=20)


def start(blocks: gr.Blocks, host: str = "127.0.0.1", port: int = 0) -> str:
    """Serve the page in the background, to this machine unless `host` says more. Returns its address."""
    _spare_the_proxy(host)
    try:
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=_free_port(host, port),
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            enable_monitoring=False,
            run_history=False,
            allowed_paths=[],
            max_file_size="50mb",
            state_session_capacity=200,
            footer_links=["settings", "api"],
            i18n=label,
            theme=_theme(),
            css_paths=STYLE,
            js=KEYS,
        )
    except OSError as error:
        raise UserError(f"port {port}: expected a free port on {host}, found: {error}") from None
    return str(url)


def serve(host: str, port: int, models: Path) -> None:
    """Serve the page until Ctrl-C. Raises UserError if it cannot be served there."""
    if models.exists() and not models.is_dir():
        raise UserError(f"--models {models}: expected a directory, found a file")
    blocks = build(models)
    try:
        print(f"charrnn: {start(blocks, host, port)}  (Ctrl-C ends)", flush=True)
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()
    finally:
        blocks.close(verbose=False)


def _free_port(host: str, port: int) -> int:
    """`port` if it is free, or for 0 any that is. Asked first, as gradio would try for seconds, then guess."""
    if not 0 <= port <= 65535:
        raise UserError(f"--port: expected a number of at least 0 and at most 65535, found {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as server:
            return int(server.getsockname()[1])
    except socket.gaierror:
        raise UserError(f"--host: expected an address of this machine, found {host!r}") from None
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise UserError(f"--port {port}: expected a free port on {host}, found: {reason}") from None


def _spare_the_proxy(host: str) -> None:
    """Keep gradio's check of its own page off an HTTP proxy."""
    if any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        for name in ("NO_PROXY", "no_proxy"):
            spared = [*os.environ.get(name, "").split(","), "127.0.0.1", "localhost", host]
            os.environ[name] = ",".join(dict.fromkeys(filter(None, spared)))


def _theme() -> gr.themes.Base:
    """Paper and ink, by day and by night; one accent, a blue that all colour vision tells from grey."""
    theme = gr.themes.Base(
        neutral_hue=gr.themes.colors.stone,
        primary_hue=gr.themes.colors.sky,
        font=(SANS, "system-ui", "sans-serif"),
        font_mono=("ui-monospace", "Consolas", "monospace"),
    )
    return theme.set(
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
