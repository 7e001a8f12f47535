"""Curves as SVG that takes its colours from the page, and heat-maps.

A heat-map shows numbers between −1 and 1 as a small PNG: blue above zero, orange below, transparent at zero. Near zero
the paper shows through, so one picture serves light and dark pages.
"""

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from charrnn.errors.quantities import Language
from charrnn.html.writing import number, visible

SIZE, MARGINS = (500, 280), (56, 16, 14, 52)
(WIDTH, HEIGHT), (LEFT, RIGHT, TOP, BOTTOM) = SIZE, MARGINS
# Colours that all kinds of colour vision tell apart (Okabe & Ito), and dashes and marks besides.
LOOKS = (
    ("var(--lens-1, #0072b2)", "", "circle"),
    ("var(--lens-2, #d55e00)", "7 4", "square"),
    ("var(--lens-3, #009e73)", "2 3", "diamond"),
    ("var(--lens-4, #a05a8a)", "9 3 2 3", "cross"),
)
LEVELS = 7  # shades of a heat-map on each side
PLUS, MINUS = (36, 113, 184), (211, 104, 10)
CELL, ROW, MARGIN = 10, 16, 176  # of strips: width and height of a cell, room for names

Values = NDArray[np.floating]
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Frame:
    """The coordinates of a plot: x from 0 (logarithmic: from 1) to `last`, y from `low` to `high`, in pixels."""

    size: tuple[int, int]  # width, height
    margins: tuple[int, int, int, int]  # left, right, top, bottom
    last: float
    low: float
    high: float
    logarithmic: bool = False

    def x(self, value: float) -> float:
        left, right, *_ = self.margins
        share = math.log2(value) / (math.log2(self.last) or 1.0) if self.logarithmic else value / self.last
        return left + (self.size[0] - left - right) * min(share, 1.0)

    def y(self, value: float) -> float:
        *_, top, bottom = self.margins
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.size[1] - bottom - (self.size[1] - top - bottom) * share

    def path(self, points: Points) -> str:
        """Return the points of a polyline or polygon."""
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)


@dataclass(frozen=True)
class Curve:
    name: str
    x: Sequence[float]  # distances, at least 1
    y: Sequence[float]
    band: Sequence[float] = ()  # each y lies within ± so much


def curves(
    found: Sequence[Curve], x_name: str, y_name: str, description: str, language: Language,
    bounds: tuple[float, float] | None = None, decimals: int = 1,
) -> str:  # fmt: skip
    """Curves over a logarithmic axis of distances. bounds: of y; by default what the curves and their bands need."""
    last = max(max(curve.x) for curve in found)
    low, high = bounds or _bounds(found)
    frame = Frame(SIZE, MARGINS, last, low, high, logarithmic=True)
    parts = [_axes(frame, language, decimals), _names(x_name, y_name)]
    for row, curve in enumerate(found):
        parts.append(_curve(curve, frame, *LOOKS[row % len(LOOKS)]))
    if len(found) > 1:
        falling = sum(curve.y[-1] for curve in found) / len(found) < (low + high) / 2
        parts.append(_key(found, TOP + 10 if falling else HEIGHT - BOTTOM - 14 - 18 * (len(found) - 1)))
    return (
        f'<svg class="lens-plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{escape(description)}</title>{"".join(parts)}</svg>'
    )


def _bounds(found: Sequence[Curve]) -> tuple[float, float]:
    lows = [y - b for curve in found for y, b in zip(curve.y, curve.band or [0.0] * len(curve.y), strict=True)]
    highs = [y + b for curve in found for y, b in zip(curve.y, curve.band or [0.0] * len(curve.y), strict=True)]
    margin = 0.05 * (max(highs) - min(lows)) or 0.5
    return min(lows) - margin, max(highs) + margin


