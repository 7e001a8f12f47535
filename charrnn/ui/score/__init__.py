"""The tab that scores a text with up to three models, character by character."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from charrnn.corpus import baselines, clean, fingerprints
from charrnn.errors import UserError
from charrnn.storage import registry
from charrnn.ui.model_cache import MENU, Version, choices, listed, preselected, sampler, version
from charrnn.ui.score import marks
from charrnn.ui.texts import Language, label, language_of, number, percent, say
from charrnn.ui.texts.score_tab import EXAMPLE
from charrnn.ui.visitors import Permissions, ShownErrors, api_errors, waiting

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens import Marks, Opponents

LIMIT = 10_000  # characters that are coloured: each is an element of the page
AT_ONCE = 2  # texts scored side by side, over all visitors
MODELS = 3
REMEMBERED = 8  # texts whose scores are kept, as a reload or the other language asks for them again
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


_latest: "dict[tuple[str, tuple[Version, ...], bool], Scored]" = {}


@dataclass(frozen=True)
class Scored:
    """The scores of a text by several models, in their order; `adaptive` may be empty. Never changed in place."""

    static: "tuple[Marks, ...]" = ()
    adaptive: "tuple[Marks, ...]" = ()
    opponents: "Opponents | None" = None
    read: tuple[float | None, ...] = ()  # the share of the text that each model was trained on; None if unknown

    def views(self, language: Language) -> "dict[str, tuple[Marks, ...]]":
        """Return the views of the text by name: one score of a model, or two models compared."""
        found: dict[str, tuple[Marks, ...]] = {
            say(language, "view_static", name=m.score.model): (m,) for m in self.static
        }
        found |= {say(language, "view_adaptive", name=m.score.model): (m,) for m in self.adaptive}
        pairs = [(one, other) for place, one in enumerate(self.static) for other in self.static[place + 1 :]]
        for one, other in pairs:
            found[say(language, "view_apart", one=one.score.model, other=other.score.model)] = (one, other)
        return found


def table(found: Scored, language: Language) -> str:
    """Return a table of the scores, and lines on the compressor and the simple models beside them."""
    assert found.opponents is not None
    columns = ["column_model", "column_static", *(["column_adaptive"] if found.adaptive else [])]
    columns += ["column_bytes", "column_unknown"]
    body = ""
    for place, one in enumerate(found.static):
        cells = [number(language, one.score.bits_per_character, 3)]
        cells += [number(language, a.score.bits_per_character, 3) for a in found.adaptive[place : place + 1]]
        cells += [number(language, one.score.bits_per_byte, 3), number(language, one.score.unknown_characters)]
        body += (
            f'<tr><th scope="row">{escape(one.score.model)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        )
    head = "".join(f'<th scope="col">{escape(say(language, column))}</th>' for column in columns)
    lines = [
        say(language, "score_read", name=one.score.model, share=percent(language, share))
        for one, share in zip(found.static, found.read, strict=True)
        if share and share >= fingerprints.NOTABLE
    ]
    lines += [say(language, "score_xz", xz=number(language, found.opponents.xz, 3))] if found.adaptive else []
    if (last := found.opponents.last) is None:
        lines.append(say(language, "score_short", least=number(language, baselines.SHORTEST)))
    else:
        bits = {name: number(language, getattr(last, name), 3) for name in ("unigram", "ngram", "xz")}
        lines.append(say(language, "score_last", order=last.order + 1, **bits))
    return (
        f"<div class='wide'><table><caption>{escape(say(language, 'score_caption'))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        + "".join(f"<p>{escape(line)}</p>" for line in lines)
    )


def coloured(found: Scored, view: str | None, language: Language) -> str:
    """Return the text coloured by one view, by default the first."""
    views = found.views(language)
    chosen = views.get(view or "") or next(iter(views.values()))
    return marks.surprise(chosen[0], language) if len(chosen) == 1 else marks.difference(chosen[0], chosen[1], language)


def read(text: str, entries: Sequence[registry.ModelEntry], *, adapt: bool) -> Iterator[tuple[int, Scored]]:
    """Score a text with each model; yield the number of finished scores and, at the end, the result."""
    from charrnn.lens import mark, opponents
    from charrnn.storage import saved_model

    sketch = fingerprints.sketch([fingerprints.of(clean(text))])
    key = (text, tuple(version(entry.path) for entry in entries), adapt)
    if key in _latest:
        yield len(entries), _latest[key]
        return
    shares = tuple(fingerprints.share(sketch, saved_model.read_passages(entry.path)) for entry in entries)
    static: list[Marks] = []
    adaptive: list[Marks] = []
    for entry in entries:
        yield len(static) + len(adaptive), Scored()
        model = sampler(version(entry.path))
        static.append(mark(model.network, model.tokenizer, text))
        if adapt:
            yield len(static) + len(adaptive), Scored()
            adaptive.append(mark(model.network, model.tokenizer, text, adapt=True))
    _latest[key] = Scored(tuple(static), tuple(adaptive), opponents(text), shares)
    for old in list(_latest)[:-REMEMBERED]:
        _latest.pop(old, None)
    yield len(static) + len(adaptive), _latest[key]


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out the tab and connect its events, inside `blocks`."""
    text, menu, limit, adapt, button, figures, view, page = _layout(models)
    scored = gr.State(Scored())

    def evaluate(
        request: gr.Request,
        given: str | None,
        names: list[str] | None,
        adaptive: bool | None,  # noqa: FBT001 - an event
    ) -> Iterator[dict[gr.Component, object]]:
        language, given, names = language_of(request), given or "", names or []
        started, found = False, Scored()
        with ShownErrors(language), waiting(language):
            entries = [entry for name, entry in choices(models).items() if name in names]
            check(given, len(entries))
            started, count = True, len(entries) * (2 if adaptive else 1)
            for done, found in read(given, entries, adapt=bool(adaptive)):
                if not found.static:
                    name = entries[done // 2 if adaptive else done].name
                    working = say(language, "score_working", name=name, place=done + 1, count=count)
                    yield {page: f'<p class="blank" role="status" aria-busy="true">{escape(working)}</p>'}
        if not found.static:
            blank = f'<p class="blank">{escape(say(language, "score_blank"))}</p>'
            yield {page: blank} if started else {scored: gr.skip()}
            return
        views = list(found.views(language))
        yield {
            scored: found,
            figures: table(found, language),
            view: gr.Radio(views, value=views[0], visible=len(views) > 1),
            page: coloured(found, views[0], language),
        }

    def recolour(request: gr.Request, found: Scored, chosen: str | None) -> object:
        return coloured(found, chosen, language_of(request)) if found.static else gr.skip()

    def arrive(request: gr.Request) -> tuple[gr.Component, str, str]:
        language = language_of(request)
        blank = f'<p class="blank">{escape(say(language, "score_blank"))}</p>'
        most = f"<p>{escape(say(language, 'score_text_help', limit=number(language, LIMIT)))}</p>"
        return gr.Dropdown(listed(models, language)), blank, most

    infer: dict[str, object] = {"concurrency_limit": AT_ONCE, "concurrency_id": "score"}
    button.click(evaluate, [text, menu, adapt], [scored, figures, view, page], **QUIET, **infer)
    view.input(recolour, [scored, view], page, queue=False, **QUIET)
    blocks.load(arrive, None, [menu, page, limit], queue=False, **QUIET)
    gr.api(_endpoint(models), api_name="score", **infer)


def _layout(models: Path) -> tuple[gr.Component, ...]:
    """Lay out text, menu, limit, check box, button, table, choice of a view, and the coloured text, in this order."""
    with gr.Row(elem_id="scoring"):
        with gr.Column(scale=4, min_width=300, elem_id="score-order"):
            gr.Markdown(label("score_intro"))
            texts = {"label": label("score_text"), "placeholder": label("score_text_hint")}
            text = gr.Textbox(EXAMPLE, lines=9, max_lines=18, elem_id="score-text", **texts)
            limit = gr.HTML(elem_id="score-limit")
            menu = gr.Dropdown(
                list(choices(models)), value=[preselected(models)] if preselected(models) else [], multiselect=True,
                label=label("score_models"), info=label("score_models_help"), elem_id="score-models",
                elem_classes=MENU, max_choices=MODELS,
            )  # fmt: skip
            adapt = gr.Checkbox(
                value=False, label=label("score_adaptive"), info=label("score_adaptive_help"), elem_id="score-adaptive"
            )
            button = gr.Button(label("score_button"), variant="primary", elem_id="do-score")
        with gr.Column(scale=6, min_width=300, elem_id="score-found"):
            figures = gr.HTML(elem_id="score-table")
            view = gr.Radio(
                [], label=label("score_view"), info=label("score_view_help"), visible=False, elem_id="score-view"
            )
            page = gr.HTML(elem_id="score-marks", js_on_load=marks.SCRIPT)
    return text, menu, limit, adapt, button, figures, view, page


def check(text: str, models: int) -> None:
    """Raise UserError if a text cannot be scored with so many models."""
    if not text.strip():
        raise UserError("no-text-given")
    if len(text) > LIMIT:
        raise UserError("text-too-long-to-score", found=len(text), limit=LIMIT)
    if models == 0:
        raise UserError("no-model-chosen")
    if models > MODELS:
        raise UserError("too-many-models", limit=MODELS)


def _endpoint(directory: Path) -> Callable[..., dict[str, object]]:
    def score(
        request: gr.Request,
        text: str,
        models: list[str] | None = None,
        adaptive: bool = False,  # noqa: FBT001, FBT002
    ) -> dict[str, object]:
        """Score a text: the static score of each model, if `adaptive` the adaptive ones, and what needs no model.

        read_in_training: for each model, the share of the text that it was trained on; null if that is not known.
        """
        names = models or [registry.DEFAULT]
        known = choices(directory)
        with api_errors(request):
            if unknown := [name for name in names if name not in known]:
                raise UserError("unknown-models", known=", ".join(known), unknown=", ".join(map(repr, unknown)))
            check(text or "", len(names))
            *_, (_, scored) = read(text, [known[name] for name in names], adapt=adaptive)
        assert scored.opponents is not None
        return {
            "scores": [asdict(found.score) for found in (*scored.static, *scored.adaptive)],
            "opponents": asdict(scored.opponents),
            "read_in_training": scored.read,
        }

    return score
