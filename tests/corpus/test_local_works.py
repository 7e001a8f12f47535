"""Works are found in the folder CHARRNN_CORPORA by what they hold, whatever they are called."""

import gzip
import hashlib
import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_support import WHOLE, WORKS, contents, entry, no_network

from charrnn.corpus.catalogue import cache
from charrnn.corpus.catalogue.obtain import fetch, obtain, search

pytestmark = pytest.mark.usefixtures("own_cache")


REAL = os.environ.get("CHARRNN_CORPORA")


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
