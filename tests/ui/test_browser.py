"""The tab that generates in a real browser: a text's story, in both languages, wide and narrow; and it calls nobody."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import (
    IN_A_BROWSER,
    LONG,
    finished,
    grown,
    looked,
    middle,
    open_rules,
    settings,
    text,
    writing,
)

from charrnn.errors.messages import MESSAGES
from charrnn.sampling.constraints import bare
from charrnn.ui import texts

pytestmark = IN_A_BROWSER


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
    page.get_by_text("100%").wait_for()
    page.locator("#temperature input[type=range]").fill("1")
    page.get_by_text("100%").wait_for(state="detached")
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
    year = page.evaluate("new Date().toLocaleDateString('en', { dateStyle: 'short' })")
    for there in (True, False):  # what was deleted comes back
        assert year in page.text_content("#texts small")
        page.click("#texts .drop")
        assert texts.TEXTS["kept_none"][1] in page.text_content("#texts")
        if there:
            page.click("#texts .back")
    page.fill("#length input[type=number]", LONG)
    page.keyboard.press("Tab")
    page.click("#do-generate")
    writing(page, 1500)
    page.reload()  # while it is written: no more than the last second is lost
    page.wait_for_selector("#text article")
    assert len(text(page)) > 300
    page.click("#language")
    page.wait_for_function("document.documentElement.lang === 'pt-BR'")


def test_a_link_brings_the_settings(visit: Callable[..., Any]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.fill("#prompt textarea", "Era uma vez & mais")
    settings(page, "30", "9")
    open_rules(page)
    page.fill("#rule-without textarea, #rule-without input", "àE")
    page.check("#rule-keep-accents input")
    page.fill("#rule-contain textarea", "mar\nlua")
    page.fill("#rule-only textarea, #rule-only input", " abcdefghijklmnopqrstuvwxyz\\n\\\\")
    page.click("#do-link")
    page.get_by_text(texts.TEXTS["link_copied"][0]).wait_for()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('seed=9')")
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(address=link)
    other.wait_for_function("document.querySelector('#seed input').value === '9'")
    assert other.input_value("#length input[type=number]") == "30"
    assert other.input_value("#prompt textarea") == "Era uma vez & mais"
    assert "?" not in other.url
    open_rules(other)
    assert other.input_value("#rule-contain textarea") == "mar\nlua"
    assert other.input_value("#rule-only textarea, #rule-only input") == " abcdefghijklmnopqrstuvwxyz\\n\\\\"
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
    open_rules(page)
    page.fill("#rule-acrostic input, #rule-acrostic textarea", "mar")
    page.fill("#rule-line-length input", "12")
    page.click("#do-generate")
    finished(page)
    lines = text(page).split("\n")
    assert [bare(line[0]) for line in lines] == list("mar")
    assert texts.TEXTS["ended_acrostic"][0] in page.text_content("#status")
    assert max(map(len, lines)) <= 12
    page.get_by_text("Regras do texto (2)").wait_for()  # to be seen when they are folded
    page.fill("#rule-only input, #rule-only textarea", "xmr")
    for _ in range(2):
        page.click("#do-generate")
        page.get_by_text("falta o fim de linha").first.wait_for()
    assert not page.get_by_text("Warning").is_visible()
    shown = "[...document.querySelectorAll('.toast-message-text')].filter(one => one.checkVisibility()).length"
    page.wait_for_function(f"{shown} === 1")  # the second message takes the place of the first
    stays = "before => document.querySelector('#text article').textContent === before"
    page.wait_for_function(stays, arg="\n".join(lines))
