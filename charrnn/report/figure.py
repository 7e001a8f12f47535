"""A small recurrent network as SVG: at one instant, with all numbers that flow; and unrolled over a text.

At one instant, X and the memory M stand on the left, both lead to H, and H to S; a dashed line leads from H back to M,
where it waits for the next instant. A line is blue if what flows along it (weight times number) is positive, orange if
negative, and as thick as that is large. Colours come from the page (--lens-plus, --lens-minus, currentColor).
"""

from collections.abc import Sequence
from html import escape

from charrnn.lens.small import Instant, Numbers, SmallNetwork
from charrnn.report.texts import say
from charrnn.report.writing import Language, number, percent, visible

PLUS, MINUS = "var(--lens-plus, #2471b8)", "var(--lens-minus, #d3680a)"
PAPER, ACCENT = "var(--lens-paper, #fffdf9)", "var(--lens-accent, #1f5a7d)"
FONT = 'font-family="system-ui, sans-serif"'

Point = tuple[float, float]

# One instant
WIDTH, SPACE, RADIUS = 640, 50, 20
LEFT, MIDDLE, RIGHT = 96, 330, 540  # where the columns stand
HEAD = 44

# Unrolled
STEP, MARGIN, CELL_WIDTH, CELL_HEIGHT = 104, 74, 58, 24


def instant(network: SmallNetwork, now: Instant, time: int, language: Language) -> str:
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
        _column(x, now.x, "X", time, say(language, "input"), language, letters, decimals=0),
        _column(m, now.memory, "M", time, say(language, "memory"), language),
        _column(hidden, now.hidden, "H", time, say(language, "hidden"), language),
        _column(s, now.output, "S", time, say(language, "output"), language, letters, best=best),
    ]
    said = say(
        language, "instant_said", time=time, character=visible(now.character),
        expected=letters[best], chance=percent(language, float(now.output[best])),
    )  # fmt: skip
    return (
        f'<svg class="lens-network" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" {FONT}>'
        f"<title>{said}</title><desc>{_numbers_said(now, language)}</desc>{''.join(parts)}</svg>"
    )


def unrolled(network: SmallNetwork, instants: Sequence[Instant], language: Language) -> str:
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
            parts.append(f'<text x="24" y="{where:g}" font-size="11" fill="currentColor">{note}</text>')
    for time, now in enumerate(instants):
        left = MARGIN + STEP * time
        centre = left + CELL_WIDTH / 2
        best = int(now.output.argmax())
        guess, chance = visible(network.alphabet[best]), percent(language, float(now.output[best]))
        right = network.alphabet[best] == now.target
        parts += [
            _text(centre, 14, f"t = {time + 1}", 11, faded=True),
            _text(
                centre, at["S"] + 16, f"{guess} <tspan font-size='11' font-weight='400'>{chance}</tspan>", 16, bold=True
            ),
            _line((centre, at["H"] - 4), (centre, at["S"] + 24)),
            _cells(left, at["H"], now.hidden, language),
            _line((centre, at["M"] - 4), (centre, at["H"] + tall + 4)),
            _cells(left, at["M"], now.memory, language),
            _text(centre, at["X"] + 22, visible(now.character), 20, bold=True),
            # X leads to H past M, on the left of the column
            f'<path d="M{centre - 8} {at["X"] + 14}H{left - 9}V{at["H"] + tall / 2:g}h5" {_STROKE}/>',
        ]
        if not right:
            parts.append(_text(centre, at["S"] + 36, f"({visible(now.target)})", 10, faded=True))
        if time + 1 < len(instants):  # H_t waits one clock and is M_{t+1}
            start, stop = left + CELL_WIDTH + 3, left + STEP - 4
            bend = left + CELL_WIDTH + 16
            parts.append(
                f'<path d="M{start} {at["H"] + tall / 2:g}H{bend}V{at["M"] + tall / 2:g}H{stop}" fill="none" '
                f'style="stroke:{ACCENT}" stroke-width="1.6" stroke-dasharray="4 3" marker-end="url(#lens-arrow)"/>'
            )
    word = "".join(visible(now.character) for now in instants)
    return (
        f'<svg class="lens-unrolled" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" role="img" {FONT} '
        f'style="min-width:{width * 3 // 4}px;max-width:{width * 5 // 4}px"><title>{say(language, "unrolled_said", word=word)}</title>'
        f"<defs>{_ARROW}</defs>{''.join(parts)}</svg>"
    )


