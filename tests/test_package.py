"""The package as a whole: its public names, its imports, its speed of starting."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import ROOT, STORIES

import charrnn

PACKAGE = ROOT / "charrnn"
# The rooms in the order the data meets them: each may import only those before it.
ORDER = [
    "errors", "config", "paths", "compiled", "corpus", "data", "ngram", "model", "storage", "scoring", "sampling",
    "training", "lens", "tools", "html", "webpage", "serving", "ui", "cli",
]  # fmt: skip


def test_every_public_name_is_there() -> None:
    for name in charrnn.__all__:
        assert getattr(charrnn, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        charrnn.nonsense  # noqa: B018


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_rooms_import_only_earlier_rooms() -> None:
    for path in PACKAGE.rglob("*.py"):
        if room(path) in ("__init__", "__main__"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
            if isinstance(node, ast.ImportFrom) and node.module:
                names = (
                    [f"{node.module}.{alias.name}" for alias in node.names]
                    if node.module == "charrnn"
                    else [node.module]
                )
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                if name.startswith("charrnn.") and name.split(".")[1] in ORDER:
                    imported = name.split(".")[1]
                    assert ORDER.index(imported) <= ORDER.index(room(path)), f"{path} imports {name}"


HEAVY = {"torch", "gradio", "matplotlib", "lxml", "ftfy", "scipy", "pandas", "huggingface_hub"}
READING = {"numpy", "llvmlite", "tokenizers"}  # what reads models
SAMPLE = ("sample", "--length", "1", "--seed", "1")


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], HEAVY | READING),
        (["train", "--help"], HEAVY | READING),
        (["models"], HEAVY | READING),
        ([*SAMPLE, "--engine", "auto"], HEAVY | {"charrnn.corpus.works"}),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], unneeded: set[str]) -> None:
    code = (
        "import sys, charrnn.cli\n"
        "try: charrnn.cli.main(sys.argv[1:])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], timeout=60, capture_output=True, encoding="utf-8")
    assert done.returncode == 0
    assert not unneeded & {*done.stderr.split()}


def test_the_standard_endpoint_needs_neither_gradio_nor_torch() -> None:
    code = "import sys, charrnn.serving.endpoint; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True, encoding="utf-8", check=True)
    assert not (HEAVY | READING) & {*done.stdout.split()}


def seconds(command: list[str], **environment: object) -> float:
    """Until the first byte of stdout, or the end if there is none."""
    began = time.perf_counter()
    env = {
        **os.environ,
        "CHARRNN_ENGINE": "auto",
        "CHARRNN_MODEL": "",
        **{name: str(value) for name, value in environment.items()},
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        took = time.perf_counter() - began
        process.stdout.read()
    assert process.returncode == 0
    return took


COMMANDS = {  # each with the share of the time of `import torch` in which it must answer; docs/benchmarks.md has goals
    "help": (["--help"], 0.13),
    "warm": ([*SAMPLE, "--engine", "auto"], 0.7),
    "first ever": ([*SAMPLE, "--engine", "auto"], 1.2),  # compiling competes with other programs
    "score": (["score", "text.txt", "--json"], 1.0),
    "inspect": (["inspect", "text.txt", "--json"], 1.0),
}


@pytest.mark.slow
@pytest.mark.timed
def test_starting_is_quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against `import torch` in the same minute, interleaved. The least of up to six: other programs only add to it."""
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(STORIES.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    program = [sys.executable, "-m", "charrnn"]
    seconds([*program, *SAMPLE, "--engine", "f32"])  # compiles, and unpacks the counts
    times: dict[str, list[float]] = {"torch": [], **{name: [] for name in COMMANDS}}
    for number in range(6):
        times["torch"].append(seconds([sys.executable, "-c", "import torch; print(1)"]))
        for name, (arguments, _) in COMMANDS.items():
            empty = {}
            if name == "first ever":
                empty = {"CHARRNN_CACHE": tmp_path / f"empty{number}", "CHARRNN_LOOPS": tmp_path / f"loops{number}"}
            times[name].append(seconds([*program, *arguments], **empty))
        shares = {name: min(times[name]) / min(times["torch"]) for name in COMMANDS}
        if number and all(shares[name] < limit for name, (_, limit) in COMMANDS.items()):
            return
    raise AssertionError((shares, times))


@pytest.mark.parametrize("name", ["machado", "romances", "machado-lstm"])
def test_shipped_models_are_small_and_good(name: str) -> None:
    directory = PACKAGE / "pretrained" / name
    assert sum(path.stat().st_size for path in directory.iterdir()) < 24_000_000
    assert directory.joinpath("README.md").read_text(encoding="utf-8").count("Temperature ") == 3  # samples
    model, tokenizer = charrnn.load(name)
    text = "A casa ficava no fim da rua, e a porta estava sempre aberta para quem quisesse entrar.\n"
    assert charrnn.score(model, tokenizer, text).bits_per_character < 2.2
    shuffled = "".join(sorted(text))
    assert charrnn.score(model, tokenizer, shuffled).bits_per_character > 3
