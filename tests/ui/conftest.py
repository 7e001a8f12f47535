"""A browser, and pages that it opens: nothing may leave this machine, nor be an error."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import CHROMIUM, go

from charrnn.sampling import Sampler
from charrnn.sampling.stopping import Step
from charrnn.ui import build, start
from charrnn.ui.limits import LimitedBlocks
from charrnn.ui.model_cache import Version, version

OFFLINE = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
UPLOADING = "Method not implemented."  # gradio warns so of itself when an upload is done
WAIT = (
    60_000  # milliseconds for what should take one second, or five where a training starts, on a machine that is busy
)


@pytest.fixture
def tiny(saved: Path) -> Version:
    return version(saved)


@pytest.fixture(scope="module", autouse=True)
def loops_are_closed() -> Iterator[None]:
    """gr.Blocks() makes event loops that it never closes; they would end as ResourceWarnings in any test."""
    made, make = [], asyncio.new_event_loop

    def remember() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "new_event_loop", remember)
        yield
    asyncio.set_event_loop(None)
    for loop in made:
        if not loop.is_running():
            loop.close()


@pytest.fixture(scope="module")
def served(saved: Path) -> Iterator[LimitedBlocks]:
    """The page, served; it is writing at most 1000 characters a second, so that there is always time to stop it."""
    steps = Sampler.steps

    def slowly(*given: Any, **named: Any) -> Iterator[Step]:
        for step in steps(*given, **named):
            time.sleep(0.001)
            yield step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampler, "steps", slowly)
        blocks = build(saved.parent)
        start(blocks)
        yield blocks
        blocks.close(verbose=False)


@pytest.fixture(scope="module")
def url(served: LimitedBlocks) -> str:
    return str(served.local_url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a window of its own; when the test is over, nothing may have left this machine nor been an
    error, but for what the page was `warned` of.
    """
    complaints: list[str] = []
    contexts: list[Any] = []

    def watch(request: Any) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).hostname != "127.0.0.1":
            complaints.append(f"request to {request.url}")

    def window(address: str, locale: str = "pt-BR", width: int = 1280, warned: str = "", **options: Any) -> Any:
        def listen(message: Any) -> None:
            if message.type in ("error", "warning") and message.text != warned:
                complaints.append(f"{message.type} on the console: {message.text}")

        contexts.append(browser.new_context(locale=locale, viewport={"width": width, "height": 900}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.on("request", watch)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.goto(address)
        return page

    yield window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visit(opened: Callable[..., Any], url: str) -> Callable[..., Any]:
    """Open the page at the tab that generates; texts are to have the length asked for, not to end a sentence."""

    def visited(locale: str = "pt-BR", width: int = 1280, address: str = "", **options: Any) -> Any:
        page = opened(address or f"{url.rstrip('/')}/?end=length", locale, width, **options)
        page.wait_for_selector("#text .blank")  # written by the server when the page has loaded
        return page

    return visited


@pytest.fixture
def visit_tab(opened: Callable[..., Any], url: str) -> Callable[..., Any]:
    """Open the page at another tab."""

    def visited(tab: str, locale: str = "pt-BR", width: int = 1280, **options: Any) -> Any:
        page = opened(url, locale, width, warned=UPLOADING, **options)
        go(page, tab, locale)
        return page

    return visited
