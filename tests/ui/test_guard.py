"""Who may call the page, by which name, for what, and how often: raw requests to a served page."""

import asyncio
import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from page_support import RESTRICTED

from charrnn.errors import UserError
from charrnn.serving import guard
from charrnn.serving.address import door, public_url
from charrnn.serving.guard import Door, RefusedError, Visitors, _client
from charrnn.ui import build, start
from charrnn.ui.server import exposure, permissions

JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"
WRONG = {"username": "ana", "password": "outro"}
RIGHT = {"username": "ana", "password": "segredo"}


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    """The page of this machine."""
    blocks = build(saved.parent)
    yield start(blocks)
    blocks.close(verbose=False)


@pytest.fixture(scope="module")
def visited(saved: Path) -> Iterator[str]:
    """The page as visitors have it, behind a password."""
    blocks = build(saved.parent, RESTRICTED)
    yield start(blocks, allowed=RESTRICTED, auth=("ana", "segredo"), public="https://example.org/charrnn")
    blocks.close(verbose=False)


def ask(url: str, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str]:
    """Send a request with these headers, and none of a client's own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest(method, path, skip_host="host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(b"x" * int(headers.get("content_length", "0")))
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(errors="replace")
    connection.close()
    return found


# Names


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.evil.example", "192.168.0.7",
     "", "127.0.0.1@evil.example", "evil.example#127.0.0.1", "evil.example/127.0.0.1", "[::2]", "[", "0x7f.1"],
)  # fmt: skip
def test_a_name_that_is_not_this_machines_is_refused(url: str, host: str) -> None:
    """A page elsewhere sends such names after its own name was rebound to 127.0.0.1."""
    for path, method in (("/", "GET"), ("/config", "GET"), (JOIN, "POST"), ("/gradio_api/info", "GET")):
        status, told = ask(url, path, method, host=host.format(port=urlsplit(url).port))
        assert status == 403
        assert "does not answer to the name" in told


def test_this_machines_own_names_are_answered(url: str) -> None:
    port = urlsplit(url).port
    for name in ("localhost", "LocalHost", "127.0.0.1", "[::1]", "localhost."):
        assert ask(url, host=f"{name}:{port}")[0] == 200
        assert ask(url, host=name)[0] == 200


def test_other_names_are_those_of_the_options() -> None:
    lan = door("0.0.0.0", uploads=False)
    assert all(lan.knows(name) for name in ("192.168.0.7:7860", "localhost", socket.gethostname(), "[fe80::1]:1"))
    assert not lan.knows("evil.example")
    assert door("minha.maquina", uploads=False).knows("minha.maquina:7860")
    public = door("127.0.0.1", uploads=False, public="https://example.org/charrnn")
    assert public.knows("example.org")
    assert not public.knows("evil.example")
    assert not public.knows("192.168.0.7")
    assert door("127.0.0.1", uploads=False, share=True).knows("abc.gradio.live")
    assert not door("127.0.0.1", uploads=True).knows("192.168.0.7")


# Origins


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example"]
)
def test_what_another_sites_page_asks_for_is_refused(url: str, origin: str) -> None:
    files = {"files": ("a.txt", b"texto")}
    assert requests.post(url + UPLOAD[1:], files=files, headers={"Origin": origin}, timeout=10).status_code == 403
    body = {"data": [], "fn_index": 0, "session_hash": "a"}
    found = requests.post(url + JOIN[1:], json=body, headers={"Origin": origin}, timeout=10)
    assert found.status_code == 403
    assert "another site" in found.text


def test_an_upload_of_the_page_itself_is_taken(url: str) -> None:
    own = {"Origin": url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    found = requests.post(url + UPLOAD[1:], files={"files": ("a.txt", b"texto")}, headers=own, timeout=10)
    assert found.status_code == 200
    assert Path(found.json()[0]).read_bytes() == b"texto"


def test_a_link_from_elsewhere_opens_the_page_but_takes_nothing_else(url: str) -> None:
    from_elsewhere = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert ask(url, **from_elsewhere, sec_fetch_dest="document")[0] == 200
    assert ask(url, **from_elsewhere, sec_fetch_dest="iframe")[0] == 403
    assert ask(url, JOIN, "POST", **from_elsewhere, sec_fetch_dest="document")[0] == 403
    assert ask(url, "/config", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")[0] == 403


# Proxies


@pytest.mark.parametrize(
    "name",
    [
        "x_forwarded_for",
        "x_forwarded_host",
        "forwarded",
        "x_real_ip",
        "X_Forwarded_Proto",
        "X_Forwarded_Port",
        "via",
        "x_client_ip",
        "x_cluster_client_ip",
        "true_client_ip",
        "cf_connecting_ip",
        "fastly_client_ip",
        "x_amzn_trace_id",
    ],
)
def test_the_page_of_this_machine_is_not_served_through_a_proxy(url: str, name: str) -> None:
    status, told = ask(url, **{name: "203.0.113.9"})
    assert status == 403
    assert "--public" in told
    told = ask(url, **{name: "203.0.113.9", "accept_language": "pt-BR"})[1]
    assert "passou por um proxy" in told


def test_a_proxy_that_tells_nothing_is_known_by_its_http(url: str) -> None:
    """Some speak HTTP/1.0 to this machine, and name it as the host."""
    host = urlsplit(url)
    with socket.create_connection((host.hostname, host.port)) as to:
        to.sendall(f"GET / HTTP/1.0\r\nHost: {host.netloc}\r\n\r\n".encode())
        assert b" 403 " in to.makefile("rb").readline()


def test_a_public_page_is_safe_without_more_options() -> None:
    for host in ("127.0.0.1", "0.0.0.0"):
        allowed = permissions(host, share=False, allow_training=False, public="https://example.org")
        assert allowed == RESTRICTED
        assert not door(host, uploads=allowed.training, public="https://example.org").uploads
    told = exposure("127.0.0.1", RESTRICTED, None, share=False, public="https://example.org")
    assert "https://example.org" in told[0]
    assert "train" not in told[0]
    assert public_url("https://example.org/charrnn/") == "https://example.org/charrnn"
    assert public_url(None) == ""
    for malformed in (
        "example.org",
        "ftp://example.org",
        "https://",
        "https://a:b@example.org",
        "https://e/?a",
        "https://[",
        "https://e:x",
    ):
        with pytest.raises(UserError) as caught:
            public_url(malformed)
        assert caught.value.code == "not-a-public-url"


def test_a_client_is_whom_the_proxy_names_last() -> None:
    def client(address: str, *forwarded: str, proxied: bool = True) -> str:
        headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
        return _client({"type": "http", "client": (address, 1), "headers": headers}, proxied=proxied)

    assert client("127.0.0.1", "1.2.3.4, 203.0.113.9") == "203.0.113.9"
    assert client("127.0.0.1", "1.2.3.4", "203.0.113.9") == "203.0.113.9"
    assert client("127.0.0.1", "203.0.113.9:4711") == "203.0.113.9"
    assert client("127.0.0.1", "[2001:db8::1]:4711") == client("127.0.0.1", "2001:db8::ffff")
    assert client("127.0.0.1") == client("127.0.0.1", "1.2.3.4", proxied=False) == "127.0.0.1"
    assert client("2001:db8::1") == client("2001:db8::ffff") != client("2001:db8:1::1")


# Routes and sizes


def test_gradios_own_tools_are_closed(url: str) -> None:
    for path in ("/monitoring", "/monitoring/summary", "/gradio_api/dev/reload", "/gradio_api/deep_link", "/docs",
                 "/gradio_api/proxy=https://a.hf.space/b", "/gradio_api/runs", "/gradio_api/stream/a/b/c/playlist.m3u8",
                 "/gradio_api/custom_component/a/b/c/d", "/gradio_api/vibe-code", "/nada"):  # fmt: skip
        assert ask(url, path)[0] == 404, path
    for path in ("/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/vibe-edit",
                 "/gradio_api/stream/a", "/gradio_api/run-history/connect", "/", "/config"):  # fmt: skip
        assert ask(url, path, "POST")[0] == 404, path
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert ask(url, "/", method)[0] == 404, method


def test_a_public_page_takes_no_uploads(visited: str) -> None:
    session = requests.Session()
    assert session.post(f"{visited}login", data=RIGHT, timeout=10).status_code == 200
    found = session.post(visited + UPLOAD[1:], files={"files": ("a.txt", b"a")}, timeout=10)
    assert found.status_code == 404


def test_a_body_may_only_be_so_large(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guard.BODY, False, 1_000)
    assert requests.post(url + JOIN[1:], data=b"1" * 1_001, timeout=10).status_code == 413
    assert requests.post(url + JOIN[1:], data=(b"1" * 100 for _ in range(11)), timeout=10).status_code == 413
    assert requests.post(url + JOIN[1:], data=b"1" * 1_000, timeout=10).status_code == 400


def test_names_that_the_server_keeps_are_short(url: str) -> None:
    for name in ("session_hash", "event_id"):
        body = {"data": [], "fn_index": 0, name: "a" * 101}
        assert requests.post(url + JOIN[1:], json=body, timeout=10).status_code == 400


def test_one_who_does_not_go_on_to_send_is_ended(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SILENCE", 0.2)
    for path in (JOIN, UPLOAD):
        with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=5) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
            client.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n--b".encode())
            assert b" 408 " in client.recv(100)


def test_one_who_does_not_read_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SILENCE", 0.05)

    async def app(scope: object, receive: object, send: guard.Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"data", "more_body": True})

    async def never(message: object) -> None:
        await asyncio.sleep(60)

    async def nothing() -> guard.Message:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "client": ("1", 1)}
    began = time.monotonic()
    asyncio.run(guard.Guard(app, Door(), lambda *asked: 1)(scope, nothing, never))
    assert time.monotonic() - began < 1


def test_half_a_surrogate_pair_does_not_break_the_answer(url: str) -> None:
    """Nor NUL, which no path and no command line may hold."""
    body = '{"data": ["Era\\ud800 \\udfff\\u0000 \\ud83d\\ude00 \\\\ud800", "tiny", {"length": 5, "seed": 1}]}'
    kind = {"Content-Type": "application/json"}
    event = requests.post(f"{url}gradio_api/call/generate", data=body, headers=kind, timeout=10).json()["event_id"]
    found = requests.get(f"{url}gradio_api/call/generate/{event}", timeout=20).text
    assert "event: complete" in found
    twisted = '{"data": [], "session_hash": "\\ud800", "fn_index": 0, "trigger_id": "\\udc00"}'
    assert requests.post(url + JOIN[1:], data=twisted, headers=kind, timeout=10).status_code == 422
    assert guard._cleaned(json.loads('["\\ud83d\\ude00\\ud800"]')) == ["😀\ufffd"]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig", "surrogates"]
)
def test_json_comes_in_utf_8(url: str, encoding: str) -> None:
    """Others may hide what is not wanted in it: half a surrogate pair, NUL."""
    text = '{"data": ["Era \\ud800 \\u0000", "tiny", {"length": 5}]}'
    body = text.replace("\\ud800", "\ud800").encode("utf-8", "surrogatepass")
    body = body if encoding == "surrogates" else text.encode(encoding)
    kind = {"Content-Type": "application/json"}
    for path in ("gradio_api/call/generate", "gradio_api/queue/join"):
        assert requests.post(url + path, data=body, headers=kind, timeout=10).status_code == 400


@pytest.mark.parametrize("number", ["3", 3.0, [3], {}])
def test_an_endpoints_number_is_a_number(url: str, number: object) -> None:
    """gradio takes more for one, which the shares of visitors would not recognize."""
    body = {"data": [], "fn_index": number, "session_hash": "a"}
    for path in (JOIN, "/gradio_api/call/generate"):
        assert requests.post(url + path[1:], json=body, timeout=10).status_code == 400


# How often


def test_passwords_are_tried_ever_more_slowly(visited: str) -> None:
    def guess(words: dict[str, str], client: str) -> int:
        return requests.post(f"{visited}login", data=words, headers={"X-Forwarded-For": client}, timeout=10).status_code

    began, answers = time.monotonic(), []
    while time.monotonic() - began < 1.5:
        answers.append(guess(WRONG, "203.0.113.1"))
    assert answers.count(400) <= 4
    assert set(answers) == {400, 429}
    assert guess(RIGHT, "203.0.113.1") == 429
    assert guess(RIGHT, "203.0.113.2") == 200  # of another visitor


def test_a_wait_doubles_until_the_right_password(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(guard, "time", SimpleNamespace(monotonic=lambda: now))  # the servers' own clock goes on
    visitors = Visitors()

    async def guess(status: int) -> float:
        async with visitors.guess("a") as answered:
            answered(status)
        return visitors.use("a").next_try - now

    waits = []
    for _ in range(14):
        waits.append(asyncio.run(guess(400)))
        now += waits[-1]
    assert waits[:6] == [0, 0, 1, 2, 4, 8]
    assert waits[-1] == guard.LONGEST_WAIT
    assert asyncio.run(guess(200)) == 0
    assert asyncio.run(guess(400)) == 0


def test_a_client_has_a_rate() -> None:
    async def flood() -> int:
        visitors, taken = Visitors(), 0
        with contextlib.suppress(RefusedError):
            while taken < 10 * guard.BURST:
                async with visitors.counted("a"):
                    taken += 1
        async with visitors.counted("b"):
            return taken

    assert guard.BURST <= asyncio.run(flood()) < guard.BURST + 50


def test_a_client_has_only_so_many_connections() -> None:
    async def hold() -> None:
        visitors = Visitors()
        async with contextlib.AsyncExitStack() as held:
            for _ in range(guard.OPEN):
                await held.enter_async_context(visitors.counted("a"))
            with pytest.raises(RefusedError, match="too many requests"):
                await held.enter_async_context(visitors.counted("a"))
            await held.enter_async_context(visitors.counted("b"))
        assert visitors.use("a").open == 0

    asyncio.run(hold())


def test_only_so_many_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "KEPT", 100)
    visitors = Visitors()
    visitors.use("first").open = 1
    for number in range(1000):
        visitors.use(str(number))
    assert len(visitors._known) == 100
    assert visitors.use("first").open == 1
