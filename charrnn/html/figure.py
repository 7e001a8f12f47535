"""A recurrent network as SVG: its schema; a small one at one instant, with its numbers, and unrolled over a text.

At one instant, X and the memory M stand on the left, both lead to H, and H to S; a dashed line leads from H back to M,
where it waits for the next instant. A line is blue if what flows along it (weight times number) is positive, orange if
negative, and as thick as that is large. Colours come from the page (--lens-plus, --lens-minus, currentColor).
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from charrnn.errors.quantities import Language
from charrnn.html.texts import say
from charrnn.html.writing import number, percent, visible

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens.tiny_elman import Instant, Numbers, SmallNetwork

PLUS, MINUS = "var(--lens-plus, #2471b8)", "var(--lens-minus, #d3680a)"
PAPER, ACCENT = "var(--lens-paper, #fffdf9)", "var(--lens-accent, #1f5a7d)"
FONT = 'font-family="system-ui, sans-serif"'

Point = tuple[float, float]
Points = Sequence[Point]

# One instant
WIDTH, SPACE, RADIUS = 480, 50, 20
LEFT, MIDDLE, RIGHT = 72, 240, 408  # where the columns stand
HEAD = 44

# Unrolled, with its numbers
STEP, MARGIN, CELL_WIDTH, CELL_HEIGHT = 104, 74, 58, 24

# The schema: three instants
SCHEMA_WIDTH, SCHEMA_HEIGHT = 720, 300
LETTERS = "mar"
INSTANTS = ("t−1", "t", "t+1")
COLUMN = (150, 360, 570)  # x of H in each instant
OUTPUT, HIDDEN, INPUT = 50, 150, 250  # y of S, H and X
BESIDE = 88  # how far left of H its memory M is
BOX, ROOM = 46, 64  # height and width of a box

ROLES = {"X": "input", "M": "memory", "H": "hidden", "S": "output"}  # keys of texts


def instant(network: "SmallNetwork", now: "Instant", time: int, language: Language) -> str:
    """The network at one instant. time: its number, counted from 1."""
    v, h = len(network.alphabet), len(network.bias)
    rows = v + h + 1.2  # in the left column: X, a gap, M
    height = HEAD + SPACE * rows + 34
    middle = HEAD + SPACE * (rows - 1) / 2
    x = [(LEFT, HEAD + SPACE * row) for row in range(v)]
    m = [(LEFT, HEAD + SPACE * (v + 1.2 + row)) for row in range(h)]
    hidden = [(MIDDLE, middle + SPACE * 1.3 * (row - (h - 1) / 2)) for row in range(h)]
    s = [(RIGHT, middle + SPACE * (row - (v - 1) / 2)) for row in range(v)]
    letters = [visible(letter) for letter in network.alphabet]
    best = int(now.output.argmax())
    parts = [
        _flows(x, hidden, network.input_weight, now.x, "W", language),
        _flows(m, hidden, network.memory_weight, now.memory, "U", language),
        _flows(hidden, s, network.output_weight, now.hidden, "V", language),
        _loop(hidden, m, height, say(language, "waits")),
        _column(x, now.x, "X", time, language, letters),
        _column(m, now.memory, "M", time, language),
        _column(hidden, now.hidden, "H", time, language),
        _column(s, now.output, "S", time, language, letters, best=best),
    ]
    said = say(
        language, "instant_said", time=time, character=visible(now.character),
        expected=letters[best], chance=percent(language, float(now.output[best])),
    )  # fmt: skip
    inside = f"<title>{said}</title><desc>{_numbers_said(now, language)}</desc>{''.join(parts)}"
    return _svg("lens-network", WIDTH, height, inside)


def unrolled(network: "SmallNetwork", instants: "Sequence[Instant]", language: Language) -> str:
    """All instants side by side: X_t below, M_t above it, then H_t, and what S_t expects; from each H to the next M."""
    h = len(network.bias)
    tall = CELL_HEIGHT * h
    at = {"S": 30, "H": 84, "M": 84 + tall + 50, "X": 84 + 2 * tall + 50 + 42}
    width, height = MARGIN + STEP * len(instants), at["X"] + 44
    parts = []
    for name, extent in (("S", 20), ("H", tall), ("M", tall), ("X", 26)):
        where = at[name] + extent / 2 + 5
        parts.append(f'<text x="8" y="{where:g}" font-size="15" font-weight="700" fill="currentColor">{name}</text>')
        if name == "M":
            note = "= H<tspan dy='4' font-size='8'>t−1</tspan>"
            parts.append(f'<text x="24" y="{where:g}" font-size="12.5" fill="currentColor">{note}</text>')
    for time, now in enumerate(instants):
        left = MARGIN + STEP * time
        centre = left + CELL_WIDTH / 2
        best = int(now.output.argmax())
        guess = visible(network.alphabet[best])
        chance = f"<tspan font-size='12.5' font-weight='400'>{percent(language, float(now.output[best]))}</tspan>"
        right = network.alphabet[best] == now.target
        parts += [
            _text(centre, 14, f"t = {time + 1}", 11, faded=True),
            _text(centre, at["S"] + 16, f"{guess} {chance}", 16, bold=True),
            _line((centre, at["H"] - 4), (centre, at["S"] + 24)),
            _cells(left, at["H"], now.hidden, language),
            _line((centre, at["M"] - 4), (centre, at["H"] + tall + 4)),
            _cells(left, at["M"], now.memory, language),
            _text(centre, at["X"] + 22, visible(now.character), 20, bold=True),
            # X leads to H past M, on the left of the column
            f'<path d="M{centre - 8} {at["X"] + 14}H{left - 9}V{at["H"] + tall / 2:g}h5" {_STROKE}/>',
        ]
        if not right:
            parts.append(_text(centre + 16, at["S"] + 38, f"({visible(now.target)})", 11, faded=True))
        if time + 1 < len(instants):  # H_t waits one clock and is M_{t+1}
            start, stop = left + CELL_WIDTH + 3, left + STEP - 4
            bend = left + CELL_WIDTH + 16
            parts.append(
                f'<path d="M{start} {at["H"] + tall / 2:g}H{bend}V{at["M"] + tall / 2:g}H{stop}" fill="none" '
                f'style="stroke:{ACCENT}" stroke-width="1.6" stroke-dasharray="4 3" marker-end="url(#lens-arrow)"/>'
            )
    said = say(language, "unrolled_said", word="".join(visible(now.character) for now in instants))
    inside = f"<title>{said}</title><defs>{_ARROW}</defs>{''.join(parts)}"
    return _svg("lens-unrolled", width, height, inside, f"min-width:{width * 3 // 4}px;max-width:{width * 5 // 4}px")


def _svg(kind: str, width: float, height: float, inside: str, style: str = "") -> str:
    return (
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'style="{style}" {FONT}>{inside}</svg>'
    )


_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.2" opacity=".45" marker-end="url(#lens-arrow)"'
_ARROW = (
    '<marker id="lens-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker>'
)
_INK = 'text-anchor="middle" fill="currentColor"'
_EDGE = 'stroke="currentColor" stroke-opacity=".55"'


def _text(x: float, y: float, content: str, size: float, *, bold: bool = False, faded: bool = False) -> str:
    weight, opacity = ' font-weight="700"' if bold else "", ' opacity=".7"' if faded else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" {_INK}{weight}{opacity}>{content}</text>'


def _line(start: Point, stop: Point) -> str:
    return f'<path d="M{start[0]:g} {start[1]:g}L{stop[0]:g} {stop[1]:g}" {_STROKE}/>'


def _cells(left: float, top: float, values: "Numbers", language: Language) -> str:
    """A layer as boxes with their numbers, one below another."""
    parts = []
    for row, value in enumerate(values.tolist()):
        y = top + CELL_HEIGHT * row
        size = f'width="{CELL_WIDTH}" height="{CELL_HEIGHT - 2}" rx="3"'
        parts.append(f'<rect x="{left:g}" y="{y:g}" {size} {_EDGE} style="{_tint(value, 0.65)}"/>')
        parts.append(_text(left + CELL_WIDTH / 2, y + 15, number(language, value, 2), 12))
    return "".join(parts)


def _tint(value: float, most: float) -> str:
    return f"fill:{PLUS if value >= 0 else MINUS};fill-opacity:{most * min(1.0, abs(value)):.2f}"


def _flows(starts: Points, stops: Points, weights: "Numbers", values: "Numbers", name: str, language: Language) -> str:
    """Lines from one layer to another, with weight × number as their tooltips."""
    parts = []
    for row, stop in enumerate(stops):
        for column, start in enumerate(starts):
            weight, value = float(weights[row, column]), float(values[column])
            flow = weight * value
            shown = [number(language, part, 2) for part in (weight, value, flow)]
            style = f"stroke:{PLUS if flow >= 0 else MINUS};stroke-width:{min(6.0, 0.9 + abs(flow)):.1f};opacity:.8"
            if flow == 0:
                style = "stroke:currentColor;stroke-width:.8;opacity:.22"
            way = f"M{start[0] + RADIUS:g} {start[1]:g}L{stop[0] - RADIUS:g} {stop[1]:g}"
            told = f"{name}: {shown[0]} × {shown[1]} = {shown[2]}"
            parts.append(f'<path d="{way}" style="{style}"><title>{told}</title></path>')
    return f'<g fill="none">{"".join(parts)}</g>'


def _column(
    places: Points, values: "Numbers", name: str, time: int, language: Language,
    letters: Sequence[str] = (), best: int = -1,
) -> str:  # fmt: skip
    """A layer as circles with their numbers, and its name above. letters: what X's or S's neurons stand for."""
    x, top = places[0]
    index = f'<tspan dy="4" font-size="10">{time}</tspan>'
    role = f'<tspan dy="-4" dx="5" font-size="12.5" font-weight="400">{escape(say(language, ROLES[name]))}</tspan>'
    parts = [_text(x, top - RADIUS - 7, f"{name}{index}{role}", 15, bold=True)]
    for neuron, ((x, y), value) in enumerate(zip(places, values.tolist(), strict=True)):
        chosen = neuron == best
        shown = percent(language, value) if name == "S" else number(language, value, 0 if name == "X" else 2)
        circle = f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}"'
        ring = f'stroke-width="{2.6 if chosen else 1.2}"'
        parts += [
            f'{circle} style="fill:{PAPER}"/>{circle} {_EDGE} {ring} style="{_tint(value, 0.55)}"/>',
            _text(x, y + 4, shown, 12.5, bold=chosen),
        ]
        if letters:
            side = x - RADIUS - 16 if name == "X" else x + RADIUS + 18
            lit = chosen or (name == "X" and value > 0)
            parts.append(_text(side, y + 6, letters[neuron], 17, bold=lit))
    return f"<g>{''.join(parts)}</g>"


def _loop(hidden: Points, memory: Points, height: float, words: str) -> str:
    """The dashed way from H back to M."""
    (x, y), (end_x, end_y) = hidden[-1], memory[-1]
    low = height - 12
    way = f"M{x:g} {y + RADIUS + 2:g}V{low:g}H{end_x:g}V{end_y + RADIUS + 3:g}"
    look = (
        f'fill="none" style="stroke:{ACCENT}" stroke-width="1.8" stroke-dasharray="5 4" marker-end="url(#lens-arrow)"'
    )
    return f'<defs>{_ARROW}</defs><path d="{way}" {look}/>{_text((x + end_x) / 2, low - 7, escape(words), 12.5)}'


def _numbers_said(now: "Instant", language: Language) -> str:
    layers = (("X", now.x), ("M", now.memory), ("H", now.hidden), ("S", now.output))
    return "; ".join(f"{name} = {' '.join(number(language, value, 2) for value in values)}" for name, values in layers)


def schema(title: str, description: str, later: str) -> str:
    """Draw the network at three instants, without numbers. later: the words beside the way from H to the next M."""
    return (
        f'<figure class="unrolled"><svg viewBox="0 0 {SCHEMA_WIDTH} {SCHEMA_HEIGHT}" role="img" '
        f'aria-label="{escape(description)}"><title>{escape(title)}</title>{_heads()}{"".join(_schema_parts(later))}'
        f"</svg><figcaption>{escape(title)}</figcaption></figure>"
    )


def _heads() -> str:
    """The arrows' heads, one for each colour of line."""
    return "<defs>" + "".join(
        f'<marker id="head-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="{kind}" d="M0 0 L8 4 L0 8 z"/></marker>'
        for kind in ("flow", "back")
    ) + "</defs>"  # fmt: skip


