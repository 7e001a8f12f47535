"""`charrnn accents`: text, marks, places, JSON, a page, and what it refuses."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from charrnn.cli import main

BARE = "Voce nao esta so.\nE dificil <b> ate amanha.\n"
RIGHT = "Você não está só.\nÉ difícil <b> até amanhã.\n"


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in this process; return what it writes on stdout and stderr, and its exit code."""

    def written(*arguments: object) -> tuple[str, str, object]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return (*capsys.readouterr(), ended.value.code)

    return written


def test_a_text_comes_back_with_its_accents(written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "carta.txt"
    file.write_text(BARE, encoding="utf-8")
    assert written("accents", file)[0] == RIGHT
    assert written("accents", "voce")[0] == "você\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(BARE.encode())))
    assert written("accents")[0] == RIGHT
    assert written("accents", "--show", file)[0].startswith("Você{100%} não{100%} está{")


def test_each_change_is_a_line_of_json_with_its_place(written: Any) -> None:
    rows = [json.loads(line) for line in written("accents", BARE, "--json")[0].splitlines()]
    assert [row["form"] for row in rows] == ["Você", "não", "está", "só", "É", "difícil", "até", "amanhã"]
    lines = BARE.splitlines()
    assert all(lines[row["line"] - 1][row["column"] - 1 :].startswith(row["word"]) for row in rows)


def test_wrong_accents_are_listed(written: Any) -> None:
    assert written("accents", "--check", RIGHT)[0] == ""
    assert written("accents", "--check", "Você já não está so.\n")[0].startswith("1:18  so → só  ")


def test_a_page_marks_the_changes_and_runs_nothing(written: Any, tmp_path: Path) -> None:
    page = tmp_path / "carta.html"
    assert written("accents", BARE, "--html", page)[2] == 0
    text = page.read_text(encoding="utf-8")
    assert 'title="Voce → Você, 99,9% de certeza"' in text
    assert "&lt;b&gt;" in text
    assert "<script" not in text
    assert written("accents", BARE, "--html", page)[2] == 0  # it replaces its own page
    page.write_text("outra coisa", encoding="utf-8")
    assert written("accents", BARE, "--html", page)[2] == 2


def test_what_is_no_portuguese_is_refused_or_told(written: Any, tmp_path: Path) -> None:
    binary = tmp_path / "a.txt"
    binary.write_bytes(bytes(range(256)) * 20)
    for given in ("123 !?", "", binary, tmp_path / "absent.txt"):
        out, error, code = written("accents", given)
        assert (out, code) == ("", 2), given
        assert [line.startswith("charrnn: ") for line in error.splitlines()][-1:] == [True], given
    english = "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour. " * 3
    out, error, code = written("accents", english)
    assert (out, code) == (english + "\n", 0)
    assert "English" in error
