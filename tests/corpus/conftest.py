"""A site of three works, and a cache of its own for each test."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from corpus_support import WORKS, Site

from charrnn.corpus import catalogue


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own for each test, no folder of works, and no proxy on the way to 127.0.0.1."""
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("CHARRNN_CORPORA", raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.asked.append((self.path, wanted))
            data = site.files.get(self.path)
            if site.status or data is None:
                self.send_error(site.status or 404)
                return
            start = 0
            if wanted and site.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-")) + site.shift
                if start >= len(data):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            body = data[start : start + site.cuts.pop(0)] if site.cuts else data[start:]
            for i in range(0, len(body), 1 << 14):
                time.sleep(site.pause)
                self.wfile.write(body[i : i + (1 << 14)])
                site.sent += 1 << 14
            self.close_connection = len(body) < len(data) - start

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # clients that go away are part of the tests
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.address = f"http://127.0.0.1:{server.server_port}"
        site.files = {f"/w/{i}.txt": data for i, data in enumerate(WORKS.values(), start=1)}
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture
def ditos(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The catalogue is the tests' own."""
    monkeypatch.setattr(catalogue, "catalogue", lambda: tuple(site.works()))
    return site
