"""What all tabs share, in a real browser: one width, text that all can read, a title in the visitor's language."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, LOCALES, finished, go, say, settings

from charrnn.ui import TABS

pytestmark = IN_A_BROWSER

SMALL_TEXTS = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!node.data.trim() || parent.closest("sub, tspan")) continue;
        if (!parent.checkVisibility({ visibilityProperty: true })) continue;
        const { a, b } = parent.closest("svg") ? parent.getScreenCTM() : { a: 1, b: 0 };
        const size = Math.hypot(a, b) * parseFloat(getComputedStyle(parent).fontSize);
        if (size < 13.95) found.push(`${size.toFixed(1)}: ${node.data.slice(0, 40)}`);
    }
    return found;
}"""
SCROLLED = """() => [...document.querySelectorAll("#tabs *")].filter((one) => one.checkVisibility()
    && one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)).length"""
VIOLATIONS = """(options) => axe.run({ resultTypes: ["violations"], ...options }).then((found) =>
    found.violations.flatMap(
    ({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)))"""
TEXT = "A casa ficava no fim da rua, perto do rio."
CONTRAST = "color-contrast"  # takes most of the time, and is the same in both languages
CHECKS: dict[str, list[dict[str, Any]]] = {  # by language, the last one by night
    "pt-BR": [{}, {"runOnly": [CONTRAST]}],
    "en-US": [{"rules": {CONTRAST: {"enabled": False}}}],
}
LEFT_OVER = """() => [...document.querySelectorAll("[aria-label], [title]")].flatMap(
    (one) => [one.getAttribute("aria-label"), one.title]).filter(
    (name) => /^(number input|range slider|reset|click to|common\\.|gradio)/i.test(name ?? ""))"""


def fill(page: Any, tab: str) -> None:
    """Do what a tab is for, so that all that it can show is there."""
    if tab == "generate":
        settings(page, "20", "7")
        page.click("#do-generate")
        finished(page)
        page.focus("#text article")
        page.keyboard.press("Home")
        page.wait_for_selector("#alternatives tr")
    elif tab == "score":
        page.fill("#score-text textarea", TEXT)
        page.click("#do-score")
        page.wait_for_selector("#score-marks .marks")
    elif tab == "tools":
        page.click("#proof-panel-button")
        page.click("#do-proof")
        page.locator("#proof-found .marks span").nth(1).click()
        page.click("#do-apply-proof")
        page.wait_for_selector("#proof-found .marks", state="detached")
        assert "três escolas" in page.input_value("#proof-text textarea")
        page.click("#accents-panel-button")
        page.click("#do-accents")
        page.locator("#accents-found .marks span").nth(1).click()
        assert page.text_content("#accents-found .told").startswith("nao → não, 9")
        page.click("#exam-panel-button")
        page.locator("#exam-model input").click()
        page.get_by_role("option", name=re.compile("tiny")).click()
        page.click("#do-exam")
        page.wait_for_selector("#exam-found li")
    elif tab == "memory":
        page.wait_for_selector("#memory-small .frame")
        page.fill("#memory-text textarea", TEXT)
        page.click("#do-read")
        page.wait_for_selector("#memory-stage .guesses li")
    elif tab == "lesson":
        page.wait_for_selector(".lesson .word button")  # a word is learned when somebody looks
    for fold in page.locator(f"#{tab}-tab .label-wrap").all():
        fold.click()


@pytest.mark.parametrize(("locale", "sign"), [("pt-BR", ","), ("en-US", ".")])
def test_numbers_have_the_decimal_sign_of_the_page(visit: Callable[..., Any], locale: str, sign: str) -> None:
    page = visit(locale)
    field, bar = page.locator("#temperature [role=spinbutton]"), page.locator("#temperature input[type=range]")
    assert field.input_value() == f"0{sign}7"
    for typed, value in (("0,9", "0.9"), ("1.1", "1.1")):
        field.select_text()
        page.keyboard.type(typed)
        assert bar.input_value() == value
    field.press("ArrowUp")
    assert field.input_value() == f"1{sign}15"
    assert field.get_attribute("aria-valuenow") == "1.15"
    bar.fill("1.3")
    assert field.input_value() == f"1{sign}3"
    for emptied, before in ((field, f"1{sign}3"), (page.locator("#length input[type=number]"), "500")):
        emptied.fill("")
        page.keyboard.press("Tab")
        assert emptied.input_value() == before
    page.wait_for_timeout(1000)
    assert page.locator(".toast-body").count() == 0  # nothing was sent that is no number


@pytest.mark.parametrize("locale", LOCALES)
def test_all_tabs_can_be_read_by_everyone(visit: Callable[..., Any], locale: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    page = visit(locale)
    assert page.title() == say(locale, "title")
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")  # colours on their way
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    for tab in TABS:
        go(page, tab, locale)
        fill(page, tab)
        page.wait_for_function("!document.querySelector('#tabs .pending')")
        for options in CHECKS[locale]:
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", "runOnly" in options)
            assert page.evaluate(VIOLATIONS, options) == [], tab
        assert page.evaluate("document.querySelector('#tabs').clientWidth") == 1116, tab
        assert page.evaluate(SMALL_TEXTS) == [], tab
        assert page.evaluate(SCROLLED) == 0, tab
        assert locale == "en-US" or page.evaluate(LEFT_OVER) == [], tab
        if tab == "memory":
            with page.expect_download() as download:
                page.locator("#memory-small .save-picture button:visible").first.click()
            drawn = Path(download.value.path()).read_text(encoding="utf-8")
            assert drawn.startswith("<svg")
            assert "var(" not in drawn  # it needs no page around it
    assert say(locale, "tool_theme") == page.get_attribute("[data-tool=theme]", "aria-label")


def test_the_text_is_copied_where_the_browser_has_no_clipboard(visit: Callable[..., Any]) -> None:
    page = visit()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.fill("#length input[type=number]", "20")
    page.click("#do-generate")
    page.wait_for_selector("#status code")
    for button, told in (("copy", "text_copied"), ("link", "link_copied")):
        page.click(f"#do-{button}")
        page.get_by_text(say("pt-BR", told)).wait_for()
    page.fill("#prompt textarea", "")
    page.focus("#prompt textarea")
    page.keyboard.press("Control+V")
    asked = page.input_value("#prompt textarea")
    seed = page.get_attribute("#text article", "data-seed")
    assert f"seed={seed}" in asked  # so that whoever opens the link gets the same text
