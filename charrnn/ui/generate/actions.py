"""The actions of the tab Generate: on a text, by the page's events, and by programs at the named endpoints."""

import json
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

import gradio as gr

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.config.fields import unescaped
from charrnn.errors import Phrase, UserError
from charrnn.serving.turns import Line
from charrnn.storage import registry
from charrnn.ui.generate import draft as drafts
from charrnn.ui.generate.controls import FIELDS, constraint_fields, from_link, read, update
from charrnn.ui.generate.draft import (
    Draft,
    Given,
    Place,
    from_file,
    from_json,
    settings_of,
    stopped,
    to_file,
    to_json,
)  # fmt: skip
from charrnn.ui.generate.html import NEAR, Look, alternatives, page, status, waits
from charrnn.ui.limits import LimitedBlocks
from charrnn.ui.model_cache import choices, chosen, listed, preselected, sampler, warm
from charrnn.ui.texts import Language, language_of, say
from charrnn.ui.visitors import Permissions, ShownErrors, api_errors, client_of, told, waiting

KEPT = 1.0  # seconds of writing that a reload may lose
Shown = tuple[object, ...]  # values of components
AT_ANY_TIME = Line(sys.maxsize, sys.maxsize)  # of what takes no time


@dataclass(frozen=True)
class Wanted:
    """The settings that the controls show."""

    model: str | None  # its name
    prompt: str
    config: SampleConfig
    constraints: ConstraintConfig


class Looked(NamedTuple):
    """A place in the text that is looked at."""

    place: int
    expected: Place


# To a text


def perform(
    action: str, draft: Draft | None, wanted: Wanted, looked: Looked | None, choose: object, models: Path,
    allowed: Permissions,
) -> Iterator[Draft]:  # fmt: skip
    """Return what an action makes of the text. Raises UserError where it cannot be done."""
    if action == "undo":
        if draft is None or not draft.past:
            raise UserError("no-change-to-undo")
        return drafts.undo(draft)
    if action == "forget" and draft is not None:
        return drafts.forget(draft)
    model = chosen(models, wanted.model, allowed)
    if model is None:
        raise UserError("model-gone")
    if action == "generate" or (action == "add" and draft is None):
        return drafts.begin(model, unescaped(wanted.prompt), wanted.config, wanted.constraints, draft)
    if draft is None:
        raise UserError("no-text-yet")
    if action in ("continue", "add"):
        words = unescaped(wanted.prompt) if action == "add" else ""
        return drafts.go_on(draft, model, wanted.config, wanted.constraints, words)
    if action == "again":
        return drafts.again(draft, wanted.config, wanted.constraints)
    return _choose(draft, wanted, looked, choose)


def _choose(draft: Draft, wanted: Wanted, looked: Looked | None, choose: object) -> Iterator[Draft]:
    if looked is None or looked.place > len(draft.text) or not isinstance(choose, str) or len(choose) > 1:
        raise UserError("no-letter-picked")
    return drafts.choose(draft, looked.place, choose, wanted.config, wanted.constraints)


def looked_at(draft: Draft, place: object) -> Looked | None:
    """Return what the model expects at a place of the text."""
    if draft.ending == "writing" or not isinstance(place, int) or not 0 <= place <= len(draft.text):
        return None
    return Looked(place, draft.place(place))


def view(
    draft: Draft | None,
    looked: Looked | None,
    config: SampleConfig,
    constraints: ConstraintConfig,
    language: Language,
) -> str:
    """Return the alternatives at the place that is looked at, with these settings, as HTML."""
    if draft is None or looked is None:
        return alternatives(None, [], language)
    from charrnn.sampling.constraints import build

    (place, expected), reader = looked, sampler(draft.model)
    rules = build(reader.tokenizer, constraints, min(draft.begun, place) - draft.remembered_from(place))
    found = reader.alternatives(*expected, config, rules)
    return alternatives(Look(draft.text[max(0, place - NEAR) : place], draft.text[place : place + 1]), found, language)


# By the page's events


def shown(now: Draft | None, language: Language, *, fresh: bool = True, keep: bool = False) -> Shown:
    """Return the values of GenerateParts.shown for a text.

    fresh: that no letter of it is looked at; keep: that the browser keeps it, as it does each text that is written.
    """
    done = keep or now is None or now.ending != "writing"
    rest = (alternatives(None, [], language) if now else "", None) if fresh else (gr.skip(), gr.skip())
    kept = (to_json(now) if now else "") if done else gr.skip()
    return page(now, language), status(now, language), now, kept, *rest


