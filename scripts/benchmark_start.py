"""Measure how soon charrnn answers: commands and the page, warm and in the first run ever, beside `import torch`.

    python scripts/benchmark_start.py [--rounds 7] [--old DIR] [--only TEXT...]

Every measurement is a process of its own; all run in turn, round after round, and the table shows medians. "First ever"
is a run with empty caches: nothing compiled, nothing unpacked. --old also measures the checkout in another folder, in
the same rounds. --only measures the rows whose name contains one of these texts. The package is read from PYTHONPATH,
so both checkouts share this Python and its dependencies.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "corpora" / "contos.txt").read_text(encoding="utf-8")[5_000:6_000]
WINDOW = 10.0  # seconds of a long sample that are counted
LONG = "1000000"  # characters: more than any engine writes in WINDOW
MODEL = "machado"  # the default
PROMPT = ("-p", "Era uma vez", "--seed", "1")


class Checkout(NamedTuple):
    """A version of the package, and a cache that holds what it compiled."""

    folder: Path
    cache: Path

    def start(self, *command: str, cache: Path | None = None) -> "subprocess.Popen[bytes]":
        """Run Python with the package, in the warm cache or in another one."""
        cache = cache or self.cache
        settings = {
            "PYTHONPATH": str(self.folder), "CHARRNN_CACHE": str(cache), "CHARRNN_LOOPS": str(cache / "loops"),
            "CHARRNN_MODEL": "", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **settings}, cwd=cache, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def whole(checkout: Checkout, *command: str) -> list[float]:
    """Return the seconds that a program takes."""
    began = time.perf_counter()
    with checkout.start(*command) as process:
        process.communicate()
    assert process.returncode == 0, command
    return [time.perf_counter() - began]


def first(checkout: Checkout, *options: str) -> list[float]:
    """Return the seconds until `charrnn sample` writes the first character after the prompt."""
    began = time.perf_counter()
    with checkout.start("-m", "charrnn", "sample", *PROMPT, "--length", "200", *options) as process:
        took = _until(process, len("Era uma vez") + 1) - began
        process.communicate()
    assert process.returncode == 0
    return [took]


def long(checkout: Checkout, *options: str, cache: Path | None = None) -> list[float]:
    """Return the seconds to the first character, the characters in WINDOW seconds, and characters/s after the first."""
    began = time.perf_counter()
    with checkout.start("-m", "charrnn", "sample", *PROMPT, "--length", LONG, *options, cache=cache) as process:
        since = _until(process, len("Era uma vez") + 1)
        assert process.stdout is not None
        count, now = 1, since
        while count == 1 or now - began < WINDOW:
            written = os.read(process.stdout.fileno(), 2**16)
            count, now = count + len(written.decode(errors="ignore")), time.perf_counter()
        process.kill()
    return [since - began, float(count), (count - 1) / (now - since)]


def first_ever(checkout: Checkout) -> list[float]:
    """Return what `long` does, for a run that finds nothing compiled."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = long(checkout, cache=Path(folder))
        stop_background(Path(folder))
    return found


