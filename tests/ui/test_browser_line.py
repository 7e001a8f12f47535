"""Who waits for a turn sees the place in the line, in the page's language, and may leave it; seven pages open in one
browser.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from browsing import IN_A_BROWSER, finished, say, settings, text

from charrnn.ui.limits import LimitedBlocks

pytestmark = IN_A_BROWSER


def status(page: Any, locale: str, place: int) -> None:
    """Wait until the page tells a place in the line."""
    want = say(locale, "in_line", place=place)
    page.wait_for_function("want => document.querySelector('#status strong')?.textContent === want", arg=want)


def test_who_waits_sees_the_place_and_may_leave(
    visit: Callable[..., Any], served: LimitedBlocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = served.line
    first, second = visit("pt-BR"), visit("en-US", width=390)
    for page in (first, second):
        settings(page, "30", "7")
    with contextlib.ExitStack() as others:
        for _ in range(line.at_once):
            ticket = others.enter_context(line.ticket("others"))
            assert list(ticket.places()) == []
        began = time.monotonic()
        first.click("#do-generate")
        status(first, "pt-BR", 1)
        assert time.monotonic() - began < 3  # a second, on a machine that does nothing else
        second.click("#do-generate")
        status(second, "en-US", 2)
        first.click("#do-stop")
        first.wait_for_selector("#text .blank")
        status(second, "en-US", 1)
        monkeypatch.setattr(line, "longest", 1)
        first.click("#do-generate")
        first.get_by_text("pessoas na fila para escrever").wait_for()
        assert first.locator("#text .blank").is_visible()
        assert len(line.waiting) == 1
    assert finished(second)
    assert len(text(second)) > 30
    monkeypatch.undo()
    assert (line.waiting, line.writing.total()) == ([], 0)
    settings(first, "5000", "7")  # long enough to be seen
    first.click("#do-generate")
    first.wait_for_selector("#text [aria-busy=true]")
    first.close()  # and who closes the page leaves, too
    end = time.monotonic() + 20
    while line.writing.total():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_six_pages_of_a_browser_leave_room_for_a_seventh(visit: Callable[..., Any], url: str) -> None:
    context = visit().context
    for _ in range(6):
        page = context.new_page()
        page.goto(url, timeout=20_000)
        page.wait_for_selector("#text .blank", timeout=20_000)
