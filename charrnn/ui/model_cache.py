"""The models that the page offers: the menus that list them, and the first one loaded early.

Importing this loads no torch.
"""

import contextlib
import functools
import threading
from pathlib import Path

import gradio as gr

from charrnn.config import SampleConfig
from charrnn.errors import UserError
from charrnn.serving.loaded_models import Version, choices, preselected, sampler, version
from charrnn.storage import card, registry
from charrnn.ui.texts import Language, language_of, number, say
from charrnn.ui.visitors import Permissions

__all__ = [
    "MENU", "Version", "choices", "chosen", "command_name", "described", "listed", "preselected", "refresh_menus",
    "sampler", "version", "warm",
]  # fmt: skip

MENU = "models"  # the class of dropdowns that list the models


def chosen(models: Path, name: str | None, allowed: Permissions) -> Version | None:
    """Return the model of a name or, where paths are allowed, of a directory; None if there is none."""
    entry = choices(models).get(name or "")
    if entry is not None:
        return version(entry.path)
    if allowed.paths and name and registry.is_model(Path(name)):
        return version(Path(name))
    return None


def listed(models: Path, language: Language) -> list[tuple[str, str]]:
    """Return the choices of a menu of models: pairs of a title with the score and its text, and the name."""
    return [(described(entry, language), entry.name) for entry in choices(models).values()]


def described(entry: registry.ModelEntry, language: Language) -> str:
    if entry.bits_per_character is None:
        return say(language, "choice_unscored", name=entry.name)
    of = card.facts(entry.path)  # scores of different texts do not compare
    key = "choice_other" if not of.scored else "choice_end" if of.same else "choice"
    return say(language, key, name=entry.name, bits=number(language, entry.bits_per_character, 2), text=of.scored)


def refresh_menus(blocks: gr.Blocks, tabs: gr.Tabs, models: Path) -> None:
    """List the models anew in all menus whenever a tab is chosen. Call it when all tabs are laid out."""
    menus = [block for block in blocks.blocks.values() if _lists_models(block)]

    def refresh(request: gr.Request) -> object:
        found = [gr.update(choices=listed(models, language_of(request))) for _ in menus]
        return found[0] if len(found) == 1 else found

    tabs.select(refresh, None, menus, queue=False, show_progress="hidden", api_visibility="private")


def _lists_models(block: object) -> bool:
    return isinstance(block, gr.Dropdown) and (block.elem_id == "model" or MENU in (block.elem_classes or ()))


@functools.cache
def warm(models: Path) -> None:
    """Start loading, once, what the first text needs, while its visitor opens the page and looks at it."""
    threading.Thread(target=_warm, args=[models], daemon=True).start()


def _warm(models: Path) -> None:
    name = preselected(models)
    if name is not None:
        with contextlib.suppress(UserError):  # the error is shown when a text is requested
            sampler(version(choices(models)[name].path)).generate("", SampleConfig(length=2, seed=0))


def command_name(path: Path) -> str:
    """Return the model's name if the command line finds it by name, else its path."""
    try:
        return path.name if registry.find(path.name).resolve() == path.resolve() else str(path)
    except UserError:
        return str(path)
