"""The command line as a person meets it: real processes, real pipes."""

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from command_support import NETWORK, QUICK, run
from support import QUATRAINS, ROOT, STORIES

import charrnn
from charrnn import SampleConfig, Sampler
from charrnn.cli import main


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def training(home: Path) -> "subprocess.CompletedProcess[str]":
    """A training of a moment, without --out."""
    done = run("train", QUATRAINS, "--steps", 12, *NETWORK, cwd=home)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def trained(home: Path, training: "subprocess.CompletedProcess[str]") -> Path:
    """The model that it made."""
    return home / "models" / "quadras"


def test_training_ends_with_the_command_that_samples(home: Path, training: "subprocess.CompletedProcess[str]") -> None:
    assert training.stdout == ""
    command = re.search(r"charrnn (sample --model \S+)", training.stderr)
    assert command
    sampled = run(*command[1].split(), "--length", 20, "--seed", 1, cwd=home)
    assert sampled.returncode == 0
    assert len(sampled.stdout) == 21


@pytest.mark.slow
def test_training_json_is_lines_of_json(tmp_path: Path) -> None:
    done = run("train", QUATRAINS, "--out", tmp_path / "m", "--steps", 6, "--evaluations", 2, "--json", *NETWORK)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line.get("step") for line in lines] == [3, 6, None]
    assert set(lines[-1]) == {"model", "bits_per_character", "characters", "verdict"}
    assert lines[-1]["model"] == str(tmp_path / "m")
    assert done.stderr == ""


@pytest.mark.slow
def test_each_score_tells_what_it_is_of(tmp_path: Path) -> None:
    """Those during training are of a part of the held-out text, the last one is of all; and it says how they differ."""
    valid = tmp_path / "valid.txt"
    valid.write_text(STORIES.read_text(encoding="utf-8") * 2, encoding="utf-8")
    command = ["train", QUATRAINS, "--valid", valid, "--steps", 4, "--evaluations", 2, "--from", "scratch", *NETWORK]
    told = run(*command, "--out", tmp_path / "m").stderr
    parts = re.findall(r"held-out \d\.\d+ bpc \(([\d,]+) characters\)", told)
    scored, whole = re.findall(r"bits per character on the held-out text \(([\d,]+) of ([\d,]+) characters\)", told)[0]
    assert len(parts) == 2
    assert parts[0] == parts[1]
    assert f"The scores before it are of {parts[0]} of these characters" in told
    part, all_, most = (int(count.replace(",", "")) for count in (parts[0], scored, whole))
    assert part < 0.7 * all_
    assert all_ > most - 32
    assert "starting from scratch, as --from says" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "starting from scratch: --embed, --hidden, --counts fix the network's shape, and romances has its own"),
        (["--from", "scratch"], "starting from scratch, as --from says"),
    ],
)
def test_training_tells_where_it_starts(given: list[str], told: str, tmp_path: Path) -> None:
    assert told in run("train", QUATRAINS, "--out", tmp_path / "m", "--steps", 1, *given, *NETWORK).stderr.splitlines()


def assert_samples(directory: Path, prompt: str) -> None:
    """Compared as bytes: a model may well write the rarer line ends."""
    done = run("sample", "--model", directory, "--prompt", prompt, "--length", 50, "--seed", 3, text=False)
    model, tokenizer = charrnn.load(directory)
    expected = prompt + Sampler(model, tokenizer).generate(prompt, SampleConfig(length=50, seed=3))
    assert (done.stdout, done.stderr) == (f"{expected}\n".encode(), b"")


@pytest.mark.slow
def test_a_model_with_counts_is_trained_sampled_and_scored(tmp_path: Path) -> None:
    """The default; trained by the script, which is the same command."""
    command = [sys.executable, ROOT / "scripts" / "train.py", QUATRAINS, "--out", tmp_path / "m", "--steps", 12, *QUICK]
    done = subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m" / "README.md").exists()
    assert (tmp_path / "m" / "counts.safetensors").exists()
    model, tokenizer = charrnn.load(tmp_path / "m")
    assert model.counts is not None
    assert_samples(tmp_path / "m", "Meu bem ✍")
    scored = json.loads(run("score", QUATRAINS, "--model", tmp_path / "m", "--json").stdout)
    wanted = charrnn.score(model, tokenizer, QUATRAINS.read_text(encoding="utf-8"))
    assert scored["bits_per_character"] == pytest.approx(wanted.bits_per_character, rel=1e-6)


def test_sample_writes_the_prompt_and_what_follows(trained: Path) -> None:
    assert_samples(trained, "São João ✍")


