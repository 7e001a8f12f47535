"""Texts that cannot be read: each command says so in one clear line, in no library's or system's jargon."""

import bz2
import gzip
import io
import lzma
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from charrnn import paths
from charrnn.cli import main
from charrnn.corpus import read_file
from charrnn.errors import UserError
from charrnn.sampling import session_file
from charrnn.storage import registry, run_log
from charrnn.ui import model_cache

TEXT = "".join(
    f"Era a {n * n % 977}.ª vez que um rei de {n * n * n % 991} anos contava {n} ovelhas.\n" for n in range(300)
)
JARGON = re.compile(
    r"errno|traceback|\bcodec\b|0x|\bb'|CRC|stream|header|Error|decompress|no such file or directory", re.I
)
COMMANDS = {
    "train": ["train", "{}", "--steps", "1", "--from", "scratch", "--out", "m"],
    "train --valid": ["train", "ok.txt", "--valid", "{}", "--steps", "1", "--from", "scratch", "--out", "m"],
    "score": ["score", "{}", "--model", "machado-lstm"],
    "check": ["corpus", "check", "{}"],
    "clean": ["corpus", "clean", "{}", "--out", "o"],
}


def zipped(method: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr("a.txt", TEXT)
        archive.writestr("b.txt", TEXT[::-1])
    return data.getvalue()


def tarred(mode: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]
        for name in ("a.txt", "b.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(TEXT.encode())
            archive.addfile(member, io.BytesIO(TEXT.encode()))
    return data.getvalue()


PACKED: dict[str, Callable[[], bytes]] = {
    "a.txt.gz": lambda: gzip.compress(TEXT.encode()),
    "a.txt.xz": lambda: lzma.compress(TEXT.encode()),
    "a.txt.bz2": lambda: bz2.compress(TEXT.encode()),
    "a.zip": lambda: zipped(zipfile.ZIP_DEFLATED),
    "lzma.zip": lambda: zipped(zipfile.ZIP_LZMA),
    "stored.zip": lambda: zipped(zipfile.ZIP_STORED),
    "a.tar": lambda: tarred("w"),
    "a.tar.gz": lambda: tarred("w:gz"),
    "a.tar.xz": lambda: tarred("w:xz"),
}


def places() -> dict[str, Callable[[], object]]:
    """What is made under each name, in the current folder; all of it unusable."""
    return {
        "nada.txt": lambda: None,
        "nada/nada.txt": lambda: None,
        "file/nada.txt": lambda: Path("file").write_text("x", encoding="utf-8"),
        "x" * 300 + ".txt": lambda: None,
        "*.doc": lambda: None,
        "machado:nada": lambda: None,
        "folder": lambda: Path("folder").mkdir(),
        "pictures": lambda: (Path("pictures").mkdir(), Path("pictures/a.png").write_bytes(b"\x89PNG")),
        "link.txt": lambda: Path("link.txt").symlink_to("nowhere"),
        "circle.txt": lambda: Path("circle.txt").symlink_to("circle.txt"),
        "image.txt": lambda: Path("image.txt").write_bytes(b"\x89PNG\r\n" + bytes(range(256))),
        "cut.zip": lambda: Path("cut.zip").write_bytes(PACKED["a.zip"]()[:-30]),
        "cut.txt.gz": lambda: Path("cut.txt.gz").write_bytes(PACKED["a.txt.gz"]()[:90]),
        "cut.txt.xz": lambda: Path("cut.txt.xz").write_bytes(PACKED["a.txt.xz"]()[:90]),
        "cut.tar.gz": lambda: Path("cut.tar.gz").write_bytes(PACKED["a.tar.gz"]()[:90]),
        os.devnull: lambda: None,
        "/proc/self/mem": lambda: None,  # which every user may open and nobody reads
        "shut.txt": lambda: (Path("shut.txt").write_text(TEXT, encoding="utf-8"), Path("shut.txt").chmod(0)),
        "shut": lambda: (Path("shut").mkdir(), Path("shut").chmod(0)),
    }


@pytest.mark.parametrize("name", places())
@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_read_is_one_clear_line(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ok.txt").write_text(TEXT, encoding="utf-8")
    if (name.startswith("shut") and os.geteuid() == 0) or (name.startswith("/proc") and not Path(name).exists()):
        pytest.skip("nothing is shut for this user" if name.startswith("shut") else "no /proc here")
    places()[name]()
    with pytest.raises(SystemExit) as stopped:
        main([part.replace("{}", name) for part in COMMANDS[command]])
    told = capsys.readouterr()
    line = told.err.splitlines()[-1]
    assert (stopped.value.code, told.out) == (2, "")
    assert line.startswith("charrnn: ")
    assert Path(name).stem in line or "/mem" in line
    assert not JARGON.search(line), line
    assert not Path("m").exists()


@pytest.mark.parametrize("name", PACKED)
def test_damage_is_told_without_jargon(name: str, tmp_path: Path) -> None:
    """Wherever a packed file is damaged or cut off. What happens to read as a text is none of our business."""
    draw, data, path, refused = random.Random(1), PACKED[name](), tmp_path / name, 0
    for _ in range(60):
        damaged = bytearray(data[: draw.randrange(8, len(data))] if draw.random() < 0.3 else data)
        for _ in range(draw.choice([0, 1, 30])):
            damaged[draw.randrange(4, min(len(damaged), draw.choice([40, len(data)])))] = draw.randrange(256)
        path.write_bytes(damaged)
        with suppress(UserError):
            read_file(path)
            continue
        with pytest.raises(UserError) as stopped:
            read_file(path)
        refused += 1
        assert name in str(stopped.value)
        assert not JARGON.search(str(stopped.value).replace(str(path), "")), stopped.value
    assert refused > 10


def test_an_empty_standard_input_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for data, told in ((b"", "it is empty"), (b"\n", "none in its 1 byte")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        with pytest.raises(SystemExit):
            main(["score", "-", "--model", "machado-lstm"])
        line = capsys.readouterr().err
        assert line.startswith("charrnn: standard input: expected text, found ")
        assert line.endswith(f"{told}\n")


@pytest.mark.parametrize(
    "command", [["train", "ok.txt"], ["corpus", "clean", "ok.txt"], ["corpus", "fetch", "machado"]]
)
@pytest.mark.parametrize("out", ["file", "file/a/b", "ok.txt", "guarded/a"])
def test_a_place_that_nothing_can_be_written_to_is_told_first(
    command: list[str], out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x", encoding="utf-8")
    Path("ok.txt").write_text(TEXT, encoding="utf-8")
    Path("guarded").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "guarded")  # as it is for whoever is not root
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--out", out])
    (line,) = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert line.startswith(f"charrnn: --out {out}: expected a ")
    assert Path("file").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("command", "file"),
    [(["pack", "machado-lstm", "x.charrnn"], "x.charrnn"), (["pack", "machado-lstm", "x.txt"], "x.txt"),
     (["export", "x.html"], "x.html"), (["export", "x.txt", "--to", "html"], "x.txt"), (["export", "x.onnx"], "x.onnx"),
     (["export", "x.onnx"], "x.py"), (["inspect", "Era", "--out", "x.html"], "x.html"),
     (["sample", "--save-state", "x"], "x")],
)  # fmt: skip
def test_no_output_takes_the_place_of_what_is_not_ours(
    command: list[str], file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(file).write_text("<!doctype html> mine", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 2
    assert file in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(file, b"<!doctype html> mine")]


def test_an_output_replaces_what_an_earlier_one_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (
        ["pack", "machado-lstm", "x.charrnn"], ["sample", "-m", "machado-lstm", "--length", "1", "--save-state", "x"]
    ):  # fmt: skip
        for _ in range(2):
            with pytest.raises(SystemExit) as stopped:
                main(command)
            assert stopped.value.code == 0


def damages(folder: Path) -> dict[str, Callable[[], object]]:
    """Ways to damage a model directory, by the name that it gets."""
    config, log = folder / "config.json", folder / "metrics.jsonl"
    return {
        "config-is-no-json": lambda: config.write_text("{{{", encoding="utf-8"),
        "config-is-empty": lambda: config.write_bytes(b""),
        "config-is-a-list": lambda: config.write_text("[1]", encoding="utf-8"),
        "weights-missing": lambda: (folder / "model.safetensors").unlink(),
        "log-with-a-date": lambda: log.write_text('{"final_bpc": 1.2, "date": "x"}\n', encoding="utf-8"),
        "log-with-a-word": lambda: log.write_text('{"final_bpc": "abc", "date": "2026-01-01"}\n', encoding="utf-8"),
        "log-with-nan": lambda: log.write_text('{"final_bpc": NaN, "date": "2026-01-01"}\n', encoding="utf-8"),
        "log-with-a-number": lambda: log.write_text(f'{{"valid_bpc": 1{"0" * 400}}}\n', encoding="utf-8"),
        "log-with-a-byte": lambda: log.write_bytes(b'\xc3\n{"step": 1}\n'),
        "log-is-a-folder": lambda: log.mkdir(),
    }


def test_one_damaged_model_does_not_hide_the_others(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(saved, "models/good")
    for name in damages(tmp_path):
        folder = Path(shutil.copytree(saved, tmp_path / "models" / name))
        damages(folder)[name]()
    for command in (["models"], ["models", "--json"], ["sample", "--model", "nobody"]):
        with pytest.raises(SystemExit) as stopped:
            main(command)
        out, told = capsys.readouterr()
        assert stopped.value.code == (2 if command[0] == "sample" else 0)
        assert all(name in out + told for name in ("good", "machado", *damages(tmp_path)))
        if command == ["models"]:
            skipped = {line.partition(": ")[0] for line in told.splitlines()}
            assert skipped == {name for name in damages(tmp_path) if name != "log-is-a-folder"}


@pytest.mark.skipif(os.name != "posix", reason="links of Unix")
@pytest.mark.parametrize("command", [["train", "ok.txt", "--out", "loop"], ["app", "--models", "loop"]])
def test_a_link_to_itself_is_told(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ok.txt").write_text(TEXT, encoding="utf-8")
    Path("loop").symlink_to("loop")
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.endswith("its links form a loop\n")


def test_a_folder_whose_name_is_not_unicode_hides_no_other(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Archives of old systems hold such names; no JSON, no menu and no page can show them."""
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"p\xe3o")
    try:
        shutil.copytree(saved, Path("models") / name)
    except OSError:
        pytest.skip("this file system has only Unicode names")
    shutil.copytree(saved, "models/good")
    for folder in Path("models").iterdir():
        (folder / "metrics.jsonl").touch()
    for command in (["models"], ["models", "--json"], ["sample", "--model", "nobody"]):
        with pytest.raises(SystemExit) as stopped:
            main(command)
        out, told = capfd.readouterr()
        assert stopped.value.code == (2 if command[0] == "sample" else 0)
        assert "good" in out + told
        assert ("rename the folder" in told) == (command == ["models"])
    assert registry.find("last").name == "good"
    assert [path.name for path in run_log.known(Path("models"))] == ["good"]
    assert model_cache.choices(Path("models")).keys() >= {"good"}
    assert all(paths.is_unicode(one) for one in model_cache.choices(Path("models")))
    with pytest.raises(SystemExit):  # by its path it can be used
        main(["sample", "--model", f"models/{name}", "--length", "5", "--seed", "1", "--save-state", "text"])
    assert session_file.load(Path("text")).model.endswith("p?o")


OPENING = """
import os
from charrnn.cli.terminal import guard
guard()
with open("text", "wb"):
    for stream in (1, 2):
        os.write(stream, b"said")
print("said", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="a shell of Unix")
def test_a_file_takes_no_closed_streams_place(tmp_path: Path) -> None:
    """It would hold what is said, too."""
    line = f"{shlex.join([sys.executable, '-c', OPENING])} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "text").read_bytes() == b""


def test_closed_standard_input_is_told(
    saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit) as stopped:
        main(["sample", "--model", str(saved), "--interactive"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "charrnn: standard input: expected text, found it closed\n"
