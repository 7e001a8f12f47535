"""Measurements of one reading for the tab Memory, as HTML in the form of the library's report."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from charrnn.config import CELL_LABELS
from charrnn.errors import Phrase, UserError
from charrnn.ui.memory.network_view import NetworkView
from charrnn.ui.model_cache import Version, sampler
from charrnn.ui.texts import Language, number, say

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens.memory_map import Rows

BACK = 100  # characters back that influence is followed
AVERAGED = 8  # predictions over which it is averaged
AHEAD = 40  # characters that are predicted after an intervention
LEAST = {"findings": 200, "reach": 4, "effects": 3 * AHEAD}  # characters that each takes
SIMILAR = 12  # places
ALIKE_BY = ("all", "active")  # units that are compared
CONTEXT = 24  # characters beside each
ORDERS = ("variance", "similarity")  # of the map's rows; and by each property


def rows_of(reading: NetworkView) -> "Rows":
    """Return each unit of the last layer at each character: (h, t)."""
    from charrnn.lens import memory_map

    return memory_map.units(reading.trace)


def heatmap(reading: NetworkView, order: str, language: Language) -> str:
    """Draw all units at all characters. order: one of ORDERS, or the name of a property."""
    from charrnn.html import plots
    from charrnn.lens import PROPERTIES, memory_map

    rows = rows_of(reading)
    if order not in (*ORDERS, *PROPERTIES):
        raise UserError(
            "setting",
            setting="order",
            expected=Phrase("one-of", choices=", ".join((*ORDERS, *PROPERTIES))),
            found=repr(order),
        )
    if order in PROPERTIES:
        placed = memory_map.by_correlation(rows, PROPERTIES[order].of(reading.text))
    else:
        placed = memory_map.by_variance(rows) if order == "variance" else memory_map.by_similarity(rows)
    said = escape(say(language, "map_said", units=len(rows), characters=len(reading.text)))
    return _linked(plots.overview(rows[placed], said), len(reading.text))


def _linked(picture: str, characters: int) -> str:
    """Wrap a picture with a column per character, over which a line marks the selected one."""
    return f'<div class="map" data-characters="{characters}">{picture}<i class="line" hidden></i></div>'


def findings(reading: NetworkView, language: Language) -> str:
    """Show which unit follows which property in the halves of the text, with a verdict, and those units along it."""
    from charrnn.html import number_tables, plots
    from charrnn.html.texts import say as reported
    from charrnn.lens.unit_findings import in_halves

    rows = rows_of(reading)
    found = in_halves(rows, reading.text)
    strips = ""
    for finding in (one for one in found if one.here is not None):
        name = (
            f"{reported(language, finding.followed.name)} · {escape(say(language, 'unit_number', unit=finding.unit))}"
        )
        verdict = reported(language, finding.verdict)
        picture = plots.overview(rows[[finding.unit]], f"{name}: {verdict}")
        strips += f"<dt>{name} <small>{verdict}</small></dt><dd>{_linked(picture, len(reading.text))}</dd>"
    shifts = max((finding.here.shifts for finding in found if finding.here), default=0)
    intro = escape(say(language, "findings_intro", shifts=number(language, shifts)))
    return f"<p>{intro}</p>{number_tables.followed(found, language)}<dl class='strips'>{strips}</dl>"


def reach(reading: NetworkView, other: Version | None, place: int, language: Language) -> str:
    """Show how far back the memory reaches, beside another model's, and what influenced the character at `place`."""
    from charrnn.html import plots
    from charrnn.html.texts import say as reported
    from charrnn.lens import influence
    from charrnn.lens import reach as reached

    readers = [sampler(version) for version in (reading.model, other) if version is not None]
    names = [_named(one.model.name, one.model.config.cell) for one in readers]
    forgetting = [reached(one.network, one.tokenizer, reading.text) for one in readers]
    curves = [plots.Curve(n, f.distances, f.bits, f.band) for n, f in zip(names, forgetting, strict=True)]
    axes = reported(language, "reach_x"), reported(language, "reach_y")
    said = "; ".join(
        f"{name}: "
        + reported(
            language, "reach_said", first=number(language, one.bits[0], 2), near=one.distances[0],
            last=number(language, one.bits[-1], 2), far=one.distances[-1],
        )
        for name, one in zip(names, forgetting, strict=True)
    )  # fmt: skip
    parts = [
        f"<div><p>{escape(say(language, 'reach_forgetting'))}</p>{plots.curves(curves, *axes, said, language)}</div>"
    ]
    if len(reading.text) > BACK:
        shares = [
            np.cumsum(influence(one.network, one.tokenizer, reading.text, BACK, AVERAGED)) * 100 for one in readers
        ]
        places = [2**power for power in range(7)] + [BACK]
        curves = [
            plots.Curve(name, places, [float(share[distance - 1]) for distance in places])
            for name, share in zip(names, shares, strict=True)
        ]
        axes = reported(language, "influence_x"), f"{reported(language, 'influence_y')} (%)"
        halves = "; ".join(
            say(language, "influence_half", name=name, half=int(np.searchsorted(share, 50)) + 1, back=BACK)
            for name, share in zip(names, shares, strict=True)
        )
        drawn = plots.curves(curves, *axes, halves, language, bounds=(0, 100), decimals=0)
        parts.append(f"<div><p>{escape(say(language, 'reach_gradients'))} {escape(halves)}.</p>{drawn}</div>")
    return f"<div class='side'>{''.join(parts)}</div>{_mattered(reading, place, language)}"


