"""The HTML of the tab Generate: the text, its status with the command that repeats it, and alternatives at a place.

All text is escaped, as gr.HTML shows what it is given.
"""

import dataclasses
import itertools
import math
import shlex
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.config.fields import escaped, typable
from charrnn.html.writing import symbol
from charrnn.ui.generate.draft import Draft
from charrnn.ui.model_cache import command_name
from charrnn.ui.texts import Language, number, percent, say

if TYPE_CHECKING:  # loads torch
    from charrnn.sampling.sampler import Alternative

SHOWN = 10  # alternatives
LEAST = 0.0005  # probability of one that is shown
NEAR = 24  # characters shown before a place


def page(draft: Draft | None, language: Language, *, busy: bool = False) -> str:
    """Return the text: the visitor's words marked apart from the model's, with a caret while it is written.

    busy: whether it is about to be written, too.
    """
    if draft is None and not busy:
        return f'<p class="blank">{escape(say(language, "blank"))}</p>'
    busy = busy or (draft is not None and draft.ending == "writing")
    caret = '<span class="caret" aria-hidden="true"></span>' if busy else ""
    name = escape(say(language, "text_name"), quote=True)
    about = f'tabindex="0" aria-label="{name}" aria-busy="{str(busy).lower()}"'
    if draft is None:
        return f"<article {about}>{caret}</article>"
    last = draft.remembered_from(len(draft.text))
    cuts = sorted({0, *draft.forgot, *(place for span in draft.own for place in span), len(draft.text)})
    begins = {start for start, end in draft.own if start < end}
    ends, forgot = {end for _, end in draft.own}, {*draft.forgot}
    parts, is_own = [], False
    for start, end in itertools.pairwise(cuts):
        is_own = start in begins or (is_own and start not in ends)  # they do not overlap
        tag, gone = "em" if is_own else "span", ' class="gone"' if start < last else ""
        sign = _emptied(language) if start in forgot else ""
        parts.append(f"{sign}<{tag}{gone}>{escape(draft.text[start:end])}</{tag}>")
    parts.append(_emptied(language) if len(draft.text) in forgot else "")
    return f'<article {about} data-seed="{draft.session.config.seed}">{"".join(parts)}{caret}</article>'


def _emptied(language: Language) -> str:
    """Return the sign that the memory was emptied at a place. It holds no text, so a copy of the text lacks it."""
    said = escape(say(language, "forgot_here"), quote=True)
    return f'<i class="forgot" role="separator" aria-label="{said}" title="{said}"></i>'


def status(draft: Draft | None, language: Language) -> str:
    """Return why the writing ended, its length and speed, and the command that repeats it."""
    if draft is None:
        return '<p role="status"></p>'
    config = draft.session.config
    key = f"ended_{draft.ending}" if draft.ending != "writing" or draft.written else "preparing"
    if draft.ending == "length" and draft.written > config.length:
        key = "ended_past_length"
    ending = f"<strong>{escape(say(language, key, end=say(language, f'end_{config.end}')))}</strong>"
    facts = [] if draft.ending in ("writing", "forgot") else _facts(draft, language)
    line = f'<p role="status">{" · ".join([ending, *map(escape, facts)])}</p>'
    if not facts or len(draft.text) == draft.begun:  # while it writes, a screen reader would read out every change
        return line
    alone = draft.begun == sum(end - start for start, end in draft.own if end <= draft.begun)
    how = escape(say(language, "repeat" if alone else "repeat_last"))
    return f'{line}<p class="command">{how} <code tabindex="0">{escape(command(draft))}</code></p>'


def waits(place: int, language: Language) -> str:
    """Return the status of one who waits in the line."""
    head, help_ = (escape(say(language, key, place=place)) for key in ("in_line", "in_line_help"))
    return f'<p role="status"><strong>{head}</strong> · {help_}</p>'


