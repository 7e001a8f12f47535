"""Small curves of the grammar that a network learns: one for each category of the exam that its run takes."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from charrnn.html.plots import Frame, Points
from charrnn.storage.run_log import Evaluation
from charrnn.ui.texts import TEXTS, Language, percent, say

SIZE, MARGINS = (200, 70), (4, 4, 4, 4)
COIN = 0.5  # the share of pairs in which a coin is right


def drawn(taken: Sequence[Evaluation], places: Sequence[float], whole: Frame, language: Language, moment: int) -> str:
    """Return the shares of right answers by category as HTML; nothing if no exam was taken.

    Args:
        places: of the evaluations on the horizontal axis of `whole`, the frame of the learning curve.
        moment: the selected evaluation, from 0.
    """
    last = taken[moment].exam if taken else None
    if not last:
        return ""
    plot = replace(whole, size=SIZE, margins=MARGINS, low=0.0, high=1.0)
    tiles = ""
    for category, share in last.items():
        if f"grammar_{category}" not in TEXTS:  # a log may be a stranger's
            continue
        known = ((x, (one.exam or {}).get(category)) for x, one in zip(places, taken, strict=True))
        tile = _tile(plot, [(x, one) for x, one in known if one is not None], (places[moment], share))
        name = escape(say(language, f"grammar_{category}"))
        tiles += f'<li class="{category}">{name} <b>{percent(language, share)}</b>{tile}</li>'
    return f'<section class="exam"><p>{escape(say(language, "curve_exam"))}</p><ul>{tiles}</ul></section>'


def _tile(plot: Frame, shares: Points, now: tuple[float, float]) -> str:
    """Return a small curve, without numbers: those stand beside it."""
    (width, height), coin = plot.size, plot.y(COIN)
    return (
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<line x1="0" x2="{width}" y1="{coin}" y2="{coin}"/><polyline class="valid" points="{plot.path(shares)}"/>'
        f'<circle cx="{plot.x(now[0]):.1f}" cy="{plot.y(now[1]):.1f}" r="4"/></svg>'
    )