def in_line(now: Draft | None, place: int, language: Language) -> Shown:
    """Return the values of GenerateParts.shown for one who waits: the text as it was, and the place in the line."""
    return page(now, language, busy=True), waits(place, language), *unchanged(4)


def _timed(found: Iterator[Draft]) -> Iterator[tuple[Draft, bool]]:
    """Yield drafts, each with whether it is time for the browser to keep one."""
    kept = time.monotonic()
    for one in found:
        if keep := time.monotonic() - kept >= KEPT:
            kept = time.monotonic()
        yield one, keep


def unchanged(count: int = 6) -> Shown:
    """Return values that leave GenerateParts.shown as it is: no values would empty the page."""
    return (gr.skip(),) * count


def _opened(packed: str, models: Path, allowed: Permissions, language: Language) -> Draft:
    try:
        content = b64decode(packed)
    except ValueError:
        raise UserError("kept-text-damaged") from None
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "text").write_bytes(content)
        return from_file(path, models, allowed, lambda phrase: gr.Info(escape(phrase.render(language))))


class GenerateEvents:
    """The handlers of the tab's events; those that change the text return `shown` first."""

    def __init__(self, blocks: LimitedBlocks, models: Path, allowed: Permissions) -> None:
        self.blocks, self.models, self.allowed, self.rules = blocks, models, allowed, constraint_fields(allowed)

    def configs(self, values: tuple[object, ...]) -> tuple[SampleConfig, ConstraintConfig]:
        """Return the configs of the values of GenerateParts.settings."""
        own, rules = values[: len(FIELDS)], values[len(FIELDS) :]
        return read(SampleConfig, FIELDS, own), read(ConstraintConfig, self.rules, rules)

    def act(
        self, request: gr.Request, event: gr.EventData, now: Draft | None, at: Looked | None, name: str | None,
        start: str | None, *values: object,
    ) -> Iterator[Shown]:  # fmt: skip
        """Write, when it is this visitor's turn. All actions are one event, so that a page cannot mix two texts."""
        language, last = language_of(request), None
        action = str(getattr(event.target, "elem_id", "")).removeprefix("do-").replace("prompt", "generate")
        choose = told(event, "choose") if action == "alternatives" else None
        with ShownErrors(language), waiting(language):
            wanted = Wanted(name, start or "", *self.configs(values))
            line = AT_ANY_TIME if action in ("undo", "forget") else self.blocks.line
            with line.ticket(client_of(request)) as ticket:
                for place in self.blocks.wait(ticket):
                    yield in_line(now, place, language)
                for one, keep in _timed(perform(action, now, wanted, at, choose, self.models, self.allowed)):
                    yield shown(one, language, fresh=last is None, keep=keep)
                    last = one
        if last is None:
            yield unchanged()
        elif last.ending == "writing":  # it went wrong on the way
            yield shown(stopped(last, "failed") if last.written else now, language)

    def clear(self, request: gr.Request, now: Draft | None) -> Shown:
        return *shown(None, language_of(request)), now and now.session.config

    def settle(self, request: gr.Request, now: Draft | None, gone: SampleConfig | None) -> Shown:
        """Show the draft that a cancelled writing left, unless it was cleared."""
        return shown(None if now is None or now.session.config is gone else stopped(now), language_of(request))

    def wipe(self, request: gr.Request, now: Draft | None, gone: SampleConfig | None) -> Shown:
        """Clear once more, as what was settled just before Clear may have been told after it."""
        return shown(None, language_of(request)) if now is None or now.session.config is gone else unchanged()

    def look(self, request: gr.Request, event: gr.EventData, now: Draft | None, *values: object) -> Shown:
        language = language_of(request)
        with ShownErrors(language), waiting(language):
            at = None if now is None else looked_at(now, told(event, "place"))
            return view(now, at, *self.configs(values), language), at
        return gr.skip(), gr.skip()

    def reshape(self, request: gr.Request, now: Draft | None, at: Looked | None, *values: object) -> object:
        """Show the alternatives with settings that have just changed."""
        if now is None or at is None:
            return gr.skip()
        try:
            return view(now, at, *self.configs(values), language_of(request))
        except UserError:  # a value that is still being typed
            return gr.skip()

    def take_up(self, request: gr.Request, event: gr.EventData) -> Shown:
        """Show a text that the browser kept."""
        language = language_of(request)
        with ShownErrors(language):
            return shown(from_json(str(told(event, "record")), self.models, self.allowed), language)
        return unchanged()

    def copied(self, request: gr.Request, copied: str | None) -> None:
        """Confirm that a script has copied something: "link" or "text"; "" if it has not."""
        if copied in ("link", "text"):
            gr.Info(say(language_of(request), f"{copied}_copied"))

    def arrive(
        self, request: gr.Request, asks: str | None, memory: str | None, start: str | None, name: str | None
    ) -> Shown:
        """Show the page as it was before a reload, or as a link asks for."""
        language, now, given = language_of(request), None, {}
        warm(self.models)
        with ShownErrors(language):
            now = from_json(memory, self.models, self.allowed) if memory else None
            given = from_link(asks, self.allowed) if asks else settings_of(now)  # a link leaves out what is as usual
        prompted, named = given.get("prompt", start), str(given.get("model", name))
        known = chosen(self.models, named, self.allowed) is not None
        menu = self._menu(language, value=named if known else preselected(self.models))
        prompt = gr.skip() if prompted is None else prompted
        return *shown(now, language), menu, prompt, *self._updates(language, given)

    def keep(self, request: gr.Request, now: Draft | None) -> str:
        """Return the file to continue from, as base64."""
        with ShownErrors(language_of(request)):
            if now is None or now.ending == "writing":
                raise UserError("no-text-yet")
            return b64encode(to_file(now)).decode()
        return ""

    def share(self, request: gr.Request, name: str | None) -> str:
        """Return the model as a web page, with a name for its file, as JSON."""
        language = language_of(request)
        with ShownErrors(language), waiting(language):
            model = chosen(self.models, name, self.allowed) if self.allowed.paths else None
            if model is None:
                raise UserError("model-gone")
            shape = registry.shape(model.path)
            if shape is not None and shape.counts == "joined":
                raise UserError("page-of-counts", name=model.path.name)
            from charrnn.webpage import page_of

            return json.dumps({"name": f"{model.path.name}.html", "html": page_of(model.path)})
        return ""

    def open_file(self, request: gr.Request, packed: str | None) -> Shown:
        """Show the text of a file that `keep` or `charrnn sample --save-state` wrote. packed: its bytes as base64."""
        language = language_of(request)
        with ShownErrors(language), waiting(language):
            now = _opened(packed, self.models, self.allowed, language) if packed else None
            if now is None:  # no file was chosen
                return unchanged(8 + len(FIELDS) + len(self.rules))
            given = settings_of(now)
            menu = self._menu(language, value=given["model"])
            return *shown(now, language), menu, gr.skip(), *self._updates(language, given)
        return unchanged(8 + len(FIELDS) + len(self.rules))

    def count_rules(self, request: gr.Request, *values: object) -> object:
        """Tell on the fold of the rules how many are in force, as it hides them."""
        count = sum(value not in (None, "", False) for value in values)
        name = say(language_of(request), "constraints")
        return gr.update(label=f"{name} ({count})" if count else name)

    def refresh(self, request: gr.Request) -> object:
        """List the models: there may be new ones."""
        return self._menu(language_of(request))

    def _menu(self, language: Language, **changes: object) -> object:
        return gr.update(choices=listed(self.models, language), **changes)

    def _updates(self, language: Language, given: Given) -> Shown:
        return tuple(update(field, language, given) for field in (*FIELDS, *self.rules))


