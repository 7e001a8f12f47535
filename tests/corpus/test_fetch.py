"""Fetching: what reaches the cache is what the catalogue says, whatever the network and other processes do.

The server is one on 127.0.0.1, and the works are a few of the tests' own.
"""

import json
import re
import socket
import subprocess
import sys
import time
from dataclasses import asdict

import pytest
from corpus_support import WHOLE, WORKS, Site, contents, entry, no_network

from charrnn.corpus.catalogue import CatalogueEntry, cache
from charrnn.corpus.catalogue.obtain import fetch
from charrnn.errors import UserError

pytestmark = pytest.mark.usefixtures("own_cache")


def test_works_come_from_their_addresses_and_then_from_the_cache(site: Site) -> None:
    seen: list[tuple[CatalogueEntry, int, int]] = []
    fetched = fetch(site.works(), progress=lambda *step: seen.append(step))
    assert [path.read_bytes() for path in fetched.found.values()] == list(WORKS.values())
    assert not fetched.missing
    assert contents(cache.folder()) == WHOLE
    assert [path for path, _ in site.asked] == list(site.files)
    for work in site.works():
        steps = [done for who, done, total in seen if who == work and total == work.bytes]
        assert steps == sorted(steps)
        assert steps[-1] == work.bytes
    assert fetch(site.works()) == fetched
    assert len(site.asked) == 3


def test_a_cut_download_goes_on_at_once_and_asks_only_for_the_rest(site: Site) -> None:
    site.cuts = [100_000, 70_000]
    fetch(site.works()[:1])
    assert contents(cache.folder()) == dict(list(WHOLE.items())[:1])
    starts = [int(re.findall(r"\d+", wanted or "0")[0]) for _, wanted in site.asked]
    assert len(starts) == 3
    assert 0 == starts[0] < starts[1] <= 100_000 < starts[2] <= 170_000


def test_a_later_call_asks_only_for_the_rest(site: Site) -> None:
    work = site.works()[0]
    site.cuts = [100_000, 0]  # the second attempt brings nothing, so that there is no third
    fetched = fetch([work])
    assert fetched.missing[work].code == "host-broke-off"
    (part,) = contents(cache.folder()).values()
    assert 0 < len(part) <= 100_000
    assert WORKS["um"].startswith(part)
    site.asked.clear()
    assert fetch([work]).found
    assert site.asked == [("/w/1.txt", f"bytes={len(part)}-")]
    assert contents(cache.folder()) == dict(list(WHOLE.items())[:1])


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, ["bytes=50000-"]),
        ({"ranges": False}, ["bytes=50000-"]),  # the whole file comes in its place
        ({"shift": 10}, ["bytes=50000-", None]),
        ({"shift": 10**6}, ["bytes=50000-", None]),  # 416
    ],
)
def test_a_server_that_has_no_such_rest_starts_over(
    site: Site, change: dict[str, int], asked: list[str | None]
) -> None:
    work = site.works()[0]
    leave_part(work, WORKS["um"][:50_000])
    for name, value in change.items():
        setattr(site, name, value)
    assert fetch([work]).found[work].read_bytes() == WORKS["um"]
    assert [wanted for _, wanted in site.asked] == asked


@pytest.mark.parametrize("part", [b"not of this file", WORKS["dois"][:50_000], b"x" * 10**6, WORKS["um"] + b"!"])
def test_a_part_that_does_not_fit_starts_over(site: Site, part: bytes) -> None:
    work = site.works()[0]
    leave_part(work, part)
    assert fetch([work]).found[work].read_bytes() == WORKS["um"]
    assert site.asked[-1] == ("/w/1.txt", None)
    assert len(site.asked) <= 2


def test_a_complete_part_needs_no_request_for_its_bytes(site: Site) -> None:
    work = site.works()[0]
    leave_part(work, WORKS["um"])
    assert fetch([work]).found[work].read_bytes() == WORKS["um"]
    assert site.asked == []


def leave_part(work: CatalogueEntry, part: bytes) -> None:
    with cache.unfinished(work) as folder:
        (folder / cache.PART).write_bytes(part)


@pytest.mark.parametrize(
    "wrong", [b"", b"<html>Sign in to the network</html>", WORKS["dois"], WORKS["um"] + b"!", WORKS["um"][:-1] + b"!"]
)
def test_another_file_is_refused_and_never_enters_the_cache(site: Site, wrong: bytes) -> None:
    work = site.works()[0]
    site.files["/w/1.txt"] = wrong
    fetched = fetch([work])
    assert not fetched.found
    assert fetched.missing[work].code == "host-has-other-file"
    assert contents(cache.folder()) == {}
    site.files["/w/1.txt"] = WORKS["um"]  # nothing of the bad file is gone on with
    site.asked.clear()
    assert fetch([work]).found
    assert site.asked == [("/w/1.txt", None)]


def test_another_rest_than_asked_for_is_not_joined_on(site: Site) -> None:
    site.cuts, site.shift = [100_000], 10
    assert fetch(site.works()[:1]).found
    assert [wanted is None for _, wanted in site.asked] == [True, False, True]


