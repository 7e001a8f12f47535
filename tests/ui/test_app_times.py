"""How soon the app is there, and how soon it writes: in real processes and a real browser. The least of several times:
other programs only ever add to it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, finished
from support import ROOT

pytestmark = [*IN_A_BROWSER, pytest.mark.timed]

READY = 3.5  # seconds that the page may take beyond `import gradio`
USUAL = 2.5  # seconds that `import gradio` takes on the machine that these are meant for
ROUNDS = 6  # tries to be that quick, at most
FIRST = 0.2  # seconds from Generate to the first character


@contextmanager
def served(*command: object) -> Iterator[str]:
    """The page that a command serves; its second word on stdout is the address."""
    command = (sys.executable, *map(str, command))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ})
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.communicate()
        watchdog.cancel()


def app(models: Path) -> tuple[object, ...]:
    """With the models that ship and those in a folder."""
    return ROOT / "app.py", "--port", "0", "--models", models


def open_page(browser: Any, url: str) -> Any:
    page = browser.new_context(locale="pt-BR").new_page()
    page.goto(url)
    page.wait_for_selector("#text .blank", timeout=60_000)  # written by the server when the page has loaded
    return page


def seconds(browser: Any, *command: object) -> float:
    """From the start of a program to its page."""
    began = time.perf_counter()
    with served(*command) as url:
        page = open_page(browser, url)
        took = time.perf_counter() - began
        page.context.close()
    return took


def alone() -> float:
    """Seconds that `import gradio` takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import gradio"], check=True, timeout=120)
    return time.perf_counter() - began


def slowness(alone: float) -> float:
    """How many times as long as usual things take here, at least 1: cores are shared, and throttled."""
    return max(1.0, alone / USUAL)


def test_the_page_is_there_soon(browser: Any, tmp_path: Path) -> None:
    """While torch and the model still load."""
    bare, whole = [], []
    for _ in range(ROUNDS):
        bare.append(alone())
        whole.append(seconds(browser, *app(tmp_path)))
        if min(whole) - min(bare) < READY * slowness(min(bare)):
            return
    raise AssertionError((bare, whole))


def test_the_first_character_comes_at_once(browser: Any, tmp_path: Path) -> None:
    """With the shipped model, once it is loaded."""
    times = []
    with served(*app(tmp_path)) as url:
        page = open_page(browser, url)
        page.fill("#length input[type=number]", "60")
        for _ in range(6):  # the first may wait for the model
            times.append(page.evaluate(WATCH))
            finished(page)
        page.context.close()
    assert min(times) < 1000 * FIRST * slowness(min(alone(), alone())), times


WATCH = """() => new Promise((done) => {
    const box = document.querySelector("#text"), prompt = document.querySelector("#prompt textarea").value;
    const began = performance.now();
    let cleared = false; // of the text that stood there before
    const watcher = new MutationObserver(() => {
        const length = box.querySelector("article")?.textContent.length ?? 0;
        cleared ||= length === prompt.length;
        if (!cleared || length <= prompt.length) return;
        watcher.disconnect();
        done(performance.now() - began);
    });
    watcher.observe(box, { subtree: true, childList: true, characterData: true });
    document.querySelector("#do-generate").click();
})"""
