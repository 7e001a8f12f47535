"""The laws of `cache_refusals.py`, in a process of its own: a limit of file sizes holds for all of a process."""

import subprocess
import sys
from pathlib import Path

from support import ROOT


def test_what_the_cache_refuses() -> None:
    laws = Path(__file__).with_name("cache_refusals.py")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(laws)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=240)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
