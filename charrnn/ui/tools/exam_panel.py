"""The panel that examines a model in grammar."""

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from charrnn.errors import UserError
from charrnn.ui.model_cache import MENU, Version, choices, preselected, sampler, version
from charrnn.ui.texts import Language, label, language_of, number, percent, say
from charrnn.ui.tools import panel_layout
from charrnn.ui.visitors import Permissions, ShownErrors, waiting

if TYPE_CHECKING:  # loads numpy's and the model's rooms, for which the page does not wait
    from charrnn.scoring.grammar import ExamAnswer

COIN = 0.5  # the share of pairs in which a coin is right


def panel(models: Path, allowed: Permissions) -> None:
    """Lay out and connect the panel."""
    with panel_layout.two_columns("exam") as (asked, shown):
        with asked:
            menu = gr.Dropdown(
                list(choices(models)), value=preselected(models), label=label("exam_model"), elem_id="exam-model",
                elem_classes=MENU,
            )  # fmt: skip
            button = panel_layout.start_button("exam")
        with shown:
            page = panel_layout.found_page("exam")

    def examine(request: gr.Request, name: str | None) -> Iterator[str]:
        language, shown = language_of(request), ""
        yield panel_layout.busy("exam", language)
        with ShownErrors(language), waiting(language):
            shown = found(name or "", models, language)
        yield shown

    button.click(examine, menu, page, **panel_layout.running("exam", at_once=1))


def found(name: str, models: Path, language: Language) -> str:
    """Return a table of the shares of right answers by category, and a few pairs. Raises UserError without a model."""
    from charrnn.scoring.grammar import marks

    entry = choices(models).get(name)
    if entry is None:
        raise UserError("no-model-chosen")
    answers, counted = _answers(version(entry.path))
    columns = {name: marks(answers), **({say(language, "exam_counts"): marks(counted)} if counted else {})}
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in (*columns, say(language, "exam_coin")))
    rows, examples = "", ""
    for category in columns[name]:
        title = escape(say(language, f"grammar_{category}"))
        shares = (*(right[category] for right in columns.values()), COIN)
        cells = "".join(f"<td>{percent(language, share)}</td>" for share in shares)
        rows += f'<tr class="{category}"><th scope="row">{title}</th>{cells}</tr>'
        if asked := sorted((one for one in answers if one.pair.category == category), key=lambda one: one.lead):
            examples += f"<h2>{title}</h2><ul>{_example(asked[-1], language)}{_example(asked[0], language)}</ul>"
    head = escape(say(language, "exam_category"))
    return (
        f'<table><thead><tr><th scope="col">{head}</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"<p>{escape(say(language, 'exam_examples'))}</p>{examples}"
    )


def _example(answer: "ExamAnswer", language: Language) -> str:
    """Return a pair as an item of a list, and which of its sentences is likelier to the model."""
    pair, bits = answer.pair, number(language, abs(answer.lead), 1)
    told = say(language, "exam_right" if answer.is_right else "exam_wrong", bits=bits)
    return (
        f"<li>{escape(pair.before)}<b>{escape(pair.proper)}</b> / <s>{escape(pair.faulty)}</s>{escape(pair.after)} "
        f"<small>{'✓' if answer.is_right else '✗'} {escape(told)}</small></li>"
    )


@lru_cache(maxsize=16)
def _answers(model: Version) -> "tuple[list[ExamAnswer], list[ExamAnswer]]":
    """Return what a model answers, and what its counts answer alone; nothing if it has none."""
    from charrnn.scoring.grammar import CountsAlone, examine

    reader = sampler(model)
    answers, counted = examine(reader.decoder, reader.tokenizer), []
    if reader.model.config.counts == "joined":
        counted = examine(CountsAlone(reader.decoder, len(reader.tokenizer.characters)), reader.tokenizer)
    return answers, counted
