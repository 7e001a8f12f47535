"""Take pictures of every tab of the app, on a wide and a narrow page, light and dark, to look at.

    python scripts/picture_app.py [--models DIR] [--out DIR] [--tab NAME ...]

Of the tab Tools, each panel is taken once, wide and light, with what it finds in its example.

Shows the models under --models. Needs a Chromium ($CHROMIUM, or on the PATH). docs/images has what documents show.
"""

import argparse
import io
import os
import shutil
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from charrnn.ui import build, start

WIDTHS = {"wide": (1280, 900), "narrow": (390, 844)}
MEASURED = {"findings": "table", "reach": "svg", "effects": "table", "similar": "p"}  # views of memory: what each shows
PANELS = {"accents": ".marks", "proof": ".marks", "whose": "table", "exam": "table"}  # what each shows when it is done
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def generate(page: Any) -> None:
    """A text, and a letter of it that is looked at."""
    page.fill("#length input[type=number]", "420")
    page.fill("#seed input", "3")
    page.keyboard.press("Tab")
    page.click("#do-generate")
    page.wait_for_selector("#status code", timeout=60_000)
    page.focus("#text article")
    page.keyboard.press("Home")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def score(page: Any) -> None:
    """The example, letter by letter."""
    page.click("#do-score")
    page.wait_for_selector("#score-marks .marks", timeout=60_000)
    page.wait_for_timeout(500)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def memory(page: Any) -> None:
    """The example as a real network read it, some characters in, with all that is measured when asked for."""
    page.wait_for_selector("#memory-small .frame", timeout=60_000)
    page.click("#do-read")
    page.wait_for_selector("#memory-stage .guesses li", timeout=60_000)
    page.locator("#memory-stage [data-at='40']").hover()
    for view, shown in MEASURED.items():
        page.locator(f"#memory-{view} .label-wrap").click()
        page.locator(f"#memory-{view}-found {shown}").first.wait_for(timeout=120_000)
    page.wait_for_timeout(500)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def panels(page: Any, out: Path) -> None:
    """Let each tool read its example, and keep its panel."""
    for name in PANELS:
        page.click(f"#{name}-panel-button")
        page.click(f"#do-{name}")
        page.wait_for_selector(f"#{name}-found {PANELS[name]}", timeout=120_000)
        page.wait_for_timeout(800)
        keep(page.locator("#tool-panels").screenshot(), out / f"tool-{name}.webp")


# What to do on a tab before its picture is taken; on the others, nothing.
STORIES = {"generate": generate, "score": score, "memory": memory}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--out", type=Path, default=Path("runs/pictures"))
    parser.add_argument("--tab", action="append", help="only this tab (repeatable)")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    blocks = build(given.models)
    url = start(blocks)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for size, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    locale="pt-BR", viewport={"width": width, "height": height}, color_scheme=scheme
                )
                page = context.new_page()
                page.goto(url)
                page.wait_for_selector("#text .blank", timeout=60_000)
                for name in [tab.get_attribute("id") for tab in page.locator("#tabs > * button[role=tab]").all()]:
                    tab = name.removesuffix("-tab-button").removesuffix("-button")
                    if given.tab and tab not in given.tab:
                        continue
                    page.click(f"#{name}")
                    page.wait_for_timeout(800)
                    if tab == "tools":
                        if (size, scheme) == ("wide", "light"):
                            panels(page, given.out)
                        continue
                    STORIES.get(tab, lambda _: None)(page)
                    keep(page.screenshot(full_page=True), given.out / f"app-{tab}-{size}-{scheme}.webp")
                context.close()
        browser.close()
    blocks.close(verbose=False)


def keep(picture: bytes, path: Path) -> None:
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, quality=80, method=6)
    print(f"{path}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
