"""A hub on loopback: the routes that the hub's own client calls, with faults on request."""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_test"


@dataclass
class Repository:
    files: dict[str, bytes]
    private: bool = False
    gated: bool = False
    revisions: dict[str, str] = field(default_factory=dict)  # by name: the id of a commit

    def __post_init__(self) -> None:
        self.revisions |= {"main": commit_of(self.files)}


def commit_of(files: dict[str, bytes]) -> str:
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


@dataclass
class Hub:
    """The server's repositories, its faults, and what it was asked for."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)  # of large files, by SHA-256
    asked: list[str] = field(default_factory=list)
    broken: int = 0  # bytes of a large file after which each answer ends; 0: none does
    spoilt: dict[str, tuple[str, str]] = field(default_factory=dict)  # by repository: what is replaced in answers
    waits: bool = False  # within a file, after some bytes of it
    waiting: threading.Event = field(default_factory=threading.Event)  # is set meanwhile
    larger: dict[str, int] = field(default_factory=dict)  # sizes that are told of files, in place of the true ones


class Refused(Exception):
    def __init__(self, status: int, code: str = "", **facts: str) -> None:
        super().__init__(code)
        self.status, self.code, self.facts = status, code, facts


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve the hub in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer()

    do_HEAD = do_POST = do_PUT = do_GET

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(self.chunks())
        try:
            if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
                self.file(*found.groups())
            else:
                self.send(200, json.dumps(self.said(path, body)).encode())
        except Refused as refused:
            self.send(
                refused.status,
                json.dumps(refused.facts).encode(),
                {"X-Error-Code": refused.code} if refused.code else {},
            )

    def chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        for name, (old, new) in self.hub.spoilt.items():
            if name in self.path:
                headers = {key: value.replace(old, new) for key, value in (headers or {}).items()}
                body = re.sub(old.encode(), new.encode(), body)
        self.send_response(status)
        for name, value in {
            "Content-Length": str(len(body)),
            "Content-Type": "application/json",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def repository(self, name: str) -> Repository:
        found = self.hub.repositories.get(name)
        own = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if found is None or (found.private and not own):
            raise Refused(404 if own else 401, "RepoNotFound")
        if found.gated and not own:
            raise Refused(401, "GatedRepo")
        return found

    def commit(self, repository: Repository, revision: str) -> str:
        if revision in repository.revisions.values():
            return revision
        if revision not in repository.revisions:
            raise Refused(404, "RevisionNotFound")
        return repository.revisions[revision]

    def file(self, name: str, revision: str, file: str) -> None:
        repository = self.repository(name)
        commit = self.commit(repository, revision)
        if file not in repository.files:
            raise Refused(404, "EntryNotFound")
        data = repository.files[file]
        first = int(found[1]) if (found := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        if self.command == "GET" and 0 < self.hub.broken < len(data) - first:
            self.send_response(206 if first else 200)
            for key, value in {"Content-Length": str(len(data) - first), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(data[first : first + self.hub.broken])
            self.wfile.flush()
            self.close_connection = True
            return
        if self.hub.waits and self.command == "GET" and file == "model.safetensors":
            self.send(200, data[:-1], {"Content-Length": str(len(data)), **headers})
            while self.hub.waits:
                self.hub.waiting.set()
                time.sleep(0.05)
            return
        self.send(206 if first else 200, data[first:], headers)

    def said(self, path: str, body: bytes) -> Any:
        """The answer in JSON to what is not a file."""
        if path == "/api/validate-yaml":
            return {"errors": [], "warnings": []}
        if path.startswith("/upload/"):
            self.hub.uploads[path.rpartition("/")[2]] = body
            return {}
        if found := re.fullmatch(r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch", path):
            objects = json.loads(body)["objects"]
            links = [{"upload": {"href": f"{self.hub.address}/upload/{one['oid']}"}} for one in objects]
            return {
                "transfer": "basic",
                "objects": [one | {"actions": to} for one, to in zip(objects, links, strict=True)],
            }
        if path.startswith("/api/repos/create"):
            return self.created(json.loads(body))
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/main", path):
            self.repository(found[1])
            modes = {True: "lfs", False: "regular"}
            names = [one["path"] for one in json.loads(body)["files"]]
            return {"files": [{"path": n, "uploadMode": modes[n.endswith((".safetensors", ".gz", ".png"))],
                               "shouldIgnore": False, "oid": None} for n in names]}  # fmt: skip
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/main", path):
            return self.committed(found[1], body)
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path):
            return self.described(*found.groups())
        raise Refused(404)

    def described(self, name: str, kind: str | None, revision: str | None) -> Any:
        repository = self.repository(name)
        commit = self.commit(repository, revision or "main")
        sizes = {file: self.hub.larger.get(file, len(data)) for file, data in repository.files.items()}
        if kind == "tree":
            oids = {file: hashlib.sha256(data).hexdigest() for file, data in repository.files.items()}
            return [{"type": "file", "path": file, "size": size, "oid": oids[file]} for file, size in sizes.items()]
        listed = [{"rfilename": file, "size": size, "blobId": "0" * 40} for file, size in sizes.items()]
        return {"id": name, "modelId": name, "sha": commit, "private": repository.private, "siblings": listed}

    def created(self, wanted: dict[str, Any]) -> Any:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401)
        name = f"{wanted.get('organization')}/{wanted['name']}"
        if name in self.hub.repositories:
            raise Refused(409, url=f"{self.hub.address}/{name}")
        private = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        self.hub.repositories[name] = Repository({".gitattributes": b""}, private=private)
        return {"url": f"{self.hub.address}/{name}", "name": name}

    def committed(self, name: str, body: bytes) -> Any:
        repository = self.repository(name)
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                repository.files[value["path"]] = self.hub.uploads[value["oid"]]
            elif line["key"] == "deletedFile":
                del repository.files[value["path"]]
        repository.revisions["main"] = commit_of(repository.files)
        return {
            "success": True,
            "commitOid": repository.revisions["main"],
            "commitUrl": f"{self.hub.address}/{name}/commit/x",
        }
