"""Where a server listens, and by which names it may be called."""

import errno
import ipaddress
import socket
from urllib.parse import urlsplit

from charrnn.errors import Phrase, UserError, cause
from charrnn.serving.guard import LOOPBACK, Door, name_of

SPACES = ".hf.space"  # ends the names of Spaces, which huggingface.co shows in a frame
TAKEN = {
    errno.EADDRINUSE: Phrase("port-in-use"),
    errno.EACCES: Phrase("port-forbidden"),
}


def is_this_machine(host: str) -> bool:
    """Return whether only this machine can call a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def door(host: str, *, uploads: bool, share: bool = False, public: str = "", key: str = "") -> Door:
    """Return by which names, from where and with which key a server may be called."""
    own = is_this_machine(host)
    names = {*LOOPBACK, name_of(f"[{host}]" if ":" in host else host)}
    if not own:
        names |= {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
    return Door(
        frozenset(names), addresses=not own, anywhere=share, public=public, others=share or bool(public) or not own,
        uploads=uploads, framed=name_of(urlsplit(public).netloc).endswith(SPACES), key=key,
    )  # fmt: skip


def public_url(given: str | None) -> str:
    """Return the address at which a proxy serves the page, without a slash at its end. Raises UserError for no URL."""
    if not given:
        return ""
    try:
        parts = urlsplit(given)
        named = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        named = None
    if not named or parts.query or parts.fragment or parts.username:
        raise UserError("not-a-public-url", found=given)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes any that is free. Raises UserError where none can."""
    if not 0 <= port <= 65535:
        raise UserError("port-out-of-range", found=port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.getaddrinfo(host, port, family)
        return socket.create_server((host, port), family=family)
    except (socket.gaierror, UnicodeError):
        raise UserError("not-a-host", host=host) from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise UserError("host-elsewhere", host=host) from None
        why = TAKEN.get(error.errno or 0) or cause(error)
        raise UserError("port-not-free", port=port, host=host, why=why) from None


def free_port(host: str, port: int) -> int:
    """`port` if it is free, or for 0 any that is. Asked first, as gradio would try for seconds, then guess."""
    with listening(host, port) as server:
        return int(server.getsockname()[1])
