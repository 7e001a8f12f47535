"""Check the lower bounds of the dependencies: install the lowest versions that are allowed, and use the program.

    python scripts/check_lowest.py [--python 3.11] [--torch lowest] [--keep DIR]

In a new virtual environment: `charrnn --help`, sampling with and without counts, a training of a few seconds, and the
two servers, which give a page and a text. torch is installed in the version of this environment, as its lowest one
takes gigabytes; `--torch lowest` checks that, too. Needs `pip install uv`.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds for one command


def install(folder: Path, python: str, torch: str) -> Path:
    """Install charrnn with its lowest dependencies. Return the new environment's interpreter."""
    uv = (sys.executable, "-m", "uv")
    subprocess.run([*uv, "venv", "-q", "--python", python, folder / "venv"], check=True)
    interpreter = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [*uv, "pip", "install", "-q", "--python", interpreter]
    if places := os.environ.get("PIP_FIND_LINKS"):
        command += ["--find-links", places]
    if torch != "lowest":
        (folder / "torch.txt").write_text(f"torch=={torch}\n", encoding="utf-8")
        command += ["--override", folder / "torch.txt"]
    subprocess.run([*command, "--resolution", "lowest-direct", "-r", ROOT / "pyproject.toml"], check=True)
    subprocess.run([*command, "--no-deps", ROOT], check=True)
    return interpreter


def charrnn(interpreter: Path, folder: Path, *arguments: str) -> str:
    """Return the standard output of a command."""
    began = time.perf_counter()
    done = subprocess.run(
        [interpreter, "-m", "charrnn", *arguments], cwd=folder, capture_output=True, encoding="utf-8", timeout=PATIENCE
    )
    if done.returncode:
        raise SystemExit(f"charrnn {' '.join(arguments)}: {done.stderr}")
    print(f"charrnn {' '.join(arguments)}: {time.perf_counter() - began:.1f} s", flush=True)
    return done.stdout


def answer(interpreter: Path, folder: Path, server: str, path: str, body: bytes | None = None) -> bytes:
    """Return what a server, `app` or `serve`, answers to a request."""
    command = [interpreter, "-m", "charrnn", server, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdout is not None
        try:
            address = next(found[0] for line in running.stdout if (found := re.search(r"http://[\w.:]+", line)))
            with urllib.request.urlopen(f"{address}{path}", body, timeout=PATIENCE) as answered:
                return bytes(answered.read())
        except StopIteration:
            raise SystemExit(f"charrnn {server} did not start") from None
        finally:
            running.terminate()  # a program in the background may ignore SIGINT


def versions(interpreter: Path) -> list[str]:
    """Return the name and the version of each direct dependency."""
    command = (sys.executable, "-m", "uv", "pip", "freeze", "-q", "--python", interpreter)
    listed = re.findall(r"^(.+)==(.+)$", subprocess.check_output(command, encoding="utf-8"), re.MULTILINE)
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=]", one)[0].replace("_", "-") for one in needed}
    return [f"{name} {found}" for name, found in listed if name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=f"{sys.version_info.major}.{sys.version_info.minor}")
    parser.add_argument("--torch", help="a version, or lowest; default: that of this environment")
    parser.add_argument("--keep", type=Path, help="leave the environment in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        interpreter = install(folder, arguments.python, arguments.torch or version("torch"))
        assert "train" in charrnn(interpreter, folder, "--help")
        for model in ("machado", "machado-lstm"):
            text = charrnn(interpreter, folder, "sample", "--model", model, "--length", "40", "--seed", "1")
            assert len(text) == 41, text
        text = str(ROOT / "corpora" / "quadras.txt")
        charrnn(interpreter, folder, "train", text, "--minutes", "0.1", "--from", "scratch", "--out", "new")
        assert charrnn(interpreter, folder, "sample", "--model", "new", "--length", "40")
        assert b"gradio" in answer(interpreter, folder, "app", "/")
        text = b'{"prompt": "Era", "max_tokens": 5}'
        for server in ("app", "serve"):
            assert b"finish_reason" in answer(interpreter, folder, server, "/v1/completions", text)
        print("the servers answer")
        print("worked with", ", ".join(versions(interpreter)))


if __name__ == "__main__":
    main()
