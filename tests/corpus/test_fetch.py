"""Fetching: what reaches the cache is what the catalogue says, whatever the network and other processes do.

The server is one on 127.0.0.1, and the works are a few of the tests' own; the real ones are looked for where
CHARRNN_CORPORA is set.
"""

import gzip
import hashlib
import io
import json
import os
import random
import re
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import charrnn.cli
from charrnn.corpus import catalogue
from charrnn.corpus.catalogue import CatalogueEntry, cache
from charrnn.corpus.catalogue.obtain import fetch, obtain, search
from charrnn.errors import UserError

REAL = os.environ.get("CHARRNN_CORPORA")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own for each test, no folder of works, and no proxy on the way to 127.0.0.1."""
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("CHARRNN_CORPORA", raising=False)


# ---------------------------------------------------------------- the works and the server


def text_of(name: str) -> bytes:
    """Some 200 kB that look like text, the same for each name."""
    drawn = random.Random(name)
    return " ".join(
        drawn.choices(["água", "pedra", "mole", "em", "dura", "tanto", "bate", "até", "que", "fura"], k=38_000)
    ).encode()


WORKS = {name: text_of(name) for name in ("um", "dois", "três")}


def entry(name: str, data: bytes, base: str = "http://127.0.0.1:9") -> CatalogueEntry:
    digest, number = hashlib.sha256(data).hexdigest(), list(WORKS).index(name) + 1
    return CatalogueEntry(
        "ditos",
        f"dito{number}",
        1900,
        "Povo, O (?-?)",
        name,
        "public domain",
        len(data),
        digest,
        f"{base}/w/{number}.txt",
    )


@dataclass
class Site:
    """What the server holds and how it behaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range of each request
    cuts: list[int] = field(default_factory=list)  # the next answers break off after so many bytes
    ranges: bool = True  # whether Range is obeyed
    status: int | None = None  # answer everything so
    shift: int = 0  # answers to Range begin so many bytes too late
    pause: float = 0.0  # seconds before each 16 KiB
    address: str = ""
    sent: int = 0  # bytes of bodies

    def works(self) -> list[CatalogueEntry]:
        return [entry(name, data, self.address) for name, data in WORKS.items()]


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


def contents(folder: Path) -> dict[str, bytes]:
    """All files under a folder but the locks, which are empty."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


WHOLE = {f"ditos/{i}.txt": data for i, data in enumerate(WORKS.values(), start=1)}


# ---------------------------------------------------------------- the network


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
    assert "cannot be reached (it refuses the connection)" in line


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


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no network was to be used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


# ---------------------------------------------------------------- several processes, killed ones

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


# ---------------------------------------------------------------- the folder in CHARRNN_CORPORA


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as on a USB stick, full of other things; and no network."""
    folder = tmp_path / "stick"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "other.txt").write_bytes(b"x" * len(WORKS["um"]))  # of the size of a work, and yet none
    (folder / "empty.zip").touch()
    monkeypatch.setenv("CHARRNN_CORPORA", str(folder))
    no_network(monkeypatch)
    return folder


def as_file(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / "a" / "b" / name).write_bytes(data)


def as_zip(folder: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / "a" / "Livros.ZIP", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"level1/{name}", data)


def as_tar(suffix: str, mode: str) -> Callable[[Path, dict[str, bytes]], None]:
    def write(folder: Path, files: dict[str, bytes]) -> None:
        with tarfile.open(folder / "a" / f"old{suffix}", mode) as archive:  # type: ignore[call-overload]
            for name, data in files.items():
                member = tarfile.TarInfo(f"../../{name}")  # read by what it holds, never unpacked
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))

    return write


