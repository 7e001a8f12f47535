"""One way to read a text, wherever a command gets it from; prompts from files; escapes in what is typed."""

import io
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from charrnn import SampleConfig
from charrnn.cli import main
from charrnn.cli.reading import lines
from charrnn.config import ConstraintConfig
from charrnn.config.fields import typable, typed
from charrnn.errors import UserError

TEXT = "São João não é um coração.\nO senhor tem razão, disse a mãe.\n"
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "decomposed": TEXT.replace("ã", "a\u0303").encode(),
    "windows-1252": TEXT.encode("cp1252"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16-be with mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
}

Runs = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Runs]:
    """The exit code and the two streams of a command in this process, with these bytes as standard input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(*arguments: object, stdin: bytes = b"") -> tuple[object, str, str]:
        # As on a computer whose standard input is read as ASCII, which must not matter.
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii"))
        with pytest.raises(SystemExit) as stopped:
            main([*map(str, arguments), "--model", str(saved)])
        return stopped.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("name", ENCODED)
def test_every_command_reads_the_same_text(name: str, run: Runs) -> None:
    Path("a.txt").write_bytes(ENCODED[name])
    for command in (["inspect", "a.txt"], ["inspect", "-"]):
        code, out, _ = run(*command, "--json", stdin=ENCODED[name])
        assert code == 0
        assert "".join(json.loads(line)["character"] for line in out.splitlines()) == TEXT
    scores = [json.loads(run("score", file, "--json", stdin=ENCODED[name])[1]) for file in ("a.txt", "-")]
    assert scores[0] == scores[1]
    assert scores[0]["characters"] == len(TEXT)
    for option in (["--prompt", "-"], ["--prompt-file", "-"], ["--prompt-file", "a.txt"]):
        _, out, _ = run("sample", *option, "--length", 3, "--seed", 1, "--json", stdin=ENCODED[name])
        assert json.loads(out)["prompt"] == TEXT.removesuffix("\n")
    _, out, _ = run("sample", "-i", "--length", 0, "--seed", 1, stdin=ENCODED[name])
    assert out == TEXT.replace("\nO", "\n O")


def test_lines_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may answer each before it sends the next."""

    class Pipe(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            asked.append(self.tell())
            return super().readline(size)

    asked: list[int] = []
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Pipe("São\ntrês\n".encode())))
    given = lines(None)
    assert next(given) == "São"
    assert asked == [0]
    assert list(given) == ["três"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("São\n\nmãe".encode("cp850"))))
    assert list(lines("cp850")) == ["São", "", "mãe"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("São João\n".encode("cp850"))))
    with pytest.raises(UserError, match="choose one with --encoding: cp850 «São João»"):
        list(lines(None))
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UserError, match="found it closed"):
        lines(None)


def test_a_name_is_read_and_a_text_is_not(run: Runs) -> None:
    Path("meu texto.txt").write_text("abc\n", encoding="utf-8")
    Path("nota").write_text("xyz\n", encoding="utf-8")
    for given, text in (("meu texto.txt", "abc\n"), ("nota", "xyz\n"), ("Nota.", "Nota."), ("a" * 5000, "a" * 5000)):
        code, out, told = run("inspect", given, "--json")
        assert code == 0
        assert "".join(json.loads(line)["character"] for line in out.splitlines()) == text
        assert told == (f"reading the text {given}\n" if text != given else "")
    for name in ("nada.txt", "nada.txt.gz", "machado:nada"):
        code, out, told = run("inspect", name, "--json")
        assert (code, out) == (2, "")
        assert f"charrnn: {name}: expected a" in told


def test_prompts_that_exclude_each_other_are_told(run: Runs) -> None:
    Path("a.txt").write_text("abc", encoding="utf-8")
    for arguments, told in {
        ("-p", "Era", "--prompt-file", "a.txt"): "prompt-file: expected one prompt, from a file or from --prompt,",
        ("-i", "-p", "-"): "prompt: with --interactive, standard input carries the conversation; read the prompt from",
        ("--prompt-file", "nada"): "nada: expected a file, a folder or a name of `charrnn corpus list`, found none",
        ("--prompt-file", "a.txt", "--encoding", "x"): "encoding: expected a name such as utf-8",
        ("--bias", "a=-1,5"): "bias: write a=-1.5, with a point, not a=-1,5",
        ("--blend", "machado:0,3"): "blend: write machado:0.3, with a point, not machado:0,3",
    }.items():
        code, out, line = run("sample", "--seed", 1, *arguments)
        assert (code, out, len(line.splitlines())) == (2, "", 1)
        assert line.startswith(f"charrnn: {told}"), line


def test_a_long_prompt_comes_from_a_file(run: Runs) -> None:
    """Longer than an argument may be: 128 KB on Linux, 32 KB on Windows."""
    Path("a.txt").write_text("Era uma vez. " * 20_000 + "\n", encoding="utf-8")
    _, out, _ = run("sample", "--prompt-file", "a.txt", "--length", 4, "--seed", 1)
    assert len(out) == 13 * 20_000 + 5


def test_escapes_are_the_same_in_every_option(run: Runs) -> None:
    typed_prompt, prompt = r"a\nb\tc\\nd\x", "a\nb\tc\\nd\\x"
    _, out, _ = run(
        "sample", "-p", typed_prompt, "--stop", r"\n\t", "--bias", r"\n=-3", "--length", 2, "--seed", 1, "--json"
    )
    found = json.loads(out)
    assert (found["prompt"], found["stop"], found["bias"]) == (prompt, ["\n\t"], ["\n=-3"])
    decomposed = run("sample", "-p", "cafe\u0301", "--stop", "e\u0301", "--length", 1, "--seed", 1, "--json")[1]
    assert (json.loads(decomposed)["prompt"], json.loads(decomposed)["stop"]) == ("café", ["é"])
    _, _, told = run("sample", "-i", stdin=b"/stop \\n\n/stop\n")
    assert told.count(repr("\n")) == 2


def test_typing_is_undone() -> None:
    fields = {**SampleConfig.__dataclass_fields__, **ConstraintConfig.__dataclass_fields__}
    for text in ("", "\n", "a\tb\\", "\\n", "C:\\new\\table", "\\\\n\n", "é–"):
        for name in ("stop", "contain", "only", "start", "bias"):
            assert typed(fields[name], typable(fields[name], text)) == text
        assert typed(fields["training"], text) == text == typable(fields["training"], text)  # names of files
