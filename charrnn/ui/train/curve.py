"""The curves of a training run as SVG in the colours of the page, with the numbers in words."""

import math
from collections.abc import Iterator
from html import escape

from charrnn.html.plots import Frame, Points
from charrnn.storage.run_log import Record
from charrnn.ui.texts import Language, number, say
from charrnn.ui.train import exam_curves

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 26, 40  # margins
# Distances of lines and numbers; the large ones are for the log of a strange run.
STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, *(10.0**power for power in range(1, 13)))
TICKS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 600, *(10**power for power in range(4, 13)))
BESIDE = ("unigram", "ngram", "xz")
SEVERAL = 240  # points of a curve, at most


def drawn(record: Record, language: Language, moment: int | None = None) -> str:
    """Return the curves of `record` as HTML. moment: the selected evaluation, from 0."""
    points, valid = _by_steps(record) if record.is_watched else _by_time(record)
    if not points:
        return f'<p class="blank">{escape(say(language, "curve_blank"))}</p>'
    lines = {name: float(getattr(record.baselines, name)) for name in BESIDE} if record.baselines else {}
    span = _span(points, valid, list(lines.values()))
    last = points[-1][0] if record.is_watched else _duration(record)
    plot = Frame((WIDTH, HEIGHT), (LEFT, RIGHT, TOP, BOTTOM), last, *span, logarithmic=record.is_watched)
    train, best = points[-1][1], min((bits for _, bits in valid), default=None)
    shown = {"train": train, "valid": record.final_bpc or best, **lines}
    said = {name: "–" if bits is None else number(language, bits, 2) for name, bits in shown.items()}
    parts = [
        *_axes(plot, language),
        *(_beside(plot, name, bits, lines, language) for name, bits in lines.items()),
        f'<polyline class="train" points="{plot.path(points)}"/>',
        f'<polyline class="valid" points="{plot.path(valid)}"/>',
        *(_dot(plot, place, *point, language, looked_at=place == moment) for place, point in enumerate(valid)),
    ]
    title = escape(say(language, "curve_title", train=said["train"], valid=said["valid"]))
    legend = "".join(
        f'<li class="{name}"><svg width="30" height="10" aria-hidden="true"><line x1="1" x2="29" y1="5" y2="5" '
        f'class="{name}"/></svg>{escape(say(language, f"curve_{name}"))} <b>{said[name]}</b></li>'
        for name in shown
    )
    return (
        f'<figure class="curve"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f"<title>{title}</title>{''.join(parts)}</svg><figcaption><ul>{legend}</ul></figcaption></figure>"
        + exam_curves.drawn(record.evaluations, [x for x, _ in valid], plot, language, -1 if moment is None else moment)
    )


def _by_time(record: Record) -> tuple[Points, Points]:
    """Return the points of both curves over seconds of learning."""
    return record.curve(SEVERAL), [(e.seconds - record.preparation, e.valid_bpc) for e in record.evaluations]


def _by_steps(record: Record) -> tuple[Points, Points]:
    """Return the points of both curves over steps + 1, as a logarithmic axis has no 0; of late ones only some."""
    train: list[tuple[float, float]] = []
    for one in record.points or record.evaluations:
        if not train or one.step + 1 >= train[-1][0] * (1 + 4 / SEVERAL):
            train.append((one.step + 1, one.train_bpc))
    return train, [(e.step + 1, e.valid_bpc) for e in record.evaluations]


def _duration(record: Record) -> float:
    """Return the width of the drawing in seconds: those learning took and, while it lasts, those it will take."""
    seconds = max(log[-1].seconds for log in (record.points, record.evaluations) if log) - record.preparation
    left = record.last.remaining if record.last and record.live else 0.0
    return max(seconds + left, 1.0)


def _span(points: Points, valid: Points, beside: list[float]) -> tuple[float, float]:
    """Return the range of bits shown, which leaves out the first losses: they are far above all others."""
    every = [bits for _, bits in [*points, *valid]] + beside
    ceiling = max(beside + [bits for _, bits in valid] + [5.0 if beside else points[len(points) // 3][1]])
    low = math.floor(4 * (min(every) - 0.1)) / 4
    return max(low, 0.0), max(min(max(every), ceiling) + 0.2, low + 0.5)


def _axes(plot: Frame, language: Language) -> Iterator[str]:
    step = next(s for s in STEPS if (plot.high - plot.low) / s <= 7)
    bits = math.ceil(plot.low / step) * step
    while bits <= plot.high:
        y = plot.y(bits)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        label = number(language, bits, 0 if step >= 1 else 2 if step < 0.5 else 1)
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        bits += step
    unit, ticks = _ticks(plot)
    for count, place in ticks:
        label = number(language, count)
        yield f'<text x="{plot.x(place):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{label}</text>'
    name = escape(say(language, unit))
    yield f'<text class="unit" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{name}</text>'
    yield f'<text class="unit" x="{LEFT - 38}" y="14">{escape(say(language, "curve_bits"))}</text>'


def _ticks(plot: Frame) -> tuple[str, list[tuple[int, float]]]:
    """Return the unit of the horizontal axis, and its numbers with their places: minutes, seconds or steps."""
    if plot.logarithmic:
        powers = range(int(math.log10(plot.last)) + 1)
        return "curve_steps", [(0, 1.0), *((10**power, 10**power + 1.0) for power in powers)]
    minutes = plot.last >= 120
    unit, each = ("curve_minutes", 60) if minutes else ("curve_seconds", 1)
    step = next(s for s in TICKS if plot.last / each / s <= 6)
    return unit, [(count, float(count * each)) for count in range(0, int(plot.last / each) + 1, step)]


def _beside(plot: Frame, name: str, bits: float, lines: dict[str, float], language: Language) -> str:
    """The line of a simple model, with its name above, or below where another line stands close above."""
    y = plot.y(bits)
    crowded = any(0 < y - plot.y(other) < 18 for key, other in lines.items() if key != name)
    label = f'<text x="{WIDTH - RIGHT}" y="{y + (15 if crowded else -5):.1f}" text-anchor="end">'
    return (
        f'<g class="beside {name}"><line class="{name}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f"{label}{escape(say(language, f'curve_{name}'))}</text></g>"
    )


def _dot(plot: Frame, place: int, seconds: float, bits: float, language: Language, *, looked_at: bool) -> str:
    radius, mark = (6, ' class="now"') if looked_at else (3.5, "")
    return (
        f'<circle cx="{plot.x(seconds):.1f}" cy="{plot.y(bits):.1f}" r="{radius}"{mark}>'
        f"<title>{place + 1}: {number(language, bits, 3)}</title></circle>"
    )
