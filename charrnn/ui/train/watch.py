"""The progress of a training on the page: its phase, its curves, and a sample from each evaluation."""

import time
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

import gradio as gr

from charrnn.errors.quantities import duration, quantity
from charrnn.storage import run_log
from charrnn.storage.run_log import Record
from charrnn.training.jobs import Clock, Job, Workshop
from charrnn.training.verdict import longer, verdict
from charrnn.ui.texts import Language, label, number, percent, problem, say
from charrnn.ui.train import curve

LOST = ("failed", "dropped")  # phases that may leave no directory to list
GOES_ON = ("training", "elsewhere", "finishing", "stopping")
TIMED = ("preparing", "training", "finishing")  # phases with a known share of all the time
MOST, OVER = 0.99, 3.0  # share of the time before the end; seconds beyond the budget from which on they are told
Changes = dict[gr.Component, object]  # what the components are to show


class Chosen(NamedTuple):
    """A training that a visitor watches, and one of its evaluations, from 0; None: the newest."""

    name: str | None = None
    moment: int | None = None


class WatchState(NamedTuple):
    """What a page already shows; while it stays the same, nothing is sent."""

    names: tuple[str, ...] = ()
    busy: str | None = None
    chosen: Chosen = Chosen()
    phase: str = ""
    step: int = 0
    evaluations: int = 0
    final: float | None = None
    told: int = 0
    seconds: int = 0  # since the order, while no line of a log comes
    language: Language | None = None


# All text is escaped here, as gr.HTML shows what it is given


def status(job: Job, record: Record, language: Language, *, training: bool = True) -> str:
    """Return the phase in words, which screen readers announce, and the numbers, which they need not."""
    words = "phase_none_here" if job.phase == "none" and not training else f"phase_{job.phase}"
    title, clock, now = say(language, words), job.clock, time.time()
    if clock is not None and job.phase in ("preparing", "finishing") and clock.last.stage != "learning":
        title = f"{title}: {say(language, f'stage_{clock.last.stage}')}…"
    said = f'<p role="status" class="{job.phase}"><strong>{escape(title)}</strong></p>'
    facts: list[str] = []
    after = ""
    if clock is not None and job.phase in TIMED:
        bar, facts = _timed(clock, record, now, language)
        said += bar
    elif record.last is not None and job.phase not in ("preparing", "finished", "none"):
        facts.append(say(language, "train_share", share=percent(language, record.last.fraction)))
        if job.phase == "elsewhere":
            facts.append(say(language, "train_left", time=duration(record.last.remaining, language)))
        said += f'<progress max="1" value="{record.last.fraction:.4f}" aria-hidden="true"></progress>'
    if record.last is not None and job.phase in ("training", "elsewhere"):
        facts.append(say(language, "train_speed", count=number(language, record.last.characters_per_second)))
    if job.phase == "finished":
        more, after = _finished(record, clock, now, language)
        facts += more
    elif clock is not None and job.phase in TIMED:
        after = _steps(clock, now, language, going=True)
    said += f'<p class="facts">{escape(" · ".join(facts))}</p>' if facts else ""
    said += after
    if job.phase == "failed":
        reason = escape(problem(language, job.failure) if job.failure else job.told[-1] if job.told else "?")
        said += f'<p role="alert">{escape(say(language, "train_failed"))} <code>{reason}</code></p>'
    return said


def _finished(record: Record, clock: Clock | None, now: float, language: Language) -> tuple[list[str], str]:
    """Return the score and the time that a finished training took, and its verdict and steps as HTML."""
    facts, html = [], ""
    if record.final_bpc is not None:
        facts.append(say(language, "train_score", bits=number(language, record.final_bpc, 3)))
    if (found := verdict(record)) is not None:
        html = f'<p class="verdict {found.grade}">{escape(found.render(language))}</p>'
    if clock is not None:
        facts.append(say(language, "train_took", time=duration(sum(clock.durations(now).values()), language)))
        html += _steps(clock, now, language, going=False)
    return facts, html


