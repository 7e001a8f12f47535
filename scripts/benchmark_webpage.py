"""Measure how fast an exported page writes in Chromium: with vector instructions, and with plain loops.

    python scripts/benchmark_webpage.py [--model machado-lstm] [--rounds 7]

Both pages write the same 400 characters, in turn, round after round, from file://. Needs playwright and chromium.
"""

import argparse
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from unittest import mock

from playwright.sync_api import sync_playwright

from charrnn.storage import registry
from charrnn.webpage import page_of, single_file

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READ = single_file._read


def plain(folder: str, name: str) -> str:
    """Return a part of the page, in which nothing takes the vector instructions."""
    return READ(folder, name).replace("fastestProducts(integer", "new PlainProducts(integer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="machado-lstm")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    directory = registry.find(given.model)
    pages = {"vectors": page_of(directory)}
    with mock.patch.object(single_file, "_read", plain):
        pages["plain loops"] = page_of(directory)
    assert pages["vectors"] != pages["plain loops"]
    speeds: dict[str, list[float]] = {name: [] for name in pages}
    texts = set()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        opened = {}
        for name, html in pages.items():
            path = Path(folder) / f"{name}.html"
            path.write_text(html, encoding="utf-8")
            opened[name] = browser.new_page(locale="en-US")
            opened[name].goto(path.as_uri())
            opened[name].wait_for_selector("body[data-state=ready]")
            opened[name].click("summary")
            opened[name].fill("#seed", "7")
            opened[name].fill("#length", "400")
        for _ in range(given.rounds):
            for name, shown in opened.items():
                shown.bring_to_front()
                shown.click("#write")
                shown.wait_for_selector("#text[aria-busy=false] span", timeout=120_000)
                told = re.search(r"([\d,]+)/s", str(shown.text_content("#status")))
                assert told
                speeds[name].append(float(told[1].replace(",", "")))
                texts.add(shown.evaluate("document.getElementById('plain').textContent"))
        browser.close()
    assert len(texts) == 1
    for name, found in speeds.items():
        print(f"{name}: {statistics.median(found):,.0f} characters/s ({min(found):,.0f} to {max(found):,.0f})")


if __name__ == "__main__":
    main()
