"""The tabs that train, score and explain, in a real browser: each one's story, in both languages, calling nobody."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, fits, go, say
from support import QUATRAINS

from charrnn.errors.messages import MESSAGES
from charrnn.training.jobs import Workshop, workshop
from charrnn.ui import build, score, start
from charrnn.ui.lesson import guided_steps

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),  # gradio's own accounts of its queue
]

SMALL = ("--hidden", "16", "--embed", "8", "--counts", "none", "--threads", "1", "--precision", "f32")
ENDLESS = ("--steps", "1000000", "--evaluations", "10000", *SMALL)  # evaluated each 100 steps, until told to finish


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def url(models: Path) -> Iterator[str]:
    """The page, whose trainings are small and go on until told to finish."""
    begin = Workshop.start

    def small(self: Workshop, names: list[str], name: str, minutes: float, *options: str) -> Path:
        return begin(self, names, name, minutes, *options, *ENDLESS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workshop, "start", small)
        blocks = build(models)
        yield start(blocks)
        workshop(models.resolve()).close()
        blocks.close(verbose=False)


def rate(page: Any) -> int:
    """The evaluation that is shown, counted from 1."""
    found = re.search(r"\d+", page.text_content("#train-sample h3"))
    assert found
    return int(found[0])


def test_a_network_is_seen_to_learn(visit_tab: Callable[..., Any], models: Path) -> None:
    locale, width, name = "pt-BR", 1280, "quadras"
    page = visit_tab("train", locale, width)
    page.wait_for_selector("#train-status strong")
    page.click("#do-train")
    page.get_by_text(MESSAGES["no-text-chosen"][0]).wait_for()  # what is missing is told
    page.set_input_files("#train-upload input[type=file]", QUATRAINS)
    page.wait_for_selector("#train-report section")
    report = page.text_content("#train-report")
    assert "quadras.txt" in report
    assert say(locale, "report_tiny") in report
    field = page.locator("#train-name input, #train-name textarea")
    assert field.input_value().startswith("quadras")  # or quadras-2, where there is one
    field.fill(name)
    page.get_by_label(say(locale, "minutes_1")).check()
    page.click("#do-train")
    page.get_by_text(say(locale, "stage_starting")).first.wait_for()
    page.get_by_role("button", name=say(locale, "train_cancel")).click()
    page.get_by_text(say(locale, "phase_dropped")).wait_for()
    page.click("#do-train")
    page.get_by_text(say(locale, "phase_preparing")).wait_for()
    page.wait_for_selector("#train-curve .curve circle")  # an evaluation was made
    assert say(locale, "curve_xz") in page.text_content("#train-curve")
    page.wait_for_selector("#train-moment input")
    fits(page, width)

    page.click("#do-pause-training")
    page.get_by_text(say(locale, "phase_paused")).wait_for()
    assert workshop(models.resolve()).busy is None
    page.reload()
    go(page, "train", locale)
    page.get_by_text(say(locale, "phase_paused")).wait_for()
    page.click("#do-resume-training")
    page.get_by_text(say(locale, "phase_training"), exact=True).wait_for()

    other = visit_tab("train", "en-US", 390, color_scheme="dark")  # the same training, seen by another visitor
    other.get_by_text(say("en-US", "phase_training"), exact=True).wait_for()
    fits(other, 390)
    other.locator("#do-finish-training").click()
    page.get_by_text(say(locale, "phase_finished")).wait_for()
    last = rate(page)
    assert last > 1
    assert "bits por caractere no texto reservado" in page.text_content("#train-status .verdict")
    assert "bits per character on the held-out text" in other.text_content("#train-status .verdict")
    slider = page.locator("#train-moment input[type=range]")
    newest = page.text_content("#train-sample p")
    slider.focus()
    slider.press("Home")
    page.wait_for_function("document.querySelector('#train-sample h3').textContent.match(/\\d+/)[0] === '1'")
    assert page.text_content("#train-sample p") != newest

    page.click("#do-share-trained")  # where it is renamed and downloaded, chosen already
    page.locator("#my-models-list label", has_text=name).locator("input:checked").wait_for()
    assert page.locator("#model input").input_value().startswith(name)

    go(page, "score", locale)  # in the list everywhere, without a reload
    page.locator("#score-models input").click()
    page.get_by_role("option", name=re.compile(rf"^\W*{name} ")).wait_for()


@pytest.mark.parametrize(("locale", "width"), [("pt-BR", 1280), ("en-US", 390)])
def test_a_text_is_scored_letter_by_letter(
    visit_tab: Callable[..., Any], models: Path, saved: Path, locale: str, width: int
) -> None:
    if not (models / "tiny").exists():
        (models / "tiny").symlink_to(saved)
    page = visit_tab("score", locale, width)
    page.get_by_text(say(locale, "score_blank")).wait_for()
    page.fill("#score-text textarea", "<b>Era</b> uma vez\num gato.")
    page.locator("#score-models input").click()
    page.get_by_role("option", name=re.compile("tiny")).click()
    page.keyboard.press("Escape")
    page.locator("#score-adaptive input").check()
    page.click("#do-score")
    page.wait_for_selector("#score-marks .marks")
    assert page.text_content("#score-marks .marks") == "<b>Era</b> uma vez↵\num gato."
    rows = page.locator("#score-table tbody tr")
    assert rows.count() == 2
    fits(page, width)
    page.locator(".marks").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    told = page.locator(".told")
    assert told.text_content().startswith("E: ")
    page.locator(".marks span").nth(4).click()
    assert told.text_content().startswith("r: ")
    page.get_by_label("machado × tiny").check()
    page.get_by_text(say(locale, "furthest")).wait_for()
    assert page.locator(".legend").text_content().count("machado") == 1
    fits(page, width)
    page.fill("#score-text textarea", "a" * (score.LIMIT + 1))
    page.click("#do-score")
    page.get_by_text(re.compile("charrnn score")).wait_for()


def test_the_other_language_loses_nothing(visit_tab: Callable[..., Any], tmp_path: Path) -> None:
    page = visit_tab("train", "pt-BR")
    (tmp_path / "cantigas.txt").write_text(QUATRAINS.read_text(encoding="utf-8"), encoding="utf-8")
    page.set_input_files("#train-upload input[type=file]", tmp_path / "cantigas.txt")
    page.wait_for_selector("#train-report section")
    page.locator("#train-name :is(input, textarea)").fill("meu")
    page.get_by_label(say("pt-BR", "minutes_1")).check()
    go(page, "score", "pt-BR")
    page.fill("#score-text textarea", "Era uma vez")
    page.locator("#score-models input").click()
    page.get_by_role("option", name=re.compile("romances")).click()
    page.keyboard.press("Escape")
    page.click("#do-score")
    page.wait_for_selector("#score-marks .marks")
    page.click("#language")
    page.get_by_role("tab", name=say("en-US", "score_tab"), exact=True, selected=True).wait_for()
    page.get_by_text(say("en-US", "score_caption")).wait_for()  # it is scored again, by both models
    assert page.locator("#score-table tbody tr").count() == 2
    assert page.text_content("#score-marks .marks") == "Era uma vez"
    go(page, "train", "en-US")
    assert "cantigas.txt" in page.text_content("#train-report section")
    page.wait_for_function("document.querySelector('#train-name :is(input, textarea)').value === 'meu'")
    assert page.get_by_label(say("en-US", "minutes_1")).is_checked()


@pytest.mark.parametrize(("locale", "width", "scheme"), [("pt-BR", 390, "dark"), ("en-US", 1280, "light")])
def test_the_page_explains_itself(
    visit_tab: Callable[..., Any], saved: Path, monkeypatch: pytest.MonkeyPatch, locale: str, width: int, scheme: str
) -> None:
    monkeypatch.setattr(guided_steps, "REAL", str(saved))
    page = visit_tab("about", locale, width, color_scheme=scheme)
    page.get_by_role("heading", name=say(locale, "about_what")).wait_for()
    page.get_by_role("img", name=say(locale, "about_alt")).wait_for()
    page.get_by_text(say(locale, "about_own")).wait_for()
    page.get_by_text(say(locale, "card_whole")).click()
    page.get_by_text("sha256").wait_for()
    fits(page, width)

    # The drawing leads to the lesson, which tells the story of X, M, H and S, step by step.
    page.locator(".to-lesson").click()
    page.locator(".lesson .word button").nth(1).click()
    assert re.search("[«“]b[»”]", shown(page))
    page.locator("[data-do=after]").click()
    page.locator("[data-do=neuron-1]").click()
    assert "tanh" in page.text_content(".lesson .shown table")
    page.locator(".way [aria-current]").press("ArrowRight")
    page.locator("[data-do=forth]").click()
    rows = page.locator(".lesson .shown tr")
    assert rows.nth(0).locator("td").all_text_contents() == rows.nth(1).locator("td").all_text_contents()
    page.locator("[data-do=after]").click()
    page.locator("[data-do=instant-6]").click()
    assert page.locator(".word [aria-current=true] .guess").text_content() == "↵"
    page.locator("[data-do=after]").click()
    assert page.locator(".word .wrong").count() == 0
    page.locator("[data-do=cut]").click()
    assert page.locator(".word .wrong").count() > 0
    below = page.locator(".picture" if width < 900 else ".tail [data-of='5']").bounding_box()
    assert below["y"] >= (seen := page.locator(".seen").bounding_box())["y"] + seen["height"]  # what it cost, at once
    whole, less = (figure(bar) for bar in page.locator(".bars dd").all_text_contents())
    assert 0 < whole < less
    page.locator("[data-do=after]").click()
    untrained = shown(page)
    page.locator(".lesson input[type=range]").press("End")
    assert figure(untrained) > 1 > 0.1 > figure(shown(page))
    page.locator("[data-do=after]").click()
    page.locator("[data-do=read]").click()
    page.locator("#lesson-real .guesses li").first.wait_for()
    page.wait_for_function(
        "document.querySelector('#lesson-real .reading').getBoundingClientRect().top < innerHeight / 2"
    )
    page.locator(".lesson .here").click()
    page.locator(".lesson .here", has_text=say(locale, "lesson_copied")).wait_for()
    fits(page, width)


def shown(page: Any) -> str:
    return str(page.text_content(".lesson .seen .line span"))


def figure(text: str) -> float:
    """The first number with decimals in a sentence."""
    found = re.search(r"(\d+)[.,](\d+)", text)
    assert found
    return float(f"{found[1]}.{found[2]}")