@pytest.mark.parametrize(
    "write",
    [
        as_file, as_zip, as_tar(".tar", "w"), as_tar(".tar.xz", "w:xz"), as_tar(".tgz", "w:gz"),
        as_tar(".tar.bz2", "w:bz2"),
    ],
)  # fmt: skip
def test_works_are_found_by_what_they_hold_whatever_they_are_called(
    stick: Path, write: Callable[[Path, dict[str, bytes]], None]
) -> None:
    write(
        stick,
        {"zz.dat": WORKS["três"], "ROMANCE.TXT": WORKS["um"], "decoy": WORKS["um"][:-1] + b"!", "2": WORKS["dois"]},
    )
    works = [entry(name, data) for name, data in WORKS.items()]
    notes: list[str] = []
    fetched = fetch(works, note=notes.append)
    assert list(fetched.found) == works
    assert contents(cache.folder()) == WHOLE
    assert all("empty.zip" in text for text in notes)
    assert not (stick.parent / "zz.dat").exists()


def test_each_archive_is_read_once_and_none_when_all_is_found(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_zip(stick, {"1": WORKS["um"]})
    as_tar(".tar.xz", "w:xz")(stick, {"2": WORKS["dois"], "3": WORKS["três"]})
    (stick / "empty.zip").unlink()
    opened: list[str] = []
    module = sys.modules[fetch.__module__]
    for reader in ("_in_zip", "_in_tar"):
        original = getattr(module, reader)
        monkeypatch.setattr(
            module, reader, lambda path, *rest, read=original: opened.append(path.name) or read(path, *rest)
        )
    works = [entry(name, data) for name, data in WORKS.items()]
    assert len(fetch(works[1:]).found) == 2
    assert opened.count("old.tar.xz") == 1
    fetch(works)
    fetch(works)
    assert opened.count("old.tar.xz") == 1  # its works are in the cache now
    assert opened.count("Livros.ZIP") <= 2


def malformed() -> dict[str, bytes]:
    """Archives that are none, or are cut off, or damaged inside."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", WORKS["um"])
    damaged = bytearray(packed.getvalue())
    damaged[2000:3000] = b"\xff" * 1000
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("a")
        member.size = len(WORKS["um"])
        archive.addfile(member, io.BytesIO(WORKS["um"]))
    return {
        "none.zip": b"PK no zip", "cut.zip": packed.getvalue()[:5000], "damaged.zip": bytes(damaged),
        "none.tar": b"no tar", "none.tar.xz": b"\xfd7zXZ\0no xz", "cut.tar.gz": gzip.compress(tar.getvalue())[:5000],
        "cut.tar": tar.getvalue()[:50_000], "text.tgz": WORKS["três"][:1000],
        "gzipped-text.tar.gz": gzip.compress(b"text" * 999),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(malformed()))
def test_a_malformed_archive_is_told_and_skipped(stick: Path, name: str) -> None:
    (stick / name).write_bytes(malformed()[name])
    as_tar(".tar.xz", "w:xz")(stick, {"x": WORKS["um"]})  # larger than most, so it is read later
    work = entry("um", WORKS["um"])
    notes: list[str] = []
    fetched = fetch([work, entry("três", WORKS["três"])][:1], note=notes.append)
    assert list(fetched.found) == [work]
    assert contents(cache.folder()) == dict(list(WHOLE.items())[:1])
    told = [text for text in notes if name in text]
    assert len(told) <= 1
    assert all("\n" not in text for text in notes)


def test_damage_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in malformed().items():
        (stick / name).write_bytes(data)
    notes: list[str] = []
    assert list(search(stick, [entry("um", WORKS["um"])], notes.append)) == []
    told = {Path(text.partition(": skipped")[0]).name for text in notes}
    assert told == {"empty.zip", *malformed()}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARRNN_CORPORA", str(tmp_path / "unplugged"))
    notes: list[str] = []
    assert fetch([entry("um", WORKS["um"])], note=notes.append).missing
    assert notes == [f"CHARRNN_CORPORA: expected a folder, found none at {tmp_path / 'unplugged'}"]


# ---------------------------------------------------------------- by name, and on the command line


@pytest.fixture
def ditos(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The catalogue is the tests' own."""
    monkeypatch.setattr(catalogue, "catalogue", lambda: tuple(site.works()))
    return site


def test_in_a_collection_what_cannot_be_had_is_told_and_skipped(ditos: Site) -> None:
    del ditos.files["/w/2.txt"]
    notes: list[str] = []
    assert [(work.title, path.read_bytes()) for work, path in obtain("ditos", note=notes.append)] == [
        ("um", WORKS["um"]), ("três", WORKS["três"]),
    ]  # fmt: skip
    (note,) = notes
    assert note.startswith("skipped 1 of 3 works: dois. Why: 127.0.0.1:")


def test_a_work_asked_for_by_name_fails_clearly_and_so_does_a_collection_of_which_nothing_can_be_had(
    ditos: Site,
) -> None:
    del ditos.files["/w/2.txt"]
    with pytest.raises(UserError, match=r"^ditos:dois: expected dois in the cache, .* answered 404"):
        obtain("ditos:dois")
    ditos.files.clear()
    with pytest.raises(UserError, match=r"^ditos: expected at least one of 3 works in the cache"):
        obtain("ditos")


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        charrnn.cli.main(["corpus", *map(str, arguments)])
    return int(exit.value.code or 0)


def test_fetch_prints_one_path_per_line(ditos: Site, capsys: pytest.CaptureFixture[str]) -> None:
    del ditos.files["/w/2.txt"]
    assert command("fetch", "ditos", "ditos:um") == 0
    out, err = capsys.readouterr()
    assert [Path(line).read_bytes() for line in out.splitlines()] == [WORKS["um"], WORKS["três"]]
    assert err.startswith("skipped 1 of 3 works: dois.")
    assert command("fetch", "ditos:um", "ditos:dois") == 2
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert err.splitlines()[-1].startswith("charrnn: ditos:dois: expected dois")
    assert command("fetch", "ditos:dois") == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)


