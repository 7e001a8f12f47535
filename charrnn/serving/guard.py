"""The ASGI middleware in front of a server: which names, pages and routes may call, how much, how often and how long.

In: every request. Out: the same request to gradio or to the standard endpoint (`api`), or a refusal in one line. `Door`
says what is open, `Guard` checks it, and `Visitors` counts what each client uses. Arguments are checked later.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from charrnn.errors import UserError
from charrnn.serving.reporting import STANDARD, RefusedError, is_fault, is_standard, refusal_response

CLIENT = "charrnn.client"  # the key of a request's scope that holds who sent it
LOOPBACK = ("localhost", "127.0.0.1", "::1")
API = "/gradio_api/"
PAGES = ("/", "/config", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json", "/logout")
FILES = ("/assets/", "/static/", "/svelte/", "/pwa_icon")
READ = ("info", "openapi.json", "app_id", "user", "login_check", "token", "startup-events", "theme.css", "queue/data",
        "queue/status", "call/", "heartbeat/", "file=", "upload_progress")  # fmt: skip
WRITTEN = ("queue/join", "call/", "run/", "api/", "cancel", "reset")
UPLOAD = "upload"
# Names of headers that proxies add, by how they begin.
FORWARDED = (b"x-forwarded", b"x-original-forwarded", b"forwarded", b"via", b"x-real-ip", b"x-client-ip",
             b"x-cluster-client-ip", b"true-client-ip", b"cf-", b"fastly-", b"x-envoy-", b"x-amz")  # fmt: skip
OPEN = 120  # requests of one client at once; a page holds two streams
RATE, BURST = 30.0, 150.0  # requests a second of one visitor, and how many may come at once; files are free
WHOLE = 5.0  # as many requests as one for the page itself, which takes longer, counts for
BODY = {True: 2_000_000, False: 64_000_000}  # bytes of a request but an upload, where others can come and else
UPLOADED = 1_000_000_000  # bytes of an upload, all files together
PATIENCE = 20.0  # seconds that a request waits for its share
SILENCE = 30.0  # seconds without a byte read or sent after which a request ends
TRIES = 3  # wrong passwords before each further one costs a wait, which doubles
LONGEST_WAIT = 300.0  # seconds
LONGEST_NAME = 100  # characters of what a client calls its page
KEPT = 10_000  # clients that are remembered
# JSON escapes that no text holds: half of a surrogate pair, and NUL. They break UTF-8, paths and command lines.
STRANGE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")

Body = dict[str, object]
"""What a request says, from JSON."""


@dataclass(frozen=True)
class Door:
    """What of the page is open, and to whom."""

    names: frozenset[str] = frozenset(LOOPBACK)  # the host names by which it may be called
    addresses: bool = False  # whether it may be called by any IP address
    anywhere: bool = False  # whether by any name, as through gradio's tunnel
    public: str = ""  # the URL at which a proxy serves it
    others: bool = False  # whether people elsewhere can come
    uploads: bool = True
    framed: bool = False  # whether another site may show it in a frame, as huggingface.co does its Spaces
    key: str = ""  # without which the standard endpoint answers nobody

    @property
    def prefix(self) -> str:
        return urlsplit(self.public).path.rstrip("/")

    def knows(self, host: str) -> bool:
        """Return whether the page may be called by the name of a Host header."""
        name = name_of(host)
        if self.anywhere or name in self.names or (self.public and name == name_of(urlsplit(self.public).netloc)):
            return True
        return self.addresses and _is_address(name)


@dataclass
class Use:
    """What one client uses."""

    open: int = 0
    joining: int = 0  # requests that are about to queue an event
    tokens: float = BURST
    at: float = field(default_factory=time.monotonic)
    wrong: int = 0  # passwords, since the last right one
    next_try: float = 0.0

    def tried(self, *, right: bool) -> None:
        """Note that a password was tried: each wrong one after TRIES doubles the wait before the next."""
        self.wrong = 0 if right else self.wrong + 1
        wait = min(2.0 ** (self.wrong - TRIES), LONGEST_WAIT) if self.wrong >= TRIES else 0.0
        self.next_try = time.monotonic() + wait


class Visitors:
    """What each client uses, by its address; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: dict[str, Use] = {}

    def use(self, client: str) -> Use:
        if client not in self._known:
            idle = (name for name, use in self._known.items() if not use.open)
            if len(self._known) >= KEPT and (oldest := next(idle, None)) is not None:
                del self._known[oldest]
            self._known[client] = Use()
        return self._known[client]

    @contextlib.asynccontextmanager
    async def counted(self, client: str, cost: float = 1.0) -> AsyncIterator[None]:
        """Count a request while it lasts. Raises RefusedError if the client has too many, or too many a second."""
        use, now = self.use(client), time.monotonic()
        use.tokens, use.at = min(BURST, use.tokens + RATE * (now - use.at)), now
        if use.tokens < cost or use.open >= OPEN:
            raise RefusedError(429, UserError("too-many-requests"), retry=1.0)
        use.tokens -= cost
        use.open += 1
        try:
            yield
        finally:
            use.open -= 1

    @contextlib.asynccontextmanager
    async def guess(self, client: str) -> AsyncIterator[Callable[[int], None]]:
        """Let a password be tried, one at a time; yield a function that takes the status of the answer."""
        use, now = self.use(client), time.monotonic()
        if now < use.next_try:
            raise RefusedError(429, UserError("too-many-passwords", wait=use.next_try - now), retry=use.next_try - now)
        use.next_try = now + SILENCE  # while this one is tried

        def answered(status: int) -> None:
            use.tried(right=status < 400)

        yield answered

    def show_key(self, client: str, *, right: bool) -> None:
        """Raise RefusedError for a wrong key and, for a time, for any key after wrong ones."""
        use = self.use(client)
        wait = use.next_try - time.monotonic()
        if wait > 0:
            raise RefusedError(429, UserError("too-many-passwords", wait=wait), retry=wait)
        use.tried(right=right)
        if not right:
            raise RefusedError(401, UserError("wrong-key"))


