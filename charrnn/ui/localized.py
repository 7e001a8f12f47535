"""The page is served in the visitor's language, which gradio would take from the browser alone."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from charrnn.ui.texts import language_of

LOCALES = {"pt": "pt-BR", "en": "en"}
# Gradio's own script, which comes later, translates all labels to this.
SCRIPT = '<head><script>Object.defineProperty(navigator, "language", {{ get: () => "{locale}" }});</script>'


class Localized:
    """ASGI middleware that writes the language into the page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        begun: Message
        locale, begun, body = LOCALES[language_of(Request(scope))], {}, bytearray()

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
            kept = [pair for pair in begun["headers"] if pair[0].lower() not in (b"content-length", b"vary")]
            length = (b"content-length", str(len(whole)).encode())
            begun["headers"] = [*kept, length, (b"vary", b"cookie, accept-language")]
            await send(begun)
            await send({"type": "http.response.body", "body": whole})

        await self.app(scope, receive, localized)