def test_fetch_out_makes_a_folder_that_serves_as_stick_and_as_mirror(
    ditos: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    assert command("fetch", "ditos", "--out", stick) == 0
    assert contents(stick) == WHOLE
    assert [Path(line) for line in capsys.readouterr().out.splitlines()] == [stick / name for name in WHOLE]
    assert command("fetch", "ditos", "--out", stick) == 0  # the same files may be there
    (stick / "ditos" / "1.txt").write_text("my notes", encoding="utf-8")
    assert command("fetch", "ditos:um", "--out", stick) == 2
    assert (stick / "ditos" / "1.txt").read_text(encoding="utf-8") == "my notes"
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "another"))
    monkeypatch.setenv("CHARRNN_CORPORA", str(stick))
    asked = len(ditos.asked)
    assert command("fetch", "ditos:dois") == 0
    assert len(ditos.asked) == asked


def test_list_tells_what_is_in_the_cache(ditos: Site, capsys: pytest.CaptureFixture[str]) -> None:
    obtain("ditos:um")
    assert command("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[1:4]] == ["*", " ", " "]
    assert "3 works" in lines[-1]
    assert command("list", "ditos:um", "ditos:dois", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in rows] == ["um", "dois"]
    assert Path(rows[0]["path"]).read_bytes() == WORKS["um"]
    assert rows[1]["path"] is None


# ---------------------------------------------------------------- the real works


@pytest.mark.skipif(not REAL, reason="needs the real works: CHARRNN_CORPORA is not set")
def test_real_works_are_found_by_their_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARRNN_CORPORA", str(REAL))
    refused = "http://127.0.0.1:9"  # so that no public host is asked
    machado = obtain("machado", mirror=refused)
    assert len(machado) >= 16
    assert any(work.title == "Helena" for work, _ in machado)
    novels = obtain("eltec-por", mirror=refused)
    assert len(novels) >= 90
    for work, path in [*machado, *novels]:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == work.sha256