def ticks(low: float, high: float) -> list[float]:
    """Four to nine round numbers from low to high."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(step * times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= 8)
    first = math.ceil(low / step - 1e-9)
    return [step * count for count in range(first, math.floor(high / step + 1e-9) + 1)]


def _axes(frame: Frame, language: Language, decimals: int) -> str:
    parts = []
    for y in ticks(frame.low, frame.high):
        height = round(frame.y(y), 1)
        parts.append(f'<path d="M{LEFT} {height}H{WIDTH - RIGHT}" stroke="currentColor" opacity=".18"/>')
        label = number(language, y, decimals)
        parts.append(f'<text x="{LEFT - 8}" y="{height + 4}" text-anchor="end" fill="currentColor">{label}</text>')
    powers, bottom = math.floor(math.log2(frame.last)) + 1, HEIGHT - BOTTOM
    for power in range(powers):
        across = round(frame.x(2**power), 1)
        # Where they are many, every other one has its number.
        label = number(language, 2**power) if powers <= 10 or power % 2 == 0 else ""
        parts.append(f'<path d="M{across} {bottom}v5" stroke="currentColor" opacity=".5"/>')
        parts.append(f'<text x="{across}" y="{bottom + 18}" text-anchor="middle" fill="currentColor">{label}</text>')
    return "".join(parts)


def _names(x_name: str, y_name: str) -> str:
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    return (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="currentColor">'
        f'{escape(x_name)}</text><text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle" '
        f'fill="currentColor">{escape(y_name)}</text>'
    )


def _curve(curve: Curve, frame: Frame, colour: str, dash: str, mark: str) -> str:
    points = list(zip(curve.x, curve.y, strict=True))
    parts = []
    if curve.band:
        above = [(x, y + b) for (x, y), b in zip(points, curve.band, strict=True)]
        below = [(x, y - b) for (x, y), b in zip(points, curve.band, strict=True)]
        outline = frame.path([*above, *reversed(below)])
        parts.append(f'<polygon points="{outline}" style="fill:{colour}" opacity=".2"/>')
    style = f"fill:none;stroke:{colour};stroke-width:2;stroke-dasharray:{dash or 'none'}"
    parts.append(f'<polyline points="{frame.path(points)}" style="{style}"/>')
    parts += [_mark(round(frame.x(x), 1), round(frame.y(y), 1), colour, mark) for x, y in points]
    return f"<g>{''.join(parts)}</g>"


def _mark(x: float, y: float, colour: str, mark: str) -> str:
    shape = {
        "circle": f"M{x - 3.5} {y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
        "square": f"M{x - 3} {y - 3}h6v6h-6z",
        "diamond": f"M{x} {y - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z",
        "cross": f"M{x - 3} {y - 3}l6 6m0 -6l-6 6",
    }[mark]
    return f'<path d="{shape}" style="fill:{colour};stroke:{colour}"/>'


def _key(found: Sequence[Curve], top: float) -> str:
    """What is which: on the right, above the curves or, where they rise, below."""
    parts = []
    for row, curve in enumerate(found):
        colour, dash, mark = LOOKS[row % len(LOOKS)]
        y = top + 18 * row
        style = f"stroke:{colour};stroke-width:2;stroke-dasharray:{dash or 'none'}"
        parts.append(f'<path d="M{WIDTH - 170} {y}h30" style="{style}"/>{_mark(WIDTH - 155, y, colour, mark)}')
        parts.append(f'<text x="{WIDTH - 132}" y="{y + 4}" fill="currentColor">{escape(curve.name)}</text>')
    return "".join(parts)


def png(rows: Values) -> str:
    """A picture of rows (n, t), a pixel for each number, as a data URI."""
    indexed = (np.rint(np.clip(rows, -1, 1) * LEVELS) + LEVELS).astype(np.uint8)
    image = Image.frombytes("P", indexed.shape[::-1], indexed.tobytes())
    sides = [MINUS] * LEVELS + [PLUS] * (LEVELS + 1)
    image.putpalette([part for colour in sides for part in colour])
    opacity = bytes(round(255 * abs(level) / LEVELS) for level in range(-LEVELS, LEVELS + 1))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, transparency=opacity)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def overview(rows: Values, description: str) -> str:
    """All of rows (n, t) as one picture, as wide as its place."""
    return f'<img class="lens-map" src="{png(rows)}" alt="{description}">'


def strip(text: str, rows: Values, names: Sequence[str], description: str) -> str:
    """Some rows (n, t) over the text they belong to, a column for each character, as SVG. names: of the rows, HTML."""
    width, height = MARGIN + CELL * len(text), ROW * (len(rows) + 1) + 6
    places = " ".join(str(MARGIN + CELL * place + CELL // 2) for place in range(len(text)))
    letters = "".join(shown if len(shown := visible(c)) == 1 or shown.startswith("&") else "?" for c in text)
    labels = "".join(
        f'<text x="{MARGIN - 8}" y="{ROW * (row + 2)}" text-anchor="end">{name}</text>'
        for row, name in enumerate(names)
    )
    return (
        f'<svg class="lens-strip" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'style="min-width:{width * 3 // 4}px"><title>{description}</title>'
        f'<g fill="currentColor" font-size="12" font-family="system-ui, sans-serif">{labels}'
        f'<text x="{places}" y="13" text-anchor="middle" font-size="13">{letters}</text></g>'
        f'<image x="{MARGIN}" y="{ROW + 4}" width="{CELL * len(text)}" height="{ROW * len(rows)}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" href="{png(rows)}"/></svg>'
    )