def _schema_parts(later: str) -> Iterator[str]:
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
        end = COLUMN[place + 1] - BESIDE - ROOM / 2 if place < 2 else SCHEMA_WIDTH - 8
        yield _arrow(x + ROOM / 2, HIDDEN, end, HIDDEN, "back")
        if place < 2:
            middle = (x + ROOM / 2 + end) / 2 + 10  # clear of the arrow that comes from X
            yield f'<text class="later" x="{middle:g}" y="{HIDDEN + BOX / 2 + 20:g}">{escape(later)}</text>'
    yield _arrow(8, HIDDEN, COLUMN[0] - BESIDE - ROOM / 2, HIDDEN, "back")


def _box(kind: str, x: float, y: float, letter: str, instant: str) -> str:
    """A part of the network with its name, around a point."""
    return (
        f'<g class="{kind}"><rect x="{x - ROOM / 2:g}" y="{y - BOX / 2:g}" width="{ROOM}" height="{BOX}" rx="9"/>'
        f'<text x="{x:g}" y="{y + 6:g}">{letter}<tspan class="sub" dy="5">{escape(instant)}</tspan></text></g>'
    )


def _arrow(x1: float, y1: float, x2: float, y2: float, kind: str = "flow") -> str:
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" marker-end="url(#head-{kind})"/>'
