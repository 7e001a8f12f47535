"""Works by name, and `charrnn corpus fetch` and `list`."""

import json
from pathlib import Path

import pytest
from corpus_support import WHOLE, WORKS, Site, contents

import charrnn.cli
from charrnn.corpus.catalogue.obtain import obtain
from charrnn.errors import UserError

pytestmark = pytest.mark.usefixtures("own_cache")


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
    with pytest.raises(UserError, match=r"^ditos:dois: dois is not on this computer .* answered 404"):
        obtain("ditos:dois")
    ditos.files.clear()
    with pytest.raises(UserError, match=r"^ditos: none of the 3 works is on this computer"):
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
    assert err.splitlines()[-1].startswith("charrnn: ditos:dois: dois is not on this computer")
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
