"""What a test does in the browser: the tabs, the languages, and the text of the tab that generates."""

import os
import re
import shutil
from typing import Any

import pytest

from charrnn.html.writing import symbol
from charrnn.ui import texts

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH, nor named by $CHROMIUM"),
]

LONG = "5000"  # characters: a text that is stopped before it ends
LOCALES = {"pt-BR": "pt", "en-US": "en"}


def go(page: Any, tab: str, locale: str) -> None:
    page.wait_for_selector("[role=tab]:visible")
    name = say(locale, f"{tab}_tab")
    there = page.get_by_role("tab", name=name, exact=True).filter(visible=True)
    if there.count():
        there.click()
    else:  # on a phone the last tabs are behind a button
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    settled(page)


def say(locale: str, key: str, **values: Any) -> str:
    return texts.say(LOCALES[locale], key, **values)  # type: ignore[arg-type]


def fits(page: Any, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def settings(page: Any, length: str, seed: str = "") -> None:
    page.fill("#length input[type=number]", length)
    page.fill("#seed input", seed)
    page.keyboard.press("Tab")


def settled(page: Any) -> None:
    """Wait out the moment, some 50 ms, in which gradio empties again what it has just laid out: no hand is so quick."""
    page.wait_for_timeout(1000)


def open_rules(page: Any) -> None:
    """Open the list of what the text shall be."""
    page.get_by_text(texts.TEXTS["constraints"][0]).click()
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


def contrast(first: str, second: str) -> float:
    """WCAG's contrast of two colours such as rgb(1, 2, 3)."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