def _named(model: str, cell: str) -> str:
    name = CELL_LABELS[cell]
    return model if model.lower() == name.lower() else f"{model} ({name})"


def _mattered(reading: NetworkView, place: int, language: Language) -> str:
    """Show what influenced the prediction of one character, as shades of the text before it."""
    from charrnn.html import coloured
    from charrnn.lens import connectivity

    model = sampler(reading.model)
    if not 0 < place < len(reading.text):
        return f"<p>{escape(say(language, 'mattered_first'))}</p>"
    text = reading.text[max(0, place - BACK) : place + 1]
    lengths = connectivity(model.network, model.tokenizer, text)
    if len(lengths) != place - max(0, place - BACK):  # a character that several tokens spell has no length of its own
        return ""
    shades = np.append(lengths / max(float(lengths.max()), 1e-30), 0)
    return f"<p>{escape(say(language, 'mattered'))}</p>{coloured.activity(text, shades, mark=len(text) - 1)}"


def effects(
    reading: NetworkView, at: int | None, keep: int, unit: int | None, value: float, other: str, language: Language
) -> str:
    """Show what changing the memory costs: after `at` characters, or at places throughout the text.

    keep: units of each layer; unit, value: which is clamped to what, by default the strongest to its opposite;
    other: the text whose memory is swapped in, by default the first half of this one.
    """
    from charrnn.html import number_tables
    from charrnn.lens import effects as measured
    from charrnn.lens.interventions import CHANGED_PLACES, usual

    model = sampler(reading.model)
    units = model.model.config.hidden_size
    for name, given, low, high in (("keep", keep, 1, units), ("unit", unit or 0, 0, units - 1)):
        if not low <= given <= high:
            raise UserError(
                "setting",
                setting=name,
                expected=Phrase("whole-number", limits=Phrase("at-least-at-most", low=low, high=high)),
                found=given,
            )
    swapped = model.read(other or reading.text[: len(reading.text) // 2])
    changes = usual(swapped.to(model.network.device), keep, unit, value)
    found = measured(model.network, model.tokenizer, reading.text, changes, ahead=AHEAD, at=at, writer=model)
    names = {"kept": say(language, "changed_kept", keep=keep)}
    if unit is not None:
        names["clamped"] = say(language, "changed_clamped", unit=unit, value=number(language, value, 2))
    if other:
        names["swapped"] = say(language, "changed_swapped")
    if at is None:
        intro = say(language, "effects_all", places=CHANGED_PLACES, ahead=AHEAD)
    else:
        intro = say(language, "effects_one", ahead=AHEAD, place=at, before=_tail(reading.text[:at]))
    table = number_tables.changed(found, language, {name: escape(words) for name, words in names.items()})
    return f"<p>{escape(intro)}</p>{table}"


def _tail(text: str) -> str:
    return _shown(text[-CONTEXT:])


def _shown(text: str) -> str:
    return text.replace("\n", "↵")


def similar(reading: NetworkView, start: int, stop: int, by: str, threshold: float, language: Language) -> str:
    """Show where else in the text the memory is as in a span. by: one of ALIKE_BY, all units or those that are on."""
    from charrnn.lens import memory_map

    if by == "active":
        return _active(reading, start, stop, threshold, language)
    found = memory_map.alike(rows_of(reading), start, stop, SIMILAR)
    if not found.places:
        return f"<p>{escape(say(language, 'similar_no_room'))}</p>"
    facts = {"span": _shown(reading.text[start:stop]), "usual": number(language, found.usual, 2)}
    told = [(one.start, one.stop, number(language, one.cosine, 2)) for one in found.places]
    return f"<p>{escape(say(language, 'similar_alike', **facts))}</p>{_places(reading, told)}"


def _active(reading: NetworkView, start: int, stop: int, threshold: float, language: Language) -> str:
    """Show which units are on throughout a span, and where else in the text most of them are."""
    from charrnn.lens.memory_map import on, places_like

    rows = rows_of(reading)
    selected = on(rows, start, stop, threshold)
    facts = {"span": _shown(reading.text[start:stop]), "threshold": number(language, threshold, 2)}
    if not selected:
        return f"<p>{escape(say(language, 'similar_none', **facts))}</p>"
    places = places_like(rows, selected, threshold, SIMILAR, stop - start, besides=(start, stop))
    intro = say(language, "similar_found", count=len(selected), units=len(rows), **facts)
    units = ", ".join(f"{'+' if unit.sign > 0 else '−'}{unit.number}" for unit in selected)
    told = [(one.start, one.stop, say(language, "similar_on", on=one.on, count=len(selected))) for one in places]
    return (
        f"<p>{escape(intro)}</p><details><summary>{escape(say(language, 'similar_units'))}</summary><p>{units}</p>"
        f"</details>" + (_places(reading, told) if told else f"<p>{escape(say(language, 'similar_nowhere'))}</p>")
    )


def _places(reading: NetworkView, told: list[tuple[int, int, str]]) -> str:
    """Return a list of places: where each starts and stops, and what is told of it."""
    lines = "".join(
        f'<li><button type="button" data-at="{start}">{_context(reading.text, start, stop)}</button>'
        f" <small>{escape(words)}</small></li>"
        for start, stop, words in told
    )
    return f"<ol>{lines}</ol>"


def _context(text: str, start: int, stop: int) -> str:
    before, inside, after = text[max(0, start - CONTEXT) : start], text[start:stop], text[stop : stop + CONTEXT]
    before, inside, after = (escape(_shown(part)) for part in (before, inside, after))
    return f"{before}<b>{inside}</b>{after}"
