"""The page in a real browser: the tab that generates, in both languages, wide and narrow; and it calls nobody."""

import json
import os
import re
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from test_server import loops_are_closed  # noqa: F401 (a fixture of this module, too)

from charrnn import compiled
from charrnn.errors.messages import MESSAGES
from charrnn.html.writing import symbol
from charrnn.sampling import Sampler, Step
from charrnn.sampling.constraints import bare
from charrnn.ui import build, start, texts
from charrnn.ui.generate import BUTTONS

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
WAIT = 40_000  # milliseconds for what should take one second, on a machine that is busy
LONG = "5000"


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    """The page, writing at most 1000 characters a second, so that there is always time to stop it."""
    steps = Sampler.steps

    def slowly(*given: Any, **named: Any) -> Iterator[Step]:
        for step in steps(*given, **named):
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

    def opened(locale: str = "pt-BR", width: int = 1280, address: str = "", **options: Any) -> Any:
        contexts.append(browser.new_context(locale=locale, viewport={"width": width, "height": 800}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.on("request", watch)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.goto(address or url)
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


def settled(page: Any) -> None:
    """Wait out the moment, some 50 ms, in which gradio empties again what it has just laid out: no hand is so quick."""
    page.wait_for_timeout(1000)


def wishes(page: Any) -> None:
    """Open the list of what the text shall be."""
    page.get_by_text(texts.TEXTS["wishes"][0]).click()
    page.wait_for_selector("#rule-acrostic")
    settled(page)


def text(page: Any) -> str:
    return str(page.text_content("#text article"))


def finished(page: Any) -> str:
    """The status line, when the writing has ended."""
    page.wait_for_selector("#status code")
    return str(page.text_content("#status [role=status]"))


def grown(page: Any, length: int) -> None:
    """Wait until the text has this length and is no longer written."""
    page.wait_for_function(
        "n => document.querySelector('#text [aria-busy=false]')?.textContent.length === n", arg=length
    )
    finished(page)


def looked(page: Any, letter: str) -> None:
    """Wait until this letter is looked at."""
    page.wait_for_function(
        "want => document.querySelector('#alternatives .where b')?.textContent === want", arg=symbol(letter)
    )


def middle(page: Any, place: int) -> tuple[float, float]:
    """Where on the screen a letter of the text is."""
    x, y = page.evaluate(
        """place => {
            const walker = document.createTreeWalker(document.querySelector("#text article"), NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                if (place < node.length) {
                    const range = new Range();
                    range.setStart(node, place);
                    range.setEnd(node, place + 1);
                    node.parentElement.scrollIntoView({ block: "center" });
                    const box = range.getBoundingClientRect();
                    return [box.x + box.width * 0.7, box.y + box.height / 2];
                }
                place -= node.length;
            }
        }""",
        place,
    )
    return x, y


def writing(page: Any, more_than: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('#text [aria-busy=true]')?.textContent.length > n", arg=more_than
    )


@pytest.mark.parametrize(("locale", "language", "column", "width"), [("pt-BR", "pt", 0, 1280), ("en-US", "en", 1, 390)])
def test_the_story_of_a_text(
    visit: Callable[..., Any], locale: str, language: str, column: int, width: int
) -> None:  # fmt: skip
    """It generates, continues, writes again, shows what else could have come, forgets, and takes it all back."""
    page = visit(locale, width=width)
    said = {key: pair[column] for key, pair in texts.TEXTS.items()}
    assert page.text_content("#do-generate").strip() == said["generate_button"]
    assert page.text_content("#text").strip() == said["blank"]
    assert page.locator("#temperature").get_by_text(said["temperature_help"]).is_visible()
    assert page.input_value("#seed input") == ""
    prompt = page.input_value("#prompt textarea")
    assert prompt == texts.generate_tab.EXAMPLES[0]
    settings(page, "30", "7")
    page.click("#do-generate")
    assert re.match(said["ended_length"] + " · 30 .* 7$", finished(page))
    first = text(page)
    assert first.startswith(prompt)
    assert len(first) == len(prompt) + 30

    page.click("#do-continue")
    grown(page, len(first) + 30)
    whole = text(page)
    assert whole.startswith(first)
    assert "--length 60 --seed 7" in page.text_content("#status code")
    page.click("#do-again")
    page.wait_for_function("old => document.querySelector('#text article').textContent !== old", arg=whole)
    assert finished(page).endswith(" 8")
    assert text(page).startswith(first)
    page.click("#do-undo")
    page.wait_for_function("old => document.querySelector('#text article').textContent === old", arg=whole)

    # A letter, by mouse and by keys; its bars follow the temperature; another is put in its place.
    assert page.text_content("#alternatives").strip() == said["look_hint"]
    place = len(prompt) + 5
    page.mouse.click(*middle(page, place))
    looked(page, whole[place])
    page.focus("#text article")
    page.keyboard.press("ArrowRight")
    looked(page, whole[place + 1])
    bars = page.locator("#alternatives .bar").count()
    assert bars > 6
    page.locator("#temperature input[type=range]").fill("0")
    page.get_by_text("100 %").wait_for()
    page.locator("#temperature input[type=range]").fill("1")
    page.get_by_text("100 %").wait_for(state="detached")
    other = next(
        letter for letter in (one.get_attribute("data-choose") for one in page.locator("#alternatives tr button").all())
        if letter and letter != whole[place + 1]
    )  # fmt: skip
    page.click(f"#alternatives button[data-choose={json.dumps(other)}]")
    grown(page, place + 2 + 30)
    assert text(page).startswith(whole[: place + 1] + other)
    assert page.locator("#text em").count() == 2

    page.click("#do-forget")
    page.wait_for_selector("#text .forgot")
    assert said["ended_forgot"] in page.text_content("#status")
    page.click("#do-add")
    grown(page, place + 2 + 30 + len(prompt) + 30)
    assert f"--prompt {shlex.quote(prompt)}" in page.text_content("#status code")
    assert page.evaluate("document.documentElement.lang").startswith(language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_reload_and_the_other_language_lose_nothing(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, "40", "7")
    page.locator("#temperature input[type=range]").fill("1.3")
    page.click("#do-generate")
    finished(page)
    kept = text(page)
    page.fill("#prompt textarea", "Outro começo")
    page.click("#language")
    page.wait_for_function("document.documentElement.lang === 'en'")
    page.wait_for_selector("#text article")
    assert text(page) == kept
    assert page.input_value("#prompt textarea") == "Outro começo"
    assert page.input_value("#temperature input[type=range]") == "1.3"
    assert page.text_content("#do-generate").strip() == texts.TEXTS["generate_button"][1]
    assert texts.TEXTS["ended_opened"][1] in page.text_content("#status")
    page.click("#do-continue")
    grown(page, len(kept) + 40)
    assert text(page).startswith(kept)
    page.click("#do-clear")
    page.wait_for_selector("#text .blank")
    page.reload()
    page.wait_for_selector("#text .blank")
    page.click("#texts summary")
    page.click("#texts .open")
    page.wait_for_selector("#text article")
    assert text(page).startswith(kept)
    page.click("#texts li button:last-child")
    assert texts.TEXTS["kept_none"][1] in page.text_content("#texts")
    page.click("#language")
    page.wait_for_function("document.documentElement.lang === 'pt-BR'")


def test_a_link_brings_the_settings(visit: Callable[..., Any]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.fill("#prompt textarea", "Era uma vez & mais")
    settings(page, "30", "9")
    wishes(page)
    page.fill("#rule-without textarea, #rule-without input", "àE")
    page.check("#rule-keep-accents input")
    page.fill("#rule-contain textarea", "mar\nlua")
    page.click("#do-link")
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('seed=9')")
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(address=link)
    other.wait_for_function("document.querySelector('#seed input').value === '9'")
    assert other.input_value("#length input[type=number]") == "30"
    assert other.input_value("#prompt textarea") == "Era uma vez & mais"
    assert "?" not in other.url
    wishes(other)
    assert other.input_value("#rule-contain textarea") == "mar\nlua"
    assert other.is_checked("#rule-keep-accents input")
    for one in (page, other):
        one.click("#do-generate")
        finished(one)
    assert text(page) == text(other)


def test_a_model_is_chosen_by_name_or_by_folder(visit: Callable[..., Any], saved: Path) -> None:
    page = visit()
    settings(page, "20", "9")
    page.click("#model input")
    page.get_by_role("option", name="tiny").click()
    page.click("#do-generate")
    finished(page)
    assert "--model " in page.text_content("#status code")
    named = text(page)
    page.click("#do-clear")
    page.wait_for_selector("#text .blank")
    page.fill("#model input", str(saved))
    page.keyboard.press("Enter")
    page.click("#do-generate")
    finished(page)
    assert text(page) == named
    page.fill("#model input", "/nowhere/at/all")
    page.keyboard.press("Enter")
    page.click("#do-generate")
    page.get_by_text(MESSAGES["model-gone"][0][:30]).wait_for()
    assert text(page) == named


def test_two_visitors_each_see_their_own_text(visit: Callable[..., Any]) -> None:
    pages = [visit() for _ in range(2)]
    for number, page in enumerate(pages):
        page.fill("#prompt textarea", f"Visita {number}: ")
        settings(page, "300", "5")
    for page in pages:
        page.click("#do-generate")
    for number, page in enumerate(pages):
        finished(page)
        assert text(page).startswith(f"Visita {number}: ")
        assert len(text(page)) == 310
    assert text(pages[0])[10:] != text(pages[1])[10:]


def test_rules_shape_the_text_and_an_impossible_one_is_told(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, "40", "5")
    page.fill("#prompt textarea", "")
    wishes(page)
    page.fill("#rule-acrostic input, #rule-acrostic textarea", "mar")
    page.fill("#rule-line-length input", "12")
    page.click("#do-generate")
    finished(page)
    lines = text(page).split("\n")
    assert [bare(line[0]) for line in lines[:3]] == list("mar")
    assert max(map(len, lines)) <= 12
    page.fill("#rule-only input, #rule-only textarea", "x")
    page.click("#do-generate")
    page.get_by_text("esperado que as regras deixassem algum caractere possível").wait_for()
    page.wait_for_selector("#text [aria-busy=false]")
    assert text(page).split("\n") == lines


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
    assert f"--length {len(kept) - len(page.text_content('#text em'))} " in page.text_content("#status code") + " "
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
        page.wait_for_selector("#text .blank")
        page.wait_for_timeout(600)
        assert page.text_content("#text").strip() == texts.TEXTS["blank"][0]
        assert page.text_content("#status").strip() == ""
    page.focus("#do-continue")
    page.keyboard.press("Enter")  # what cannot be clicked can be reached by keys
    page.get_by_text(MESSAGES["no-text-yet"][0]).wait_for()
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
    settings(page, "10")
    page.click("#examples button >> nth=1")
    finished(page)
    assert text(page).startswith(texts.generate_tab.EXAMPLES[1])
    assert page.input_value("#prompt textarea") == texts.generate_tab.EXAMPLES[1]
    page.click("#do-copy")
    page.wait_for_function("async want => await navigator.clipboard.readText() === want", arg=text(page))
    with page.expect_download() as download:
        page.click("#do-download")
    assert Path(download.value.path()).read_text(encoding="utf-8") == text(page)


def test_a_downloaded_text_is_continued(visit: Callable[..., Any], tmp_path: Path) -> None:
    """On another page, as it would have been on the first one."""
    page, other = visit(), visit()
    settings(page, "30", "7")
    page.click("#do-generate")
    finished(page)
    with page.expect_download() as download:
        page.click("#do-keep")
    download.value.save_as(tmp_path / "text")
    before = text(page)
    page.click("#do-continue")
    finished(page)
    with other.expect_file_chooser() as chooser:
        other.click("#do-open")
    chooser.value.set_files(tmp_path / "text")
    other.wait_for_function("want => document.querySelector('#text article')?.textContent === want", arg=before)
    settled(other)
    other.click("#do-continue")
    other.wait_for_function("want => document.querySelector('#text article')?.textContent === want", arg=text(page))


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
    for name in BUTTONS:
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


@pytest.mark.parametrize(("locale", "column"), [("pt-BR", 0), ("en-US", 1)])
def test_waiting_for_a_compilation_is_announced(visit: Callable[..., Any], locale: str, column: int) -> None:
    """To who writes already when it begins, in whichever thread, and to who comes while it goes on."""
    told = texts.TEXTS["compiling_counts"][column]
    page = visit(locale)
    assert page.get_by_text(told).count() == 0
    settings(page, LONG)
    page.click("#do-generate")
    page.wait_for_selector("#text [aria-busy=true]")
    compiled.begun("counts")
    try:
        page.get_by_text(told).wait_for()
        other = visit(locale)
        settings(other, "10")
        other.click("#do-generate")
        other.get_by_text(told).wait_for()
    finally:
        compiled.ended("counts")
