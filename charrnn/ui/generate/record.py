"""Texts and settings outside of a visit: as JSON that the browser keeps, as a Session's file, and as a link.

Whatever comes back from there may have been changed by anyone, so it is checked like any input.
"""

import dataclasses
import itertools
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from charrnn.config import ConstraintConfig, SampleConfig, kinds_of
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.sampling.session import ALL, Session
from charrnn.ui.generate.draft import Draft
from charrnn.ui.model_cache import choices, chosen, command_name, sampler, version
from charrnn.ui.visitors import Permissions

LONGEST = 100_000  # characters of a text that is kept
Given = dict[str, Any]  # values of a config's fields, by their names
FILES = ("most_copied", "training", "novelty")  # the constraints that name files


def to_json(draft: Draft) -> str:
    """Return a text as the browser keeps it: without the model's state, which reading it again gives."""
    session = draft.session
    values = {
        "id": draft.id, "model": draft.model.path.name, "folder": str(draft.model.path), "text": draft.text,
        "config": session.config.to_json(), "constraints": session.constraints.to_json(), "own": draft.own,
        "forgot": draft.forgot, "begun": draft.begun, "ran": draft.ran, "position": session.position,
        "seconds": draft.seconds,
    }  # fmt: skip
    # It travels in a gr.HTML, which looks for tags.
    found = json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")
    return found if len(draft.text) <= LONGEST else ""


def from_json(text: str, models: Path, allowed: Permissions) -> Draft:
    """Return the text that `to_json` gave. Raises UserError if it is damaged, or if its model is gone."""
    try:
        values = json.loads(text)
        whole, forgot, begun, ran = (values[name] for name in ("text", "forgot", "begun", "ran"))
        own = tuple((int(start), int(end)) for start, end in values["own"])
        sound = len(whole) <= LONGEST and clean(whole) == whole and isinstance(values["seconds"], int | float)
        for place in (*forgot, begun, ran, *(place for span in own for place in span)):
            sound = sound and type(place) is int and 0 <= place <= len(whole)
        sound = sound and type(values["position"]) is int and values["position"] >= 0
        cuts = [0, *forgot, len(whole)]
        if not sound or cuts != sorted(cuts) or begun < cuts[-2]:
            raise ValueError
        kept = values["wishes"] if "wishes" in values else values["constraints"]  # as earlier versions named them
        config, constraints = SampleConfig.from_json(values["config"]), permitted(kept, allowed)
        memories = [
            Session(config, constraints, whole[start:end], reach=ALL) for start, end in itertools.pairwise(cuts)
        ]
        written = len(whole) - begun
        session = replace(memories[-1], written=written, position=max(written, values["position"]))
        model = chosen(models, str(values["model"]), allowed) or chosen(models, str(values["folder"]), allowed)
        if model is not None and config.seed is not None:
            return Draft(
                model, session, tuple(memories[:-1]), own, ran, float(values["seconds"]), "opened",
                id=str(values["id"])[:40],
            )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError("kept-text-damaged") from None
    raise UserError("model-gone")


def to_file(draft: Draft) -> bytes:
    """Return the file of what the model remembers: `charrnn sample --load-state` continues it as the page would."""
    from charrnn.sampling import engine_choice, session_file

    if version(draft.model.path) != draft.model:
        raise UserError("model-gone")
    session = replace(
        draft.session.ready(sampler(draft.model)), model=command_name(draft.model.path),
        weights=session_file.fingerprint(draft.model.path), engine=engine_choice.choose(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        session_file.save(session, path := Path(folder) / "text")
        return path.read_bytes()


def from_file(path: Path, models: Path, allowed: Permissions) -> Draft:
    """Return the text of a Session's file, which may come from anyone, to be continued by the model that wrote it.

    Raises UserError if it is damaged, if that model is not there or is another one, or if it cannot have its states.
    """
    from charrnn.sampling import session_file

    session = session_file.load(path)
    model = chosen(models, session.model, allowed) or chosen(models, Path(session.model).name, allowed)
    if model is None:
        raise UserError("model-gone")
    session_file.check_model(session, Path(session.model), session_file.fingerprint(model.path), model.path.name)
    session_file.check_states(session, sampler(model))
    session = replace(session, constraints=permitted(session.constraints.to_json(), allowed), reach=ALL)
    draft = Draft(model, session, ran=len(session.text), ending="opened")
    return replace(draft, own=((0, draft.begun),) if draft.begun else ())


def settings_of(draft: Draft | None) -> Given:
    """Return the settings that a text was written with, to go on with them; but the seed, which was drawn."""
    if draft is None:
        return {}
    names = choices(draft.model.path.parent)
    values = {**draft.session.constraints.to_json(), **draft.session.config.to_json()}
    named = draft.model.path.name if draft.model.path.name in names else str(draft.model.path)
    return {name: value for name, value in values.items() if name != "seed"} | {"model": named}


def permitted(constraints: Given, allowed: Permissions) -> ConstraintConfig:
    """Return constraints without those that name files, where these are not allowed."""
    kept = constraints if allowed.paths else {name: one for name, one in constraints.items() if name not in FILES}
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
