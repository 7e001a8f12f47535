"""Models on the hub, with its real client and a server on loopback: fetched, kept, resumed, refused, uploaded."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hub_server import TOKEN, Hub, Repository, commit_of, serving

from charrnn.errors import UserError
from charrnn.storage import card, hub, packing, registry

NAMES = {
    "hf:ana/meu": ("ana/meu", None),
    "ana/meu-1.0_b": ("ana/meu-1.0_b", None),
    "hf:ana/meu@v1.2": ("ana/meu", "v1.2"),
    "hf:ana\\meu@refs/pr/1": ("ana/meu", "refs/pr/1"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read(name: str) -> None:
    assert hub.parsed(name) == NAMES[name]


@pytest.mark.parametrize(
    "name", ["hf:", "hf:ana", "hf:ana/", "hf:/meu", "hf:../meu", "hf:ana/..", "hf:a/b/c", "hf:ana/meu@", "hf:ana/me u",
             "hf:ana/meu@../x", "hf:ana--x/meu", "hf:ana/meu\n", "hf:http://x/y", "hf:é/b", "hf:-ana/meu"],
)  # fmt: skip
def test_another_name_is_refused_without_a_request(name: str) -> None:
    with pytest.raises(UserError) as refused:
        registry.find(name)
    assert refused.value.code == "hub-name-malformed"


def test_a_card_keeps_what_it_says() -> None:
    of = card.TextFacts(("/tmp/O livro.txt.gz", "eltec/eca.xml"), held_out=("x.txt",))
    values = card.metadata("meu", 1.23456, of, "no")
    text = "---\nlicense: other\ntags:\n- a\n- b\nlanguage: pt\n---\n# Meu\n\n---\nfim\n"
    full = card.with_metadata(text, {"license": "mit"} | values, ["license"])
    assert full.startswith("---\ntags:\n- a\n- b\nlanguage: pt\n")
    assert full.count("license:") == full.count("tags:") == full.count("language:") == 1
    assert full.endswith("\n---\n# Meu\n\n---\nfim\n")
    assert card.with_metadata(full, {"license": "gpl"} | values) == full  # nothing is missing any more
    assert values["datasets"] == ["O-livro", "eca"]
    new = card.with_metadata("# Meu\n", values)
    assert 'language: "no"' in new  # a word that YAML takes for false
    assert '"value": 1.2346' in new


def test_a_shipped_card_tells_its_texts() -> None:
    found = card.facts(registry.SHIPPED / "machado")
    assert len(found.texts) == 95
    assert (found.characters, found.held_out, found.same) == (8_718_668, ("esau-e-jaco.txt",), False)
    assert card.facts(Path("nowhere")) == card.TextFacts()


# With the real client, in processes of their own, as it reads its environment once


@pytest.fixture
def server(saved: Path) -> Iterator[Hub]:
    model = {path.name: path.read_bytes() for path in saved.iterdir() if path.is_file()}
    foreign = {"evil.py": b"raise SystemExit", "pytorch_model.bin": b"x", "training/state.safetensors": b"x"}
    repositories = {
        "ana/meu": Repository(model | foreign, revisions={"v1": "1" * 40}),
        "ana/gated": Repository(model, gated=True),
        "ana/other": Repository({"README.md": b"x"}),
    }
    with serving(Hub(repositories=repositories)) as hub:
        yield hub


class Done(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., list[Done]]
DRIVER = """
import contextlib, io, json, sys
from charrnn.cli import main
done = []
for command in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(command)
        except SystemExit as stopped:
            done.append((stopped.code, out.getvalue(), err.getvalue()))
