"""The report as one HTML file: sections of what was measured, in the order in which one learns it."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.config import CELL_LABELS
from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.errors.quantities import Language
from charrnn.html import coloured, figure, number_tables, plots
from charrnn.html.document import document
from charrnn.html.texts import say
from charrnn.html.writing import number, visible
from charrnn.lens import Effect, Reach, Trace, UnitFinding, connectivity, effects, influence, memory_map, reach, trace
from charrnn.lens.interventions import AHEAD, CHANGED_PLACES
from charrnn.lens.memory_reach import DISTANCES
from charrnn.lens.tiny_elman import Instant, SmallNetwork, learn, word_of
from charrnn.lens.unit_findings import LEAST, in_halves
from charrnn.model import CharRNN

MAPPED = 300  # characters of the map: more are too narrow to be seen
STRIP, STRIPS = 64, 4  # characters of a strip, and how many strips
SHOWN = 2  # units along whose activity the whole text is shown
EXCERPT = 600  # characters of it
LONGEST = 20_000  # characters: beyond, a page is too long to read, and slow to open
BACK = 100  # characters back that influence is followed

Found = TypeVar("Found")


@dataclass(frozen=True)
class Material:
    """None stands for what the text is too short for."""

    model: CharRNN
    word: str
    network: SmallNetwork  # that was taught the word
    instants: list[Instant]  # while it reads it
    trace: Trace
    rows: memory_map.Rows  # (h, t), of the last layer
    order: memory_map.Order  # by similarity
    findings: list[UnitFinding] | None  # of the text's halves
    reach: Reach | None
    influence: NDArray[np.float64] | None  # (BACK,), see `lens.influence`
    last: NDArray[np.float32] | None  # how much each of the characters before it matters to the last one
    effects: list[Effect] | None


def gather(model: CharRNN, tokenizer: CharTokenizer, text: str) -> Material:
    """Measure all. Raises UserError if the text is empty, or longer than 20,000 characters."""
    text = clean(text)
    if not 1 <= len(text) <= LONGEST:
        raise UserError("text-too-long-for-report", most=LONGEST, found=len(text))
    word = word_of(text)
    network = learn(word)
    found = trace(model, tokenizer, text)
    rows = memory_map.units(found)
    return Material(
        model, word, network, network.follow(word), found, rows, memory_map.by_similarity(rows),
        findings=in_halves(rows, text) if len(text) >= 2 * LEAST else None,
        reach=_if_long_enough(lambda: reach(model, tokenizer, text)),
        influence=_if_long_enough(lambda: influence(model, tokenizer, text, back=BACK)),
        last=_if_long_enough(lambda: connectivity(model, tokenizer, text[-BACK - 1 :])),
        effects=_if_long_enough(lambda: effects(model, tokenizer, text)),
    )  # fmt: skip


def _if_long_enough(measure: Callable[[], Found]) -> Found | None:
    try:
        return measure()
    except UserError:
        return None


def report(model: CharRNN, tokenizer: CharTokenizer, text: str, language: Language = "pt") -> str:
    """Return the report on a text as one HTML document. Raises UserError if it is empty or too long."""
    return page(gather(model, tokenizer, text), language)


def page(found: Material, language: Language) -> str:
    """One HTML document that needs nothing else, not even a script."""
    title = say(language, "title")
    subtitle = say(
        language, "subtitle", characters=number(language, len(found.trace.text)), model=escape(found.model.name)
    )
    sections = (_drawn, _surprised, _map, _reach, _changed, _measured)
    body = "".join(section(found, language) for section in sections)
    return document(title, subtitle, body, language, escape(found.model.name))


def telling(instants: list[Instant]) -> list[int]:
    """Two instants at which the same character came in and another one followed, so that only M can tell; else one."""
    for first, one in enumerate(instants):
        for second in range(first + 1, len(instants)):
            if one.character == instants[second].character and one.target != instants[second].target:
                return [first, second]
    return [len(instants) // 2]


def _section(name: str, language: Language, *content: str) -> str:
    return f'<section id="{name}">\n<h2>{say(language, name)}</h2>\n{"".join(content)}</section>\n'


def _p(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{text}</p>\n' if kind else f"<p>{text}</p>\n"


def _figure(content: str, caption: str = "", kind: str = "") -> str:
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="{kind}"><div class="lens-wide">{content}</div>{caption}</figure>\n'


def _drawn(found: Material, language: Language) -> str:
    network, instants = found.network, found.instants
    shown = telling(instants)
    bits = number(language, network.bits_per_character(found.word), 2)
    facts = {"hidden": len(network.bias), "word": escape(found.word), "bits": bits}
    pictures = [figure.instant(network, instants[place], place + 1, language) for place in shown]
    if len(shown) == 2:
        one, other = (visible(network.alphabet[int(instants[place].output.argmax())]) for place in shown)
        caption = say(language, "pair_caption", letter=visible(instants[shown[0]].character), one=one, other=other)
    else:
        caption = say(language, "single_caption")
    by_hand = number_tables.worked(network, instants[shown[-1]], language)
    return _section(
        "drawn", language,
        *(_p(say(language, f"recurrent_{n}")) for n in (1, 2, 3)),
        _p(say(language, "taught", **facts)),
        _figure(figure.unrolled(network, instants, language), say(language, "unrolled_caption")),
        _figure("".join(pictures), caption, "pair"),
        f'<p class="by-hand">{say(language, "worked", time=shown[-1] + 1)}<br>{by_hand}</p>\n',
        f"<h3>{say(language, 'weights')}</h3>\n", number_tables.weights(network, language),
    )  # fmt: skip


def _surprised(found: Material, language: Language) -> str:
    bits = number(language, found.trace.bits_per_character, 2)
    count = min(20, len(found.trace.text))
    return _section(
        "surprised", language,
        _p(say(language, "surprised_intro", bits=bits)), coloured.legend(language),
        coloured.surprisal(found.trace, language),
        f"<h3>{say(language, 'hardest', count=count)}</h3>\n",
        coloured.hardest(found.trace, language, count),
    )  # fmt: skip


def _map(found: Material, language: Language) -> str:
    text, rows = found.trace.text, found.rows
    size = {"units": number(language, len(rows)), "characters": number(language, min(MAPPED, len(text)))}
    parts = [
        _p(say(language, "map_intro", **size)),
        _figure(plots.overview(rows[found.order, :MAPPED], say(language, "map_said", **size))),
        f"<h3>{say(language, 'follow')}</h3>\n",
    ]
    if found.findings is None:
        return _section("map", language, *parts, _p(say(language, "follow_short", least=2 * LEAST)))
    shifts = max((finding.here.shifts for finding in found.findings if finding.here), default=0)
    parts += [
        _p(say(language, "follow_intro", shifts=number(language, shifts))),
        number_tables.followed(found.findings, language),
    ]  # fmt: skip
    sure = [finding for finding in found.findings if finding.verdict == "confirmed"]
    sure.sort(key=_clarity)
    if sure:
        strips = []
        names = [f"{say(language, finding.followed.name).split(',')[0]} · {finding.unit}" for finding in sure]
        for start in range(0, min(len(text), STRIP * STRIPS), STRIP):
            piece = slice(start, start + STRIP)
            said = say(language, "strip_said", text=visible(text[piece]))
            strips.append(plots.strip(text[piece], rows[[finding.unit for finding in sure], piece], names, said))
        parts.append(_figure("".join(strips), say(language, "strip_caption"), "strips"))
    for finding in sure[:SHOWN]:
        facts = {"unit": finding.unit, "property": say(language, finding.followed.name)}
        r = number(language, finding.here.correlation if finding.here else 0, 2, sign=True)
        parts.append(_p(say(language, "unit_caption", r=r, **facts)))
        parts.append(coloured.activity(text[:EXCERPT], rows[finding.unit, :EXCERPT]))
    return _section("map", language, *parts)


def _clarity(finding: UnitFinding) -> tuple[bool, float]:
    """First what takes a memory, then what the letter itself tells; of each the clearest first."""
    return not finding.followed.remembered, -abs(finding.here.correlation if finding.here else 0)


def _reach(found: Material, language: Language) -> str:
    parts = []
    if found.reach is None:
        parts.append(_p(say(language, "too_short", least=4)))
    else:
        reach = found.reach
        said = say(
            language, "reach_said", first=number(language, reach.bits[0], 2), near=number(language, reach.distances[0]),
            last=number(language, reach.bits[-1], 2), far=number(language, reach.distances[-1]),
        )  # fmt: skip
        curve = plots.Curve(found.model.name, reach.distances, reach.bits, reach.band)
        names = say(language, "reach_x"), say(language, "reach_y")
        parts += [_p(say(language, "reach_intro")), _figure(plots.curves([curve], *names, said, language))]
    if found.influence is not None:
        share = np.cumsum(found.influence)
        half, most = (number(language, int(np.searchsorted(share, part)) + 1) for part in (0.5, 0.9))
        fixed = "" if found.model.fusion is None else say(language, "influence_fixed")
        parts.append(_p(say(language, "influence_intro", half=half, most=most, back=BACK, fixed=fixed)))
        places = [place for place in DISTANCES if place < len(share)] + [len(share)]
        curve = plots.Curve(found.model.name, places, [100 * float(share[place - 1]) for place in places])
        names = say(language, "influence_x"), say(language, "influence_y") + " (%)"
        said = say(language, "influence_said")
        parts.append(_figure(plots.curves([curve], *names, said, language, bounds=(0, 100), decimals=0)))
    if found.last is not None and len(found.last) < len(found.trace.text):
        text = found.trace.text[-len(found.last) - 1 :]
        parts.append(_p(say(language, "one_place")))
        parts.append(coloured.activity(text, np.append(found.last / found.last.max(), 0), mark=len(text) - 1))
    return _section("reach", language, *parts)


def _changed(found: Material, language: Language) -> str:
    if found.effects is None:
        return _section("changed", language, _p(say(language, "too_short", least=3 * AHEAD)))
    counts = "" if found.model.fusion is None else say(language, "changed_counts")
    intro = say(language, "changed_intro", places=CHANGED_PLACES, ahead=AHEAD, counts=counts)
    return _section("changed", language, _p(intro), number_tables.changed(found.effects, language))


def _measured(found: Material, language: Language) -> str:
    config = found.model.config
    facts = {
        "model": escape(found.model.name),
        "cell": CELL_LABELS[config.cell],
        "layers": config.layers,
        "units": config.hidden_size,
    }
    return _section("measured", language, _p(say(language, "measured_text", **facts)))