_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.2" opacity=".45" marker-end="url(#lens-arrow)"'
_ARROW = (
    '<marker id="lens-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
    '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker>'
)


def _text(x: float, y: float, content: str, size: int, bold: bool = False, faded: bool = False) -> str:
    weight, opacity = ' font-weight="700"' if bold else "", ' opacity=".7"' if faded else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="middle" fill="currentColor"{weight}{opacity}>{content}</text>'


def _line(start: Point, stop: Point) -> str:
    return f'<path d="M{start[0]:g} {start[1]:g}L{stop[0]:g} {stop[1]:g}" {_STROKE}/>'


def _cells(left: float, top: float, values: Numbers, language: Language) -> str:
    """A layer as boxes with their numbers, one below another."""
    parts = []
    for row, value in enumerate(values.tolist()):
        y = top + CELL_HEIGHT * row
        parts.append(
            f'<rect x="{left:g}" y="{y:g}" width="{CELL_WIDTH}" height="{CELL_HEIGHT - 2}" rx="3" stroke="currentColor" '
            f'stroke-opacity=".5" style="fill:{PLUS if value >= 0 else MINUS};fill-opacity:{0.65 * abs(value):.2f}"/>'
        )
        parts.append(_text(left + CELL_WIDTH / 2, y + 15, number(language, value, 2), 12))
    return "".join(parts)


def _flows(
    starts: list[Point], stops: list[Point], weights: Numbers, values: Numbers, name: str, language: Language
) -> str:
    """Lines from one layer to another, with weight × number as their tooltips."""
    parts = []
    for row, stop in enumerate(stops):
        for column, start in enumerate(starts):
            weight, value = float(weights[row, column]), float(values[column])
            flow = weight * value
            (x1, y1), (x2, y2) = (start[0] + RADIUS, start[1]), (stop[0] - RADIUS, stop[1])
            told = (
                f"{name} = {number(language, weight, 2)}; × {number(language, value, 2)} = {number(language, flow, 2)}"
            )
            style = f"stroke:{PLUS if flow >= 0 else MINUS};stroke-width:{min(6.0, 0.9 + abs(flow)):.1f};opacity:.8"
            if flow == 0:
                style = "stroke:currentColor;stroke-width:.8;opacity:.22"
            parts.append(f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" style="{style}"><title>{told}</title></path>')
    return f'<g fill="none">{"".join(parts)}</g>'


def _column(
    places: list[Point], values: Numbers, name: str, time: int, role: str, language: Language,
    letters: list[str] | None = None, decimals: int = 2, best: int = -1,
) -> str:  # fmt: skip
    """A layer as circles with their numbers, and its name above. letters: what X's or S's neurons stand for."""
    parts = []
    x, top = places[0]
    parts.append(
        f'<text x="{x:g}" y="{top - RADIUS - 7:g}" font-size="15" font-weight="700" text-anchor="middle" fill="currentColor">{name}'
        f'<tspan dy="4" font-size="10">{time}</tspan><tspan dy="-4" dx="5" font-size="11" font-weight="400">{escape(role)}</tspan></text>'
    )
    for number_, ((x, y), value) in enumerate(zip(places, values.tolist(), strict=True)):
        tint = f"fill:{PLUS if value >= 0 else MINUS};fill-opacity:{0.55 * min(1.0, abs(value)):.2f}"
        ring = 'stroke-width="2.6"' if number_ == best else 'stroke-width="1.2" stroke-opacity=".65"'
        shown = percent(language, value) if name == "S" else number(language, value, decimals)
        parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}" style="fill:{PAPER}"/>'
            f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}" stroke="currentColor" {ring} style="{tint}"/>'
        )
        parts.append(_text(x, y + 4, shown, 12, bold=number_ == best))
        if letters:
            side = x - RADIUS - 16 if name == "X" else x + RADIUS + 18
            parts.append(_text(side, y + 6, letters[number_], 17, bold=number_ == best or (name == "X" and value > 0)))
    return f"<g>{''.join(parts)}</g>"


def _loop(hidden: list[Point], memory: list[Point], height: float, words: str) -> str:
    """The dashed way from H back to M."""
    (x, y), (end_x, end_y) = hidden[-1], memory[-1]
    low = height - 12
    way = f"M{x:g} {y + RADIUS + 2:g}V{low:g}H{end_x:g}V{end_y + RADIUS + 3:g}"
    return (
        f'<defs>{_ARROW}</defs><path d="{way}" fill="none" style="stroke:{ACCENT}" stroke-width="1.8" stroke-dasharray="5 4" '
        f'marker-end="url(#lens-arrow)"/>{_text((x + end_x) / 2, low - 7, escape(words), 11)}'
    )


def _numbers_said(now: Instant, language: Language) -> str:
    layers = (("X", now.x), ("M", now.memory), ("H", now.hidden), ("S", now.output))
    return "; ".join(f"{name} = {' '.join(number(language, value, 2) for value in values)}" for name, values in layers)
