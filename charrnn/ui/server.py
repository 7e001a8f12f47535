"""Serve the page in the visitor's language: to this machine or, if whoever starts it says so, to others."""

import os
import sys
import time
from functools import partial
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from charrnn.errors import UserError, cause
from charrnn.serving.address import (
    door,
    free_port,
    is_from_here,
    is_this_machine,
    network_addresses,
    public_url,
    url_of,
)
from charrnn.serving.api import Beside
from charrnn.serving.guard import Door, Guard
from charrnn.serving.loaded_models import refuse_other_than_folder
from charrnn.ui import invitation
from charrnn.ui.assets import STYLES, on_arrival, theme
from charrnn.ui.limits import THREADS, LimitedBlocks, room
from charrnn.ui.model_cache import warm
from charrnn.ui.texts import label, language_of, say
from charrnn.ui.visitors import EVERYTHING, Permissions

TITLE = say("en", "title")  # of the page as gradio serves it, until it is localized
LOCALES = {"pt": "pt-BR", "en": "en"}
# Gradio's own script, which comes later, translates all labels to this, and logs requests that end because the page is
# left as errors.
SCRIPT = (
    '<head><script>Object.defineProperty(navigator, "language", {{ get: () => "{locale}" }}); '
    'addEventListener("beforeunload", () => {{ console.error = console.warn = () => {{}}; }});</script>'
)
UPLOAD = "200mb"  # largest file, where training is allowed; elsewhere there are no uploads
SESSIONS = 128  # pages whose state is kept
# Seconds after which a thread that runs Python lets another one run. The thread that answers all visitors gives way at
# each system call, and would wait 5 ms, Python's usual time, for each of those that write.
TURN = 0.0005


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
        lines.append("training and paths of files are off for others; --allow-training allows them")
    return lines


def credentials(auth: str | None) -> tuple[str, str] | None:
    """USER:PASSWORD in parts. Raises UserError for anything else."""
    user, colon, password = (auth or "").partition(":")
    if auth is not None and not (user and colon and password):
        raise UserError("not-a-password")
    return (user, password) if auth is not None else None


def start(
    blocks: LimitedBlocks, host: str = "127.0.0.1", port: int = 0, allowed: Permissions = EVERYTHING, *,
    share: bool = False, auth: tuple[str, str] | None = None, public: str = "", own: LimitedBlocks | None = None,
) -> str:  # fmt: skip
    """Serve the page in the background, to this machine unless `host`, `share` or `public` says more.

    own: the page that this machine itself gets at the same address, where others get `blocks`.

    Returns its address.
    """
    sys.setswitchinterval(TURN)
    _spare_the_proxy(host)
    entrance = door(host, uploads=allowed.training, share=share, public=public, key=":".join(auth or ()))
    layers = _layers(blocks, entrance)
    if own is not None:
        inner = door("127.0.0.1", uploads=True, key=entrance.key)
        options = _options(own, _layers(own, inner), auth)
        layers.insert(0, Middleware(OwnPage, own=gr.mount_gradio_app(FastAPI(), own, path="/", **options)))
    try:
        _, url, shared = blocks.launch(
            server_name=host,
            server_port=free_port(host, port),
            prevent_thread_lock=True,
            quiet=True,
            share=share,
            state_session_capacity=SESSIONS,
            max_threads=THREADS,
            root_path=public,
            **_options(blocks, layers, auth),
        )
    except OSError as error:  # another program was quicker
        raise UserError("port-not-free", port=port, host=host, why=cause(error)) from None
    if share and not shared:
        raise UserError("no-tunnel")
    return str(shared or url)


def _layers(blocks: LimitedBlocks, entrance: Door) -> list[Middleware]:
    """Return what stands in front of gradio's own application."""
    guard = Middleware(Guard, door=entrance, room=partial(room, blocks))
    return [guard, Middleware(Beside, api=blocks.api), Middleware(Localized)]


def _options(blocks: LimitedBlocks, layers: list[Middleware], auth: tuple[str, str] | None) -> dict[str, object]:
    """Return how gradio serves a page, whichever way it is served."""
    return {
        "auth": auth, "auth_message": "charrnn · nome e senha / name and password", "ssr_mode": False,
        "enable_monitoring": False, "run_history": False, "allowed_paths": [], "max_file_size": UPLOAD,
        "mcp_server": False, "footer_links": ["api"], "i18n": label, "theme": theme(), "css_paths": STYLES,
        "js": on_arrival(), "app_kwargs": {"middleware": layers},
    }  # fmt: skip


def serve(
    host: str, port: int, models: Path, *, share: bool = False, allow_training: bool = False, auth: str | None = None,
    public: str | None = None,
) -> None:  # fmt: skip
    """Serve the page until Ctrl-C. Raises UserError if it cannot be served there."""
    from charrnn.ui import build

    refuse_other_than_folder(models)
    password, url = credentials(auth), public_url(public)
    allowed = permissions(host, share=share, allow_training=allow_training, public=url)
    port = free_port(host, port)  # what is wrong with them is told before anything is built
    blocks, own, others = build(models, allowed), None, []
    if not share and not url:
        others = [url_of(address, port) for address in network_addresses(host)]
        own = None if is_this_machine(host) else build(models, EVERYTHING, others)
    try:
        for line in exposure(host, allowed, auth, share=share, public=url):
            print(f"charrnn: {line}", file=sys.stderr)
        served = start(blocks, host, port, allowed, share=share, auth=password, public=url, own=own)
        print(announced(served if own is None else url_of("127.0.0.1", port), others, own=own is not None), flush=True)
        warm(models)  # while the page is opened and read
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()
    finally:
        blocks.close(verbose=False)


def announced(served: str, others: list[str], *, own: bool) -> str:
    """Return what is printed when the page is served: where it is and, in a terminal, the code of others' address."""
    lines = [f"charrnn: {served}  (Ctrl-C ends)"]
    if own:
        lines[0] += ", for this machine: training is allowed"
        lines += [f"charrnn: {one}  for others in the same network" for one in others]
        lines += [] if others else ["charrnn: this machine is in no network; join one, then start again"]
    if others and sys.stdout.isatty():
        lines += ["", invitation.printed(others[0])]
    return "\n".join(lines)


class OwnPage:
    """ASGI middleware that answers this machine's own requests by a page of its own, and passes on all others."""

    def __init__(self, app: ASGIApp, own: FastAPI) -> None:
        self.app, self.own = app, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            async with self.own.router.lifespan_context(self.own):
                await self.app(scope, receive, send)
            return
        starting = scope["path"].endswith("/startup-events")  # as gradio itself calls, to let the others' page answer
        await (self.own if is_from_here(scope) and not starting else self.app)(scope, receive, send)


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