def _facts(draft: Draft, language: Language) -> list[str]:
    count = number(language, draft.written)
    facts = [say(language, "character" if draft.written == 1 else "characters", count=count)]
    if draft.written and draft.seconds > 0:
        facts.append(say(language, "speed", count=number(language, draft.written / draft.seconds)))
    return [*facts, say(language, "seed_used", seed=draft.session.config.seed)]


@dataclass(frozen=True)
class Look:
    """A place in a text that is looked at."""

    before: str  # the end of what stands before it
    came: str  # the character that came; "" at the end of the text


def alternatives(look: Look | None, found: "list[Alternative]", language: Language) -> str:
    """Return the likeliest characters and the one that came, each with two bars and a button that puts it there."""
    if look is None:
        return f'<p class="hint">{escape(say(language, "look_hint"))}</p>'
    shown = [one for one in found if one.character and max(one.before, one.after) >= LEAST][:SHOWN]
    shown += [one for one in found if one.character == look.came != "" and one not in shown]
    rest = [one for one in found if one not in shown]
    came = next((one for one in found if one.character == look.came), None)
    parts = [f'<p class="where"><q>{escape(look.before)}</q><b>{escape(symbol(look.came) or "…")}</b></p>']
    if came is not None and look.came and came.before > 0:
        bits = number(language, -math.log2(came.before), 1)
        parts.append(f'<p class="hint">{escape(say(language, "surprise", bits=bits))}</p>')
    heads = "".join(
        f'<th scope="col">{escape(say(language, key))}</th>' for key in ("letter", "chance_before", "chance_after")
    )
    rows = "".join(_row(one, language, came=one.character == look.came) for one in shown)
    others = _bars(sum(one.before for one in rest), sum(one.after for one in rest), language)
    rows += f'<tr class="others"><th scope="row">{escape(say(language, "others"))}</th>{others}</tr>'
    parts.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
    parts.append(f'<button type="button" class="from-here" data-choose="">{escape(say(language, "rewrite"))}</button>')
    return "".join(parts)


def _row(one: "Alternative", language: Language, *, came: bool) -> str:
    shown, value = symbol(one.character), escape(one.character, quote=True).replace("\n", "&#10;")
    name = escape(
        say(language, "put", letter=say(language, _NAMES[one.character]) if one.character in _NAMES else shown),
        quote=True,
    )
    now = ' aria-current="true"' if came else ""
    button = f'<button type="button" data-choose="{value}" aria-label="{name}" title="{name}">{escape(shown)}</button>'
    return f'<tr{now}><th scope="row">{button}</th>{_bars(one.before, one.after, language)}</tr>'


_NAMES = {"\n": "line_end", " ": "space"}


def _bars(before: float, after: float, language: Language) -> str:
    cells = []
    for share in (before, after):
        small = 0 < share < LEAST
        shown = "<" * small + percent(language, 0.001 if small else share, 0 if share >= 0.0995 else 1)
        cells.append(
            f'<td><span class="bar" style="--share:{min(share, 1.0):.4f}"></span><span>{escape(shown)}</span></td>'
        )
    return "".join(cells)


def command(draft: Draft) -> str:
    """Return the command line, quoted for a shell, that writes the latest stretch after all that the model remembers.

    How the stretch came to end does not matter: what counts is how long it is. Only where words were searched places
    for, the length that was asked for decides on them; of such a text, when it was stopped, the beginning is repeated.
    """
    session, length = draft.session, len(draft.text) - draft.begun
    config = session.config
    if not session.places_words:
        config = replace(config, length=length, stop=(), end="length")
    words = ["charrnn", "sample", "--model", command_name(draft.model.path)]
    if prompt := session.text[: len(session.text) - length]:
        words += ["--prompt", escaped(prompt)]
    return shlex.join([*words, *_options(config), *_options(session.constraints)])


def _options(config: SampleConfig | ConstraintConfig) -> list[str]:
    """Return what differs from the defaults, as options."""
    words = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == field.default:
            continue
        option = f"--{field.name.replace('_', '-')}"
        for one in value if isinstance(value, tuple) else (value,):
            words += [option] if one is True else [option, typable(field, str(one))]
    return words
