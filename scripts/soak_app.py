"""Run the app under load: clients generate and stop at random while a model trains beside them.

    python scripts/soak_app.py [--minutes 10] [--clients 8]

Fails if memory still grows after a warm-up, if a text differs from the one that its seed gives alone, if the app or the
training leaves a process behind, or if the training is lost. Linux only, because it reads /proc.
"""

import argparse
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from gradio_client import Client

ROOT = Path(__file__).parent.parent
PROMPTS = ("Naquela manhã ", "— O senhor ", "CAPÍTULO ", "Era uma vez ")
WARM_UP = 0.2  # share of the time after which memory is measured
GROWTH = 1.10  # of the memory at the end, over that after the warm-up
PATIENCE = 120  # seconds for one text


class Visitor(threading.Thread):
    """Asks for texts, breaks some off, and compares the others with those of the same seed that were there before."""

    def __init__(self, url: str, number: int, until: float, known: dict[tuple[str, int], str]) -> None:
        super().__init__(daemon=True)
        self.url, self.until, self.known, self.dice = url, until, known, random.Random(number)
        self.written = self.stopped = 0
        self.faults: list[str] = []

    def run(self) -> None:
        client = Client(self.url, verbose=False)
        try:
            while time.monotonic() < self.until:
                self.visit(client)
        except Exception as error:
            self.faults.append(repr(error))
        finally:
            client.close()

    def visit(self, client: Client) -> None:
        prompt, seed = self.dice.choice(PROMPTS), self.dice.randrange(8)
        job = client.submit(prompt, "machado", {"length": 400, "seed": seed}, api_name="/generate")
        if self.dice.random() < 0.4:
            time.sleep(self.dice.uniform(0.05, 1.0))
            job.cancel()
            self.stopped += 1
            return
        text = job.result(timeout=PATIENCE)
        if self.known.setdefault((prompt, seed), text) != text:
            self.faults.append(f"seed {seed} after {prompt!r} gave two texts")
        self.written += 1


def family(pid: int) -> set[int]:
    """A process and all that it started, as long as they are its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, new = {pid}, [pid]
    while new:
        new = [child for parent in new for child in parents.get(parent, []) if child not in found]
        found |= {*new}
    return found


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def charrnn(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "charrnn", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CHARRNN_ENGINE": os.environ.get("CHARRNN_ENGINE", "eager")}
    return subprocess.Popen(command, env=environment, text=True, encoding="utf-8", **options)


def soak(minutes: float, clients: int, models: Path) -> list[str]:
    """What went wrong."""
    app = charrnn("app", "--port", "0", "--models", str(models), stdout=subprocess.PIPE)
    assert app.stdout is not None
    url = app.stdout.readline().split()[1]
    text, limit = str(ROOT / "corpora" / "contos.txt"), f"{minutes * 0.7:.2f}"
    training = charrnn(
        "train", text, "--out", str(models / "soak"), "--minutes", limit,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    began, known = time.monotonic(), dict[tuple[str, int], str]()
    visitors = [Visitor(url, number, began + 60 * minutes, known) for number in range(clients)]
    for visitor in visitors:
        visitor.start()
    sizes: list[tuple[float, float]] = []
    seen: set[int] = set()
    while any(visitor.is_alive() for visitor in visitors) and app.poll() is None:
        time.sleep(5)
        share = (time.monotonic() - began) / (60 * minutes)
        sizes.append((share, memory(app.pid)))
        seen |= family(app.pid) | family(training.pid)
        print(f"{share:4.0%}  {sizes[-1][1]:6.0f} MB  {sum(v.written for v in visitors)} texts", flush=True)
    faults = [fault for visitor in visitors for fault in visitor.faults]
    faults += [] if app.poll() is None else [f"the app ended by itself, with {app.returncode}"]
    warm = [size for share, size in sizes if share >= WARM_UP]
    third = max(1, len(warm) // 3)  # of which the median is not moved by a moment's peak
    early, late = (sorted(part)[len(part) // 2] for part in (warm[:third], warm[-third:]))
    print(f"memory: {early:.0f} MB after the warm-up, {late:.0f} MB at the end")
    if late > GROWTH * early:
        faults.append(f"memory grew from {early:.0f} to {late:.0f} MB")
    if training.wait(timeout=60 * minutes + 300) != 0 or not (models / "soak" / "model.safetensors").exists():
        faults.append("the training was lost")
    app.send_signal(signal.SIGINT)
    if app.wait(timeout=60) != 0:
        faults.append(f"the app ended with {app.returncode}")
    time.sleep(2)
    left = [pid for pid in seen if Path(f"/proc/{pid}").exists()]
    faults += [f"process {pid} was left behind" for pid in left]
    print(f"{sum(v.written for v in visitors)} texts, {sum(v.stopped for v in visitors)} stopped")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as models:
        faults = soak(given.minutes, given.clients, Path(models))
    print("\n".join(faults) or "nothing went wrong")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
