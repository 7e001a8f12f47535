"""The tab on memory in a real browser: played, stepped and pointed at, in both languages, calling nobody."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, fits, say

from charrnn.ui import build, start, texts
from charrnn.ui.texts.memory_tab import EXAMPLE

pytestmark = IN_A_BROWSER

VIEWS = {"findings": "table", "reach": "svg", "effects": "table", "similar": "p"}  # and what each shows


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    blocks = build(saved.parent)
    yield start(blocks)
    blocks.close(verbose=False)


def counted(page: Any, place: str) -> str:
    return str(page.text_content(f"#memory-{place} .count"))


@pytest.mark.parametrize(("locale", "width"), [("pt-BR", 1280), ("en-US", 390)])
def test_the_memory_is_seen_to_move(visit_tab: Callable[..., Any], locale: str, width: int) -> None:
    page = visit_tab("memory", locale, width, color_scheme="light" if width > 390 else "dark")
    page.wait_for_selector("#memory-small .frame")  # taught without being asked
    assert counted(page, "small") == "1 / 7"
    page.fill("#memory-word input, #memory-word textarea", "<b>ovo</b>")
    page.click("#do-teach")
    page.wait_for_function("document.querySelector('#memory-small .count').textContent === '1 / 11'")
    page.click("#memory-small [data-go=forth]")
    page.click("#memory-small [data-go=forth]")
    page.click("#memory-small [data-go=back]")
    assert counted(page, "small") == "2 / 11"
    assert page.locator("#memory-small .frame:visible").count() == 1
    page.locator("#memory-small .frame:visible .by-hand summary").click()
    page.click("#memory-small [data-go=forth]")
    assert page.locator("#memory-small .frame:visible .by-hand[open]").count() == 1  # it stays open
    page.select_option("#memory-small select", index=2)
    play = page.locator("#memory-small .play")
    assert play.get_attribute("aria-label") == say(locale, "instants_play")
    play.click()
    assert play.get_attribute("aria-label") == say(locale, "instants_pause")
    page.wait_for_function("document.querySelector('#memory-small .count').textContent === '11 / 11'")

    page.evaluate(
        "new MutationObserver((all) => all.forEach((one) => (window.told ??= new Set()).add(one.target.textContent)))"
        ".observe(document.body, { childList: true, characterData: true, subtree: true })"
    )
    page.click("#do-read")
    page.wait_for_selector("#memory-stage .guesses li")
    page.wait_for_function("want => [...window.told].includes(want)", arg=texts.GRADIO["common.complete"][width < 1280])
    assert say(locale, "control_api") in page.text_content("footer .show-api")  # unseen on a phone
    assert counted(page, "stage") == f"2 / {len(EXAMPLE) + 1}"
    page.locator("#memory-stage .linked").focus()
    page.keyboard.press("ArrowRight")
    assert page.text_content("#memory-stage .letter") == "␣"
    page.locator("#memory-stage [data-at='4']").hover()
    assert page.text_content("#memory-stage .letter") == EXAMPLE[4]
    assert page.locator("#memory-map .line").is_visible()  # the same character in another view
    page.locator("#memory-stage [data-at='4']").click()
    page.wait_for_function("document.querySelector('#memory-span input').value === '5'")
    for view, shown in VIEWS.items():
        page.locator(f"#memory-{view} .label-wrap").click()
        page.locator(f"#memory-{view}-found {shown}").first.wait_for()
    assert page.locator("#memory-reach-found svg").count() == 2
    assert page.locator("#memory-effects-found tbody tr").count() == 6
    fits(page, width)

    context = page.context
    context.set_offline(True)  # all instants are here
    page.click("#memory-stage [data-go=first]")
    assert page.locator("#memory-stage .nothing:visible").count() == 2  # M and C of the first instant
    page.click("#memory-stage [data-go=play]")
    page.wait_for_function("parseInt(document.querySelector('#memory-stage .count').textContent) > 2")
    page.click("#memory-stage [data-go=play]")
    context.set_offline(False)


def test_what_cannot_be_read_is_told(visit_tab: Callable[..., Any]) -> None:
    page = visit_tab("memory")
    page.wait_for_selector("#memory-small .frame")
    page.fill("#memory-text textarea", "a" * 601)
    page.click("#do-read")
    page.get_by_text("O texto tem 601 caracteres; aqui cabem 600.").wait_for()
    assert page.locator("#memory-stage .blank").is_visible()


def test_a_link_opens_the_tab_set_up(opened: Callable[..., Any], url: str) -> None:
    page = opened(f"{url.rstrip('/')}/?tab=memory&word=ana&text=Era", "pt-BR", 1280)
    page.wait_for_selector("#memory-small .frame")  # taught the link's word, not the usual one
    assert counted(page, "small") == "1 / 4"
    assert page.input_value("#memory-text textarea") == "Era"
