"""`charrnn sample` going on: saved states, rewinding, blends, adapting and writing together, as a person meets them."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from command_support import run
from support import tiny

from charrnn import CharTokenizer, SampleConfig, Sampler, cli
from charrnn.cli.interactive import Conversation, Turn, obey
from charrnn.sampling import session_file
from charrnn.sampling.session import ALL, Recorder, Session
from charrnn.storage import checkpoint


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model, of another alphabet."""
    directory, tokenizer = tmp_path_factory.mktemp("models") / "other", CharTokenizer("abcdeéç \n")
    checkpoint.create(directory, tiny(tokenizer, "gru"), tokenizer)
    return directory


def sample(model: Path | None, *arguments: object) -> str:
    done = run("sample", *(() if model is None else ("--model", model)), *arguments, text=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()[:-1]  # type: ignore[attr-defined]


@pytest.mark.slow
def test_saved_and_loaded_is_one_run(saved: Path, tmp_path: Path) -> None:
    """By the settings, the model and the seed that were saved, unless others are given."""
    settings = ["--seed", 7, "--temperature", 1.5, "--no-repeat", 3, "--stop", "qqq"]
    whole = sample(saved, "--prompt", "Era ✍", "--length", 90, *settings)
    one = sample(saved, "--prompt", "Era ✍", "--length", 40, *settings, "--save-state", tmp_path / "a")
    assert one + sample(None, "--load-state", tmp_path / "a", "--length", 50) == whole
    assert sample(None, "--load-state", tmp_path / "a", "--rewind", 30, "--length", 20) == whole[15:35]
    two = sample(None, "--load-state", tmp_path / "a", "--length", 20, "--save-state", tmp_path / "b")
    assert one + two + sample(None, "--load-state", tmp_path / "b", "--length", 30) == whole
    branches = sample(None, "--load-state", tmp_path / "a", "--length", 50, "--samples", 2).split("\n\n---\n")
    assert branches[0] == whole[45:]
    assert branches[1] == sample(None, "--load-state", tmp_path / "a", "--length", 50, "--seed", 8) != branches[0]


@pytest.mark.slow
def test_blend_and_adapted_write(saved: Path, other: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Quem canta seus males espanta. " * 20, encoding="utf-8")
    common = ["--seed", 1, "--length", 30]
    texts = [
        sample(saved, *common),
        sample(saved, *common, "--blend", f"{other}:0.9"),
        sample(saved, *common, "--adapt-on", tmp_path / "text.txt", "--temperature", 2),
    ]
    assert [len(text) for text in texts] == [30] * 3
    assert texts[0] != texts[1]


def test_bad_input_is_one_clear_line(
    saved: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "a"
    sample(saved, "--seed", 1, "--length", 5, "--save-state", state)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # those of the tests stay
    (tmp_path / "no").write_bytes(b"no")
    cases = {
        "a: expected the model that wrote it, ": ["--load-state", state, "--model", other],
        "no: expected a complete safetensors file, found": ["--load-state", tmp_path / "no"],
        "rewind: expected at most 5": ["--load-state", state, "--rewind", 6],
        "rewind: expected a whole number": ["--load-state", state, "--rewind", 1001],
        "rewind: 3 only works together with --load-state": ["--model", saved, "--rewind", 3],
        "blend: expected a model, : and a weight": ["--model", saved, "--blend", f"{other}"],
        "blend: expected weights whose sum is below 1": ["--model", saved, *["--blend", f"{other}:0.5"] * 2],
        "load-state: expected one model as it was saved, found also --blend": [
            "--load-state", state, "--blend", f"{other}:0.5",
        ],
        "save-state: expected one sample, as text, found 2 samples": ["--model", saved, "--save-state", "x", "-n", 2],
        "save-state: expected a file, found the folder": ["--model", saved, "--save-state", ""],
        "save-state: expected a file in a folder that exists": ["--model", saved, "--save-state", tmp_path / "x" / "y"],
        "interactive: expected one sample, as text, found --json": ["--model", saved, "-i", "--json"],
        "none.txt: expected a file": ["--model", saved, "--adapt-on", tmp_path / "none.txt"],
    }  # fmt: skip
    for message, arguments in cases.items():
        with pytest.raises(SystemExit) as ended:
            cli.main(["sample", *map(str, arguments)])
        out, errors = capsys.readouterr()
        assert message in errors
        assert (len(errors.splitlines()), ended.value.code, out) == (1, 2, ""), errors


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
def test_a_run_that_is_stopped_is_saved(saved: Path, tmp_path: Path) -> None:
    command = ["sample", "--model", saved, "--seed", 1, "--length", 10**6, "--save-state", tmp_path / "a"]
    process = subprocess.Popen([sys.executable, "-m", "charrnn", *map(str, command)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(50)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    document = session_file.load(tmp_path / "a")
    assert document.written > 0
    whole = sample(saved, "--seed", 1, "--length", document.written + 10)
    assert sample(None, "--load-state", tmp_path / "a", "--length", 10) == whole[-10:]


def begun(sampler: Sampler) -> Conversation:
    config = SampleConfig(seed=1, length=12)
    session = Session(config, reach=ALL, model="tiny", weights="abc", engine="eager")
    return Conversation(session.read(sampler, ""))


def told(talk: Conversation, sampler: Sampler, *lines: str) -> Conversation:
    """After these lines were obeyed, and written on where they want it."""
    for line in lines:
        turn = obey(talk, line, sampler)
        assert not turn.end
        talk = turn.talk
        if turn.write:
            recorder = Recorder(talk.session)
            _ = list(recorder.write(sampler))
            talk = talk.with_session(recorder.session)
    return talk


@pytest.fixture
def sampler(tokenizer: CharTokenizer) -> Sampler:
    return Sampler(tiny(tokenizer), tokenizer)


def test_writing_together_is_one_text(sampler: Sampler) -> None:
    whole = sampler.generate("Era ", SampleConfig(seed=1, length=36))
    assert told(begun(sampler), sampler, "Era ", "", "/continue").session.text == "Era " + whole


def test_again_takes_the_next_seed(sampler: Sampler) -> None:
    start = begun(sampler)
    for times in (1, 2):
        talk = told(start, sampler, "Era ", *["/again"] * times)
        expected = sampler.generate("Era ", SampleConfig(seed=1 + times, length=12))
        assert talk.session.text == "Era " + expected


def test_undo_goes_back_and_leaves_the_settings(sampler: Sampler) -> None:
    one = told(begun(sampler), sampler, "Era ", "/temp 1.5")
    back = told(one, sampler, "", "/again", "/length 5", "/undo", "/undo")
    assert (back.session.text, back.session.position, back.session.state) == (
        one.session.text,
        one.session.position,
        one.session.state,
    )
    assert (back.session.config.length, back.session.config.seed) == (5, 2)
    assert told(one, sampler, "/undo").session.text == ""


def test_settings(sampler: Sampler) -> None:
    lines = ["/temp 0.5", "/length 9", "/seed 77", "/top-p 0.9", "/stop abc", "/end line"]
    config = told(begun(sampler), sampler, *lines).session.config
    assert config == SampleConfig(temperature=0.5, length=9, seed=77, top_p=0.9, stop=("abc",), end="line")
    assert told(begun(sampler), sampler, *lines, "/stop").session.config == config
    assert told(begun(sampler), sampler, *lines, "/reset stop").session.config == replace(config, stop=())
    assert told(begun(sampler), sampler, *lines, "/reset seed").session.config.seed not in (None, 77)


def test_each_setting_is_shown_when_it_is_set_asked_for_or_listed(sampler: Sampler) -> None:
    values = {
        "length": "9", "temperature": "0.9", "top-k": "3", "top-p": "0.5", "min-p": "0.1", "typical": "0.7",
        "repetition-penalty": "1.5", "no-repeat": "4", "seed": "7", "bias": "e=-1", "stop": "a b", "end": "line",
    }  # fmt: skip
    talk, shown = begun(sampler), {}
    for name, value in values.items():
        turn = obey(talk, f"/{name} {value}", sampler)
        talk, shown[name] = turn.talk, turn.show
        assert turn.show.replace("'", "") == f"{name} {value}\n"
    for name in values:
        assert obey(talk, f"/{name}", sampler) == Turn(talk, shown[name])
    listed = obey(talk, "/settings", sampler).show.splitlines(keepends=True)
    assert sorted(listed) == sorted(shown.values())
    assert {name.replace("-", "_") for name in values} == set(SampleConfig().to_json())
    assert obey(talk, "/temp", sampler).show == "temperature 0.9\n"


def test_no_line_holds_nul(sampler: Sampler) -> None:
    """Lines with NUL are refused, as texts from files with NUL are; so are names of files with NUL."""
    start = begun(sampler)
    for line in ("a\0b", "\0", "/save a\0b", "/load \0", "/stop \0"):
        turn = obey(start, line, sampler)
        assert turn == Turn(start, "expected text, found a line with NUL characters\n")


@pytest.mark.parametrize(
    ("before", "line", "added"),
    [
        ("", "O mar", "O mar"), ("o f", "O mar", " O mar"), ("noite.", "Era", " Era"), ("(sim)", "era", " era"),
        ("disse:", "— Sim", " — Sim"), ("ano de", "1880", " 1880"), ("em 1880", "era", " era"), ("é", "é", " é"),
        ("fim…", "«Sim»", " «Sim»"), ("casa", "(a velha)", " (a velha)"), ("casa", ", e", ", e"),
        ("disse", "-me", "-me"),
        ("o ", "mar", "mar"), ("fim.\n", "Era", "Era"), ("(", "a velha", "a velha"), ("«", "Sim", "Sim"),
        ("guarda-", "chuva", "chuva"), ("o f", " mar", " mar"), ("o f", "", ""), ("o f", "\\im", "im"),
        ("", "\\/x", "/x"), ("o f", "\\", ""), ("o f", "\\\\x", "\\x"), ("o f", "e\u0301", " é"),
    ],
)  # fmt: skip
def test_a_space_stands_where_words_would_meet(sampler: Sampler, before: str, line: str, added: str) -> None:
    """What is shown is what was added, and the model reads the same."""
    start = obey(begun(sampler), f"\\{before}", sampler).talk
    turn = obey(start, line, sampler)
    assert (turn.text, turn.talk.session.text) == (added, before + added)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/temp hot", "temperature: expected a finite number of at least 0 and at most 100, found 'hot'"),
        ("/length 1.5", "length: expected a whole number of at least 0 and at most 1,000,000,000, found '1.5'"),
        ("/end never", "end: expected one of length, line, sentence, paragraph, found 'never'"),
        ("/bias zz", "bias: expected a character, = and a number, such as e=-1.5, found 'zz'"),
        ("/nonsense", "/nonsense: no such command or setting. /help lists the commands, /settings the settings"),
        ("/temprature 1", "/temprature: no such command or setting; did you mean /temperature? /help lists"),
        ("/top-", "/top-: no such command or setting; did you mean /top-"),
        ("/contin", "/contin: no such command or setting; did you mean /continue?"),
        ("/reset", "/reset: expected a setting, found none"),
        ("/reset sed", "/sed: no such command or setting; did you mean /seed?"),
        ("/save nowhere/a", "/save: expected a file in a folder that exists, found nowhere/a; make nowhere first"),
        ("/save .", "/save: expected a file, found the folder ."),
        ("/save /dev/null", "/save: expected a regular file, found a pipe or a device, /dev/null"),
        ("/load .", ".: this is a folder"),
        ("/load /dev/zero", "/dev/zero: this is a pipe or a device, not a regular file"),
        ("/undo", "/undo: there is no change to undo"),
        ("/again", "/again: the model has not written anything yet"),
        ("/save", "/save: expected a file, found none"),
        ("/load nowhere", "nowhere: there is no such file or folder"),
        ("\ud800", "text: expected Unicode characters, found a lone surrogate"),
    ],
)
def test_errors_are_told_and_change_nothing(sampler: Sampler, line: str, message: str) -> None:
    talk = begun(sampler)
    turn = obey(talk, line, sampler)
    assert turn.show.startswith(message)
    assert turn == Turn(talk, turn.show)


def test_saving_and_loading(sampler: Sampler, tmp_path: Path) -> None:
    one = told(begun(sampler), sampler, "Era ", f"/save {tmp_path / 'a'}")
    two = told(begun(sampler), sampler, "Foi ", f"/load {tmp_path / 'a'}", "")
    assert two.session.text == told(one, sampler, "").session.text
    assert told(two, sampler, "/undo", "/undo").session.text.startswith("Foi ")
    elsewhere = Conversation(replace(begun(sampler).session, weights="def"))
    assert "expected the model that wrote it" in obey(elsewhere, f"/load {tmp_path / 'a'}", sampler).show


def converse(model: Path, lines: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "charrnn", "sample", "-i", "--model", model, "--seed", 1, *arguments]
    return subprocess.run(list(map(str, command)), input=lines, capture_output=True, encoding="utf-8", timeout=120)


def test_in_a_pipe(saved: Path, tmp_path: Path) -> None:
    state = tmp_path / "a"
    lines = f"Era \n\n/again\n/temp x\n/text\n/save {state}\n/help\n/quit\nnever\n"
    done = converse(saved, lines, "--length", 20, "--stop", "\n")
    model = Sampler(*checkpoint.load(saved))
    texts = [model.generate("Era ", SampleConfig(seed=1, length=length, stop=("\n",))) for length in (20, 40)]
    assert done.stdout.startswith(f"Era {texts[0]}\n{texts[1][20:]}\n")
    assert done.stderr.startswith(
        "temperature: expected a finite number of at least 0 and at most 100, found 'x'\nsaved: "
    )
    assert done.stderr.endswith("Ctrl-C stops the writing\n")
    document = session_file.load(state)
    assert done.stdout.endswith(f"\n{document.text}\n")
    after = converse(saved, "\n", "--load-state", state, "--length", 7)
    assert after.stdout[:-1] == sample(saved, "--load-state", state, "--seed", 1, "--length", 7)
    assert json.loads(run("sample", "--load-state", state, "--json").stdout)["seed"] == 2


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
def test_ctrl_c_stops_the_writing_only(saved: Path) -> None:
    command = ["sample", "-i", "--model", saved, "--seed", 1, "--length", 10**6, "--prompt", "Era "]
    process = subprocess.Popen(
        [sys.executable, "-m", "charrnn", *map(str, command)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.read(30)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate("/length 3\n/text\n", timeout=60)
    assert process.returncode == 0, errors
    assert errors == "\nstoppedlength 3\n"
    assert "Era " in out
