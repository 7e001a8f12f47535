"""What all tabs share, in a real browser: one width, text that can be read, a title in the visitor's language."""

from collections.abc import Callable
from typing import Any

import pytest
from browsing import IN_A_BROWSER, LOCALES, say, settled

from charrnn.ui import TABS

pytestmark = IN_A_BROWSER

SMALL_TEXTS = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!node.data.trim() || parent.closest("sub, tspan")) continue;
        if (!parent.checkVisibility({ visibilityProperty: true })) continue;
        const drawn = parent.closest("svg") ? parent.getScreenCTM().a : 1;
        const size = drawn * parseFloat(getComputedStyle(parent).fontSize);
        if (size < 13.95) found.push(`${size.toFixed(1)}: ${node.data.slice(0, 40)}`);
    }
    return found;
}"""
SCROLLED = """() => [...document.querySelectorAll("#tabs *")].filter((one) => one.checkVisibility()
    && one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)).length"""


@pytest.mark.parametrize("locale", LOCALES)
def test_all_tabs_are_as_wide_as_the_page_and_none_is_in_small_print(visit: Callable[..., Any], locale: str) -> None:
    page = visit(locale)
    assert page.title() == say(locale, "title")
    for tab in TABS:
        page.get_by_role("tab", name=say(locale, f"{tab}_tab"), exact=True).click()
        if tab in ("lesson", "memory"):  # a word is learned when somebody looks
            page.wait_for_selector({"lesson": ".lesson .word button", "memory": "#memory-small .frame"}[tab])
        settled(page)
        assert page.evaluate("document.querySelector('#tabs').clientWidth") == 1116, tab
        assert page.evaluate(SMALL_TEXTS) == [], tab
        assert page.evaluate(SCROLLED) == 0, tab


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