def test_drawn_seed_is_printed_and_repeats_the_text(trained: Path) -> None:
    first = run("sample", "--model", trained, "--length", 60)
    seed = re.fullmatch(r"seed (\d+)\n", first.stderr)
    assert seed
    assert run("sample", "--model", trained, "--length", 60, "--seed", seed[1]).stdout == first.stdout


@pytest.mark.slow
def test_samples_are_separated_and_each_can_be_repeated(trained: Path) -> None:
    three = run("sample", "--model", trained, "--length", 30, "--seed", 5, "--samples", 3).stdout
    assert three.count("\n\n---\n") == 2
    alone = [run("sample", "--model", trained, "--length", 30, "--seed", seed).stdout[:-1] for seed in (5, 6, 7)]
    assert three == "\n\n---\n".join(alone) + "\n"


def test_sample_json(trained: Path) -> None:
    done = run("sample", "--model", trained, "--prompt", "A", "--length", 9, "--seed", 1, "--stop", "zz", "--json")
    row = json.loads(done.stdout)
    assert (row["prompt"], len(row["text"]), row["seed"], row["stop"]) == ("A", 9, 1, ["zz"])


def test_greedy_is_the_same_every_time(trained: Path) -> None:
    texts = {run("sample", "--model", trained, "--length", 30, "--temperature", 0).stdout for _ in range(2)}
    assert len(texts) == 1


@pytest.mark.skipif(os.name != "posix", reason="a shell pipe of Unix")
def test_closed_pipe_ends_quietly(trained: Path) -> None:
    command = f"{sys.executable} -m charrnn sample --model {trained} --length 100000 --seed 1 | head -c 20"
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60)
    assert len(done.stdout) == 20
    assert done.stderr == b""


@pytest.mark.slow
def test_the_last_weights_of_a_training_can_be_sampled(trained: Path, saved: Path) -> None:
    options = ("--model", trained, "--length", 60, "--seed", 3, "--temperature", 2.0)
    best, last = (run("sample", *options, "--weights", weights).stdout for weights in ("best", "last"))
    model, tokenizer = charrnn.storage.checkpoint.load(trained, "last")
    config = charrnn.SampleConfig(length=60, seed=3, temperature=2.0)
    assert last == charrnn.Sampler(model, tokenizer).generate(config=config) + "\n" != best
    refused = run("sample", "--model", saved, "--weights", "last")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "found only the best ones" in refused.stderr


def test_score_json_has_the_promised_keys(trained: Path) -> None:
    done = run("score", QUATRAINS, "--model", trained, "--json")
    model, tokenizer = charrnn.load(trained)
    expected = charrnn.score(model, tokenizer, QUATRAINS.read_text(encoding="utf-8"))
    found = json.loads(done.stdout)
    assert set(found) == {
        "bits_per_character", "bits_per_byte", "perplexity", "characters", "bytes", "unknown_characters", "model",
        "adaptive", "read_in_training", "baselines",
    }  # fmt: skip
    assert found["read_in_training"] > 0.9  # all but what was held out
    assert found["bits_per_character"] == pytest.approx(expected.bits_per_character, rel=1e-6)
    assert (found["characters"], found["model"]) == (expected.characters, "quadras")


@pytest.mark.slow
def test_score_in_words(trained: Path) -> None:
    told = run("score", QUATRAINS, STORIES, "--model", trained).stdout  # of which the quatrains were read in training
    assert (told.count("(static, model quadras)"), told.count("of it was read in training")) == (2, 1)


