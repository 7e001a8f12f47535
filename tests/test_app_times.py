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
from conftest import ROOT
from test_browser import browser, finished  # noqa: F401 (a fixture of this module, too)
from test_browser import pytestmark as of_browsers

pytestmark = [*of_browsers, pytest.mark.timed]

READY = 3.0  # seconds that the page may take beyond `import gradio`; where that takes longer, as long as that
ROUNDS = 6  # tries to be that quick, at most
FIRST = 0.2  # seconds from Generate to the first character


@contextmanager
def served(models: Path) -> Iterator[str]:
    """`python app.py`, with the models that ship and those in a folder; gives its address."""
    command = [sys.executable, str(ROOT / "app.py"), "--port", "0", "--models", str(models)]
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


def open_page(browser: Any, url: str) -> Any:  # noqa: F811
    page = browser.new_context(locale="pt-BR").new_page()
    page.goto(url)
    page.wait_for_selector("#text .blank", timeout=60_000)  # written by the server when the page has loaded
    return page


def test_the_page_is_there_soon(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    """While torch and the model still load."""
    alone: list[float] = []
    whole: list[float] = []
    while len(whole) < ROUNDS and not (whole and min(whole) - min(alone) < max(READY, min(alone))):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import gradio"], check=True, timeout=120)
        alone.append(time.perf_counter() - began)
        began = time.perf_counter()
        with served(tmp_path) as url:
            open_page(browser, url).context.close()
            whole.append(time.perf_counter() - began)
    assert min(whole) - min(alone) < max(READY, min(alone)), (alone, whole)


def test_the_first_character_comes_at_once(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    """With the shipped model, once it is loaded."""
    times = []
    with served(tmp_path) as url:
        page = open_page(browser, url)
        page.fill("#length input[type=number]", "60")
        for _ in range(6):  # the first may wait for the model
            times.append(page.evaluate(WATCH))
            finished(page)
        page.context.close()
    assert min(times) < 1000 * FIRST, times


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