def _timed(clock: Clock, record: Record, now: float, language: Language) -> tuple[str, list[str]]:
    """Return a bar of all the time from the order to the end, and what is left of it in words."""
    end = clock.end(now, record.last.remaining if record.last else None)
    if end is None:  # nobody knows yet: resumed, or told in steps
        return '<progress aria-hidden="true"></progress>', []
    share = min((now - clock.began) / (end - clock.began), MOST) if end > clock.began else MOST
    left = end - now
    facts = [say(language, "train_left", time=duration(left, language)) if left >= 1 else say(language, "train_nearly")]
    if clock.budget is not None and (over := end - clock.began - clock.budget) >= OVER:
        facts.append(say(language, "train_over", time=duration(over, language)))
    return f'<progress max="1" value="{share:.4f}" aria-hidden="true"></progress>', facts


def _steps(clock: Clock, now: float, language: Language, *, going: bool) -> str:
    """Return the steps so far with the time that each took; going: the last one lasts."""
    found = clock.durations(now)
    lasts = ' aria-current="step"'
    items = [
        f"<li{lasts if going and stage == clock.last.stage else ''}>"
        f"{escape(say(language, f'stage_{stage}'))} <small>{escape(_seconds(language, took))}</small></li>"
        for stage, took in found.items()
    ]
    return f'<ol class="stages" aria-label="{escape(say(language, "stages"))}">{"".join(items)}</ol>'


def _seconds(language: Language, took: float) -> str:
    return f"{number(language, took // 60)} min {took % 60:.0f} s" if took >= 60 else f"{number(language, took)} s"


def sample(record: Record, moment: int | None, language: Language) -> str:
    """Return the sample of an evaluation."""
    if not record.evaluations:
        return f'<p class="blank">{escape(say(language, "sample_blank"))}</p>'
    place = _place(record, moment)
    found = record.evaluations[place]
    key = "sample_untrained" if found.step == 0 else "sample_early" if record.is_watched else "sample_head"
    head = say(
        language, key, place=place + 1, count=len(record.evaluations), bits=number(language, found.valid_bpc, 2),
        time=duration(found.seconds - record.preparation, language), steps=quantity(found.step, "steps", language),
    )  # fmt: skip
    return f"<article><h3>{escape(head)}</h3><p>{escape(found.sample.strip(chr(10)))}</p></article>"


def _caption(name: str, job: Job, record: Record, language: Language) -> str:
    """Return what stands on a button."""
    if name == "pause" and job.phase == "preparing":
        return say(language, "train_cancel")
    minutes = longer(record.outcome.minutes) if record.outcome else 0.0
    return say(language, f"train_{name}", time=duration(60 * minutes, language))


def _place(record: Record, moment: int | None) -> int:
    count = len(record.evaluations)
    return count - 1 if moment is None else max(0, min(moment, count - 1))


@dataclass(frozen=True)
class Watch:
    """The components that show a training, and what the visitor watches."""

    run: gr.Dropdown
    status: gr.HTML
    buttons: dict[str, gr.Button]  # which act on the training
    leading: dict[str, gr.Button]  # which lead to what was trained
    curve: gr.HTML
    moment: gr.Slider
    sample: gr.HTML
    log: gr.HTML
    chosen: gr.State
    seen: gr.State

    @property
    def parts(self) -> list[gr.Component]:
        buttons = [*self.buttons.values(), *self.leading.values()]
        shown = [self.run, self.status, *buttons, self.curve, self.moment, self.sample, self.log]
        return [*shown, self.chosen, self.seen]


