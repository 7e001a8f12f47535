"""What the page does in the browser itself: a file of JavaScript for each part of it."""

from pathlib import Path


def script(name: str) -> str:
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")
