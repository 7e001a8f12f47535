"""docs/json.md describes each field that a command writes with --json, and no other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_support import NETWORK, run
from support import QUATRAINS, ROOT, STORIES

import charrnn
from charrnn.cli import main


def described(command: str) -> set[str]:
    """The fields in a section of the document."""
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(command)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, command
    cells = re.findall(r"^\| (`.*?) \|", section[1], re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def fields(value: Any) -> set[str]:
    """The names of all fields in a JSON value."""
    if isinstance(value, list):
        return {name for item in value for name in fields(item)}
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in fields(item)}
    return set()


def rows(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in this process; return what it writes on stdout."""

    def written(*arguments: object) -> str:
        with pytest.raises(SystemExit):
            main([str(argument) for argument in arguments])
        return capsys.readouterr().out

    return written


@pytest.mark.slow
def test_train(tmp_path: Path) -> None:
    done = run("train", QUATRAINS, "--out", tmp_path / "m", "--steps", 4, "--json", *NETWORK)
    assert fields(rows(done.stdout)) == described("charrnn train")


def test_sample(saved: Path, written: Any) -> None:
    start = STORIES.read_text(encoding="utf-8")[2000:2060]
    made = rows(
        written(
            "sample", "--model", saved, "--seed", 1, "--length", 70, "--start", start, "--novelty", STORIES, "--json"
        )
    )
    assert made[0]["novelty"]["matches"]
    assert fields(made) == described("charrnn sample")


def test_score(saved: Path, written: Any) -> None:
    found = rows(written("score", QUATRAINS, "--model", saved, "--json"))
    assert fields(found) == described("charrnn score")
    assert found[0]["bits_per_character"] == pytest.approx(
        charrnn.score(*charrnn.load(saved), QUATRAINS.read_text(encoding="utf-8")).bits_per_character, rel=1e-4
    )


def test_accents(written: Any) -> None:
    assert fields(rows(written("accents", "nao", "--json"))) == described("charrnn accents")


def test_proof(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARRNN_ENGINE", "f32")
    text = "O govrno vai abaixar os impostos."
    assert fields(rows(written("proof", text, "--model", "machado-lstm", "--json"))) == described("charrnn proof")


def test_whose(saved: Path, written: Any) -> None:
    """The models may stand after --models, as in `--models A B`."""
    found = rows(
        written("whose", "A casa da minha avó fica no alto. " * 9, "--models", "machado-lstm", saved, "--json")
    )
    assert fields(found) == described("charrnn whose")
    assert sum(row["probability"] for row in found) == pytest.approx(1)


def test_inspect(saved: Path, written: Any) -> None:
    assert fields(rows(written("inspect", "Oi", "--model", saved, "--json"))) == described("charrnn inspect")


def test_models(written: Any) -> None:
    assert fields(json.loads(written("models", "--json"))) == described("charrnn models")


def test_corpus_check(tmp_path: Path, written: Any) -> None:
    (tmp_path / "bom.txt").write_text("Nao  ha\u200b nada aqui.\n" * 200, encoding="utf-8")
    (tmp_path / "nada.txt").write_bytes(bytes(range(256)) * 9)
    found = rows(written("corpus", "check", tmp_path, "--json"))
    assert [set(row) == {"name", "error"} for row in found] == [False, True]
    assert fields(found) == described("charrnn corpus check")


def test_corpus_list(written: Any) -> None:
    assert fields(json.loads(written("corpus", "list", "machado:cubas", "--json"))) == described("charrnn corpus list")


def test_record(tmp_path: Path, written: Any) -> None:
    written("corpus", "clean", QUATRAINS, "--out", tmp_path)
    entries = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))["files"].values()
    assert {name for entry in entries for name in fields({**entry, "repairs": None})} == described(
        "record.json of charrnn corpus clean"
    )