class Guard:
    """The middleware. room: how many more events of the kind that a request asks for a client may have now."""

    def __init__(self, app: ASGIApp, door: Door, room: Callable[[str, str, Body], int] = lambda *_: 1) -> None:
        self.app, self.door, self.room, self.visitors = app, door, room, Visitors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # gradio opens no WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return
        sender = _Sender(send)
        try:
            scope = self._admitted(scope)
            async with self.visitors.counted(scope[CLIENT], self._cost(scope["path"])):
                if self.door.key and scope["path"].startswith(STANDARD):
                    self._check_key(scope)
                await self._answer(scope, receive, sender)
        except RefusedError as refused:
            await sender.refuse(scope, refused)
        except TimeoutError:  # of one who does not read, or does not go on to send
            if not sender.status:
                await sender.refuse(scope, RefusedError(408, UserError("request-too-slow")))
        except BaseException as error:  # of what the arguments, of gradio's own routes, made of it
            if not is_fault(error):
                raise
            line = str(error).partition("\n")[0][:200]
            print(f"charrnn: {scope['path'][:80]!r}: {type(error).__name__}: {line!r}", file=sys.stderr)
            await sender.refuse(scope, RefusedError(400, UserError("request-not-understood")))

    def _admitted(self, scope: Scope) -> Scope:
        """Return the scope as gradio is to see it. Raises RefusedError by where the request comes from or goes."""
        headers = Request(scope).headers
        if is_forwarded(scope) and not self.door.others:
            raise RefusedError(403, UserError("behind-a-proxy"))
        if not self.door.knows(host := headers.get("host", "")):
            raise RefusedError(403, UserError("unknown-host", host=name_of(host)[:100]))
        self._check_origin(scope, host)
        path = scope["path"]
        prefix = self.door.prefix
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            path = path[len(prefix) :] or "/"
        if not self._has_route(scope["method"], path):
            raise RefusedError(404, UserError("no-such-page"))
        kept = [pair for pair in scope["headers"] if not pair[0].startswith(FORWARDED)]
        client = _client(scope, proxied=bool(self.door.public))
        return {**scope, "path": path, "raw_path": path.encode(), "root_path": "", "headers": kept, CLIENT: client}

    def _check_origin(self, scope: Scope, host: str) -> None:
        """Refuse what another site's page asks for, but a link that opens this page."""
        headers = Request(scope).headers
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        own = {host.lower(), urlsplit(self.door.public).netloc.lower()} - {""}
        if origin is not None and urlsplit(origin).netloc.lower() not in own:
            raise RefusedError(403, UserError("other-origin"))
        places = ("document", "iframe") if self.door.framed else ("document",)
        opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") in places
        if origin is None and site not in ("none", "same-origin") and not (opened and scope["method"] == "GET"):
            raise RefusedError(403, UserError("other-origin"))

    def _check_key(self, scope: Scope) -> None:
        """Refuse a request without the key, compared in constant time."""
        kind, _, given = Request(scope).headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise RefusedError(401, UserError("no-api-key"))
        right = hmac.compare_digest(given.strip().encode("latin-1"), self.door.key.encode("utf-8"))
        self.visitors.show_key(scope[CLIENT], right=right)

    def _has_route(self, method: str, path: str) -> bool:
        """Return whether a route is open; gradio has more, for its own development."""
        if is_standard(path):
            return method in ("GET", "POST")
        path = path if path == "/" else path.rstrip("/")
        rest = path.removeprefix(API) if path.startswith(API) else None
        if method in ("GET", "HEAD"):
            return path in PAGES or path.startswith(FILES) or (rest is not None and rest.startswith(READ))
        if method == "POST":
            if rest is None:
                return path == "/login"
            return rest.startswith(WRITTEN) or (self.door.uploads and rest == UPLOAD)
        return False

    def _cost(self, path: str) -> float:
        if not self.door.others or path.startswith(FILES):
            return 0.0
        return WHOLE if path in ("/", "/config") else 1.0

    async def _answer(self, scope: Scope, receive: Receive, sender: "_Sender") -> None:
        path, posted = scope["path"].rstrip("/"), scope["method"] == "POST"
        if not posted:
            await self.app(scope, receive, sender)
        elif path == API + UPLOAD:
            await self.app(scope, _limited(scope, receive), sender)
        elif path == "/login":
            body = await self._body(scope, receive)
            async with self.visitors.guess(scope[CLIENT]) as answered:
                await self.app(scope, _replayed(scope, body, receive), sender)
                answered(sender.status)
        elif is_standard(path):
            await self.app(scope, _replayed(scope, await self._body(scope, receive), receive), sender)
        else:
            body = await self._body(scope, receive)
            values = _values(body)
            body = json.dumps(_cleaned(values)).encode() if STRANGE.search(body) else body
            queued = self.door.others and path.removeprefix(API).startswith(("queue/join", "call/"))
            async with self._turn(scope[CLIENT], path, values) if queued else contextlib.nullcontext():
                await self.app(scope, _replayed(scope, body, receive), sender)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """Read a body that is small."""
        most, body = BODY[self.door.others], bytearray()
        limited, more = _limited(scope, receive, most), True
        async with asyncio.timeout(SILENCE):
            while more:
                message = await limited()
                body += message.get("body", b"")
                more = message.get("more_body", False)
        return bytes(body)

    @contextlib.asynccontextmanager
    async def _turn(self, client: str, path: str, body: Body) -> AsyncIterator[None]:
        """Wait until the client has room for one more event. Raises RefusedError after PATIENCE."""
        use, end = self.visitors.use(client), time.monotonic() + PATIENCE
        while self.room(client, path, body) <= use.joining:
            if time.monotonic() > end:
                raise RefusedError(429, UserError("too-many-requests"), retry=PATIENCE)
            await asyncio.sleep(0.05)
        use.joining += 1
        try:
            yield
        finally:
            use.joining -= 1


