"""The program in a process of its own, and the sizes of a training of a moment."""

import os
import subprocess
import sys
from pathlib import Path

QUICK = ["--embed", "8", "--hidden", "16", "--batch", "4", "--window", "16", "--threads", "1"]
NETWORK = ["--counts", "none", *QUICK]


def run(*arguments: object, cwd: Path | None = None, text: bool = True) -> "subprocess.CompletedProcess[str]":
    """`charrnn ARGUMENTS` in a process of its own."""
    environment = {**os.environ, "CHARRNN_MODEL": "", "PYTHONIOENCODING": "ascii", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "charrnn", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, encoding="utf-8" if text else None, timeout=120,
    )  # fmt: skip
