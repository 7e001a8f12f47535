"""Pages that are exported and opened from file:// in a browser, where nothing may be requested nor go wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
WAIT = 60_000  # milliseconds for what should take one second, on a machine that is busy


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH, nor named by $CHROMIUM")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open an exported page in a window of its own, ready to write."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def visited(html: str, locale: str = "pt-BR", width: int = 1280, script: str = "", **options: Any) -> Any:
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        context.add_init_script(script or ";")
        page = context.new_page()
        page.set_default_timeout(WAIT)
        # The page itself, and the worker that it makes of itself, are all that is ever loaded.
        page.on("request", lambda asked: asked.url == path.as_uri() or urlsplit(asked.url).scheme == "blob"
                or complaints.append(f"request to {asked.url}"))  # fmt: skip
        page.on("console", lambda message: complaints.append(f"{message.type} on the console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-state=ready]")
        return page

    yield visited
    for context in contexts:
        context.close()
    assert complaints == []