class _Sender:
    """A `send` that ends if nobody reads, and that knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send, self.status, self._streams = send, 0, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._streams = all(name != b"content-length" for name, _ in message["headers"])
        elif not message.get("more_body"):
            self._streams = False
        await asyncio.wait_for(self._send(message), SILENCE)

    async def refuse(self, scope: Scope, refused: RefusedError) -> None:
        if self.status:  # too late to say so
            if self._streams:
                await self({"type": "http.response.body", "body": b""})
            return
        await refusal_response(scope, refused)(scope, _nothing, self)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _limited(scope: Scope, receive: Receive, most: int = UPLOADED) -> Receive:
    """Return a `receive` that raises RefusedError beyond `most` bytes, and TimeoutError for one who sends none."""
    stated = Request(scope).headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > most:
        raise RefusedError(413, UserError("request-too-large", most=most))
    count = 0

    async def read() -> Message:
        nonlocal count
        message = await asyncio.wait_for(receive(), SILENCE)
        count += len(message.get("body", b""))
        if count > most:
            raise RefusedError(413, UserError("request-too-large", most=most))
        return message

    return read


def _replayed(scope: Scope, body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read."""
    kept = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
    scope["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


def _values(body: bytes) -> Body:
    """Return what a body of JSON says. Raises RefusedError for another, or for long names, which would be kept.

    It must be UTF-8. Of bytes, `json.loads` reads UTF-16, UTF-32 and surrogates, too, where STRANGE finds nothing.
    """
    try:
        values = json.loads(body.decode("utf-8") or "{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise RefusedError(400, UserError("request-not-understood"))
    long = any(len(str(values.get(name, ""))) > LONGEST_NAME for name in ("session_hash", "event_id"))
    if long or not isinstance(values.get("fn_index"), int | None):  # gradio takes "3" for 3, `room` must not
        raise RefusedError(400, UserError("request-not-understood"))
    return values


def _cleaned(value: object) -> object:
    """Return a JSON value with U+FFFD in place of lone surrogates and NUL."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return {str(_cleaned(key)): _cleaned(one) for key, one in value.items()} if isinstance(value, dict) else value


def is_forwarded(scope: Scope) -> bool:
    """Return whether a request came through a proxy, by what it says or by its HTTP/1.0, as no browser speaks."""
    return scope.get("http_version") == "1.0" or any(name.startswith(FORWARDED) for name, _ in scope["headers"])


def name_of(host: str) -> str:
    """Return the name in a Host header or in the part of a URL that says where: without user, port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _client(scope: Scope, *, proxied: bool) -> str:
    """Return whom a request comes from: its address or, of IPv6, the network, as each person has one.

    proxied: the last address that the proxy's X-Forwarded-For names; any before it, the client may have made up.
    """
    named = Request(scope).headers.getlist("x-forwarded-for") if proxied else []
    client = ",".join(named).rpartition(",")[2].strip() or (scope.get("client") or ("",))[0]
    if client.count(":") == 1 or client.startswith("["):  # with a port, as some proxies write it
        client = name_of(client)
    try:
        address = ipaddress.ip_address(client.split("%")[0])
    except ValueError:
        return str(client)[:60]
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
