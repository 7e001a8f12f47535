"""The page in a real browser: it generates, stops, continues and clears, in both languages, and calls nobody."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from test_ui import loops_are_closed  # noqa: F401 (a fixture of this module, too)

from charrnn.sample import Sampler, Step
from charrnn.ui import build, start, texts

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH, nor named by $CHROMIUM"),
]

OFFLINE = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
WAIT = 15_000  # milliseconds for what should take one second
LONG = "5000"


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    """The page, writing at most 1000 characters a second, so that there is always time to stop it."""
    steps = Sampler.steps

    def slowly(*given: Any) -> Iterator[Step]:
        for step in steps(*given):
            time.sleep(0.001)
            yield step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampler, "steps", slowly)
        blocks = build(saved.parent)
        yield start(blocks)
        blocks.close(verbose=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Open the page; when the test is over, nothing may have left this machine nor been an error."""
    complaints: list[str] = []

    def watch(request: Any) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).hostname != "127.0.0.1":
            complaints.append(f"request to {request.url}")

    def listen(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type} on the console: {message.text}")

    contexts = []

    def opened(locale: str = "pt-BR", width: int = 1280, **options: Any) -> Any:
        contexts.append(browser.new_context(locale=locale, viewport={"width": width, "height": 800}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.on("request", watch)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.goto(url)
        page.wait_for_selector("#text .blank")  # written by the server when the page has loaded
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def settings(page: Any, length: str, seed: str = "") -> None:
    page.fill("#length input[type=number]", length)
    page.fill("#seed input", seed)
    page.keyboard.press("Tab")


def text(page: Any) -> str:
    return str(page.text_content("#text article"))


def finished(page: Any) -> str:
    """The status line, when the writing has ended."""
    page.wait_for_selector("#status code")
    return str(page.text_content("#status [role=status]"))


def writing(page: Any, more_than: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('#text [aria-busy=true]')?.textContent.length > n", arg=more_than
    )


@pytest.mark.parametrize(("locale", "language", "column"), [("pt-BR", "pt", 0), ("en-US", "en", 1)])
def test_it_generates_and_continues(visit: Callable[..., Any], locale: str, language: str, column: int) -> None:
    page = visit(locale)
    said = {key: pair[column] for key, pair in texts.TEXTS.items()}
    assert page.text_content("#do-generate").strip() == said["generate_button"]
    assert page.text_content("#text").strip() == said["blank"]
    assert page.locator("#temperature").get_by_text(said["temperature_help"]).is_visible()
    assert page.input_value("#seed input") == ""
    prompt = page.input_value("#prompt textarea")
    assert prompt == texts.generate.EXAMPLES[0]
    settings(page, "30", "7")
    page.click("#do-generate")
    assert re.match(said["ended_length"] + " · 30 .* 7$", finished(page))
    first = text(page)
    assert first.startswith(prompt)
    assert len(first) == len(prompt) + 30
    page.click("#do-continue")
    page.wait_for_function("n => document.querySelector('#text article').textContent.length >= n", arg=len(first) + 30)
    assert re.match(said["ended_length"] + " · 30 .* 8$", finished(page))
    assert text(page).startswith(first)
    assert said["repeat_first"] in page.text_content("#status")
    assert page.evaluate("document.documentElement.lang").startswith(language)


def test_it_stops_and_continues(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, LONG)
    page.click("#do-generate")
    writing(page, 80)
    page.click("#do-stop")
    assert finished(page).startswith(texts.TEXTS["ended_stopped"][0])
    kept = text(page)
    page.wait_for_timeout(500)
    assert text(page) == kept  # nothing comes after
    assert page.locator("#text .caret").count() == 0
    page.click("#do-continue")
    writing(page, len(kept))
    page.click("#do-stop")
    finished(page)
    assert text(page).startswith(kept)


def test_after_clear_there_is_nothing_to_continue(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, LONG, "5")
    for wait in (0, 60, 120):  # at several moments, as what is on its way must not come back
        page.click("#do-generate")
        writing(page, 60 + wait)
        page.click("#do-clear")
        page.wait_for_timeout(600)
        assert page.text_content("#text").strip() == texts.TEXTS["blank"][0]
        assert page.text_content("#status").strip() == ""
    page.click("#do-continue")
    page.get_by_text(texts.TEXTS["nothing_yet"][0]).wait_for()
    assert page.locator("#text article").count() == 0


def test_a_wrong_seed_is_told_and_the_text_stays(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, "20", "7")
    page.click("#do-generate")
    finished(page)
    kept = text(page)
    settings(page, "20", "1.5")
    page.click("#do-generate")
    page.get_by_text("Semente: esperado um número inteiro").wait_for()
    page.wait_for_timeout(300)
    assert text(page) == kept


def test_text_stays_text(visit: Callable[..., Any]) -> None:
    page = visit()
    prompt = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'> ${1+1} {{value}} `"
    page.fill("#prompt textarea", prompt)
    settings(page, "5")
    page.focus("#prompt textarea")
    page.keyboard.press("Control+Enter")
    finished(page)
    assert text(page).startswith(prompt)
    assert page.evaluate("window.pwned") is None


def test_examples_and_copy(visit: Callable[..., Any]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.click("#examples button >> nth=1")
    page.wait_for_function(
        "want => document.querySelector('#prompt textarea').value === want", arg=texts.generate.EXAMPLES[1]
    )
    settings(page, "10")
    page.focus("#prompt textarea")
    page.keyboard.press("Shift+Enter")
    finished(page)
    page.click("#do-copy")
    page.wait_for_function("async want => await navigator.clipboard.readText() === want", arg=text(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(visit: Callable[..., Any], scheme: str) -> None:
    page = visit(width=390, color_scheme=scheme)
    page.fill("#prompt textarea", "palavra" * 60)  # longer than any line
    settings(page, "40")
    page.click("#do-generate")
    finished(page)
    page.get_by_text(texts.TEXTS["more"][0]).click()
    page.locator("#stop textarea").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("generate", "stop", "continue", "clear", "copy"):
        box = page.locator(f"#do-{name}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('#text article')).color,"
        " getComputedStyle(document.querySelector('#text')).backgroundColor]"
    )
    assert contrast(ink, paper) >= 7  # WCAG AAA


def contrast(first: str, second: str) -> float:
    """WCAG's contrast of two colours such as rgb(1, 2, 3)."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
