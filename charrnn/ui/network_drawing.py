"""A drawing of a recurrent network, unrolled over three instants: SVG in the colours of the page."""

from collections.abc import Iterator
from html import escape

from charrnn.ui.texts import Language, say

WIDTH, HEIGHT = 720, 300
LETTERS = "mar"
INSTANTS = ("t−1", "t", "t+1")
COLUMN = (150, 360, 570)  # where each instant stands
OUTPUT, HIDDEN, INPUT = 50, 150, 250  # heights of S, H and X
BESIDE = 88  # how far left of H its memory M stands
BOX, ROOM = 46, 64  # height and width of a box


def symbol(letter: str, instant: str) -> str:
    """X_t as HTML."""
    return f"<var>{letter}<sub>{escape(instant)}</sub></var>"


def drawn(language: Language) -> str:
    title = escape(say(language, "about_drawing"))
    words = escape(say(language, "about_alt"))
    return (
        f'<figure class="unrolled"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f"<title>{title}</title>{_heads()}{''.join(_parts(language))}</svg><figcaption>{title}</figcaption></figure>"
    )


def _heads() -> str:
    """The arrows' heads, one for each colour of line."""
    return "<defs>" + "".join(
        f'<marker id="head-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="{kind}" d="M0 0 L8 4 L0 8 z"/></marker>'
        for kind in ("flow", "back")
    ) + "</defs>"  # fmt: skip


def _parts(language: Language) -> Iterator[str]:
    for place, (x, instant, letter) in enumerate(zip(COLUMN, INSTANTS, LETTERS, strict=True)):
        memory = x - BESIDE
        yield _arrow(x, INPUT - BOX / 2, x, HIDDEN + BOX / 2)
        yield _arrow(x, HIDDEN - BOX / 2, x, OUTPUT + BOX / 2)
        yield _arrow(memory + ROOM / 2, HIDDEN, x - ROOM / 2, HIDDEN)
        yield _box("x", x, INPUT, "X", instant)
        yield f'<text class="letter" x="{x + ROOM / 2 + 10}" y="{INPUT + 6}">“{letter}”</text>'
        yield _box("h", x, HIDDEN, "H", instant)
        yield _box("m", memory, HIDDEN, "M", instant)
        yield _box("s", x, OUTPUT, "S", instant)
        end = COLUMN[place + 1] - BESIDE - ROOM / 2 if place < 2 else WIDTH - 8
        yield _arrow(x + ROOM / 2, HIDDEN, end, HIDDEN, "back")
        if place < 2:
            middle = (x + ROOM / 2 + end) / 2 + 10  # clear of the arrow that comes from X
            later = escape(say(language, "about_clock"))
            yield f'<text class="later" x="{middle:g}" y="{HIDDEN + BOX / 2 + 20:g}">{later}</text>'
    yield _arrow(8, HIDDEN, COLUMN[0] - BESIDE - ROOM / 2, HIDDEN, "back")


def _box(kind: str, x: float, y: float, letter: str, instant: str) -> str:
    """A part of the network with its name, around a point."""
    return (
        f'<g class="{kind}"><rect x="{x - ROOM / 2:g}" y="{y - BOX / 2:g}" width="{ROOM}" height="{BOX}" rx="9"/>'
        f'<text x="{x:g}" y="{y + 6:g}">{letter}<tspan class="sub" dy="5">{escape(instant)}</tspan></text></g>'
    )


def _arrow(x1: float, y1: float, x2: float, y2: float, kind: str = "flow") -> str:
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" marker-end="url(#head-{kind})"/>'