def page(checkout: Checkout) -> list[float]:
    """Return the seconds until a page with empty caches can be used, and from Generate to the first character."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        began = time.perf_counter()
        with checkout.start("-m", "charrnn", "app", "--port", "0", cache=Path(folder)) as process:
            assert process.stdout is not None
            address = process.stdout.readline().split()[1].decode().rstrip("/")
            for path in ("/", "/config"):
                _get(address + path).read()
            interactive = time.perf_counter() - began
            call = address + "/gradio_api/call/generate"
            event = json.load(_get(call, {"data": ["Era uma vez", MODEL, {"length": 200, "seed": 1}]}))["event_id"]
            lines = (line.decode() for line in _get(f"{call}/{event}"))
            next(line for line in lines if re.match(r'data: \["[^"]', line))
            process.kill()
            written = time.perf_counter() - began
        stop_background(Path(folder))
    return [interactive, written - interactive]


def _until(process: "subprocess.Popen[bytes]", characters: int) -> float:
    """Wait for so many characters (of ASCII) on standard output; return when they were there."""
    assert process.stdout is not None
    left = characters
    while left > 0:
        written = os.read(process.stdout.fileno(), left)
        assert written, process.args
        left -= len(written)
    return time.perf_counter()


def _get(address: str, body: object = None) -> "urllib.request.addinfourl":
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120)  # type: ignore[no-any-return]


def background(cache: Path) -> list[int]:
    """Return the processes that were started with a cache. (Where there is no /proc, none are found.)"""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if str(cache).encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
    return found


def stop_background(cache: Path) -> None:
    """End what still compiles in a cache, so that it disturbs no later measurement."""
    for process in background(cache):
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)


def warm_up(checkout: Checkout) -> None:
    """Compile and unpack everything that the measurements need."""
    for engine in ("f32", "int8", "auto"):
        whole(checkout, "-m", "charrnn", "sample", *PROMPT, "--length", "600", "--engine", engine)
    for command in ("score", "inspect"):
        whole(checkout, "-m", "charrnn", command, str(checkout.cache / "text.txt"), "--json")
    while background(checkout.cache):
        time.sleep(0.5)


class Row(NamedTuple):
    """A line of the table: one of the figures that a measurement returns, and what it is divided by."""

    name: str
    measurement: str
    figure: int = 0
    by: str = ""
    goal: str = ""


ROWS = [
    Row("`import torch`, s", "torch"),
    Row("`import gradio`, s", "gradio"),
    Row("`charrnn --help` / `import torch`", "help", 0, "`import torch`, s", "≤ 0.10"),
    Row("first character, warm / `import torch`", "first", 0, "`import torch`, s", "≤ 0.5"),
    Row("first character, first ever / `import torch`", "first ever", 0, "`import torch`, s", "≤ 0.8"),
    Row("characters in the first 10 s, warm", "f32", 1),
    Row("characters in the first 10 s, first ever / warm", "first ever", 1, "characters in the first 10 s, warm",
        "≥ 0.5"),
    Row("f32, characters/s", "f32", 2),
    Row("int8, characters/s", "int8", 2),
    Row("page interactive / `import gradio`", "page", 0, "`import gradio`, s", "≤ 1.4"),
    Row("Generate to the first character, first ever, s", "page", 1, "", "≤ 1.0"),
    Row("`score --json` of 1,000 characters / `import torch`", "score", 0, "`import torch`, s", "≤ 1.2"),
    Row("`inspect --json` of 1,000 characters / `import torch`", "inspect", 0, "`import torch`, s", "≤ 1.2"),
]  # fmt: skip
MEASUREMENTS: dict[str, Callable[[Checkout], list[float]]] = {
    "torch": lambda one: whole(one, "-c", "import torch"),
    "help": lambda one: whole(one, "-m", "charrnn", "--help"),
    "first": first,
    "first ever": first_ever,
    "f32": lambda one: long(one, "--engine", "f32"),
    "int8": lambda one: long(one, "--engine", "int8"),
    "gradio": lambda one: whole(one, "-c", "import gradio"),
    "page": page,
    "score": lambda one: whole(one, "-m", "charrnn", "score", str(one.cache / "text.txt"), "--json"),
    "inspect": lambda one: whole(one, "-m", "charrnn", "inspect", str(one.cache / "text.txt"), "--json"),
}
SHARED = ("torch", "gradio")  # which are the same for all checkouts
WARM = {"first", "f32", "int8", "score", "inspect"}

Found = dict[tuple[str, str], list[list[float]]]  # by version and measurement: the figures of each round


def cell(row: Row, version: str, found: Found) -> str:
    """Return the median of a row's figure: as a ratio, with the figure itself in parentheses, or alone."""
    median = _median(row, version, found)
    if not row.by:
        return f"{median:,.2f}" if median < 100 else f"{median:,.0f}"
    ratio = median / _median(next(one for one in ROWS if one.name == row.by), version, found)
    return f"{ratio:.2f} ({median:,.2f} s)" if median < 100 else f"{ratio:.2f} ({median:,.0f})"


def _median(row: Row, version: str, found: Found) -> float:
    figures = found.get((version, row.measurement)) or found["new", row.measurement]
    return statistics.median(one[row.figure] for one in figures)


def measure(checkouts: dict[str, Checkout], names: set[str], rounds: int) -> Found:
    found: Found = {}
    for number in range(1, rounds + 1):
        for name, measurement in MEASUREMENTS.items():
            for version, checkout in checkouts.items():
                if name in names and (version == "new" or name not in SHARED):
                    found.setdefault((version, name), []).append(measurement(checkout))
        print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--old", type=Path, metavar="DIR", help="a checkout to compare with")
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="parts of the names of rows")
    given = parser.parse_args()
    rows = [row for row in ROWS if any(text in row.name for text in given.only)]
    rows = [row for row in ROWS if row in rows or row.name in {one.by for one in rows}]
    names = {row.measurement for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        folders = {**({"old": given.old.resolve()} if given.old else {}), "new": ROOT}
        checkouts = {name: Checkout(folder, Path(temporary, name)) for name, folder in folders.items()}
        for checkout in checkouts.values():
            checkout.cache.mkdir()
            (checkout.cache / "text.txt").write_text(TEXT, encoding="utf-8")
            if names & WARM:
                warm_up(checkout)
        found = measure(checkouts, names, given.rounds)
    print(f"| | {' | '.join(checkouts)} | goal |\n| --- |{' --- |' * len(checkouts)} --- |")
    for row in rows:
        print(f"| {row.name} | {' | '.join(cell(row, version, found) for version in checkouts)} | {row.goal} |")


if __name__ == "__main__":
    main()
