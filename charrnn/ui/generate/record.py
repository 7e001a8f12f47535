"""Texts and settings outside of a visit: as JSON that the browser keeps, as a Session's file, and as a link.

Whatever comes back from there may have been changed by anyone, so it is checked like any input.
"""

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from charrnn.config import ConstraintConfig, SampleConfig, kinds_of
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.ui.generate.draft import Draft
from charrnn.ui.model_cache import choices, chosen, command_name, sampler, version
from charrnn.ui.visitors import Permissions

if TYPE_CHECKING:  # loads torch
    from charrnn.sampling.session import Session

LONGEST = 100_000  # characters of a text that is kept
Given = dict[str, Any]  # values of a config's fields, by their names
FILES = ("most_copied", "training", "novelty")  # the wishes that name files


def to_json(draft: Draft) -> str:
    """A text as the browser keeps it: without the model's state, which reading it again gives."""
    values = {
        "id": draft.id, "model": draft.model.path.name, "folder": str(draft.model.path), "text": draft.text,
        "config": draft.config.to_json(), "wishes": draft.wishes.to_json(), "own": draft.own, "forgot": draft.forgot,
        "begun": draft.begun, "ran": draft.ran, "position": draft.position, "seconds": draft.seconds,
    }  # fmt: skip
    # It travels in a gr.HTML, which looks for tags.
    found = json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")
    return found if len(draft.text) <= LONGEST else ""


def from_json(text: str, models: Path, allowed: Permissions) -> Draft:
    """The text that `to_json` gave. Raises UserError if it is damaged, or if its model is gone."""
    try:
        values = json.loads(text)
        named = str(values["model"])
        model = chosen(models, named, allowed) or chosen(models, str(values["folder"]), allowed)
        whole, places = values["text"], [*values["forgot"], values["begun"], values["ran"]]
        own = tuple((int(start), int(end)) for start, end in values["own"])
        sound = len(whole) <= LONGEST and clean(whole) == whole and isinstance(values["seconds"], int | float)
        for place in (*places, *(place for span in own for place in span)):
            sound = sound and type(place) is int and 0 <= place <= len(whole)
        sound = sound and type(values["position"]) is int and values["position"] >= 0
        if not sound:
            raise ValueError
        config, wishes = SampleConfig.from_json(values["config"]), permitted(values["wishes"], allowed)
        if model is not None and config.seed is not None:
            return Draft(
                model, whole, config, wishes, own, tuple(values["forgot"]), values["begun"], values["ran"],
                values["position"], seconds=float(values["seconds"]), ending="opened", id=str(values["id"])[:40],
            )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError("kept-text-damaged") from None
    raise UserError("model-gone")


def to_session(draft: Draft) -> "Session":
    """Return what the model remembers of a text, so that `charrnn sample --load-state` continues as the page would."""
    from charrnn.sampling import engine_choice
    from charrnn.sampling.session import MARKS, Mark, Session, fingerprint

    if version(draft.model.path) != draft.model:
        raise UserError("model-gone")
    end = len(draft.text)
    # Text that was searched for words was not drawn token by token: it counts as read.
    written = end - draft.begun if draft.position >= end - draft.begun else 0
    marks = [Mark(place - draft.begun, state) for place, state in draft.marks if draft.begun <= place <= end]
    state = draft.state_at(end)
    if not written or not marks:
        marks = [Mark(written, state)]
    return Session(
        state, draft.config, position=draft.position, written=written, marks=tuple(marks[-MARKS:]),
        model=command_name(draft.model.path), weights=fingerprint(draft.model.path), engine=engine_choice.choose(),
        wishes=dataclasses.replace(draft.wishes, start="", contain=(), novelty=()),
    ).with_text(draft.remembered)  # fmt: skip


def from_session(session: "Session", models: Path, allowed: Permissions) -> Draft:
    """Return the text of a Session, to be continued by the model that wrote it.

    Raises UserError if that model is not there or is another one, or if its states cannot be that model's.
    """
    from charrnn.sampling.session import fingerprint

    model = chosen(models, session.model, allowed) or chosen(models, Path(session.model).name, allowed)
    if model is None:
        raise UserError("model-gone")
    session.check(Path(session.model), fingerprint(model.path), model.path.name)
    session.going_on(sampler(model), session.config, session.model, session.engine)
    end = len(session.text)
    begun = max(0, end - session.written)
    places = [(end - session.written + mark.written, mark.state) for mark in session.marks]
    return Draft(
        model, session.text, session.config, permitted(session.wishes.to_json(), allowed),
        own=((0, begun),) if begun else (), begun=begun, ran=end, position=session.position, state=session.state,
        marks=tuple((place, state) for place, state in places if place >= 0), ending="opened",
    )  # fmt: skip


def to_file(draft: Draft) -> bytes:
    """Return the file of a text's Session."""
    with tempfile.TemporaryDirectory() as folder:
        to_session(draft).save(path := Path(folder) / "text")
        return path.read_bytes()


def from_file(path: Path, models: Path, allowed: Permissions) -> Draft:
    """Return the text of a Session's file, which may come from anyone. Raises UserError if it is damaged."""
    from charrnn.sampling.session import Session

    return from_session(Session.load(path), models, allowed)


def settings_of(draft: Draft | None) -> Given:
    """Return the settings that a text was written with, to go on with them; but the seed, which was drawn."""
    if draft is None:
        return {}
    names = choices(draft.model.path.parent)
    values = {**draft.wishes.to_json(), **draft.config.to_json()}
    named = draft.model.path.name if draft.model.path.name in names else str(draft.model.path)
    return {name: value for name, value in values.items() if name != "seed"} | {"model": named}


def permitted(wishes: Given, allowed: Permissions) -> ConstraintConfig:
    """The wishes without those that name files, where these are not allowed."""
    kept = wishes if allowed.paths else {name: value for name, value in wishes.items() if name not in FILES}
    return ConstraintConfig.from_json(kept)


def from_link(query: str, allowed: Permissions) -> Given:
    """What a link asks for: "model", "prompt" and fields of the configs. Raises UserError for what cannot be.

    query: as scripts/link.js makes it. Names that are none of these are passed over, as others may add such.
    """
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    found: Given = {name: given[name][-1] for name in ("model", "prompt") if name in given}
    for config in (SampleConfig, ConstraintConfig):
        fields = [field for field in dataclasses.fields(config) if field.name in given]
        values: Given = {field.name: _value(field, given[field.name]) for field in fields}
        if config is ConstraintConfig and not allowed.paths:
            values = {name: value for name, value in values.items() if name not in FILES}
        config(**values)
        found |= values
    return found


def _value(field: "dataclasses.Field[object]", texts: list[str]) -> object:
    """A field's value from the text of a link; left as text where it is none, for the config to refuse."""
    kind = kinds_of(field)[0]
    if kind is tuple:
        return tuple(texts)
    try:
        return {"true": True, "false": False}[texts[-1]] if kind is bool else kind(texts[-1])
    except (KeyError, ValueError):
        return texts[-1]
