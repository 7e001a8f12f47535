"""`charrnn corpus check` and `clean` as a person uses them."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from support import QUATRAINS, STORIES

from charrnn.cli import main
from charrnn.corpus.repairs import DEFAULT, REPAIRS

MESSY = "\ufeffEla nÃ£o veio.\r\nFoi preciso fazê-\r\nlo logo.\r\n"
MENDED = "Ela não veio.\nFoi preciso fazê-lo\nlogo.\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """`charrnn corpus ARGUMENTS` → (exit code, stdout, stderr)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["corpus", *map(str, arguments)])
        code = ended.value.code
        assert code is None or isinstance(code, int)
        out = capsys.readouterr()
        return code or 0, out.out, out.err

    return run


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "caso.txt"
    path.write_bytes(MESSY.encode())
    return path


def test_check_tells_what_where_and_how_to_mend_it(run, messy: Path) -> None:
    code, out, err = run("check", messy)
    assert (code, err) == (0, "")
    assert "45 characters, 9 words, 3 lines; 51 bytes of text in utf-8 with BOM" in out
    assert (
        "fault: mojibake. Letters were read in the wrong encoding (mojibake). [mojibake]\n      1:5  nÃ£o  →  não"
        in out
    )
    assert "note: 3 × crlf." in out
    assert "alphabet of 23:  o 7  ␣ 5" in out
    assert "Ã  LATIN CAPITAL LETTER A WITH TILDE, 1 ×" in out
    assert f"repair it with: charrnn corpus clean {messy} --out DIR --fix mojibake,hyphens" in out
    assert "\x1b[" not in out  # no colours in a pipe


def test_check_of_a_clean_text(run) -> None:
    code, out, _ = run("check", STORIES)
    assert code == 0
    assert "no faults found" in out
    assert "bits per character of the last tenth" in out
    assert "fault:" not in out


def test_check_json_is_a_line_per_file(run, messy: Path) -> None:
    code, out, err = run("check", "--json", messy, QUATRAINS)
    assert (code, err) == (0, "")
    first, second = map(json.loads, out.splitlines())
    assert [finding["name"] for finding in first["findings"]][:2] == ["mojibake", "hyphens"]
    assert first["findings"][0]["examples"] == [{"line": 1, "column": 5, "text": "nÃ£o", "becomes": "não"}]
    assert second["name"] == str(QUATRAINS)
    assert second["baselines"]["unigram"] > 3


def test_check_of_several_ends_with_a_summary_and_goes_on_past_what_cannot_be_read(run, messy: Path) -> None:
    (messy.parent / "dados.txt").write_bytes(bytes(range(256)) * 40)
    code, out, err = run("check", messy.parent, QUATRAINS)
    assert code == 2
    assert "3 texts," in out
    assert "1 with faults, 1 unreadable" in out
    assert out.rstrip().endswith("caso.txt: mojibake, hyphens")
    assert "dados.txt: expected" in err
    lines = run("check", "--json", messy.parent)[1].splitlines()
    assert sorted("error" in json.loads(line) for line in lines) == [False, True]


