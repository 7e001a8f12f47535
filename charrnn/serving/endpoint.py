"""Serving the standard endpoint alone, to this machine or, if whoever starts it says so, to others."""

import sys
import threading

import uvicorn

from charrnn.errors import UserError
from charrnn.serving.address import door, is_this_machine, listening, public_url
from charrnn.serving.api import StandardApi
from charrnn.serving.guard import Guard
from charrnn.serving.loaded_models import ServedModels

GRACE = 2  # seconds that answers have to end in when the server ends


def application(models: ServedModels, host: str, *, public: str = "", key: str = "") -> Guard:
    """Return the guarded endpoint, for a server that listens on `host`."""
    entrance = door(host, uploads=False, public=public, key=key)
    return Guard(StandardApi(models, own=not entrance.others), entrance)


def serve(models: ServedModels, host: str, port: int, *, public: str | None = None, key: str | None = None) -> None:
    """Serve the endpoint until Ctrl-C. Raises UserError if it cannot be served there."""
    if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
        raise UserError("not-a-key")
    url = public_url(public)
    with listening(host, port) as here:
        found = here.getsockname()[1]
        for line in exposure(host, url, key=key):
            print(f"charrnn: {line}", file=sys.stderr)
        shown = url or f"http://{f'[{host}]' if ':' in host else host}:{found}"
        print(f"charrnn: {shown}/v1  (Ctrl-C ends)", flush=True)
        threading.Thread(target=models.warm, daemon=True).start()
        config = uvicorn.Config(
            application(models, host, public=url, key=key or ""), lifespan="off", ws="none", access_log=False,
            log_level="critical", server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE,
        )  # fmt: skip
        try:
            uvicorn.Server(config).run(sockets=[here])
        except KeyboardInterrupt:
            print()


def exposure(host: str, public: str, *, key: str | None) -> list[str]:
    """Return what whoever opens the endpoint to others should know."""
    if not public and is_this_machine(host):
        return []
    who = f"anyone who can reach {public or f'this machine at {host}'} can generate texts"
    if key is not None:
        return [f"{who}, knowing the key"]
    return [who, "--api-key KEY asks for a key"]
