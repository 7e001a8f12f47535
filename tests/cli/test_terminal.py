"""Control characters in names, texts and messages: signs on a terminal, themselves in a pipe."""

import contextlib
import io
import os
import pty
import re
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support import tiny

from charrnn import CharTokenizer
from charrnn.cli import main
from charrnn.cli.terminal import harmless
from charrnn.storage import checkpoint

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x7f\u202e\r"
OURS = re.compile(r"\x1b\[\??[\d;]*[A-Za-z]|\r\n|\r(?=\x1b)")  # colours, the cursor, the progress bar, line ends
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NETWORK = ["--counts", "none", "--embed", 8, "--hidden", 16, "--batch", 4, "--window", 16, "--threads", 1]

Runs = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and a text whose names and characters steer terminals."""
    folder, tokenizer = tmp_path_factory.mktemp("home"), CharTokenizer("a\x1b\x9b\x07\x08\r\u202e")
    (folder / "models").mkdir()
    checkpoint.create(folder / "models" / f"m{EVIL}", tiny(tokenizer), tokenizer)
    (folder / f"t{EVIL}.txt").write_text("a\u202e a\n" * 60, encoding="utf-8")
    return folder


@pytest.fixture
def terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """What a command in this process shows on a terminal, as standard output and standard error."""

    def run(*arguments: object) -> str:
        here, there = pty.openpty()
        shown: list[bytes] = []

        def watch() -> None:
            with contextlib.suppress(OSError):  # how the other end is closed
                while data := os.read(here, 65536):
                    shown.append(data)

        watcher = threading.Thread(target=watch)
        watcher.start()
        with monkeypatch.context() as patch, os.fdopen(there, "wb", 0) as raw:
            for name in ("stdout", "stderr"):
                patch.setattr(sys, name, io.TextIOWrapper(raw, encoding="utf-8", write_through=True))
            patch.setattr(signal, "signal", lambda *_: None)
            patch.setenv("TERM", "xterm-256color")
            patch.chdir(home)
            with pytest.raises(SystemExit):
                main(list(map(str, arguments)))
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
                stream.detach()
        watcher.join()
        os.close(here)
        return b"".join(shown).decode()

    return run


COMMANDS = {
    "models": ["models"],
    "sample": ["sample", "--model", "last", "--length", 60, "--seed", 1, "--prompt", EVIL],
    "score": ["score", f"t{EVIL}.txt", "--model", "last"],
    "inspect": ["inspect", f"a{EVIL}a", "--model", "last"],
    "check": ["corpus", "check", f"t{EVIL}.txt"],
    "train": ["train", f"t{EVIL}.txt", "--steps", 2, "--out", f"o{EVIL}", "--prompt", EVIL, *NETWORK],
    "no model": ["sample", "--model", f"x{EVIL}"],
    "no text": ["score", f"x{EVIL}\ncharrnn: all is well"],
    "no work": ["corpus", "fetch", EVIL],
    "no option": [f"--x{EVIL}"],
    "no command": [f"x{EVIL}"],
    "no such argument": ["sample", EVIL],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_gets_no_control_characters_but_ours(name: str, terminal: Runs) -> None:
    shown = terminal(*COMMANDS[name])
    assert not CONTROLS.search(OURS.sub("", shown)), shown
    assert not re.search(r"\x1b\]|\x1b\[2J", shown)
    assert "owned" in shown or name in ("no work", "sample")
    if name.startswith("no "):
        assert shown.count("\n") == 1


def test_a_pipe_gets_them_as_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for name in ("models", "inspect", "score"):
        with pytest.raises(SystemExit):
            main(list(map(str, COMMANDS[name])))
        assert EVIL.removesuffix("\r") in capsys.readouterr().out, name


def test_every_other_character_is_shown_as_it_is() -> None:
    rest = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x202A), *range(0x2070, 0xD800), 0x1F600, 9, 10]))
    assert harmless(rest) == rest
    assert harmless("\x1b[2J\x9b\r") == "␛[2J�␍"
