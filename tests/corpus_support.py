"""Packed texts, and a catalogue of three works with the site that has them."""

import bz2
import gzip
import hashlib
import io
import lzma
import random
import socket
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from charrnn.corpus.catalogue import CatalogueEntry

TEXT = (
    "À tardinha, o avô pôs-se à janela.\n— Não há ninguém na estação? — perguntou a irmã.\n\n"
    "“Três pães, um limão e você”, disse ele; a lição é que o coração não vê.\n"
)


def tarred(data: bytes, packing: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:
        info = tarfile.TarInfo("livro/texto.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(data: bytes, name: str = "livro/texto.txt", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".txt": bytes,
    ".txt.gz": gzip.compress,
    ".txt.xz": lzma.compress,
    ".txt.bz2": bz2.compress,
    ".zip": zipped,
    ".tar": lambda data: tarred(data, ""),
    ".tar.gz": lambda data: tarred(data, "gz"),
    ".tar.xz": lambda data: tarred(data, "xz"),
    ".tar.bz2": lambda data: tarred(data, "bz2"),
}


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


def contents(folder: Path) -> dict[str, bytes]:
    """All files under a folder but the locks, which are empty."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


WHOLE = {f"ditos/{i}.txt": data for i, data in enumerate(WORKS.values(), start=1)}


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no network was to be used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
