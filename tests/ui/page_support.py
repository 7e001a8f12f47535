"""A text, settings and readers of HTML that the tests of the page share."""

import contextlib
import dataclasses
import io
import signal
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from charrnn.cli import main
from charrnn.config import SampleConfig
from charrnn.ui.generate import controls
from charrnn.ui.generate.draft import Draft
from charrnn.ui.visitors import EVERYTHING, Permissions

PROMPT = "Batatinha quando nasce"
NASTY = '-d\'água "<script>alert(1)</script>" & $HOME `ls` \\n ${value} {{value}}\n\n— É\n'
CONFIG = SampleConfig(length=30, temperature=1.0, seed=7)
FIELDS = dataclasses.fields(SampleConfig)
RULES = controls.constraint_fields(EVERYTHING)
RESTRICTED = Permissions(training=False, paths=False)


class Parts(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def components(blocks: Any) -> dict[str, Any]:
    return {block.elem_id: block for block in blocks.blocks.values() if getattr(block, "elem_id", None)}


def last(drafts: Iterable[Draft]) -> Draft:
    *_, final = drafts
    return final


def printed(words: list[str]) -> str:
    """What the command prints, but for the newline after the text."""
    assert words[0] == "charrnn"
    kept = {number: signal.getsignal(number) for number in (signal.SIGPIPE, signal.SIGTERM)}  # `main` sets them
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main(words[1:])
    for number, handler in kept.items():
        signal.signal(number, handler)
    return out.getvalue()[:-1]
