"""The tab Train: choose texts, read their report, choose a duration, and watch a network learn.

In: texts and options from a visitor. Out: a training process of the `Workshop`, and its progress on the page. Read
`tab` first; `sources` reports on the texts, `watch` and `curve` show the progress.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from charrnn.config import CELL_LABELS, ModelConfig
from charrnn.errors import UserError
from charrnn.storage import registry, run_log
from charrnn.training.jobs import Workshop, workshop
from charrnn.training.verdict import MINUTES, longer
from charrnn.ui.assets import script
from charrnn.ui.model_cache import listed
from charrnn.ui.texts import Language, label, language_of, say
from charrnn.ui.train import sources
from charrnn.ui.train.watch import Changes, Chosen, Watch, WatchState, column, look
from charrnn.ui.visitors import Permissions, ShownErrors

AIMS = {"write": (), "share": ("--counts", "none"), "watch": ("--watch",)}  # what a visitor wants: options of `train`
TICK = {True: 1.5, False: 5.0}  # seconds between two updates of the page, for those who train and for others
SHOW = """() => document.querySelector("#train-watch").scrollIntoView({block: "nearest"})"""  # it is below on a phone
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class Order:
    """The controls that describe the training to start."""

    upload: gr.File
    pasted: gr.Textbox
    shelf: gr.Dropdown
    path: gr.Textbox
    column: gr.Dropdown
    report: gr.HTML
    repairs: gr.CheckboxGroup
    minutes: gr.Radio
    name: gr.Textbox
    cell: gr.Dropdown
    aim: gr.Radio
    exam: gr.Checkbox
    prompt: gr.Textbox
    start: gr.Button


def tab(blocks: gr.Blocks, models: Path, allowed: Permissions) -> None:
    """Lay out and connect the tab. Call it inside `blocks`."""
    shop, order = workshop(models.resolve()), None
    with gr.Row(elem_id="training"):
        with gr.Column(scale=4, min_width=300, elem_id="train-order"):
            if allowed.training:
                order = _order_column(allowed)
            else:
                gr.Markdown(label("train_not_here"))
        with gr.Column(scale=5, min_width=300, elem_id="train-watch"):
            watch = column(training=allowed.training)

    def arrive(request: gr.Request) -> Changes:
        return look(shop, watch, Chosen(), WatchState(), language_of(request))

    def tick(request: gr.Request, now: Chosen, before: WatchState) -> Changes:
        return look(shop, watch, now, before, language_of(request))

    def choose(request: gr.Request, name: str | None, before: WatchState) -> Changes:
        return look(shop, watch, Chosen(name), before, language_of(request))

    def travel(request: gr.Request, moment: float, now: Chosen, before: WatchState) -> Changes:
        there = Chosen(now.name, None if moment >= before.evaluations else int(moment) - 1)
        return look(shop, watch, there, before, language_of(request))

    blocks.load(arrive, None, watch.parts, queue=False, **QUIET)
    gr.Timer(TICK[allowed.training]).tick(tick, [watch.chosen, watch.seen], watch.parts, queue=False, **QUIET)
    watch.run.input(choose, [watch.run, watch.seen], watch.parts, queue=False, **QUIET)
    moved = [watch.moment, watch.chosen, watch.seen]
    watch.moment.input(travel, moved, watch.parts, queue=False, trigger_mode="always_last", **QUIET)
    if order is not None:
        _connect_reading(blocks, shop, order, allowed)
        _connect_training(shop, order, watch, allowed)


def _order_column(allowed: Permissions) -> Order:
    gr.Markdown(label("train_text_step"))
    upload = gr.File(
        label=label("train_upload"),
        file_count="multiple",
        type="filepath",
        height=130,
        elem_id="train-upload",
    )  # of any type: gradio refuses others in English, the report in the page's language, with what to do
    pasted = gr.Textbox(
        label=label("train_paste"), placeholder=label("train_paste_hint"), lines=2, max_lines=6, elem_id="train-paste"
    )
    offered = gr.Dropdown(
        sources.offered("pt"), value=[], multiselect=True,
        label=label("train_shelf"), info=label("train_shelf_help"),
        elem_id="train-shelf",
    )  # fmt: skip
    path = gr.Textbox(
        label=label("train_path"), info=label("train_path_help"), placeholder=label("train_path_hint"), max_lines=1,
        elem_id="train-path", visible=allowed.paths,
    )  # fmt: skip
    column = gr.Dropdown([], label=label("train_column"), visible=False, elem_id="train-column")
    told = gr.HTML(elem_id="train-report")
    repairs = gr.CheckboxGroup(
        [], label=label("train_repairs"), info=label("train_repairs_help"), visible=False, elem_id="train-repairs"
    )
    gr.Markdown(label("train_time_step"))
    minutes = gr.Radio(
        [(label(f"minutes_{count}"), count) for count in MINUTES], value=5, label=label("train_minutes"),
        info=label("train_minutes_help"), elem_id="train-minutes",
    )  # fmt: skip
    aim = gr.Radio(
        [(label(f"aim_{one}"), one) for one in AIMS], value=next(iter(AIMS)), label=label("train_aim"),
        info=label("train_aim_help"), elem_id="train-aim",
    )  # fmt: skip
    exam = gr.Checkbox(label=label("train_exam"), info=label("train_exam_help"), elem_id="train-exam")
    name = gr.Textbox(label=label("train_name"), info=label("train_name_help"), max_lines=1, elem_id="train-name")
    with gr.Accordion(label("train_more"), open=False):
        cell = gr.Dropdown(
            list(CELL_LABELS), value=ModelConfig.cell, label=label("train_cell"), info=label("train_cell_help"),
            elem_id="train-cell",
        )  # fmt: skip
        texts = {"label": label("train_prompt"), "info": label("train_prompt_help")}
        prompt = gr.Textbox(max_lines=2, elem_id="train-prompt", **texts)
    start = gr.Button(label("train_start"), variant="primary", elem_id="do-train")
    gr.Markdown(label("train_leave"), elem_id="train-leave")
    return Order(upload, pasted, offered, path, column, told, repairs, minutes, name, cell, aim, exam, prompt, start)


def _connect_reading(blocks: gr.Blocks, shop: Workshop, order: Order, allowed: Permissions) -> None:
    """Show the report on the chosen texts as soon as they are chosen, and propose a name until one is typed."""
    proposed = gr.State("")
    unrepaired = {order.repairs: gr.CheckboxGroup([], value=[], visible=False)}

    def read(
        request: gr.Request, files: list[str] | None, works: list[str] | None, path: str | None, pasted: str | None,
        typed: str | None, before: str, column: str | None = None,
    ) -> Iterator[Changes]:  # fmt: skip
        language, names = language_of(request), chosen_texts(files, works, path if allowed.paths else None, pasted)
        if not names:
            blank = {order.report: _blank(language, "report_blank"), order.column: sources.columns(())}
            yield {**blank, **unrepaired, order.start: gr.Button(interactive=True)}
            return
        # Training waits for the report, so that the text trained is the text reported on.
        named: Changes = {order.start: gr.Button(interactive=False)}
        if not typed or typed == before:
            named[order.name] = named[proposed] = free_name(shop.models, names[0])
        yield {order.report: _blank(language, "report_reading"), **unrepaired, **named}
        try:
            found = sources.examined(sources.with_chosen_column(names, column))
        except Exception:
            yield {order.start: gr.Button(interactive=True)}
            raise
        offered = [(sources.repair_label(name, language), name) for name in found.repairs]
        repairs = gr.CheckboxGroup(offered, value=found.repairs, visible=bool(offered))
        shown = sources.shown(found, language)
        asked = {order.column: sources.columns(found.tables)}
        yield {order.report: shown, order.repairs: repairs, **asked, order.start: gr.Button(interactive=True)}

    def arrive(request: gr.Request) -> tuple[object, ...]:
        language = language_of(request)
        return gr.Dropdown(sources.offered(language)), _blank(language, "report_blank")

    blocks.load(arrive, None, [order.shelf, order.report], queue=False, **QUIET)
    texts = [order.upload, order.shelf, order.path, order.pasted]
    given = [*texts, order.name, proposed]
    changed = [order.report, order.repairs, order.column, order.name, order.start, proposed]
    one: dict[str, object] = {
        "concurrency_id": "corpus",
        "concurrency_limit": 1,
        "trigger_mode": "always_last",
        **QUIET,
    }
    gr.on(
        [order.upload.change, order.shelf.change, order.path.submit, order.pasted.change], read, given, changed, **one
    )
    order.column.input(read, [*given, order.column], changed, **one)


def _connect_training(shop: Workshop, order: Order, watch: Watch, allowed: Permissions) -> None:
    """Connect the buttons Start, Pause, Finish and Resume."""

    def begin(request: gr.Request, before: WatchState, *values: Any) -> Changes:
        files, works, path, pasted, repairs, minutes, column, name, cell, aim, prompt, exam = values
        language, names = language_of(request), chosen_texts(files, works, path if allowed.paths else None, pasted)
        given = ["--clean", ",".join(repairs)] if repairs else []
        given += wished(cell, aim, prompt, exam=exam)
        names, name = sources.with_chosen_column(names, column), (name or "").strip()

        def start() -> None:
            check(shop, names, name)
            shop.start(names, name, float(minutes), *given)

        return act(start, Chosen(name), before, language)

    def act(do: Callable[[], object], chosen: Chosen, before: WatchState, language: Language) -> Changes:
        with ShownErrors(language):
            do()
            return look(shop, watch, chosen, before, language)
        return {watch.seen: before}

    def pause(request: gr.Request, now: Chosen, before: WatchState) -> Changes:
        return act(shop.pause, now, before, language_of(request))

    def finish(request: gr.Request, now: Chosen, before: WatchState) -> Changes:
        return act(shop.finish, now, before, language_of(request))

    def resume(request: gr.Request, now: Chosen, before: WatchState) -> Changes:
        def start() -> None:
            check_idle(shop)
            shop.resume(now.name or "")

        return act(start, now, before, language_of(request))

    def train_longer(request: gr.Request, now: Chosen, before: WatchState) -> Changes:
        return act(lambda: prolong(shop, now.name or ""), now, before, language_of(request))

    texts = [order.upload, order.shelf, order.path, order.pasted]
    wishes = [order.column, order.name, order.cell, order.aim, order.prompt, order.exam]
    given = [*texts, order.repairs, order.minutes, *wishes]
    # Queued, as gradio shows messages of queued events only; in its own queue, as generating may fill the common one.
    own: dict[str, object] = {"concurrency_id": "train", "concurrency_limit": 1, **QUIET}
    order.start.click(begin, [watch.seen, *given], watch.parts, **own)
    order.start.click(None, js=SHOW)
    for name, action in (("pause", pause), ("finish", finish), ("resume", resume), ("longer", train_longer)):
        watch.buttons[name].click(action, [watch.chosen, watch.seen], watch.parts, **own)


def lead_on(tabs: gr.Tabs, named: Mapping[str, gr.Component], models: Path) -> None:
    """Connect the buttons that lead from a finished training to the tab that generates.

    named: all components of the page by their elem_id.
    """
    leading, sharing = (named.get(f"do-{one}-trained") for one in ("write", "share"))
    if leading is None or sharing is None:
        return

    def lead(request: gr.Request, name: str | None) -> tuple[object, object]:
        return gr.Tabs(selected="generate"), gr.Dropdown(listed(models, language_of(request)), value=name)

    for button in (leading, sharing):
        led = button.click(lead, named["train-run"], [tabs, named["model"]], **QUIET)
    if "my-models-list" in named:
        chosen = led.then(
            lambda name: gr.Radio([name], value=name), named["train-run"], named["my-models-list"], **QUIET
        )
        chosen.then(None, js=script("my_models"))


def chosen_texts(
    files: list[str] | None, works: list[str] | None, path: str | None, pasted: str | None = None
) -> list[str]:
    """Return the names of the chosen texts. “-”, the server's standard input, is not a visitor's to read."""
    wished = (path or "").strip()
    kept = [sources.kept(pasted)] if pasted and pasted.strip() else []
    return [*(files or ()), *(works or ()), *([wished] if wished.strip("-") else []), *kept]


def wished(cell: str | None, aim: str | None, prompt: str | None, *, exam: bool | None = None) -> list[str]:
    """Return cell, aim, prompt and exam as options of `charrnn train`, without those that have their default.

    Asking for a shape trains from scratch, while a warm start from a model that knows Portuguese might be better.
    """
    given = [*AIMS.get(aim or "", ()), *(["--exam"] if exam else [])]
    for option, default, value in (("--cell", ModelConfig.cell, cell), ("--prompt", "", prompt)):
        given += [option, value] if value and value != default else []
    return given


def free_name(models: Path, text: str) -> str:
    """Return an unused model name. Shipped names are avoided: a local model of that name would hide theirs."""
    name = registry.named_after(text).strip("-") or "modelo"
    for one in (name, *(f"{name}-{count}" for count in range(2, 10_000))):
        if not (models / one).exists() and not registry.is_model(registry.SHIPPED / one):
            return one
    return name


def check(shop: Workshop, names: list[str], name: str) -> None:
    """Raise UserError if a training of these texts cannot start under this name."""
    if not names:
        raise UserError("no-text-chosen")
    check_idle(shop)
    if not name or name != registry.named_after(name) or name.startswith("-"):
        raise UserError("new-model-name-malformed")
    if (shop.models / name).exists() or registry.is_model(registry.SHIPPED / name):
        raise UserError("new-model-name-taken", name=name)


def prolong(shop: Workshop, name: str) -> None:
    """Train a finished model for longer. Raises UserError if another training is running, or if its state is gone."""
    check_idle(shop)
    outcome = run_log.read(shop.models / (name or ".none")).outcome
    shop.resume(name, None if outcome is None else longer(outcome.minutes))


def check_idle(shop: Workshop) -> None:
    """Raise UserError while a training runs."""
    if shop.busy:
        raise UserError("training-busy", name=shop.busy.name)


def _blank(language: Language, key: str) -> str:
    return f'<p class="blank">{escape(say(language, key))}</p>'