def column(*, training: bool) -> Watch:
    """Lay out the components; training: with buttons to pause, finish and resume."""
    gr.Markdown(label("train_run_step" if training else "train_run_head"))
    run = gr.Dropdown([], label=label("train_run"), elem_id="train-run", filterable=False)
    state = gr.HTML(elem_id="train-status")
    with gr.Row(elem_id="train-buttons"):
        leading = {
            name: gr.Button(
                label(f"trained_{name}"), visible=False, min_width=0, elem_id=f"do-{name}-trained",
                variant="primary" if name == "write" else "secondary",
            )
            for name in ("write", "share")
        }  # fmt: skip
        buttons = {
            name: gr.Button("", visible=False, min_width=0, elem_id=f"do-{name}-training")
            for name in ("pause", "finish", "resume", "longer") if training
        }  # fmt: skip
    curves = gr.HTML(elem_id="train-curve")
    moment = gr.Slider(
        1, 2, 1, step=1, precision=0, label=label("train_moment"), info=label("train_moment_help"), visible=False,
        buttons=[], elem_id="train-moment",
    )  # fmt: skip
    text = gr.HTML(elem_id="train-sample")
    with gr.Accordion(label("train_log"), open=False):
        log = gr.HTML(elem_id="train-log")
    return Watch(run, state, buttons, leading, curves, moment, text, log, gr.State(Chosen()), gr.State(WatchState()))


def look(shop: Workshop, watch: Watch, chosen: Chosen, before: WatchState, language: Language) -> Changes:
    """Return what changes on a page that shows `before`, for a visitor who watches `chosen`."""
    wished = chosen
    busy = shop.busy.name if shop.busy else None
    latest = [shop.latest.name] if shop.latest and (busy or shop.job(shop.latest).phase in LOST) else []
    names = tuple(dict.fromkeys([*latest, *(path.name for path in run_log.known(shop.models))]))
    if busy and busy != before.busy:  # a training began, here or on another page: show it
        chosen = Chosen(busy)
    if chosen.name not in names:
        chosen = Chosen(names[0] if names else None)
    path = shop.models / (chosen.name or ".none")
    record = run_log.read(path)
    job = shop.job(path, record)
    step = record.last.step if record.last else 0
    waits = job.clock is not None and job.phase in ("preparing", "finishing")
    seconds = int(time.time() - job.clock.began) if job.clock is not None and waits else 0
    now = WatchState(
        names, busy, chosen, job.phase, step, len(record.evaluations), record.final_bpc, len(job.told), seconds,
        language,
    )  # fmt: skip
    changes: Changes = {watch.seen: now}
    if not chosen == wished == before.chosen:
        changes[watch.chosen] = chosen
    if now == before:
        return changes
    changes[watch.status] = status(job, record, language, training=bool(watch.buttons))
    if now._replace(step=0, seconds=0) != before._replace(step=0, seconds=0) or job.phase in GOES_ON:
        changes[watch.curve] = curve.drawn(record, language, _place(record, chosen.moment))
    if now._replace(step=0, told=0, seconds=0) == before._replace(step=0, told=0, seconds=0):
        return changes
    count = len(record.evaluations)
    changes[watch.run] = gr.Dropdown(list(names), value=chosen.name, visible=bool(names))
    changes[watch.sample] = sample(record, chosen.moment, language)
    changes[watch.log] = f"<pre>{escape(chr(10).join(job.told))}</pre>"
    # A slider that is being dragged is left alone.
    if (count, chosen.name) != (before.evaluations, before.chosen.name) or chosen.moment == before.chosen.moment:
        changes[watch.moment] = gr.Slider(
            maximum=max(count, 2), value=_place(record, chosen.moment) + 1, visible=count > 1
        )
    shows = {"pause": job.phase in ("preparing", "training"), "finish": job.phase == "training"}
    shows["resume"] = job.phase in ("paused", "failed") and record.resumable
    is_done = job.phase == "finished"
    shows["longer"] = is_done and record.resumable and not busy and bool(record.outcome and record.outcome.minutes)
    changes |= {
        button: gr.Button(_caption(name, job, record, language), visible=shows[name])
        for name, button in watch.buttons.items()
    }
    changes |= {button: gr.Button(visible=is_done) for button in watch.leading.values()}
    return changes
