"""What can be done on the tab that generates: by the buttons, and by looking at a letter of the text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import UserError
from charrnn.ui.generate import draft as drafts
from charrnn.ui.generate.draft import Draft
from charrnn.ui.generate.html import NEAR, Look, alternatives
from charrnn.ui.model_cache import chosen, sampler
from charrnn.ui.permissions import Permissions
from charrnn.ui.texts import Language

# A place in the text, and the Place of what the model expects there; a name that gradio, which evaluates annotations of
# handlers, would look for in vain.
Looked = tuple[int, Any]


def asked(
    action: str, draft: Draft | None, looked: Looked | None, choose: Any, name: str | None, prompt: str,
    config: SampleConfig, wishes: ConstraintConfig, models: Path, allowed: Permissions,
) -> Iterator[Draft]:  # fmt: skip
    """What an action makes of the text. Raises UserError where it cannot be done."""
    if action == "undo" and draft is not None and draft.past:
        return drafts.undo(draft)
    if action == "forget" and draft is not None:
        return drafts.forget(draft)
    if action == "undo":
        raise UserError("no-change-to-undo")
    model = chosen(models, name, allowed)
    if model is None:
        raise UserError("model-gone")
    if action == "generate" or (action == "add" and draft is None):
        return drafts.begin(model, prompt, config, wishes, draft)
    if draft is None:
        raise UserError("no-text-yet")
    if action == "continue":
        return drafts.go_on(draft, model, config, wishes)
    if action == "add":
        return drafts.go_on(draft, model, config, wishes, prompt)
    if action == "again":
        return drafts.again(draft, config, wishes)
    if looked is None or looked[0] > len(draft.text) or not isinstance(choose, str) or len(choose) > 1:
        raise UserError("no-letter-picked")
    return drafts.choose(draft, looked[0], choose, config, wishes)


def looked_at(draft: Draft, place: Any) -> Looked | None:
    """What the model expects at a place of the text."""
    if draft.ending == "writing" or not isinstance(place, int) or not 0 <= place <= len(draft.text):
        return None
    return place, draft.place(place)


def view(
    draft: Draft | None, looked: Looked | None, config: SampleConfig, wishes: ConstraintConfig, language: Language
) -> str:
    """The alternatives at the place that is looked at, with these settings."""
    if draft is None or looked is None:
        return alternatives(None, [], language)
    place, expected = looked
    here = replace(draft, text=draft.text[:place], begun=min(draft.begun, place), wishes=wishes)
    found = expected.alternatives(sampler(draft.model), config, drafts.constraints_of(here))
    return alternatives(Look(draft.text[max(0, place - NEAR) : place], draft.text[place : place + 1]), found, language)
