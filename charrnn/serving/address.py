"""Where a server listens, and by which names it may be called."""

import contextlib
import errno
import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import Scope

from charrnn.errors import Phrase, UserError, cause
from charrnn.serving.guard import LOOPBACK, Door, is_forwarded, name_of

SPACES = ".hf.space"  # ends the names of Spaces, which huggingface.co shows in a frame
# Where a packet would go: the way out, the usual private networks, and the addresses of computers that are a hotspot.
# A socket that is pointed there knows by which of this machine's addresses it would leave; nothing is sent.
DIRECTIONS = ("192.0.2.1", "192.168.0.1", "10.0.0.1", "172.16.0.1", "192.168.137.1", "192.168.2.1", "10.42.0.1")
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


def network_addresses(host: str) -> list[str]:
    """Return the addresses at which others in the same network reach a server that listens on `host`.

    The likeliest comes first. Empty for this machine alone, and where it is in no network.
    """
    if is_this_machine(host):
        return []
    if host not in ("0.0.0.0", "::"):
        return [host]
    found = []
    for there in DIRECTIONS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.connect((there, 9))
            found.append(probe.getsockname()[0])
    return [one for one in dict.fromkeys(found) if not ipaddress.ip_address(one).is_loopback]


def url_of(address: str, port: int) -> str:
    """Return the URL of a server at an address or a name."""
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def is_from_here(scope: Scope) -> bool:
    """Return whether a request comes from this machine, by a name that no other can call, and through no proxy."""
    headers = Request(scope).headers
    if name_of(headers.get("host", "")) not in LOOPBACK or is_forwarded(scope):
        return False
    try:
        client = ipaddress.ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return False
    return (getattr(client, "ipv4_mapped", None) or client).is_loopback


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