print(json.dumps(done))
"""


@pytest.fixture
def charrnn(server: Hub, tmp_path: Path) -> Run:
    """Commands, one after another in one process, whose hub is the server."""

    def run(*commands: str, **environment: str) -> list[Done]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        own = {"HF_ENDPOINT": server.address, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_XET": "1"}
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, json.dumps([shlex.split(command) for command in commands])],
            cwd=tmp_path, env={**kept, **own, "HF_TOKEN": "", **environment}, capture_output=True, encoding="utf-8",
            timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not done.stderr
        return [Done(*one) for one in json.loads(done.stdout)]

    return run


def refused(done: Done, words: str) -> None:
    """A command ended with one line that holds these words."""
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.startswith("charrnn: ")
    assert done.err.count("\n") == 1


def given(server: Hub) -> list[str]:
    """The files that were transferred since this was asked last."""
    found = [one.rpartition("/")[2] for one in server.asked if one.startswith("GET") and "/resolve/" in one]
    server.asked.clear()
    return found


PACK = "pack hf:ana/meu x.charrnn"


@pytest.mark.slow
def test_a_model_is_fetched_once_and_stays(charrnn: Run, server: Hub, tmp_path: Path, saved: Path) -> None:
    done, first = charrnn("sample -m hf:ana/meu -p Era --length 5 --seed 1", PACK)
    assert (done.code, done.err, first.code) == (0, "", 0)
    assert done.out.startswith("Era")
    files = {path.name for path in (tmp_path / "hf").rglob("snapshots/*/*")}
    assert files == set(given(server)) == {path.name for path in saved.iterdir() if path.is_file()}  # nothing foreign
    for why, changes in {
        "HF_HUB_OFFLINE": {"HF_HUB_OFFLINE": "1"}, "refused": {"HF_ENDPOINT": "http://127.0.0.1:9"}
    }.items():  # fmt: skip
        again, other = charrnn(PACK, "pack hf:ana/new x.charrnn", **changes)
        assert again.out == first.out
        assert why in again.err
        assert "fetched before" in again.err
        refused(other, "no whole copy")
    assert server.asked == []


@pytest.mark.slow
def test_what_cannot_be_had_is_told_in_one_line(charrnn: Run, server: Hub) -> None:
    server.larger["model.safetensors"] = 10**12
    commands = {
        "pack hf:ana/nope": "there is no such model",
        "pack hf:ana/meu@v9": "no revision 'v9'",
        "pack hf:ana/gated": "accept terms",
        "pack hf:ana/other": "not a model of charrnn",
        "pack hf:ana/meu": "at most",
    }
    for done, words in zip(charrnn(*commands), commands.values(), strict=True):
        refused(done, words)
    assert given(server) == []


@pytest.mark.slow
def test_strange_answers_write_nothing(charrnn: Run, server: Hub, tmp_path: Path) -> None:
    model = server.repositories["ana/meu"].files
    tag, away = hashlib.sha256(model["config.json"]).hexdigest(), "../../../../../away"
    server.spoilt = {
        "ana/tag": (tag, away), "ana/commit": (commit_of(model), away), "ana/size": ('"size": ', '"size": -'),
        "ana/list": ('"size": [0-9]+', '"size": "1"'), "ana/null": ("[{].*[}]", "null"),
    }  # fmt: skip
    server.repositories |= {name: Repository(model) for name in [*server.spoilt, "ana/long"]}
    server.repositories["ana/long"].files = model | {"README.md": bytes(2**24 + 1)}
    server.larger["README.md"] = 1000
    for done in charrnn(*(f"pack hf:{name} x.charrnn" for name in server.spoilt)):
        refused(done, "strange answer")
    refused(*charrnn("pack hf:ana/long x.charrnn"), "does not end")
    assert not [*tmp_path.parent.rglob("away*")]


@pytest.mark.slow
def test_a_signal_ends_a_transfer(server: Hub, tmp_path: Path) -> None:
    server.waits = True
    own = {"HF_ENDPOINT": server.address, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": ""}
    command = [sys.executable, "-m", "charrnn", *PACK.split()]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **own}, stderr=subprocess.PIPE) as process:
        while not server.waiting.wait(0.1):
            assert process.poll() is None
        process.terminate()
        process.communicate(timeout=10)
    server.waits = False
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.slow
def test_a_transfer_that_breaks_off_is_told_and_taken_up(charrnn: Run, server: Hub, tmp_path: Path) -> None:
    server.broken = len(server.repositories["ana/meu"].files["model.safetensors"]) - 1
    refused(*charrnn(PACK), "broke off the transfer")
    assert len(set(given(server))) > 1
    server.broken = 0
    (done,) = charrnn("pack hf:ana/meu@main x.charrnn")
    assert (done.code, done.err) == (0, "")
    assert given(server) == ["model.safetensors"]  # what had arrived was kept
    packing.unpack(tmp_path / "x.charrnn", tmp_path / "models" / "x")


@pytest.mark.slow
def test_a_model_is_uploaded_and_comes_back(charrnn: Run, server: Hub, saved: Path) -> None:
    push = f"push {shlex.quote(str(saved))} ana/novo"
    refused(*charrnn(f"{push} --yes"), "log in")
    asked, done, back = charrnn(push, f"{push} --yes --private --license cc0-1.0", "pack hf:ana/novo", HF_TOKEN=TOKEN)
    assert "--yes" in asked.err
    assert (done.code, done.out, back.code) == (0, f"{server.address}/ana/novo\n", 0)
    files = server.repositories["ana/novo"].files
    assert {*files} == {*packing.contents(saved), "README.md", ".gitattributes"}
    assert files["model.safetensors"] == (saved / "model.safetensors").read_bytes()
    assert b'license: "cc0-1.0"' in files["README.md"]
    files["counts.safetensors"] = files["notes.txt"] = b"old"
    server.repositories["ana/novo"].private = False
    again, public = charrnn(f"{push} --yes", f"{push} --yes --private", HF_TOKEN=TOKEN)
    assert again.code == 0
    assert "counts.safetensors" not in files  # which would be read with the new weights
    assert "notes.txt" in files
    assert "is public" in public.err