@pytest.mark.slow
def test_score_shows_simple_models_beside_it(trained: Path, tmp_path: Path) -> None:
    """The same ones that --json gives, and none for a text that is too short."""
    (tmp_path / "curto.txt").write_text("Era uma vez.\n", encoding="utf-8")
    told = run("score", QUATRAINS, tmp_path / "curto.txt", "--model", trained).stdout.split("curto.txt")
    found = re.findall(r"([\d.]+) by single characters, ([\d.]+) by an n-gram model .*, ([\d.]+) by xz", told[0])
    beside = json.loads(run("score", QUATRAINS, "--model", trained, "--json").stdout)["baselines"]
    assert found == [tuple(f"{beside[name]:.2f}" for name in ("unigram", "ngram", "xz"))]
    assert "simple models for comparison need 2,000 characters" in told[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a terminal of Unix")
def test_score_has_a_bar_on_a_terminal_only(trained: Path) -> None:
    import pty

    here, there = pty.openpty()
    shown: list[bytes] = []

    def watch() -> None:
        with contextlib.suppress(OSError):  # how the other end is closed
            while data := os.read(here, 4096):
                shown.append(data)

    watcher = threading.Thread(target=watch)
    watcher.start()
    command = [sys.executable, "-m", "charrnn", "score", str(QUATRAINS), "--model", str(trained)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=there, env=environment, encoding="utf-8", timeout=120)
    os.close(there)
    watcher.join()
    os.close(here)
    assert "100%" in b"".join(shown).decode()
    quiet = run("score", QUATRAINS, "--model", trained)
    assert (quiet.stderr, quiet.stdout) == ("", done.stdout)


def test_models_lists_what_there_is(trained: Path) -> None:
    listed = run("models", cwd=trained.parent.parent)
    assert re.search(r"quadras +\d\.\d{3} ", listed.stdout)
    rows = json.loads(run("models", "--json", cwd=trained.parent.parent).stdout)
    assert "quadras" in [row["name"] for row in rows]


def test_last_is_the_newest(trained: Path) -> None:
    done = run("sample", "--model", "last", "--length", 5, "--seed", 1, cwd=trained.parent.parent)
    assert (done.returncode, len(done.stdout)) == (0, 6)


def bad_input(trained: Path, home: Path) -> dict[str, tuple[list[object], str]]:
    """A command with something wrong in it, and what its message must say."""
    (home / "empty.txt").write_bytes(b"")
    (home / "one.txt").write_text("a", encoding="utf-8")
    (home / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (home / "folder").mkdir()
    broken = Path(shutil.copytree(trained, home / "broken"))
    (broken / "model.safetensors").write_bytes((trained / "model.safetensors").read_bytes()[:1000])
    foreign = Path(shutil.copytree(trained, home / "foreign"))
    charrnn.CharTokenizer("xyz").save(foreign / "tokenizer.json")
    sample = ["sample", "--model", trained]
    return {
        "empty file": (["train", home / "empty.txt"], "empty.txt: expected text, found none: it is empty"),
        "one character": (
            ["train", home / "one.txt"],
            "expected at least 128 characters to train on, found 1",
        ),
        "binary file": (["train", home / "binary.txt"], "binary.txt: expected text, found a binary file"),
        "missing file": (
            ["train", home / "none.txt"],
            "none.txt: expected a file, a folder or a name of `charrnn corpus list`, found none",
        ),
        "missing file to score": (
            ["score", home / "none.txt", "--model", trained],
            "none.txt: expected a file, a folder",
        ),
        "no file": (["train"], "expected at least one text file, found none"),
        "minutes 0": (["train", QUATRAINS, "--minutes", 0], "minutes: expected a finite number above 0, found 0"),
        "watch": (["train", QUATRAINS, "--watch", "--from", trained], "from nothing; leave out --from"),
        "existing model": (
            ["train", QUATRAINS, "--out", trained],
            "expected a new or empty directory, found a model",
        ),
        "resume nothing": (
            ["train", QUATRAINS, "--out", home / "folder", "--resume"],
            "expected an interrupted",
        ),
        "resume otherwise": (
            ["train", QUATRAINS, "--out", trained, "--resume", "--hidden", 3],
            "only --minutes or --steps may change); leave out --hidden",
        ),
        "shape of another": (
            ["train", QUATRAINS, "--from", trained, "--hidden", 9],
            "that model's shape; leave out --hidden",
        ),
        "counts of another": (
            ["train", QUATRAINS, "--from", trained, "--counts", "none"],
            "that model's shape; leave out --counts",
        ),
        "counting beside none": (
            ["train", QUATRAINS, "--from", trained, "--counts-size", 5],
            "that model has no counts; leave out --counted",
        ),
        "a name of something else": (["train", QUATRAINS, "--out", "models/last"], "'last' means something else"),
        "a shipped model's name": (["train", QUATRAINS, "--out", "models/machado"], "'machado' means something else"),
        "unusable device": (["train", QUATRAINS, "--device", "abacus"], "expected auto, cpu, cuda or cuda:N, found"),
        "directory without model": (
            ["sample", "--model", home / "folder"],
            "expected a model directory, found a folder without config.json",
        ),
        "file for a model": (["sample", "--model", QUATRAINS], "expected a model directory, found a file"),
        "no such model": (["sample", "--model", "nobody"], "there is no model 'nobody'. There are: machado, "),
        "nearly a model": (
            ["score", QUATRAINS, "--model", "models/machad"],
            "there is no model 'models/machad'; did you mean machado? There are: machado, ",
        ),
        "file as models": (["models", "--models", QUATRAINS], "expected a folder of models, found a file"),
        "no models there": (["models", "--models", home / "none"], "expected a folder of models, found none"),
        "unquoted beginning": (
            ["sample", "Era", "uma"],
            "sample: unexpected argument 'Era uma'; a beginning is given with -p: charrnn sample -p \"Era uma\"",
        ),
        "beginning with a quote": (["sample", 'a "b"'], "charrnn sample -p 'a \"b\"'"),
        "unquoted text": (
            ["inspect", "Era", "uma"],
            "unexpected argument 'uma'; a text of several words stands in quotes: charrnn inspect \"Era uma\"",
        ),
        "unquoted text of an option": (
            ["sample", "--length", 5, "--stop", "fim", "do", "texto", "-n", 2],
            "unexpected argument 'do texto'; a text of several words stands in quotes: charrnn sample --stop \"fim",
        ),
        "decimal comma": ([*sample, "--temperature", "0,7"], "sample: --temperature: write 0.7, not 0,7 (below 1"),
        "decimal comma after =": (["train", QUATRAINS, "--minutes=0,5"], "train: --minutes: write 0.5, not 0,5"),
        "thousands with points": ([*sample, "--length", "1.000"], "sample: --length: write 1000, not 1.000"),
        "argument too many": (["models", "foo"], "models: unexpected argument 'foo'. See charrnn models --help"),
        "no text to score": (["score"], "score: TEXT... is missing (texts, each scored on its own: whatever"),
        "nearly a command": (["smaple"], "no command smaple; did you mean sample? There are: train, sample, score,"),
        "nearly a command below": (
            ["corpus", "chek"],
            "corpus: no command chek; did you mean check? There are: check,",
        ),
        "no number": (
            ["sample", "--length", "soon"],
            "sample: --length: expected a whole number, found 'soon' (characters to gen",
        ),
        "no fraction": (
            [*sample, "--top-p", "x"],
            "--top-p: expected a number, found 'x' (keep the likeliest characters that",
        ),
        "no value": (["sample", "--length"], "--length needs a value"),
        "truncated weights": (["sample", "--model", broken], "expected a complete safetensors file, found"),
        "wrong tokenizer": (["sample", "--model", foreign], "expected the model's tokenizer"),
        "temperature nan": (
            [*sample, "--temperature", "nan"],
            "temperature: expected a finite number of at least 0",
        ),
        "top-p 0": (
            [*sample, "--top-p", "0"],
            "top-p: expected a finite number above 0 and at most 1, found 0",
        ),
        "top-k -1": ([*sample, "--top-k", "-1"], "top-k: expected a whole number of at least 0 and at most"),
        "length -1": ([*sample, "--length", "-1"], "length: expected a whole number of at least 0"),
        "samples 0": ([*sample, "--samples", "0"], "samples: expected a whole number of at least 1, found 0"),
        "empty stop": ([*sample, "--stop", ""], "stop: expected non-empty texts"),
    }


def test_bad_input_is_one_clear_line_and_nothing_is_lost(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, as it takes long to start so many."""
    cases = bad_input(trained, tmp_path)
    monkeypatch.chdir(tmp_path)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGPIPE)}
    before = {path: path.read_bytes() for path in [*trained.rglob("*"), *tmp_path.rglob("*")] if path.is_file()}
    for name, (arguments, message) in cases.items():
        with pytest.raises(SystemExit) as stopped:
            main(list(map(str, arguments)))
        told = capsys.readouterr()
        assert message in told.err, (name, told.err)
        assert len(told.err.splitlines()) == 1, (name, told.err)
        assert (stopped.value.code, told.out) == (2, ""), name
    for number, handler in handlers.items():
        signal.signal(number, handler)
    after = {path: path.read_bytes() for path in [*trained.rglob("*"), *tmp_path.rglob("*")] if path.is_file()}
    assert after == before


def test_refusals_of_the_system_are_sentences(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever a path is given: one line with the path that was given, and no message of the system as it is."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (tmp_path / "file").touch()
    raw = {os.strerror(number).lower() for number in errno.errorcode} - {os.strerror(errno.EACCES).lower()}
    model = ["--model", trained]
    wrong = ["none/a", "file/a", "a" * 300, "."]
    monkeypatch.chdir(tmp_path)
    for given in wrong:
        cases = [
            ["sample", *model, "--save-state", given],
            ["sample", "--load-state", given],
            ["inspect", "a", *model, "--out", given],
            ["models", "--models", given],
            ["sample", "--model", given],
        ]
        cases += [["export", given, *model]] * (given != "none/a")  # whose folder is made
        for case in cases[:3] if given == "." else cases:
            with pytest.raises(SystemExit) as stopped:
                main([str(word) for word in case])
            out, said = capsys.readouterr()
            assert (stopped.value.code, out, len(said.splitlines())) == (2, "", 1), case
            assert given.split("/")[0] in said, case
            assert not any(message in said.lower() for message in raw), said
            assert "errno" not in said.lower()