def test_check_reads_the_encoding_that_is_given(run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("coração\n".encode("cp850"))
    code, out, _ = run("check", "--encoding", "cp850", tmp_path / "a.txt")
    assert code == 0
    assert "bytes of text in cp850" in out
    assert "ç 1" in out


def test_clean_writes_the_text_and_what_was_done(run, messy: Path, tmp_path: Path) -> None:
    out = tmp_path / "limpo"
    code, told, err = run("clean", messy, "--out", out, "--fix", "mojibake,hyphens")
    assert (code, err) == (0, "")
    assert told == f"{out / 'caso.txt'}: 40 characters; bom 1, newlines 3, mojibake 1, hyphens 1\n"
    assert (out / "caso.txt").read_bytes() == MENDED.encode()
    assert messy.read_bytes() == MESSY.encode()
    assert json.loads((out / "record.json").read_text(encoding="utf-8")) == {
        "files": {
            "caso.txt": {
                "source": str(messy),
                "format": "text",
                "encoding": "utf-8 with BOM",
                "before": {"sha256": hashlib.sha256(MESSY.encode()).hexdigest(), "bytes": len(MESSY.encode())},
                "after": {
                    "sha256": hashlib.sha256(MENDED.encode()).hexdigest(),
                    "bytes": len(MENDED.encode()),
                    "characters": len(MENDED),
                },
                "repairs": {"bom": 1, "newlines": 3, "nfc": 0, "mojibake": 1, "hyphens": 1},
            }
        }
    }


def test_clean_without_a_list_makes_the_default_repairs(run, messy: Path, tmp_path: Path) -> None:
    assert run("clean", messy, "-o", tmp_path / "o")[0] == 0
    assert (tmp_path / "o" / "caso.txt").read_text(encoding="utf-8") == MESSY[1:].replace("\r\n", "\n")


def test_unwrap_adds_to_the_list(run, messy: Path, tmp_path: Path) -> None:
    assert run("clean", messy, "-o", tmp_path / "o", "--fix", "mojibake", "--unwrap")[0] == 0
    record = json.loads((tmp_path / "o" / "record.json").read_text(encoding="utf-8"))
    assert list(record["files"]["caso.txt"]["repairs"]) == [*DEFAULT, "mojibake", "hyphens", "unwrap"]


def test_nothing_is_overwritten_unless_asked(run, messy: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    assert run("clean", messy, "-o", out)[0] == 0
    before = (out / "caso.txt").read_bytes()
    code, _, err = run("clean", messy, "-o", out, "--fix", "mojibake")
    assert code == 2
    assert "expected no file of this name, found one; --overwrite replaces it" in err
    assert (out / "caso.txt").read_bytes() == before
    assert run("clean", messy, "-o", out, "--fix", "mojibake", "--overwrite")[0] == 0
    assert "não" in (out / "caso.txt").read_text(encoding="utf-8")


def test_a_source_is_never_overwritten(run, messy: Path) -> None:
    for flags in ([], ["--overwrite"]):
        code, _, err = run("clean", messy, "-o", messy.parent, *flags)
        assert code == 2
        assert "found the source itself" in err
        assert messy.read_bytes() == MESSY.encode()


def test_names_stay_apart_and_safe(run, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("a/conto.txt", "b/conto.txt", "b/CONTO.txt", "b/o que é?.html"):
            archive.writestr(
                name, "<html><body><p>Era uma vez.</p></body></html>" if "html" in name else "Era uma vez.\n"
            )
    (tmp_path / "livros.zip").write_bytes(buffer.getvalue())
    code, _, err = run("clean", tmp_path / "livros.zip", "-o", tmp_path / "o")
    assert (code, err) == (0, "")
    names = {path.name for path in (tmp_path / "o").iterdir()}
    assert names == {"conto.txt", "b-CONTO.txt", "conto-2.txt", "o-que-é.txt", "record.json"}


def test_what_was_done_before_an_error_is_recorded(run, messy: Path, tmp_path: Path) -> None:
    (messy.parent / "dados.txt").write_bytes(bytes(range(256)) * 40)
    out = tmp_path / "o"
    code, _, err = run("clean", messy, messy.parent / "dados.txt", "-o", out)
    assert code == 2
    assert "dados.txt: expected" in err
    assert list(json.loads((out / "record.json").read_text(encoding="utf-8"))["files"]) == ["caso.txt"]
    assert sorted(path.name for path in out.iterdir()) == ["caso.txt", "record.json"]


def test_an_unknown_repair_is_refused_before_anything_is_written(run, messy: Path, tmp_path: Path) -> None:
    code, _, err = run("clean", messy, "-o", tmp_path / "o", "--fix", "unwarp")
    assert code == 2
    assert "expected some of bom, newlines" in err
    assert not (tmp_path / "o").exists()


def test_repairs_are_listed(run) -> None:
    code, out, _ = run("clean", "--repairs")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(REPAIRS)
    assert sum(line.endswith("(by default)") for line in out.splitlines()) == len(DEFAULT)
