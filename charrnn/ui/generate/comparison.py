"""One beginning, several temperatures: texts side by side, from the same seed, that are written together.

Where the texts part, only the temperature has made the difference: each character is drawn with the same number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

import gradio as gr

from charrnn.config import SampleConfig
from charrnn.config.fields import unescaped
from charrnn.errors import UserError, quantities
from charrnn.sampling.filters import with_seed
from charrnn.ui.generate import draft as drafts
from charrnn.ui.generate.actions import GenerateEvents
from charrnn.ui.generate.draft import Draft
from charrnn.ui.generate.html import waits
from charrnn.ui.model_cache import chosen
from charrnn.ui.texts import Language, label, language_of, say
from charrnn.ui.visitors import ShownErrors, client_of, waiting

TEMPERATURES = (0.3, 0.7, 1.2)  # at first
MOST = 500  # characters of each text


@dataclass(frozen=True)
class TemperatureFold:
    """The components of the fold, and what happens when its button is pressed."""

    events: GenerateEvents
    temperatures: list[gr.Number]
    button: gr.Button
    shown: gr.HTML

    def compare(self, request: gr.Request, name: str | None, prompt: str | None, *values: object) -> Iterator[object]:
        """Write the texts, and show them as they grow. values: those of the settings, then the temperatures."""
        language, settings, events = language_of(request), values[: -len(TEMPERATURES)], self.events
        yield gr.skip()  # so that something was, whatever happens
        with ShownErrors(language), waiting(language):
            config, constraints = events.configs(settings)
            config = with_seed(replace(config, length=min(config.length, MOST)))
            configs = [
                SampleConfig.from_json({**config.to_json(), "temperature": value})
                for value in values[-len(TEMPERATURES) :]
            ]
            model = chosen(events.models, name, events.allowed)
            if model is None:
                raise UserError("model-gone")
            with events.blocks.line.ticket(client_of(request)) as ticket:
                for place in events.blocks.wait(ticket):
                    yield waits(place, language)
                start = unescaped(prompt or "")
                yield from together([drafts.begin(model, start, one, constraints) for one in configs], language)


def lay_out(events: GenerateEvents) -> TemperatureFold:
    with gr.Accordion(label("compare"), open=False, elem_id="compare"):
        gr.Markdown(label("compare_help"), elem_classes="hint")
        with gr.Row(elem_id="compare-row"):
            temperatures = [
                gr.Number(first, minimum=0, step=0.1, min_width=90, label=label(name), elem_id=name.replace("_", "-"))
                for name, first in zip(("compare_1", "compare_2", "compare_3"), TEMPERATURES, strict=True)
            ]
            button = gr.Button(label("compare_button"), min_width=0, elem_id="do-compare")
        shown = gr.HTML(elem_id="compared")
    return TemperatureFold(events, temperatures, button, shown)


def together(runs: list[Iterator[Draft]], language: Language) -> Iterator[str]:
    """Take a step of each text in turn until all are whole."""
    found = [next(run) for run in runs]
    while any(draft.ending == "writing" for draft in found):
        found = [next(run, draft) for run, draft in zip(runs, found, strict=True)]
        yield beside(found, language)


def beside(found: list[Draft], language: Language) -> str:
    """Return the texts as columns, each below its temperature."""
    columns, seed = [], found[0].session.config.seed
    for draft in found:
        temperature = quantities.number(draft.session.config.temperature, language)
        head = escape(say(language, "compare_of", temperature=temperature))
        own, rest = draft.text[: draft.begun], draft.text[draft.begun :]
        columns.append(f"<section><strong>{head}</strong><p><em>{escape(own)}</em>{escape(rest)}</p></section>")
    busy = str(any(draft.ending == "writing" for draft in found)).lower()
    foot = escape(say(language, "compare_seed", seed=str(seed)))
    return f'<div class="compared" aria-busy="{busy}">{"".join(columns)}</div><p class="hint">{foot}</p>'