# By programs: see `gradio_client`


def generate_endpoint(blocks: LimitedBlocks, models: Path, allowed: Permissions) -> Callable[..., Iterator[str]]:
    def generate(
        request: gr.Request, prompt: str, model: str = registry.DEFAULT, settings: dict[str, object] | None = None
    ) -> Iterator[str]:
        """Generate text, as far as it is written; the last item is whole. It is empty while others come first.

        In the prompt and in texts of the settings, \\n stands for a line end, \\t for a tab, \\\\ for a backslash.

        settings: fields of SampleConfig, for example {"length": 200, "seed": 1}.
        """
        with api_errors(request):
            config, version = SampleConfig.from_json(settings or {}).typed(), chosen(models, model, allowed)
            if version is None:
                known = Phrase("one-of", choices=", ".join(choices(models)))
                raise UserError("setting", setting="model", expected=known, found=repr(model))
            with blocks.line.ticket(client_of(request)) as ticket:
                for _ in blocks.wait(ticket):
                    yield ""
                for draft in drafts.begin(version, unescaped(prompt or ""), config):
                    yield draft.text[draft.begun :]

    return generate


def models_endpoint(models: Path) -> Callable[[], object]:
    def list_models() -> list[dict[str, object]]:
        """The models there are: name, bits per character on held-out text (or null), whether it came with charrnn."""
        return [
            {"name": entry.name, "bits_per_character": entry.bits_per_character, "shipped": entry.shipped}
            for entry in choices(models).values()
        ]

    return list_models
