"""The panel of one's own models, in a real browser: models are added, renamed, deleted, brought back, downloaded."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, finished, fits, say, settings, settled

from charrnn.errors.messages import MESSAGES
from charrnn.storage import packing, registry
from charrnn.ui import build, start

pytestmark = [*IN_A_BROWSER, pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'")]


@pytest.fixture
def models(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path / "models" / "meu")
    packing.pack(saved, tmp_path / "da Ana (1).charrnn")
    return tmp_path / "models"


@pytest.fixture
def page(models: Path) -> Iterator[str]:
    blocks = build(models)
    yield start(blocks)
    blocks.close(verbose=False)


def shown(page: Any) -> list[str]:
    return [one.splitlines()[0] for one in page.locator("#my-models-list label").all_inner_texts()]


def said(page: Any, locale: str, key: str, **values: str) -> None:
    page.locator("#my-models-status").get_by_text(say(locale, key, **values)).wait_for()


@pytest.mark.parametrize(("locale", "width", "scheme"), [("pt-BR", 1280, "light"), ("en-US", 390, "dark")])
def test_models_come_change_their_names_and_go(
    opened: Callable[..., Any], page: str, models: Path, locale: str, width: int, scheme: str
) -> None:
    window = opened(page, locale, width, warned="Method not implemented.", color_scheme=scheme)
    window.wait_for_selector("#text .blank")
    window.locator("#my-models > button").press("Enter")
    window.locator("#my-models-list label").first.wait_for()
    assert shown(window)[0] == "meu"  # one's own first
    assert say(locale, "my_models_unscored") in window.locator("#my-models-list label").first.inner_text()
    assert "esau-e-jaco.txt" in window.locator("#my-models-list").inner_text()  # the text that a score is of
    settled(window)

    window.set_input_files("#my-models-add input[type=file]", models.parent / "da Ana (1).charrnn")
    said(window, locale, "my_models_added", name="da-Ana-1")
    assert registry.is_model(models / "da-Ana-1")
    settings(window, "20", "1")
    window.click("#do-generate")
    finished(window)
    assert "da-Ana-1" in window.text_content("#status code")  # it writes

    window.locator("#my-models-list").get_by_role("radio", name="meu").check()
    window.wait_for_function("document.querySelector('#my-models-name :is(input, textarea)').value === 'meu'")
    window.fill("#my-models-name input, #my-models-name textarea", "../novo")
    window.click("#my-models-rename")
    window.get_by_text(MESSAGES["model-name-malformed"][locale != "pt-BR"].partition("{")[0]).first.wait_for()
    window.fill("#my-models-name input, #my-models-name textarea", "novo")
    window.locator("#my-models-name input, #my-models-name textarea").press("Enter")
    said(window, locale, "my_models_renamed", name="meu", new="novo")
    assert sorted(path.name for path in registry.directories(models)) == ["da-Ana-1", "novo"]

    window.click("#my-models-delete")
    said(window, locale, "my_models_deleted", name="novo")
    assert not (models / "novo").exists()
    fits(window, width)
    window.click("#my-models-undo")
    said(window, locale, "my_models_back", name="novo")
    assert registry.is_model(models / "novo")

    with window.expect_download() as download:
        window.click("#my-models-download")
    assert download.value.suggested_filename == "novo.charrnn"
    packing.unpack(Path(download.value.path()), models.parent / "again")


def test_shipped_models_stay_and_bad_files_are_refused(opened: Callable[..., Any], page: str, models: Path) -> None:
    window = opened(page, "pt-BR", 1280, warned="Method not implemented.")
    window.wait_for_selector("#text .blank")
    window.locator("#my-models > button").click()
    window.locator("#my-models-list").get_by_role("radio", name="romances").check()
    window.click("#my-models-delete")
    window.get_by_text(MESSAGES["not-an-own-model"][0].partition("}: ")[2].partition(",")[0]).first.wait_for()
    assert registry.is_model(registry.SHIPPED / "romances")
    bad = models.parent / "ruim.charrnn"
    bad.write_bytes((models.parent / "da Ana (1).charrnn").read_bytes()[:-100])
    window.set_input_files("#my-models-add input[type=file]", bad)
    window.get_by_text(MESSAGES["pack-damaged"][0].partition("}: ")[2]).first.wait_for()
    assert [path.name for path in registry.directories(models)] == ["meu"]
