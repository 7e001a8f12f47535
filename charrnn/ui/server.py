"""Serve the page in the visitor's language: to this machine or, if whoever starts it says so, to others."""

import os
import sys
import time
from functools import partial
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from charrnn.errors import UserError, cause
from charrnn.serving.address import door, free_port, is_this_machine, public_url
from charrnn.serving.api import Beside
from charrnn.serving.guard import Guard
from charrnn.serving.loaded_models import refuse_other_than_folder
from charrnn.ui.assets import STYLES, script, theme
from charrnn.ui.limits import LimitedBlocks, room
from charrnn.ui.model_cache import warm
from charrnn.ui.texts import label, language_of, say
from charrnn.ui.visitors import EVERYTHING, Permissions

TITLE = say("en", "title")  # of the page as gradio serves it, until it is localized
LOCALES = {"pt": "pt-BR", "en": "en"}
# Gradio's own script, which comes later, translates all labels to this.
SCRIPT = '<head><script>Object.defineProperty(navigator, "language", {{ get: () => "{locale}" }});</script>'
UPLOAD = "200mb"  # largest file, where training is allowed; elsewhere there are no uploads
SESSIONS = 128  # pages whose state is kept


def permissions(host: str, *, share: bool, allow_training: bool, public: str = "") -> Permissions:
    """Return what visitors may do: everything on this machine; elsewhere, training and paths only if allowed.

    Models are renamed, deleted, downloaded and added on this machine only.
    """
    own = not share and not public and is_this_machine(host)
    return Permissions(training=allow_training or own, paths=allow_training or own, models=own)


def exposure(host: str, allowed: Permissions, auth: str | None, *, share: bool, public: str = "") -> list[str]:
    """Return what whoever opens the page to others should know."""
    if not share and not public and is_this_machine(host):
        return []
    who = "anyone on the internet who has the link" if share else f"anyone who can reach this machine at {host}"
    who = f"anyone who can reach {public}" if public else who
    what = "generate and score texts" + (", train models and read files of this machine" if allowed.training else "")
    lines = [f"{who} can {what}" + ("" if auth is None else ", knowing the password")]
    if auth is None:
        lines.append("--auth USER:PASSWORD asks for a password")
    if not allowed.training:
        lines.append("training and paths of files are off; --allow-training allows them")
    return lines


def credentials(auth: str | None) -> tuple[str, str] | None:
    """USER:PASSWORD in parts. Raises UserError for anything else."""
    user, colon, password = (auth or "").partition(":")
    if auth is not None and not (user and colon and password):
        raise UserError("not-a-password")
    return (user, password) if auth is not None else None


def start(
    blocks: LimitedBlocks, host: str = "127.0.0.1", port: int = 0, allowed: Permissions = EVERYTHING, *,
    share: bool = False, auth: tuple[str, str] | None = None, public: str = "",
) -> str:  # fmt: skip
    """Serve the page in the background, to this machine unless `host`, `share` or `public` says more.

    Returns its address.
    """
    _spare_the_proxy(host)
    entrance = door(host, uploads=allowed.training, share=share, public=public, key=":".join(auth or ()))
    guard = Middleware(Guard, door=entrance, room=partial(room, blocks))
    try:
        _, url, shared = blocks.launch(
            server_name=host,
            server_port=free_port(host, port),
            prevent_thread_lock=True,
            quiet=True,
            share=share,
            auth=auth,
            auth_message="charrnn · nome e senha / name and password",
            ssr_mode=False,
            enable_monitoring=False,
            run_history=False,
            allowed_paths=[],
            max_file_size=UPLOAD,
            state_session_capacity=SESSIONS,
            root_path=public,
            mcp_server=False,
            footer_links=["api"],
            i18n=label,
            theme=theme(),
            css_paths=STYLES,
            js=script("page"),
            app_kwargs={"middleware": [guard, Middleware(Beside, api=blocks.api), Middleware(Localized)]},
        )
    except OSError as error:  # another program was quicker
        raise UserError("port-not-free", port=port, host=host, why=cause(error)) from None
    if share and not shared:
        raise UserError("no-tunnel")
    return str(shared or url)


def serve(
    host: str, port: int, models: Path, *, share: bool = False, allow_training: bool = False, auth: str | None = None,
    public: str | None = None,
) -> None:  # fmt: skip
    """Serve the page until Ctrl-C. Raises UserError if it cannot be served there."""
    from charrnn.ui import build

    refuse_other_than_folder(models)
    password, url = credentials(auth), public_url(public)
    allowed = permissions(host, share=share, allow_training=allow_training, public=url)
    free_port(host, port)  # what is wrong with them is told before anything is built
    blocks = build(models, allowed)
    try:
        for line in exposure(host, allowed, auth, share=share, public=url):
            print(f"charrnn: {line}", file=sys.stderr)
        served = start(blocks, host, port, allowed, share=share, auth=password, public=url)
        print(f"charrnn: {served}  (Ctrl-C ends)", flush=True)
        warm(models)  # while the page is opened and read
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()
    finally:
        blocks.close(verbose=False)


def _spare_the_proxy(host: str) -> None:
    """Keep gradio's check of its own page off an HTTP proxy."""
    if any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        for name in ("NO_PROXY", "no_proxy"):
            spared = [*os.environ.get(name, "").split(","), "127.0.0.1", "localhost", host]
            os.environ[name] = ",".join(dict.fromkeys(filter(None, spared)))


class Localized:
    """ASGI middleware that writes the visitor's language into the page; gradio would take it from the browser alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        begun: Message
        language = language_of(Request(scope))
        locale, begun, body = LOCALES[language], {}, bytearray()

        async def localized(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            whole = bytes(body).replace(b"<head>", SCRIPT.format(locale=locale).encode(), 1)
            whole = whole.replace(b'lang="en"', f'lang="{locale}"'.encode(), 1)
            whole = whole.replace(TITLE.encode(), say(language, "title").encode())
            kept = [pair for pair in begun["headers"] if pair[0].lower() not in (b"content-length", b"vary")]
            length = (b"content-length", str(len(whole)).encode())
            begun["headers"] = [*kept, length, (b"vary", b"cookie, accept-language")]
            await send(begun)
            await send({"type": "http.response.body", "body": whole})

        await self.app(scope, receive, localized)
