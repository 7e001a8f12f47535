"""The tab that generates in a real browser: stopping, clearing, faults, copies, a phone, waiting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, LONG, contrast, finished, open_rules, settings, settled, text, writing

from charrnn import compiled
from charrnn.ui import texts
from charrnn.ui.generate import BUTTONS

pytestmark = IN_A_BROWSER


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
    assert page.locator("#do-continue").is_disabled()


def test_a_wrong_seed_is_told_and_the_text_stays(visit: Callable[..., Any]) -> None:
    page = visit()
    settings(page, "20", "7")
    page.click("#do-generate")
    finished(page)
    kept = text(page)
    settings(page, "20", "1.5")
    page.click("#do-generate")
    page.get_by_text("(semente): esperado um número inteiro").wait_for()
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
    page.click("#examples button >> nth=0")
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
    open_rules(page)
    ruled = page.locator("#do-generate-ruled")
    page.locator("#rule-only").scroll_into_view_if_needed()
    box = ruled.bounding_box()
    assert box["y"] + box["height"] <= 900  # in sight beside the first rule, and the text after a click
    page.locator("#rule-only :is(input, textarea)").fill("palvr")
    ruled.click()
    page.wait_for_function("document.querySelector('#text article').textContent.match(/(palavra){60}[palvr]{40}$/)")
    assert page.evaluate("document.querySelector('#text').getBoundingClientRect().bottom") <= 900
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
    page.locator("#head p").wait_for()
    page.click("#train-tab-button")
    page.locator("#head p").wait_for(state="hidden")  # what the tab is for stands higher


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