def test_no_more_is_received_than_the_work_has(site: Site) -> None:
    site.files["/w/1.txt"] = bytes(200_000_000)
    assert fetch(site.works()[:1]).missing
    assert site.sent < 50_000_000  # the rest of it is what sockets buffer


def test_a_damaged_file_in_the_cache_is_replaced(site: Site) -> None:
    work = site.works()[0]
    path = fetch([work]).found[work]
    path.write_bytes(WORKS["um"][:-1] + b"!")
    assert cache.find(work) is None
    assert fetch([work]).found[work].read_bytes() == WORKS["um"]


def test_a_mirror_is_asked_in_place_of_the_addresses(site: Site) -> None:
    works = [entry(name, data, "http://no.such.host.invalid") for name, data in WORKS.items()]
    site.files = {path.replace("/w/", "/livros/ditos/"): data for path, data in site.files.items()}
    assert list(fetch(works, mirror=f"{site.address}/livros/").found) == works
    assert [path for path, _ in site.asked] == [f"/livros/ditos/{i}.txt" for i in (1, 2, 3)]


@pytest.mark.parametrize("mirror", ["stick/", "ftp://example.org", "example.org", "file:///etc"])
def test_a_mirror_that_is_no_address_is_refused(mirror: str) -> None:
    with pytest.raises(UserError, match="--mirror: expected an address"):
        fetch([entry("um", WORKS["um"])], mirror=mirror)


def test_one_missing_file_hinders_no_other(site: Site) -> None:
    del site.files["/w/2.txt"]
    fetched = fetch(site.works())
    assert [work.title for work in fetched.found] == ["um", "três"]
    assert fetched.missing[site.works()[1]].facts["status"] == 404


def test_a_host_that_cannot_be_reached_is_asked_once_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"  # bound, but nobody listens
        works = [entry(name, data, base) for name, data in WORKS.items()]
        tried = count_connections(monkeypatch)
        fetched = fetch(works)
    assert list(fetched.missing) == works
    assert len(tried) == 1
    (line,) = fetched.skipped()
    assert "skipped 3 of 3 works: um; dois; três" in line
    assert "cannot be reached (it refused the connection)" in line


def test_a_host_that_is_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "TIMEOUT", (0.3, 0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        works = [entry(name, data, f"http://127.0.0.1:{silent.getsockname()[1]}") for name, data in WORKS.items()]
        began = time.monotonic()
        fetched = fetch(works)
    assert time.monotonic() - began < 3
    assert ["no answer in time" in str(reason) for reason in fetched.missing.values()] == [True] * 3


def test_a_host_that_falls_silent_is_given_up_and_the_part_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "TIMEOUT", (1.0, 0.2))
    works = site.works()
    leave_part(works[0], WORKS["um"][:50_000])
    site.pause = 0.6
    fetched = fetch(works)
    assert len(fetched.skipped()) == 1
    assert len(site.asked) == 1
    (part,) = contents(cache.folder()).values()
    assert WORKS["um"][:50_000] == part[:50_000]


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_quiet_gets_it(site: Site, status: int) -> None:
    site.status = status
    fetched = fetch(site.works())
    assert len(fetched.missing) == 3
    assert len(site.asked) == 1


def test_the_offline_need_no_network_for_what_is_in_the_cache(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(site.works())
    no_network(monkeypatch)
    assert len(fetch(site.works()).found) == 3


def count_connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    tried: list[object] = []
    connect = socket.socket.connect

    def counting(self: socket.socket, address: object) -> None:
        tried.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", counting)
    return tried


PROCESS = """
import json, sys
from charrnn.corpus.catalogue import CatalogueEntry
from charrnn.corpus.catalogue.obtain import fetch
fetched = fetch([CatalogueEntry(**fields) for fields in json.load(sys.stdin)])
sys.exit(len(fetched.missing))
"""


def start(works: list[CatalogueEntry]) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", PROCESS], stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    json.dump([asdict(work) for work in works], process.stdin)
    process.stdin.close()
    return process


def test_processes_at_once_do_not_disturb_each_other(site: Site) -> None:
    site.pause = 0.01
    processes = [start(site.works()) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert contents(cache.folder()) == WHOLE
    assert sorted(path for path, _ in site.asked) == sorted(site.files)  # each was downloaded by one of them only


def test_a_killed_process_leaves_a_part_that_resumes(site: Site) -> None:
    site.pause = 0.05
    work = site.works()[0]
    process = start([work])
    part = cache.folder() / ".unfinished" / work.id / cache.PART
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    assert process.wait(timeout=10) != 0
    have = part.stat().st_size
    assert 0 < have < work.bytes
    assert cache.find(work) is None
    site.pause = 0.0
    site.asked.clear()
    assert fetch([work]).found[work].read_bytes() == WORKS["um"]
    assert site.asked == [("/w/1.txt", f"bytes={have}-")]
    assert contents(cache.folder()) == dict(list(WHOLE.items())[:1])
