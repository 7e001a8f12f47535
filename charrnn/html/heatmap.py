"""Heat-maps: numbers between −1 and 1 as a small PNG, blue above zero, orange below, transparent at it.

As what is near zero lets the paper through, one picture serves light and dark pages.
"""

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from charrnn.html.writing import visible

LEVELS = 7  # shades on each side
PLUS, MINUS = (36, 113, 184), (211, 104, 10)
CELL, ROW, MARGIN = 10, 16, 176  # of strips: width and height of a cell, room for names

Values = NDArray[np.floating]


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
