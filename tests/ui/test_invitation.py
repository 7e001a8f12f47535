"""A page for a class: the addresses that are printed let others in, their QR code says them, and who may train."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from page_support import RESTRICTED, components

from charrnn.serving.address import door, is_from_here, network_addresses, url_of
from charrnn.ui import build, invitation, start
from charrnn.ui.server import announced
from charrnn.ui.visitors import EVERYTHING

ADDRESSES = ["http://192.168.0.7:7860", "http://[fd00::2]:7860", "http://minha-maquina-comprida.local:65535/?a=1&b=2"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_independent_reader_reads_the_printed_code(address: str) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in invitation.printed(address).splitlines()]
    halves = [np.array([[one in kinds for one in line] for line in lines]) for kinds in ("▀█", "▄█")]
    dark = np.stack(halves, axis=1).reshape(-1, len(lines[0]))
    picture = np.kron(np.where(dark, 0, 255), np.ones((4, 4))).astype(np.uint8)
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [address]
    drawn = invitation.svg(address)
    assert f"0 0 {len(dark[0])} {len(dark[0])}" in drawn  # the same code, with as much white around it
    assert 'fill="#fff"' in drawn


def test_the_addresses_that_are_shown_are_let_in() -> None:
    assert network_addresses("127.0.0.1") == network_addresses("localhost") == []
    assert network_addresses("192.168.0.7") == ["192.168.0.7"]
    for address in [*network_addresses("0.0.0.0"), "192.168.0.7", "fd00::2"]:
        assert door("0.0.0.0", uploads=False).knows(urlsplit(url_of(address, 7860)).netloc)


def test_the_addresses_are_found_without_sending_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*given: object) -> None:
        raise AssertionError("sent something")

    for name in ("sendto", "send", "sendall"):
        monkeypatch.setattr(socket.socket, name, send, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", send)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+\.\d+", one) for one in network_addresses("0.0.0.0"))


@pytest.mark.parametrize(
    ("client", "host", "extra", "expected"),
    [("127.0.0.1", "localhost:7860", (), True), ("127.8.8.8", "127.0.0.1", (), True), ("::1", "[::1]:1", (), True),
     ("::ffff:127.0.0.1", "localhost", (), True), ("192.168.0.7", "127.0.0.1", (), False),
     ("127.0.0.1", "192.168.0.7", (), False), ("127.0.0.1", "evil.example", (), False), ("127.0.0.1", "", (), False),
     ("127.0.0.1", "localhost", ((b"x-forwarded-for", b"1.2.3.4"),), False), ("", "localhost", (), False)],
)  # fmt: skip
def test_who_is_at_this_machine(client: str, host: str, extra: tuple[tuple[bytes, bytes]], expected: bool) -> None:
    scope = {"type": "http", "client": (client, 1), "headers": [(b"host", host.encode()), *extra]}
    assert is_from_here(scope) == expected


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    """A page that is open to others, with this machine's own page at the same address."""
    blocks, own = build(saved.parent, RESTRICTED), build(saved.parent, EVERYTHING, ADDRESSES)
    yield start(blocks, "0.0.0.0", allowed=RESTRICTED, own=own)
    blocks.close(verbose=False)


def test_this_machine_may_train_where_others_may_not(url: str) -> None:
    port = urlsplit(url).port
    seen = {}
    for name in ("127.0.0.1", "localhost", "192.168.0.7"):
        found = requests.get(f"http://127.0.0.1:{port}/config", headers={"Host": f"{name}:{port}"}, timeout=10).json()
        seen[name] = {one["props"].get("elem_id") for one in found["components"]}
    assert seen["127.0.0.1"] == seen["localhost"] >= {"invite", "do-train", "my-models"}
    assert not seen["192.168.0.7"] & {"invite", "do-train", "my-models"}
    local = f"http://127.0.0.1:{port}/gradio_api/"
    for name, expected in (("127.0.0.1", 400), ("192.168.0.7", 404)):  # an upload without a file
        found = requests.post(f"{local}upload", headers={"Host": f"{name}:{port}"}, timeout=10)
        assert (found.status_code == 404) == (expected == 404)
    for name in ("127.0.0.1", "192.168.0.7"):  # the queues of both run
        headers, body = {"Host": f"{name}:{port}"}, {"data": ["Era", "tiny", {"length": 5}]}
        event = requests.post(f"{local}call/generate", json=body, headers=headers, timeout=10).json()["event_id"]
        told = requests.get(f"{local}call/generate/{event}", headers=headers, timeout=20).text
        assert "event: complete" in told


def test_what_is_printed_names_both(saved: Path) -> None:
    assert announced("http://127.0.0.1:1/", [], own=False) == "charrnn: http://127.0.0.1:1/  (Ctrl-C ends)"
    told = announced("http://127.0.0.1:1", ["http://192.168.0.7:1"], own=True)
    assert "training is allowed" in told
    assert "http://192.168.0.7:1  for others" in told
    assert "in no network" in announced("http://127.0.0.1:1", [], own=True)
    assert "invite" not in components(build(saved.parent))


def test_the_code_leads_to_the_place_where_the_page_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Event:
        def __init__(self, place: object) -> None:
            self._data = {"place": place}

    monkeypatch.setattr(invitation, "svg", str)
    follow: Any = invitation.following(ADDRESSES[:1])
    address = ADDRESSES[0]
    assert follow(Event("/?tab=aula&step=3")).startswith(f"<figure>{address}/?tab=aula&step=3<ul>")
    for place in ("", None, "é", "/" * (invitation.LONGEST + 1)):
        assert follow(Event(place)).startswith(f"<figure>{address}<ul>")
    assert f'value="{address}/"' in invitation.class_address(ADDRESSES)
    assert invitation.class_address([]) == ""
