"""A console of rich that shows texts literally: without markup, emoji codes and control characters."""

import sys
from collections.abc import Iterable
from contextlib import nullcontext

from rich import console
from rich.segment import Segment

from charrnn.cli.terminal import harmless, unheard


class Console(console.Console):
    """Standard error, or standard output, in colours if it is a terminal."""

    def __init__(self, *, stderr: bool = True, quiet: bool = False) -> None:
        guarded = getattr(sys.stderr if stderr else sys.stdout, "rich_proxied_file", None)
        super().__init__(file=guarded, stderr=stderr, quiet=quiet, highlight=False, markup=False, emoji=False)

    def render(
        self, renderable: console.RenderableType, options: console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if self.is_terminal and not segment.control:
                segment = Segment(harmless(segment.text), segment.style)
            yield segment

    def tell(self, text: str, style: str | None = None) -> None:
        """Print a line, which the terminal may wrap; in a pipe it is the text itself."""
        if self.is_terminal:
            self.print(text, style=style, soft_wrap=True)
        elif not self.quiet:
            with unheard() if self.stderr else nullcontext():
                print(text, file=self.file, flush=True)
