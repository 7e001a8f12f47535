"""The page behind a reverse proxy, under a path of another address, as others get to see it."""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from page_support import RESTRICTED

from charrnn.config import SampleConfig
from charrnn.serving import guard
from charrnn.ui import build, limits, model_cache, start
from charrnn.ui.model_cache import version
from charrnn.ui.server import permissions

PREFIX = "/charrnn"


class Proxy(ThreadingHTTPServer):
    """Serves a page under PREFIX. strips: whether the page gets to see that; keeps_host: which Host it sees."""

    daemon_threads = True
    request_queue_size = 64  # connections that wait to be taken: more visitors at once than 5, the default

    def __init__(self, *, strips: bool, keeps_host: bool) -> None:
        super().__init__(("127.0.0.1", 0), Forward)
        self.strips, self.keeps_host, self.page = strips, keeps_host, ""
        self.url = f"http://127.0.0.1:{self.server_port}{PREFIX}"


class Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        upstream = http.client.HTTPConnection(urlsplit(self.server.page).netloc, timeout=20)
        path = self.path.removeprefix(PREFIX) or "/" if self.server.strips else self.path
        upstream.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
        client = self.headers.get("X-Pretend", self.client_address[0])
        added = {
            "Host": self.headers["Host"] if self.server.keeps_host else urlsplit(self.server.page).netloc,
            "X-Forwarded-For": ", ".join(filter(None, [self.headers.get("X-Forwarded-For"), client])),
            "X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example",
        }  # fmt: skip
        for name, value in self.headers.items():
            if name.lower() not in ("host", "connection", "x-forwarded-for"):
                upstream.putheader(name, value)
        for name, value in added.items():
            upstream.putheader(name, value)
        upstream.endheaders(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or None)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while chunk := answer.read1(65536):
            self.wfile.write(chunk)
            self.wfile.flush()
        upstream.close()
        self.close_connection = True

    do_POST = do_HEAD = do_GET

    def log_message(self, *given: object) -> None:
        pass


@pytest.fixture(scope="module", params=[(True, True), (True, False), (False, True)], ids=str)
def proxy(request: pytest.FixtureRequest, saved: Path) -> Iterator[Proxy]:
    strips, keeps_host = request.param
    with Proxy(strips=strips, keeps_host=keeps_host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        allowed = permissions("127.0.0.1", share=False, allow_training=False, public=server.url)
        assert allowed == RESTRICTED
        blocks = build(saved.parent, allowed)
        server.page = start(blocks, allowed=allowed, public=server.url)
        yield server
        blocks.close(verbose=False)
        server.shutdown()
        for thread in threading.enumerate():
            if thread.name.startswith("AnyIO"):  # which may still write a text, beside the next tests
                thread.join(20)


def test_the_page_and_what_it_needs_come_from_the_public_address(proxy: Proxy) -> None:
    page = requests.get(f"{proxy.url}/", headers={"Accept-Language": "pt"}, timeout=20).text
    assert 'lang="pt-BR"' in page
    assert "elsewhere.example" not in page
    found = re.search(r'src="\./(assets/[^"]+)"', page)
    assert found is not None
    assert requests.get(f"{proxy.url}/{found[1]}", timeout=20).status_code == 200
    assert requests.get(f"{proxy.url}/config", timeout=20).json()["root"] == proxy.url


def test_texts_are_written_through_it(proxy: Proxy, saved: Path) -> None:
    from gradio_client import Client

    client = Client(f"{proxy.url}/", verbose=False)
    found = client.predict("Era", "tiny", {"length": 30, "seed": 6}, api_name="/generate")
    client.close()
    assert found == model_cache.sampler(version(saved)).generate("Era", SampleConfig(length=30, seed=6))


def test_visitors_may_neither_upload_nor_come_from_another_site(proxy: Proxy) -> None:
    files = {"files": ("a.txt", b"a")}
    assert requests.post(f"{proxy.url}/gradio_api/upload", files=files, timeout=20).status_code == 404
    body = {"data": [], "fn_index": 10**9, "session_hash": "a"}
    for origin, status in ((proxy.url.removesuffix(PREFIX), 400), ("https://elsewhere.example", 403), ("null", 403)):
        found = requests.post(f"{proxy.url}/gradio_api/queue/join", json=body, headers={"Origin": origin}, timeout=20)
        assert found.status_code == status, origin
    assert requests.get(f"{proxy.url}/", headers={"Host": "evil.example"}, timeout=20).status_code == (
        403 if proxy.keeps_host else 200
    )


def test_one_visitor_leaves_room_for_another(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATIENCE", 0.1)
    monkeypatch.setattr(limits, "LINED_UP", 12)

    def ask(client: str, length: int) -> requests.Response:
        body = json.dumps({"data": ["Era", "tiny", {"length": length}]})
        headers = {"Content-Type": "application/json", "X-Pretend": client, "X-Forwarded-For": "203.0.113.7"}
        return requests.post(f"{proxy.url}/gradio_api/call/generate", data=body, headers=headers, timeout=20)

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: ask("203.0.113.1", 5_000), range(24)))
        began = time.monotonic()
        event = ask("203.0.113.2", 10).json()["event_id"]
        headers = {"X-Pretend": "203.0.113.2"}
        found = requests.get(f"{proxy.url}/gradio_api/call/generate/{event}", headers=headers, timeout=20).text
    assert [answer.status_code for answer in answers].count(200) <= 12 + 4  # some may be done already
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert "event: complete" in found
    assert time.monotonic() - began < 5
